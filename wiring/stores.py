"""What keeps the service's data, and how its process is seen from outside."""

import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from langgraph.errors import GraphDrained

from api.routes.insight import VERSION
from config import Settings
from core.budget import DayCaps
from core.calendar import Calendar
from core.errors import InvalidInput
from llm.providers import provider_of
from memory.database import Database
from memory.effects import SqliteEffectStore
from memory.events import SqliteEventLog
from memory.finished import SqliteFinishedTasks
from memory.identities import SqliteIdentityStore, shipped_identities
from memory.ledger import SqliteLedger
from memory.tasks import SqliteTaskStore
from observability.counters import ProcessCounters
from observability.interactions import SqliteInteractionLog
from observability.spans import Spans
from observability.tracing import OtelTracing
from observability.untraced import Untraced


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
    finished: SqliteFinishedTasks
    ledger: SqliteLedger
    identities: SqliteIdentityStore
    interactions: SqliteInteractionLog


async def open_stores(stack: AsyncExitStack, settings: Settings, clock: SystemClock) -> Stores:
    data = settings.data_dir
    database = await Database.open(data / "autonomy.db", synchronous=settings.sqlite_synchronous)
    stack.push_async_callback(database.close)
    events = await SqliteEventLog.open(database, clock)
    stack.callback(events.close)
    interactions = await SqliteInteractionLog.open(data / "interactions.db")
    stack.push_async_callback(interactions.close)
    return Stores(
        database=database,
        events=events,
        effects=SqliteEffectStore(database, events, clock),
        tasks=SqliteTaskStore(database, events, clock),
        finished=SqliteFinishedTasks(database),
        ledger=SqliteLedger(
            database,
            clock,
            DayCaps(day_usd=settings.max_daily_budget_usd, caller_usd=settings.max_daily_budget_per_caller_usd),
            Calendar(settings.budget_zone),
        ),
        identities=SqliteIdentityStore(database, shipped_identities()),
        interactions=interactions,
    )


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
