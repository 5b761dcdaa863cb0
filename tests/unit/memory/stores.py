"""The SQLite stores over one file, opened and closed together, and words to fill them with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from core.budget import DayCaps
from core.calendar import Calendar
from core.tasks import Interrupt, InterruptKind, Task, TaskRequest
from core.types import TaskStatus
from memory.database import Database
from memory.effects import SqliteEffectStore
from memory.episodes import SqliteEpisodeLog
from memory.events import SqliteEventLog
from memory.identities import SqliteIdentityStore, shipped_identities
from memory.ledger import SqliteLedger
from memory.questions import SqliteInterruptStore
from memory.tasks import SqliteTaskStore
from tests.unit.memory.clock import HandClock


@dataclass(frozen=True)
class Stores:
    database: Database
    clock: HandClock
    events: SqliteEventLog
    effects: SqliteEffectStore
    tasks: SqliteTaskStore
    interrupts: SqliteInterruptStore
    ledger: SqliteLedger
    identities: SqliteIdentityStore
    episodes: SqliteEpisodeLog


@asynccontextmanager
async def sqlite_stores(
    folder: Path, *, ring_capacity: int = 4096, ring_bytes: int = 16 << 20, caps: DayCaps | None = None
) -> AsyncIterator[Stores]:
    clock = HandClock()
    database = await Database.open(folder / "autonomy.db")
    events = await SqliteEventLog.open(database, clock, ring_capacity=ring_capacity, ring_bytes=ring_bytes)
    try:
        yield Stores(
            database=database,
            clock=clock,
            events=events,
            effects=SqliteEffectStore(database, events, clock),
            tasks=SqliteTaskStore(database, events, clock),
            interrupts=SqliteInterruptStore(database, events, clock),
            ledger=SqliteLedger(database, clock, caps or DayCaps(), Calendar()),
            identities=SqliteIdentityStore(database, shipped_identities(), clock),
            episodes=SqliteEpisodeLog(database),
        )
    finally:
        events.close()
        await database.close()


def a_task(
    task_id: str = "t1", *, description: str = "A todo list", workflow: str = "build", caller: str = "local"
) -> Task:
    return Task(
        task_id=task_id,
        request=TaskRequest(task_description=description, workflow=workflow),
        status=TaskStatus.QUEUED,
        caller=caller,
        graph_version="1",
        created_at=1_000.0,
        updated_at=1_000.0,
    )


def a_question(interrupt_id: str = "i1", task_id: str = "t1") -> Interrupt:
    return Interrupt(
        interrupt_id=interrupt_id,
        task_id=task_id,
        kind=InterruptKind.APPROVAL,
        prompt="Shall this be published?",
        payload={"diff": "+1"},
        digest="d1",
        created_at=1_000.0,
    )
