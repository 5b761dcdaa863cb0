"""Two runs over the same tasks: what differs, with intervals, and said plainly where nothing is shown to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from core.errors import InvalidInput
from evals.intervals import Interval, mean_difference, share_difference
from evals.results import Result


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


@dataclass(frozen=True)
class Figure:
    """`name` is for data and stays as it is, `title` for people."""

    name: str
    title: str
    of: Callable[[Result], float]


SHARES = (
    Figure("tasks_done", "tasks done", lambda result: result.passed),
    Figure("ended_as_they_must", "ended as they must", lambda result: result.as_expected),
)
MEANS = (
    Figure(
        "tests_passed", "tests passed", lambda result: _share(result.tests_run - result.tests_failed, result.tests_run)
    ),
    Figure(
        "contract_covered",
        "contract covered",
        lambda result: _share(result.operations_covered, result.operations_promised),
    ),
    Figure(
        "hidden_checks_passed", "hidden checks passed", lambda result: _share(result.hidden_passed, len(result.hidden))
    ),
    Figure("rounds", "rounds", lambda result: result.rounds),
    Figure("findings_missed", "findings missed", lambda result: len(result.missed)),
    Figure("cost_usd", "cost (USD)", lambda result: result.cost_usd),
    Figure("tokens", "tokens", lambda result: result.usage.total),
    Figure("seconds", "seconds", lambda result: result.seconds),
)


@dataclass(frozen=True)
class Row:
    """One figure over the tasks that both runs have: `before` and `after` are shares of tasks, or means."""

    figure: Figure
    kind: Literal["share", "mean"]
    before: float
    after: float
    interval: Interval


@dataclass(frozen=True)
class Comparison:
    """`left_out` are tasks that one of the runs does not have."""

    tasks: int
    left_out: tuple[str, ...]
    rows: tuple[Row, ...]


def compare(before: Sequence[Result], after: Sequence[Result]) -> Comparison:
    """Paired by task; several seeds count as their mean, and as done when all are. Raises InvalidInput without a pair."""
    first, second = _by_task(before), _by_task(after)
    common = sorted(first.keys() & second.keys())
    if not common:
        raise InvalidInput("the two runs have no task in common", field="run")
    rows = []
    for figure in SHARES:
        done = [(all(map(figure.of, first[task])), all(map(figure.of, second[task]))) for task in common]
        rows.append(_row(figure, "share", [(float(a), float(b)) for a, b in done], share_difference(done)))
    for figure in MEANS:
        pairs = [(_mean(figure.of, first[task]), _mean(figure.of, second[task])) for task in common]
        rows.append(_row(figure, "mean", pairs, mean_difference(pairs)))
    return Comparison(len(common), tuple(sorted(first.keys() ^ second.keys())), tuple(rows))


def _by_task(results: Sequence[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.task, []).append(result)
    return found


def _mean(figure: Callable[[Result], float], results: Sequence[Result]) -> float:
    return sum(map(figure, results)) / len(results)


def _row(
    figure: Figure, kind: Literal["share", "mean"], pairs: Sequence[tuple[float, float]], interval: Interval
) -> Row:
    count = len(pairs)
    return Row(figure, kind, sum(a for a, _ in pairs) / count, sum(b for _, b in pairs) / count, interval)
