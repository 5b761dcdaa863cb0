"""Questions to people in SQLite. Every write appends its events in the same transaction."""

import sqlite3
from collections.abc import Sequence
from typing import TypeVar

from core.access import Actor
from core.events import StoredEvent
from core.ports import Clock
from core.tasks import Decision, Interrupt, InterruptFilter
from memory.database import Database, Work
from memory.events import SqliteEventLog, append_events
from memory.interrupts import due_interrupts, insert_interrupt, read_interrupts, record_decision, record_reminder
from memory.tasks import load_task, update_task

T = TypeVar("T")


class SqliteInterruptStore:
    """InterruptStore over the table `interrupts`, beside the tasks that ask."""

    def __init__(self, database: Database, events: SqliteEventLog, clock: Clock) -> None:
        self._database = database
        self._events = events
        self._clock = clock

    async def open(self, interrupt: Interrupt) -> Interrupt:
        """Insert the question and set the task waiting; the same id again returns the stored one and changes nothing.

        Raises NotFound for an unknown task, Conflict when the task is over.
        """
        now = self._clock.now()

        def insert(connection: sqlite3.Connection) -> tuple[Interrupt, tuple[StoredEvent, ...]]:
            stored, opened = insert_interrupt(connection, interrupt, load_task(connection, interrupt.task_id))
            if opened is None:
                return stored, ()
            return stored, update_task(connection, interrupt.task_id, (opened,), {"status": "waiting_for_input"}, now)

        return await self._write(insert)

    async def decide(
        self, interrupt_id: str, decision: Decision, actor: Actor, *, idempotency_key: str | None = None
    ) -> Interrupt:
        """Compare-and-set pending to decided, or add a vote; the task's own status is left to the caller.

        The same key with the same decision returns the same Interrupt. Raises NotFound, or Conflict with `winner`
        {via, by, decided_at, action} when it was answered before, when `expected_digest` is not what is shown, or when
        this person has voted already.
        """
        now = self._clock.now()

        def decide(connection: sqlite3.Connection) -> tuple[Interrupt, tuple[StoredEvent, ...]]:
            decided, event = record_decision(connection, interrupt_id, decision, actor, idempotency_key, now)
            return decided, append_events(connection, decided.task_id, [event] if event else [], now)

        return await self._write(decide)

    async def list(self, query: InterruptFilter) -> Sequence[Interrupt]:
        """Oldest first unless asked otherwise. Raises InvalidInput when the cursor names no question."""
        return await self._database.read(lambda connection: read_interrupts(connection, query))

    async def due(self, limit: int) -> Sequence[Interrupt]:
        """Pending questions whose `due_at` has come, the most overdue first, without payloads."""
        now = self._clock.now()
        return await self._database.read(lambda connection: due_interrupts(connection, now, limit))

    async def remind(self, question: Interrupt, due_at: float | None) -> bool:
        """Tell of a question again, as it was seen; False when it was answered or told of meanwhile."""
        now = self._clock.now()

        def remind(connection: sqlite3.Connection) -> tuple[bool, tuple[StoredEvent, ...]]:
            event = record_reminder(connection, question, due_at, now)
            return event is not None, append_events(connection, question.task_id, [event] if event else [], now)

        return await self._write(remind)

    async def _write(self, work: Work[tuple[T, tuple[StoredEvent, ...]]]) -> T:
        result, _ = await self._database.write(work, committed=lambda outcome: self._events.announce(outcome[1]))
        return result
