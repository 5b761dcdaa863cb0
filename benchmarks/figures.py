"""A measured figure, and the table of them."""

import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results.md"


@dataclass(frozen=True)
class Figure:
    """`reached` against `asked`, None where the figure is only told; `how` says what was compared with what.

    `asked` is an upper bound, or a lower one where more is better (`at_least`).
    """

    name: str
    reached: float
    unit: str
    asked: float | None
    how: str
    at_least: bool = False

    @property
    def verdict(self) -> str:
        if self.asked is None:
            return "told"
        good = self.reached >= self.asked if self.at_least else self.reached <= self.asked
        return "reached" if good else "not reached"


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def table(figures: Sequence[Figure]) -> str:
    """Markdown."""
    rows = ["| figure | reached | asked | | how it was measured |", "|---|---|---|---|---|"]
    for figure in figures:
        asked = (
            "" if figure.asked is None else f"{'>=' if figure.at_least else '<='} {_bound(figure.asked)} {figure.unit}"
        )
        rows.append(
            f"| {figure.name} | {figure.reached:,.2f} {figure.unit} | {asked} | {figure.verdict} | {figure.how} |"
        )
    return "\n".join(rows)


def _bound(asked: float) -> str:
    return f"{asked:,.0f}" if asked >= 1_000 else f"{asked:.3g}"


def write_results(figures: Sequence[Figure], load: float) -> None:
    """Write benchmarks/results.md; the machine's load is told because wall times depend on it."""
    text = (
        "# Measured\n\nMade by `make bench`. Ratios compare the same work in one run, interleaved; "
        "wall times depend on what else the machine does.\n\n"
        f"Python {platform.python_version()}, {platform.machine()}, load average at the start {load:.1f}.\n\n{table(figures)}\n"
    )
    RESULTS.write_text(text)
