"""What keeps the service's data, and how its process is seen from outside."""

import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from langgraph.errors import GraphDrained

from api.routes.insight import VERSION
from config import Settings
from core.budget import DayCaps
from core.calendar import Calendar
from core.errors import InvalidInput
from core.ports import IdentityStore, Ledger
from llm.providers import provider_of
from memory.api_keys import SqliteKeyRing, any_usable
from memory.audit import SqliteAuditLog
from memory.database import Database
from memory.effects import SqliteEffectStore
from memory.episodes import SqliteEpisodeLog
from memory.events import SqliteEventLog
from memory.finished import SqliteFinishedTasks
from memory.identities import SqliteIdentityStore, shipped_identities
from memory.last_known import LastKnownIdentities
from memory.ledger import SqliteLedger
from memory.questions import SqliteInterruptStore
from memory.task_days import SqliteTaskDays
from memory.tasks import SqliteTaskStore
from observability.call_history import SqliteCallHistory
from observability.counters import ProcessCounters
from observability.interactions import SqliteInteractionLog
from observability.memory_diffs import SqliteMemoryDiffLog
from observability.spans import Spans
from observability.storage import Storage
from observability.tracing import OtelTracing
from observability.untraced import Untraced
from wiring.analytics import Analytics, open_analytics


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()


@dataclass(frozen=True)
class Stores:
    database: Database
    events: SqliteEventLog
    effects: SqliteEffectStore
    tasks: SqliteTaskStore
    interrupts: SqliteInterruptStore
    finished: SqliteFinishedTasks
    task_days: SqliteTaskDays
    ledger: Ledger
    closed_accounts: Callable[[], Awaitable[int]]
    identities: IdentityStore
    last_known: IdentityStore
    try_identities: Callable[[], Awaitable[str]] | None
    episodes: SqliteEpisodeLog
    keys: SqliteKeyRing
    audit: SqliteAuditLog
    interactions: SqliteInteractionLog
    calls: SqliteCallHistory
    memory_diffs: SqliteMemoryDiffLog
    analytics: Analytics | None


async def open_stores(stack: AsyncExitStack, settings: Settings, clock: SystemClock) -> Stores:
    data = settings.data_dir
    database = await Database.open(data / "autonomy.db", synchronous=settings.sqlite_synchronous)
    stack.push_async_callback(database.close)
    events = await SqliteEventLog.open(database, clock)
    stack.callback(events.close)
    keys = await SqliteKeyRing.open(database, clock)
    log = await Storage.open(data / "interactions.db")
    stack.push_async_callback(log.close)
    calls = await SqliteCallHistory.open(data / "interactions.db")
    stack.push_async_callback(calls.close)
    ledger = SqliteLedger(
        database,
        clock,
        DayCaps(day_usd=settings.max_daily_budget_usd, caller_usd=settings.max_daily_budget_per_caller_usd),
        Calendar(settings.budget_zone),
        caller_cap=keys.daily_budget_usd,
    )
    identities, try_identities = open_identities(stack, settings, database, clock)
    return Stores(
        database=database,
        events=events,
        effects=SqliteEffectStore(database, events, clock),
        tasks=SqliteTaskStore(database, events, clock),
        interrupts=SqliteInterruptStore(database, events, clock),
        finished=SqliteFinishedTasks(database),
        task_days=SqliteTaskDays(database),
        ledger=ledger,
        closed_accounts=ledger.closed,
        identities=identities,
        last_known=LastKnownIdentities(identities, shipped_identities()),
        try_identities=try_identities,
        episodes=SqliteEpisodeLog(database),
        keys=keys,
        audit=SqliteAuditLog(database),
        interactions=SqliteInteractionLog(log),
        calls=calls,
        memory_diffs=SqliteMemoryDiffLog(log),
        analytics=await open_analytics(stack, settings),
    )


def open_identities(
    stack: AsyncExitStack, settings: Settings, database: Database, clock: SystemClock
) -> tuple[IdentityStore, Callable[[], Awaitable[str]] | None]:
    """Where the settings say, and what tries Firestore; it is not asked yet, so that the service starts while it is away."""
    project, collection = settings.gcp_project_id, settings.firestore_collection
    if not project:
        return SqliteIdentityStore(database, shipped_identities(), clock), None
    from memory.firestore.client import Client
    from memory.firestore.connection import Connection
    from memory.firestore.identities import FirestoreIdentityStore

    connection = Connection(lambda: Client(project=project), f"project {project}, collection {collection}")
    stack.push_async_callback(connection.close)
    store = FirestoreIdentityStore(connection, collection, shipped_identities(), clock)
    return store, store.probe


@dataclass(frozen=True)
class Watch:
    """How this process is seen from outside."""

    counters: ProcessCounters
    tracing: Untraced | OtelTracing


def open_tracing(settings: Settings) -> Untraced | OtelTracing:
    """Spans if the settings say where to; otherwise OpenTelemetry's SDK is not even loaded. Raises InvalidInput."""
    if settings.spans_to is None:
        return Untraced()
    from observability.export import SpanExport

    try:
        export = SpanExport(settings.spans_to, settings.spans_endpoint, VERSION)
    except ValueError as error:
        raise InvalidInput(f"OpenTelemetry's SDK does not take an OTEL_ variable as it is set: {error}") from error
    return OtelTracing(Spans(export.tracer, pauses=(GraphDrained,)), provider_of, export.close)


def has_keys(settings: Settings) -> bool:
    """Whether keys with names are in use in the data directory, before anything is opened."""
    path = settings.data_dir / "autonomy.db"
    return path.exists() and any_usable(path, SystemClock().now())


def decision_key(data_dir: Path) -> bytes:
    """What links are signed with: made once, and kept where this user alone can read it."""
    path = data_dir / "links.key"
    if not path.exists():
        from cryptography.fernet import Fernet

        with tempfile.NamedTemporaryFile(dir=data_dir, prefix=".links-", delete=False) as file:
            file.write(Fernet.generate_key())
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, path)
    return path.read_bytes()
