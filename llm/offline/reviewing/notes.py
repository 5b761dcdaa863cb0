"""What a review notes: one thing that is wrong in a line of a file, and what notes cost in the scores."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from core.types import JsonObject

Severity = Literal["critical", "high", "medium", "low"]
ACCESS = "A01:2021"
CRYPTOGRAPHY = "A02:2021"
INJECTION = "A03:2021"
DESIGN = "A04:2021"
CONFIGURATION = "A05:2021"
AUTHENTICATION = "A07:2021"
INTEGRITY = "A08:2021"
LOGGING = "A09:2021"
PERFORMANCE = "performance"
QUALITY = "quality"

_ORDER: tuple[Severity, ...] = ("critical", "high", "medium", "low")
_COST: dict[Severity, float] = {"critical": 5.0, "high": 3.5, "medium": 1.5, "low": 0.5}
_DIMENSIONS = ("security", "performance", "quality")


@dataclass(frozen=True)
class Note:
    """`category` is an OWASP id, `performance` or `quality`; `message` names the problem and what to do about it."""

    file: str
    line: int
    severity: Severity
    category: str
    message: str

    def as_json(self) -> JsonObject:
        return {
            "file": self.file,
            "line": self.line,
            "severity": self.severity,
            "category": self.category,
            "message": self.message,
        }

    @property
    def dimension(self) -> str:
        return self.category if self.category in (PERFORMANCE, QUALITY) else "security"


def in_order(notes: Iterable[Note]) -> list[Note]:
    """Worst first, then by place; of notes on one line about one category the worst stays."""
    kept: dict[tuple[str, int, str], Note] = {}
    for note in sorted(notes, key=lambda note: (_ORDER.index(note.severity), note.file, note.line, note.message)):
        kept.setdefault((note.file, note.line, note.category), note)
    return list(kept.values())


def scores(notes: Iterable[Note]) -> dict[str, float]:
    """10 minus what the notes of a dimension cost, at least 0."""
    left = dict.fromkeys(_DIMENSIONS, 10.0)
    for note in notes:
        left[note.dimension] -= _COST[note.severity]
    return {name: round(max(0.0, value), 1) for name, value in left.items()}
