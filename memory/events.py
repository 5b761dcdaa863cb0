"""The append-only event log: the only source of what people see. Stored events come from the table, deltas live only."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from typing import Self

from core.events import EVENT, Event, StoredEvent
from core.ports import Clock
from memory.agent_stats import project
from memory.database import Database, DatabaseClosed
from memory.ring import EventRing

PAGE = 500


class SqliteEventLog:
    """EventLog over the table `events`. One process writes; a subscriber costs a cursor, whatever its speed."""

    def __init__(self, database: Database, clock: Clock, ring: EventRing) -> None:
        self._database = database
        self._clock = clock
        self._ring = ring

    @classmethod
    async def open(
        cls, database: Database, clock: Clock, *, ring_capacity: int = 4096, ring_bytes: int = 16 << 20
    ) -> Self:
        last_position = await database.read(_last_position)
        return cls(database, clock, EventRing(last_position, capacity=ring_capacity, max_bytes=ring_bytes))

    async def append(self, task_id: str, *events: Event) -> Sequence[StoredEvent]:
        """Store `events` in one transaction and show them to subscribers; the task's statistics move with them."""
        ts = self._clock.now()
        return await self._database.write(
            lambda connection: append_events(connection, task_id, events, ts), committed=self.announce
        )

    async def read(self, *, task_id: str | None = None, after: int = 0, limit: int = PAGE) -> Sequence[StoredEvent]:
        """Events with a position above `after`, oldest first, at most `limit`."""
        return await self._database.read(lambda connection: _read(connection, task_id, after, limit))

    def publish(self, task_id: str, event: Event) -> None:
        """Show a live-only event to subscribers as position 0, seq 0. Never stored, never blocks; the slow miss it."""
        if self._ring.closed:
            return
        stored = StoredEvent(position=0, seq=0, task_id=task_id, ts=self._clock.now(), event=event)
        self._ring.put([(stored, len(EVENT.dump_json(event)))])

    def subscribe(self, *, task_id: str | None = None, after: int | None = None) -> AsyncIterator[StoredEvent]:
        """Every stored event above `after` (of this moment when None) once and in order, with live ones between.

        Ends when the log is closed. A subscriber that fell out of the ring is served from the table again and misses
        only deltas.
        """
        cursor, newest = self._ring.now()
        return self._follow(task_id, newest if after is None else after, cursor, newest)

    def announce(self, stored: Sequence[StoredEvent]) -> None:
        """Show events that are already committed (by this log or by a store that wrote them with its own rows)."""
        self._ring.put([(each, len(EVENT.dump_json(each.event))) for each in stored])

    def close(self) -> None:
        """End every subscription; the database is closed by who opened it."""
        self._ring.close()

    async def _follow(self, task_id: str | None, after: int, cursor: int, newest: int) -> AsyncIterator[StoredEvent]:
        # `cursor` was taken before any read of the table: what was committed earlier is in the table, what comes later
        # is in the ring from `cursor` on, and `position` removes the overlap.
        position, behind = after, after < newest
        while True:
            while behind:
                page = await self._page(task_id, position)
                for stored in page:
                    position = stored.position
                    yield stored
                behind = len(page) == PAGE
            batch = self._ring.since(cursor)
            if batch is None:
                (cursor, _), behind = self._ring.now(), True
                continue
            if not batch:
                if self._ring.closed:
                    return
                cursor = await self._ring.wait(cursor, task_id)
                continue
            cursor += len(batch)
            for stored in batch:
                if task_id not in (None, stored.task_id) or 0 < stored.position <= position:
                    continue
                position = max(position, stored.position)
                yield stored

    async def _page(self, task_id: str | None, after: int) -> Sequence[StoredEvent]:
        try:
            return await self.read(task_id=task_id, after=after, limit=PAGE)
        except DatabaseClosed:
            return ()


def append_events(
    connection: sqlite3.Connection, task_id: str, events: Sequence[Event], ts: float
) -> tuple[StoredEvent, ...]:
    """Insert `events` of a task inside the caller's transaction, numbered on from its last, and move its statistics."""
    row = connection.execute("SELECT max(seq) FROM events WHERE task_id = ?", (task_id,)).fetchone()
    last = int(row[0] or 0)
    stored = []
    for seq, event in enumerate(events, start=last + 1):
        cursor = connection.execute(
            "INSERT INTO events(task_id, seq, ts, type, body) VALUES (?, ?, ?, ?, ?)",
            (task_id, seq, ts, event.type, EVENT.dump_json(event).decode()),
        )
        project(connection, task_id, event)
        position = int(cursor.lastrowid or 0)
        stored.append(StoredEvent(position=position, seq=seq, task_id=task_id, ts=ts, event=event))
    return tuple(stored)


def stored_event(row: sqlite3.Row) -> StoredEvent:
    return StoredEvent(
        position=row["position"],
        seq=row["seq"],
        task_id=row["task_id"],
        ts=row["ts"],
        event=EVENT.validate_json(row["body"]),
    )


def _read(connection: sqlite3.Connection, task_id: str | None, after: int, limit: int) -> tuple[StoredEvent, ...]:
    if task_id is None:
        rows = connection.execute("SELECT * FROM events WHERE position > ? ORDER BY position LIMIT ?", (after, limit))
    else:
        # Positions and sequence numbers of one task grow together, so the index on (task_id, seq) gives the order.
        rows = connection.execute(
            "SELECT * FROM events WHERE task_id = ? AND position > ? ORDER BY seq LIMIT ?", (task_id, after, limit)
        )
    return tuple(stored_event(row) for row in rows)


def _last_position(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()[0])
