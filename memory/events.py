"""The append-only event log: the only source of what people see. Stored events come from the table, deltas live only."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from typing import Self

from core.events import EVENT, Event, EventFilter, EventPage, StoredEvent
from core.frames import Frame, frame
from core.ports import Clock
from memory.agent_stats import project
from memory.database import Database
from memory.event_rows import read_events, read_frames, search_events
from memory.ring import BATCH_BYTES, EventRing
from memory.subscription import OneByOne, Subscription

PAGE = 500
_APPEND = """
INSERT INTO events(task_id, seq, ts, type, body)
SELECT ?1, coalesce(max(seq), 0) + 1, ?2, ?3, ?4 FROM events WHERE task_id = ?1 RETURNING position, seq"""


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

    @property
    def waiting(self) -> int:
        """How many subscribers wait for something to happen."""
        return self._ring.waiting

    async def append(self, task_id: str, *events: Event) -> Sequence[StoredEvent]:
        """Store `events` in one transaction and show them to subscribers; the task's statistics move with them."""
        ts = self._clock.now()
        return await self._database.write(
            lambda connection: append_events(connection, task_id, events, ts), committed=self.announce
        )

    async def read(self, *, task_id: str | None = None, after: int = 0, limit: int = PAGE) -> Sequence[StoredEvent]:
        """Events with a position above `after`, oldest first, at most `limit`."""
        return await self._database.read(lambda connection: read_events(connection, task_id, after, limit))

    async def search(self, query: EventFilter) -> EventPage:
        """A page of what is wanted, found in a bounded part of the log."""
        return await self._database.read(lambda connection: search_events(connection, query))

    def publish(self, task_id: str, event: Event) -> None:
        """Show a live-only event to subscribers as position 0, seq 0. Never stored, never blocks; the slow miss it."""
        self._ring.put([frame(StoredEvent(position=0, seq=0, task_id=task_id, ts=self._clock.now(), event=event))])

    def follow(self, *, task_id: str | None = None, after: int | None = None) -> AsyncIterator[Sequence[Frame]]:
        """Every stored event above `after` (of this moment when None) once and in order, with live ones between.

        Ends when the log is closed.
        """
        return Subscription(self._ring, self._frames, task_id, after)

    def subscribe(self, *, task_id: str | None = None, after: int | None = None) -> AsyncIterator[StoredEvent]:
        """The events of `follow`, one by one."""
        return OneByOne(self.follow(task_id=task_id, after=after))

    def announce(self, stored: Sequence[StoredEvent]) -> None:
        """Show events that are already committed (by this log or by a store that wrote them with its own rows)."""
        self._ring.put([frame(each) for each in stored])

    def close(self) -> None:
        """End every subscription; the database is closed by who opened it."""
        self._ring.close()

    async def _frames(self, task_id: str | None, after: int) -> Sequence[Frame]:
        return await self._database.read(lambda connection: read_frames(connection, task_id, after, BATCH_BYTES))


def append_events(
    connection: sqlite3.Connection, task_id: str, events: Sequence[Event], ts: float
) -> tuple[StoredEvent, ...]:
    """Insert `events` of a task inside the caller's transaction, numbered on from its last, and move its statistics."""
    stored = []
    for event in events:
        values = (task_id, ts, event.type, EVENT.dump_json(event).decode())
        position, seq = connection.execute(_APPEND, values).fetchone()
        project(connection, task_id, event)
        stored.append(StoredEvent(position=position, seq=seq, task_id=task_id, ts=ts, event=event))
    return tuple(stored)


def _last_position(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()[0])
