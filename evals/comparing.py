"""Two runs over the same tasks: what differs, with intervals, and said plainly where nothing is shown to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.errors import InvalidInput
from evals.intervals import Interval, mean_difference, share_difference
from evals.results import Result


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


SHARES: Mapping[str, Callable[[Result], bool]] = {
    "tasks done": lambda result: result.passed,
    "ended as they must": lambda result: result.as_expected,
}
MEANS: Mapping[str, Callable[[Result], float]] = {
    "tests passed": lambda result: _share(result.tests_run - result.tests_failed, result.tests_run),
    "contract covered": lambda result: _share(result.operations_covered, result.operations_promised),
    "hidden checks passed": lambda result: _share(result.hidden_passed, len(result.hidden)),
    "rounds": lambda result: result.rounds,
    "findings missed": lambda result: len(result.missed),
    "cost (USD)": lambda result: result.cost_usd,
    "tokens": lambda result: result.usage.total,
    "seconds": lambda result: result.seconds,
}


@dataclass(frozen=True)
class Row:
    """One figure over the tasks that both runs have: `before` and `after` are means or shares."""

    name: str
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
    for name, holds in SHARES.items():
        done = [(all(map(holds, first[task])), all(map(holds, second[task]))) for task in common]
        rows.append(_row(name, [(float(a), float(b)) for a, b in done], share_difference(done)))
    for name, figure in MEANS.items():
        pairs = [(_mean(figure, first[task]), _mean(figure, second[task])) for task in common]
        rows.append(_row(name, pairs, mean_difference(pairs)))
    return Comparison(len(common), tuple(sorted(first.keys() ^ second.keys())), tuple(rows))


def _by_task(results: Sequence[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.task, []).append(result)
    return found


def _mean(figure: Callable[[Result], float], results: Sequence[Result]) -> float:
    return sum(map(figure, results)) / len(results)


def _row(name: str, pairs: Sequence[tuple[float, float]], interval: Interval) -> Row:
    count = len(pairs)
    return Row(name, sum(a for a, _ in pairs) / count, sum(b for _, b in pairs) / count, interval)
