"""What only this process knows, counted since it began: retries, runs in sandboxes, how late events arrive.

Lives on one event loop. Counting does not need the library that writes Prometheus' format.
"""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from core.events import StoredEvent
from core.models import ModelRequest
from core.ports import Clock
from core.sandboxes import RunResult, Toolchain

Labels = tuple[str, ...]
RUN_BOUNDS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0)
DELIVERY_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Observed:
    """Observations with the same labels: how many fell between the bounds (the last are above all), and their sum."""

    counts: tuple[int, ...]
    total: float


class Histogram:
    """Durations in seconds, by labels."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self._counts: dict[Labels, list[int]] = {}
        self._totals: dict[Labels, float] = {}

    def observe(self, seconds: float, *labels: str) -> None:
        counts = self._counts.setdefault(labels, [0] * (len(self.bounds) + 1))
        counts[bisect_left(self.bounds, seconds)] += 1
        self._totals[labels] = self._totals.get(labels, 0.0) + seconds

    def read(self) -> dict[Labels, Observed]:
        """As it is now, for another thread to look at."""
        return {labels: Observed(tuple(counts), self._totals[labels]) for labels, counts in self._counts.items()}


class ProcessCounters:
    """`retries` by agent and model, `sandbox_runs` by toolchain and outcome, `event_delivery` without labels."""

    def __init__(self) -> None:
        self.retries: Counter[Labels] = Counter()
        self.sandbox_runs = Histogram(RUN_BOUNDS_S)
        self.event_delivery = Histogram(DELIVERY_BOUNDS_S)

    def count_retry(self, request: ModelRequest) -> None:
        self.retries[request.agent.value, request.model] += 1

    @contextmanager
    def time_run(self, task_id: str, toolchain: Toolchain, program: str) -> Iterator[Callable[[RunResult], None]]:
        """Watch of a sandbox run. One that gave no result counts as `error`, with the time until then."""
        started, results = time.monotonic(), list[RunResult]()
        try:
            yield results.append
        finally:
            seconds, outcome = time.monotonic() - started, "error"
            for result in results:
                seconds, outcome = result.seconds, result.reason.value
            self.sandbox_runs.observe(seconds, toolchain, outcome)

    async def time_delivery(self, events: AsyncIterator[StoredEvent], clock: Clock) -> None:
        """Read events as any subscriber does, and note how long after it was made each stored one arrives."""
        async for stored in events:
            if stored.position:
                self.event_delivery.observe(max(0.0, clock.now() - stored.ts))
