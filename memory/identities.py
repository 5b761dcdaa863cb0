"""Identities of the agents in SQLite: versions by compare-and-set, counters of rules beside them."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from core.errors import Conflict, Damaged, Refused
from core.identity import SCHEMA_VERSION, Identity, RuleStats, check_identity, read_identity
from core.ports import Clock
from core.types import AgentName
from memory.database import Database

KEPT_VERSIONS = 10
_SHIPPED = Path(__file__).parent / "shipped"


def shipped_identities() -> dict[AgentName, Identity]:
    """The identities that come with the release, one JSON file per agent; an agent without a file starts blank."""
    return {agent: _shipped(agent) for agent in AgentName}


class SqliteIdentityStore:
    """IdentityStore over the tables `identities` and `rule_stats`.

    Counters live beside the versions: `save` keeps the counters of rules that stay, takes those of new rules from the
    identity it is given, and drops those of rules that leave. A version in `versions` shows its counters as saved.
    """

    def __init__(self, database: Database, shipped: Mapping[AgentName, Identity], clock: Clock) -> None:
        self._database = database
        self._shipped = shipped
        self._clock = clock

    async def load(self, agent: AgentName) -> Identity:
        """The current identity; the shipped one, saved as version 1, on first use. Raises Damaged, Refused."""
        found = await self._database.read(lambda connection: _current(connection, agent))
        if found is not None:
            return found
        return await self._database.write(lambda connection: self._first(connection, agent))

    async def save(self, identity: Identity, expected_version: int) -> Identity:
        """Store as version `expected_version + 1`. Raises Conflict (field `version`) after another save, InvalidInput."""
        told = {"version": expected_version + 1, "saved_at": self._clock.now(), "schema_version": SCHEMA_VERSION}
        saved = check_identity(identity.model_copy(update=told))

        def save(connection: sqlite3.Connection) -> Identity:
            version = self._ensure(connection, identity.agent)
            if version != expected_version:
                raise Conflict(
                    f"{identity.agent} is at version {version}, not {expected_version}; load it again", version=version
                )
            return _store(connection, saved)

        return await self._database.write(save)

    async def versions(self, agent: AgentName) -> Sequence[Identity]:
        """The last 10 versions, newest first, without those that cannot be read; the shipped one when none was saved yet."""
        found = await self._database.read(lambda connection: _versions(connection, agent))
        if found is not None:
            return found
        return (await self._database.write(lambda connection: self._first(connection, agent)),)

    async def count_use(self, agent: AgentName, rules: Sequence[str], success: bool, task_id: str) -> None:
        """Move the counters of those `rules` that the agent still holds, once for each task; makes no new version."""

        def count(connection: sqlite3.Connection) -> None:
            self._ensure(connection, agent)
            counted = "INSERT INTO counted_uses VALUES (?, ?) ON CONFLICT DO NOTHING"
            if connection.execute(counted, (agent, task_id)).rowcount:
                connection.executemany(
                    "UPDATE rule_stats SET use_count = use_count + 1, success_count = success_count + ? "
                    "WHERE agent = ? AND rule = ?",
                    [(int(success), agent, rule) for rule in dict.fromkeys(rules)],
                )

        await self._database.write(count)

    async def adopt(self, versions: Sequence[Identity]) -> bool:
        """Take a whole history, newest first, where there is none but the shipped version. Raises InvalidInput."""
        kept = [check_identity(version) for version in versions[:KEPT_VERSIONS]]
        if not kept:
            return False
        agent = kept[0].agent

        def take(connection: sqlite3.Connection) -> bool:
            held = connection.execute("SELECT max(version) FROM identities WHERE agent = ?", (agent,)).fetchone()[0]
            if held is not None and held > 1:
                return False
            connection.execute("DELETE FROM identities WHERE agent = ?", (agent,))
            for version in kept:
                _insert(connection, version)
            _set_counters(connection, agent, kept[0].rule_stats)
            return True

        return await self._database.write(take)

    def _ensure(self, connection: sqlite3.Connection, agent: AgentName) -> int:
        """The number of the current version inside a transaction, the shipped one being stored when there is none."""
        found: int | None = connection.execute(
            "SELECT max(version) FROM identities WHERE agent = ?", (agent,)
        ).fetchone()[0]
        return self._first(connection, agent).version if found is None else found

    def _first(self, connection: sqlite3.Connection, agent: AgentName) -> Identity:
        current = _current(connection, agent)
        if current is not None:
            return current
        shipped = self._shipped.get(agent, Identity(agent=agent))
        told = {"version": 1, "saved_at": self._clock.now(), "cause": "shipped", "why": "shipped with the release"}
        return _store(connection, shipped.model_copy(update=told))


def _shipped(agent: AgentName) -> Identity:
    path = _SHIPPED / f"{agent}.json"
    return Identity.model_validate_json(path.read_bytes()) if path.exists() else Identity(agent=agent)


def _current(connection: sqlite3.Connection, agent: AgentName) -> Identity | None:
    row = connection.execute(
        "SELECT version, body FROM identities WHERE agent = ? ORDER BY version DESC LIMIT 1", (agent,)
    ).fetchone()
    if row is None:
        return None
    identity = read_identity(agent, row["version"], row["body"])
    return identity.model_copy(update={"rule_stats": _counters(connection, agent)})


def _counters(connection: sqlite3.Connection, agent: AgentName) -> dict[str, RuleStats]:
    rows = connection.execute("SELECT * FROM rule_stats WHERE agent = ? ORDER BY rule", (agent,))
    return {each["rule"]: RuleStats(use_count=each["use_count"], success_count=each["success_count"]) for each in rows}


def _store(connection: sqlite3.Connection, identity: Identity) -> Identity:
    """Insert `identity` as a version, settle the counters, forget versions beyond the last 10."""
    held = _counters(connection, identity.agent)
    stats = {rule: held.get(rule) or identity.rule_stats.get(rule, RuleStats()) for rule in identity.rules}
    stored = identity.model_copy(update={"rule_stats": stats})
    _insert(connection, stored)
    connection.execute(
        "DELETE FROM identities WHERE agent = ? AND version <= ?", (stored.agent, stored.version - KEPT_VERSIONS)
    )
    _set_counters(connection, stored.agent, stats)
    return stored


def _insert(connection: sqlite3.Connection, identity: Identity) -> None:
    values = (identity.agent, identity.version, identity.model_dump_json())
    connection.execute("INSERT INTO identities VALUES (?, ?, ?)", values)


def _set_counters(connection: sqlite3.Connection, agent: AgentName, stats: Mapping[str, RuleStats]) -> None:
    connection.execute("DELETE FROM rule_stats WHERE agent = ?", (agent,))
    connection.executemany(
        "INSERT INTO rule_stats VALUES (?, ?, ?, ?)",
        [(agent, rule, stat.use_count, stat.success_count) for rule, stat in stats.items()],
    )


def _versions(connection: sqlite3.Connection, agent: AgentName) -> tuple[Identity, ...] | None:
    """None where there is no version at all."""
    rows = list(
        connection.execute("SELECT version, body FROM identities WHERE agent = ? ORDER BY version DESC", (agent,))
    )
    found = []
    for row in rows:
        with suppress(Damaged, Refused):
            found.append(read_identity(agent, row["version"], row["body"]))
    return tuple(found) if rows else None
