"""What each task of a curve came to, in a file that grows by a line with every task."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from core.types import Value


class Mode(StrEnum):
    """How the agents of a curve learn."""

    ON = "on"
    OFF = "off"
    DRY_RUN = "dry-run"
    POISONED = "poisoned"


class Point(Value):
    """One task: its number from 1, its rounds until the end, whether nothing came back, and the rules that stand behind it.

    `poison` counts the planted wrong rules that are still there.
    """

    number: int
    sentence: str
    rounds: int
    passed: bool
    end: str
    rules: int = 0
    trials: int = 0
    poison: int = 0

    @property
    def first_pass(self) -> bool:
        return self.passed and self.rounds == 1


def add(path: Path, point: Point) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(point.model_dump_json() + "\n")


def read(path: Path) -> tuple[Point, ...]:
    """Empty where there is no file."""
    if not path.exists():
        return ()
    return tuple(Point.model_validate_json(line) for line in path.read_text(encoding="utf-8").splitlines())


def mean_rounds(points: Sequence[Point]) -> float:
    return sum(point.rounds for point in points) / len(points)


def first_passes(points: Sequence[Point]) -> int:
    return sum(point.first_pass for point in points)
