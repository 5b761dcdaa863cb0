"""`GET /metrics`: what the stores hold is asked of them at every scrape, so that it survives restarts and agrees with them."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from core.budget import DaySpend
from core.errors import Refused
from core.models import CallTotals
from core.ports import InteractionLog
from core.types import TaskStatus
from observability.counters import Labels, Observed, ProcessCounters


@dataclass(frozen=True)
class Figures:
    """Everything at one moment. `segments` are (running, queued), None where no engine runs."""

    version: str
    tasks: Mapping[TaskStatus, int]
    segments: tuple[int, int] | None
    deliveries: Mapping[str, int]
    disk_free_bytes: int
    day: DaySpend
    closed_accounts: int
    calls: Sequence[CallTotals]
    retries: Mapping[Labels, int]
    sandbox_runs: Mapping[Labels, Observed]
    event_delivery: Mapping[Labels, Observed]
    shipping: Mapping[Labels, int]


@dataclass(frozen=True)
class Sources:
    """Where the figures come from: by status, (running, queued), waiting by channel, bytes, the day's account before others,
    how many accounts are closed, rows for other places by kind and state."""

    interactions: InteractionLog
    tasks: Callable[[], Awaitable[Mapping[TaskStatus, int]]]
    segments: Callable[[], Awaitable[tuple[int, int]]]
    deliveries: Callable[[], Awaitable[Mapping[str, int]]]
    disk_free_bytes: Callable[[], int]
    today: Callable[[], Awaitable[Sequence[DaySpend]]]
    closed_accounts: Callable[[], Awaitable[int]]
    shipping: Callable[[], Awaitable[Mapping[Labels, int]]]


class Metrics:
    """Collects the figures. The library that writes them down is loaded by the first scrape."""

    def __init__(self, version: str, counters: ProcessCounters, sources: Sources) -> None:
        self._version = version
        self._counters = counters
        self._sources = sources

    async def scrape(self, accept: str) -> tuple[bytes, str]:
        """The figures in the format that `accept`, a header, asks for; with its media type."""
        figures = await self._figures()

        def write() -> tuple[bytes, str]:
            body, media_type = importlib.import_module("observability.exposition").write(figures, accept)
            return body, media_type

        return await asyncio.to_thread(write)

    async def _figures(self) -> Figures:
        sources = self._sources
        try:
            segments = await sources.segments()
        except Refused:
            segments = None
        return Figures(
            version=self._version,
            tasks=await sources.tasks(),
            segments=segments,
            deliveries=await sources.deliveries(),
            disk_free_bytes=sources.disk_free_bytes(),
            day=(await sources.today())[0],
            closed_accounts=await sources.closed_accounts(),
            calls=await sources.interactions.totals(),
            retries=dict(self._counters.retries),
            sandbox_runs=self._counters.sandbox_runs.read(),
            event_delivery=self._counters.event_delivery.read(),
            shipping=await sources.shipping(),
        )
