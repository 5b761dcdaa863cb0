"""What tasks will take, from the interaction log; before there is one, from builds that were measured."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from core.budget import Price, cost_usd
from core.forecast import Forecast, Range, Rest, rest_of, spread
from core.ports import InteractionLog
from core.tasks import Task
from core.types import AgentName, Usage

LAST, ENOUGH = 50, 3
"""At most so many finished tasks are looked at; fewer than ENOUGH say nothing."""
FURTHER = 2.0
"""The high end of a guess from builds that were measured: a model that thinks, or is corrected more often, writes more."""
_SHIPPED = Path(__file__).parent / "measured_builds.json"


@dataclass(frozen=True)
class Work:
    """What one agent did in a task, by the model that did it."""

    agent: AgentName
    model: str
    calls: int
    usage: Usage


Build = tuple[Work, ...]
Source = Literal["same_models", "other_models", "shipped"]
FinishedTasks = Callable[[str, int], Awaitable[Sequence[str]]]
"""(workflow, how many at most) -> the ids of completed tasks, newest first."""


@dataclass(frozen=True)
class Priced:
    """Builds at the prices of the present models."""

    source: Source
    usd: tuple[float, ...]
    tokens: tuple[int, ...]
    unknown: tuple[str, ...]

    def forecast(self) -> Forecast:
        usd, tokens = spread(self.usd, 4), spread(self.tokens, 0)
        if self.source == "shipped":
            usd, tokens = _widened(usd, max(self.usd)), _widened(tokens, max(self.tokens))
        return Forecast(source=self.source, tasks=len(self.usd), usd=usd, tokens=tokens, unknown_prices=self.unknown)


class Forecaster:
    """Forecasts over the log. `price_of` gives None for a model whose price nobody knows; then `dearest` is taken."""

    def __init__(
        self,
        finished: FinishedTasks,
        interactions: InteractionLog,
        models: Mapping[AgentName, str],
        price_of: Callable[[str], Awaitable[Price | None]],
        dearest: Callable[[], Price],
    ) -> None:
        self._finished = finished
        self._interactions = interactions
        self._models = models
        self._price_of = price_of
        self._dearest = dearest
        self._read: dict[str, tuple[tuple[str, ...], tuple[Build, ...]]] = {}

    async def of(self, workflow: str) -> Forecast:
        """Of a task that has not begun."""
        return (await self._priced(workflow)).forecast()

    async def rest(self, task: Task, spent_usd: float) -> Rest:
        """Of a task that has stopped."""
        priced = await self._priced(task.request.workflow)
        return rest_of(priced.usd, spent_usd, priced.forecast().basis)

    async def _priced(self, workflow: str) -> Priced:
        source, builds = self._choose(await self._builds(workflow))
        prices: dict[AgentName, Price] = {}
        unknown = []
        for agent, model in self._models.items():
            price = await self._price_of(model)
            prices[agent] = price or self._dearest()
            if price is None and model not in unknown:
                unknown.append(model)
        return Priced(
            source=source,
            usd=tuple(sum(cost_usd(prices[work.agent], work.usage, work.calls) for work in build) for build in builds),
            tokens=tuple(sum(work.usage.total for work in build) for build in builds),
            unknown=tuple(unknown),
        )

    def _choose(self, builds: Sequence[Build]) -> tuple[Source, Sequence[Build]]:
        same = [build for build in builds if all(work.model == self._models[work.agent] for work in build)]
        if len(same) >= ENOUGH:
            return "same_models", same
        if len(builds) >= ENOUGH:
            return "other_models", builds
        return "shipped", _shipped()

    async def _builds(self, workflow: str) -> Sequence[Build]:
        """Those of the newest finished tasks; read again only when another one has finished."""
        ids = tuple(await self._finished(workflow, LAST))
        known, builds = self._read.get(workflow, ((), ()))
        if ids == known:
            return builds
        found: dict[str, list[Work]] = {}
        for entry in await self._interactions.usage(ids):
            found.setdefault(entry.task_id, []).append(Work(entry.agent, entry.model, entry.calls, entry.usage))
        builds = tuple(map(tuple, found.values()))
        self._read[workflow] = ids, builds
        return builds


def _widened(foreseen: Range, most: float) -> Range:
    return foreseen.model_copy(update={"high": round(most * FURTHER, 4)})


@cache
def _shipped() -> tuple[Build, ...]:
    """Made by `python -m benchmarks.measured_builds`."""
    document = json.loads(_SHIPPED.read_bytes())
    return tuple(
        tuple(
            Work(AgentName(agent), "", calls, Usage(input_tokens=given, output_tokens=written))
            for agent, (calls, given, written) in build["agents"].items()
        )
        for build in document["builds"]
    )
