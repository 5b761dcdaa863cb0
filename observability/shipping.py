"""Sends what the local log holds to where the logs of many machines meet. The local file is the spool: nothing waits for this.

How far it came stands in that file and moves only after the far end has taken the rows, so a crash at any point sends some
again and loses none; the far end counts what comes twice once.
"""

import asyncio
import logging
import random
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

from pydantic import ValidationError

from core.agent_views import MemoryDiff
from core.errors import AutonomyError
from core.models import Interaction
from observability.interactions import WHOLE, interaction_of
from observability.storage import Storage

log = logging.getLogger(__name__)
Kind = Literal["calls", "memory_diffs"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BATCH_ROWS = 500
BATCH_CHARS = 4 << 20
"""Of texts, after which a batch ends; one row comes whatever its size."""
_TABLES: Mapping[Kind, str] = {"calls": "agent_interactions", "memory_diffs": "memory_diffs"}
_ROWS: Mapping[Kind, str] = {"calls": WHOLE, "memory_diffs": "SELECT * FROM memory_diffs"}


@dataclass(frozen=True)
class Entry:
    """One row of the local log. `position` is its place in it."""

    source: str
    position: int
    value: Interaction | MemoryDiff


class Destination(Protocol):
    name: str
    """Progress is kept by it, so that another destination gets everything from the beginning."""

    async def send(self, kind: Kind, entries: Sequence[Entry]) -> Mapping[int, str]:
        """Positions that will never be taken as they are, with why; everything else is there for good.

        Raises AutonomyError when not all is known to be there: it is sent again.
        """


@dataclass(frozen=True)
class Pace:
    """Seconds between looks at the log, and between tries while the far end takes nothing: doubled up to the longest."""

    idle_s: float = 2.0
    retry_s: float = 1.0
    longest_s: float = 300.0


@dataclass
class _Batch:
    """`last` is the position that is reached with it. `unreadable` are positions that hold no entry."""

    last: int = 0
    entries: list[Entry] = field(default_factory=list)
    unreadable: dict[int, str] = field(default_factory=dict)


class Shipper:
    """One for a file. `problem` is why nothing is taken at the moment; empty when all is well."""

    def __init__(
        self,
        storage: Storage,
        destination: Destination,
        pace: Pace = Pace(),  # frozen
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`storage` is a connection of its own, so that reading a batch holds up nobody who records."""
        self._storage = storage
        self._destination = destination
        self._pace = pace
        self._jitter = jitter
        self.problem = ""

    async def run(self) -> None:
        """Until it is cancelled. What was set aside before is tried once more first."""
        failures, again = 0, True
        while True:
            try:
                if again:
                    await self._each(self._send_set_aside)
                    again = False
                more = await self._each(self._send_next)
                failures = 0
                self._is_taken()
            except (AutonomyError, sqlite3.Error) as error:
                failures += 1
                self._is_not_taken(str(error) or type(error).__name__)
                await asyncio.sleep(self._delay_s(failures))
                continue
            if not more:
                await asyncio.sleep(self._pace.idle_s)

    async def drain(self, limit_s: float) -> None:
        """At the end of the service: send what is left, for at most so long, if anything is taken at the moment."""
        if not self.problem:
            try:
                async with asyncio.timeout(limit_s):
                    while await self._each(self._send_next):
                        pass
            except (AutonomyError, sqlite3.Error, TimeoutError) as error:
                log.debug("the last rows were not taken: %s", error)
        left = sum((await self.waiting()).values())
        if left:
            log.info("%d rows wait for %s and are sent after the next start", left, self._destination.name)

    async def waiting(self) -> Mapping[Kind, int]:
        """Rows that are not sent yet. Rows are never deleted, so the places tell how many there are."""

        def count(connection: sqlite3.Connection) -> dict[Kind, int]:
            return {kind: _newest(connection, kind) - self._cursor(connection, kind) for kind in KINDS}

        return await self._storage.run(count)

    async def set_aside(self) -> Mapping[Kind, int]:
        """Rows that were refused as they are."""

        def count(connection: sqlite3.Connection) -> dict[Kind, int]:
            rows = connection.execute(
                "SELECT kind, count(*) AS rows FROM unshipped WHERE target = ? GROUP BY kind", (self._destination.name,)
            )
            return dict.fromkeys(KINDS, 0) | {row["kind"]: row["rows"] for row in rows}

        return await self._storage.run(count)

    async def _each(self, step: Callable[[Kind], Awaitable[bool]]) -> bool:
        return any([await step(kind) for kind in KINDS])

    async def _send_next(self, kind: Kind) -> bool:
        """The next batch of a kind; False when there is none."""
        batch = await self._storage.run(lambda connection: _read(connection, kind, self._cursor(connection, kind)))
        if not batch.last:
            return False
        refused = await self._destination.send(kind, batch.entries) if batch.entries else {}
        refused = {**batch.unreadable, **refused}

        def acknowledge(connection: sqlite3.Connection) -> None:
            self._set_aside(connection, kind, refused)
            connection.execute(
                "INSERT INTO shipped(target, kind, number) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET number = excluded.number",
                (self._destination.name, kind, batch.last),
            )

        await self._storage.run(acknowledge)
        for position, why in refused.items():
            log.warning("%s %d was refused by %s and set aside: %s", kind, position, self._destination.name, why)
        return True

    async def _send_set_aside(self, kind: Kind) -> bool:
        """All of a kind once more, in order; what is taken now is set aside no longer."""
        after = 0
        while (batch := await self._set_aside_after(kind, after)).last:
            after = batch.last
            refused = await self._destination.send(kind, batch.entries) if batch.entries else {}
            await self._forget(kind, [each.position for each in batch.entries if each.position not in refused])
        return False

    async def _set_aside_after(self, kind: Kind, after: int) -> _Batch:
        name = self._destination.name
        return await self._storage.run(lambda connection: _read_set_aside(connection, kind, name, after))

    async def _forget(self, kind: Kind, positions: Sequence[int]) -> None:
        keys = [(self._destination.name, kind, position) for position in positions]
        delete = "DELETE FROM unshipped WHERE target = ? AND kind = ? AND number = ?"
        await self._storage.run(lambda connection: connection.executemany(delete, keys))

    def _cursor(self, connection: sqlite3.Connection, kind: Kind) -> int:
        found = connection.execute(
            "SELECT number FROM shipped WHERE target = ? AND kind = ?", (self._destination.name, kind)
        ).fetchone()
        return int(found["number"]) if found else 0

    def _set_aside(self, connection: sqlite3.Connection, kind: Kind, refused: Mapping[int, str]) -> None:
        connection.executemany(
            "INSERT INTO unshipped(target, kind, number, why) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET why = excluded.why",
            [(self._destination.name, kind, position, why) for position, why in refused.items()],
        )

    def _delay_s(self, failures: int) -> float:
        """Between half and the whole of a delay that doubles, so that machines that failed together come back apart."""
        whole = min(self._pace.longest_s, self._pace.retry_s * 2.0 ** min(failures - 1, 30))
        return whole * (1 + self._jitter()) / 2

    def _is_taken(self) -> None:
        if self.problem:
            log.info("%s takes rows again", self._destination.name)
        self.problem = ""

    def _is_not_taken(self, problem: str) -> None:
        """One sentence for each problem, however often it is met."""
        if problem != self.problem:
            log.warning("%s takes no rows; they are kept here until it does: %s", self._destination.name, problem)
        self.problem = problem


def _newest(connection: sqlite3.Connection, kind: Kind) -> int:
    return int(connection.execute(f"SELECT coalesce(max(number), 0) FROM {_TABLES[kind]}").fetchone()[0])  # noqa: S608  # names of this file


def _read(connection: sqlite3.Connection, kind: Kind, after: int) -> _Batch:
    rows = connection.execute(
        f"{_ROWS[kind]} WHERE number > ? ORDER BY number LIMIT {BATCH_ROWS}",
        (after,),
    )
    return _batch(connection, kind, rows)


def _read_set_aside(connection: sqlite3.Connection, kind: Kind, target: str, after: int) -> _Batch:
    rows = connection.execute(
        f"{_ROWS[kind]} WHERE number IN (SELECT number FROM unshipped WHERE target = ? AND kind = ? AND number > ?) "  # noqa: S608  # words of this file
        f"ORDER BY number LIMIT {BATCH_ROWS}",
        (target, kind, after),
    )
    return _batch(connection, kind, rows)


def _batch(connection: sqlite3.Connection, kind: Kind, rows: sqlite3.Cursor) -> _Batch:
    """As many of the rows as a batch may have, read one by one."""
    (source,) = connection.execute("SELECT source FROM log_source").fetchone()
    batch, chars = _Batch(), 0
    for row in rows:
        batch.last = int(row["number"])
        try:
            batch.entries.append(Entry(source, batch.last, _value(kind, row)))
        except ValidationError as error:
            batch.unreadable[batch.last] = f"this release cannot read it: {error}"
        chars += sum(len(each) for each in tuple(row) if isinstance(each, str))
        if chars > BATCH_CHARS:
            break
    return batch


def _value(kind: Kind, row: sqlite3.Row) -> Interaction | MemoryDiff:
    return interaction_of(row) if kind == "calls" else MemoryDiff.model_validate_json(row["body"])
