"""What a task will take, from what finished ones have taken: quantiles, and nothing cleverer."""

import math
import statistics
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from core.types import Value

LOW, HIGH = 0.1, 0.9
"""The range is to hold eight tasks of ten."""


class Range(Value):
    """A tenth of the tasks needed less than `low`, half of them less than `expected`, a tenth more than `high`."""

    low: float
    expected: float
    high: float


class Forecast(Value):
    """What a task is expected to cost (USD) and to take (tokens, input and output together).

    `source`: finished tasks of the same workflow with the same models; with other models, their tokens at the present
    models' prices; or builds that were measured before this release. `tasks` is how many those are. `unknown_prices` are
    models whose price nobody knows, taken at the dearest known.
    """

    source: Literal["same_models", "other_models", "shipped"]
    tasks: int
    usd: Range
    tokens: Range
    unknown_prices: tuple[str, ...] = ()

    @property
    def basis(self) -> str:
        """Where it comes from, in words."""
        return {
            "same_models": f"from the last {self.tasks} finished tasks with these models",
            "other_models": f"from the tokens of {self.tasks} finished tasks with other models",
            "shipped": f"a guess from {self.tasks} builds measured with the offline model; none has finished here yet",
        }[self.source]


class Rest(Value):
    """What a task that has stopped may still need; `usd` is None where no finished task has cost so much."""

    usd: Range | None
    basis: str


class Outcome(Value):
    """A finished task beside its forecast."""

    forecast: Forecast
    usd: float
    tokens: int


class Accuracy(Value):
    """How forecasts came true. `median_ratio` is the actual over the expected, `inside` the share within the range."""

    tasks: int = 0
    median_ratio: float | None = None
    inside: float | None = Field(default=None, ge=0, le=1)


def spread(values: Sequence[float], digits: int) -> Range:
    """The range of at least one value, rounded."""
    low, expected, high = (round(quantile(values, part), digits) for part in (LOW, 0.5, HIGH))
    return Range(low=low, expected=expected, high=high)


def quantile(values: Sequence[float], part: float) -> float:
    """With straight lines between the values in their order."""
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    return below + (above - below) * (place - math.floor(place))


def rest_of(totals: Sequence[float], spent_usd: float, basis: str) -> Rest:
    """What those that needed more than this one has spent needed further."""
    further = [total - spent_usd for total in totals if total > spent_usd]
    if not further:
        return Rest(usd=None, basis=f"none of {len(totals)} tasks has cost so much; {basis}")
    return Rest(usd=spread(further, 4), basis=f"as {len(further)} of {len(totals)} tasks that cost more; {basis}")


def accuracy(pairs: Sequence[tuple[Range, float]]) -> Accuracy:
    """Of (what was foreseen, what it was); forecasts of nothing are left out."""
    judged = [(foreseen, actual) for foreseen, actual in pairs if foreseen.expected > 0]
    if not judged:
        return Accuracy()
    return Accuracy(
        tasks=len(judged),
        median_ratio=round(statistics.median(actual / foreseen.expected for foreseen, actual in judged), 3),
        inside=round(sum(foreseen.low <= actual <= foreseen.high for foreseen, actual in judged) / len(judged), 3),
    )
