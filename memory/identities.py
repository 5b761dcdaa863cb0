"""Identities of the agents in SQLite: versions by compare-and-set, counters of rules beside them."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from core.errors import Conflict
from core.identity import Identity, RuleStats
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

    def __init__(self, database: Database, shipped: Mapping[AgentName, Identity]) -> None:
        self._database = database
        self._shipped = shipped

    async def load(self, agent: AgentName) -> Identity:
        """The current identity; the shipped one, saved as version 1, on first use."""
        found = await self._database.read(lambda connection: _current(connection, agent))
        if found is not None:
            return found
        return await self._database.write(lambda connection: self._ensure(connection, agent))

    async def save(self, identity: Identity, expected_version: int) -> Identity:
        """Store as version `expected_version + 1`. Raises Conflict (field `version`) when another save came first."""

        def save(connection: sqlite3.Connection) -> Identity:
            current = self._ensure(connection, identity.agent)
            if current.version != expected_version:
                raise Conflict(
                    f"{identity.agent} is at version {current.version}, not {expected_version}; load it again",
                    version=current.version,
                )
            return _store(connection, identity.model_copy(update={"version": expected_version + 1}), current)

        return await self._database.write(save)

    async def versions(self, agent: AgentName) -> Sequence[Identity]:
        """The last 10 versions, newest first; the shipped one when none was saved yet."""
        await self.load(agent)
        return await self._database.read(lambda connection: _versions(connection, agent))

    async def count_use(self, agent: AgentName, rules: Sequence[str], success: bool) -> None:
        """Move the counters of those `rules` that the agent still holds; makes no new version."""

        def count(connection: sqlite3.Connection) -> None:
            held = set(_rules(self._ensure(connection, agent)))
            connection.executemany(
                "INSERT INTO rule_stats VALUES (?, ?, 1, ?) ON CONFLICT DO UPDATE "
                "SET use_count = use_count + 1, success_count = success_count + excluded.success_count",
                [(agent, rule, int(success)) for rule in rules if rule in held],
            )

        await self._database.write(count)

    def _ensure(self, connection: sqlite3.Connection, agent: AgentName) -> Identity:
        """The current identity inside a transaction, the shipped one being stored when there is none."""
        current = _current(connection, agent)
        if current is not None:
            return current
        shipped = self._shipped.get(agent, Identity(agent=agent))
        return _store(connection, shipped.model_copy(update={"version": 1}), Identity(agent=agent))


def _shipped(agent: AgentName) -> Identity:
    path = _SHIPPED / f"{agent}.json"
    return Identity.model_validate_json(path.read_bytes()) if path.exists() else Identity(agent=agent)


def _rules(identity: Identity) -> Iterable[str]:
    return (*identity.learned_rules, *identity.correction_rules)


def _current(connection: sqlite3.Connection, agent: AgentName) -> Identity | None:
    row = connection.execute(
        "SELECT body FROM identities WHERE agent = ? ORDER BY version DESC LIMIT 1", (agent,)
    ).fetchone()
    if row is None:
        return None
    rows = connection.execute("SELECT * FROM rule_stats WHERE agent = ? ORDER BY rule", (agent,))
    stats = {each["rule"]: RuleStats(use_count=each["use_count"], success_count=each["success_count"]) for each in rows}
    return Identity.model_validate_json(row["body"]).model_copy(update={"rule_stats": stats})


def _store(connection: sqlite3.Connection, identity: Identity, previous: Identity) -> Identity:
    """Insert `identity` as a version, settle the counters, forget versions beyond the last 10."""
    stats = {
        rule: previous.rule_stats.get(rule) or identity.rule_stats.get(rule, RuleStats()) for rule in _rules(identity)
    }
    stored = identity.model_copy(update={"rule_stats": stats})
    connection.execute(
        "INSERT INTO identities VALUES (?, ?, ?)", (stored.agent, stored.version, stored.model_dump_json())
    )
    connection.execute(
        "DELETE FROM identities WHERE agent = ? AND version <= ?", (stored.agent, stored.version - KEPT_VERSIONS)
    )
    connection.execute("DELETE FROM rule_stats WHERE agent = ?", (stored.agent,))
    connection.executemany(
        "INSERT INTO rule_stats VALUES (?, ?, ?, ?)",
        [(stored.agent, rule, stat.use_count, stat.success_count) for rule, stat in stats.items()],
    )
    return stored


def _versions(connection: sqlite3.Connection, agent: AgentName) -> tuple[Identity, ...]:
    rows = connection.execute("SELECT body FROM identities WHERE agent = ? ORDER BY version DESC", (agent,))
    return tuple(Identity.model_validate_json(row["body"]) for row in rows)
