"""Finds the lines that give an answer its shape: fences, and the markers of edits. Everything else is skipped unread."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Literal, NamedTuple

_BLANKS = " \t\u00a0"


class Fence(NamedTuple):
    """A line of at least three backticks or tildes. `start` and `end` are its offsets, without the line feed."""

    start: int
    end: int
    indent: int
    ticks: str
    info: str

    def closes(self, opener: "Fence") -> bool:
        """Whether this line can be the end of a block that `opener` began, by character and length."""
        return not self.info and self.ticks[0] == opener.ticks[0] and len(self.ticks) >= len(opener.ticks)


MarkerKind = Literal["search", "divider", "replace"]


_MARKERS: tuple[tuple[str, str, re.Pattern[str], MarkerKind], ...] = (
    ("SEARCH", "<<<<<<< SEARCH", re.compile(r"[ \t]*(?:<{5,9}|-{5,9}) ?SEARCH[ \t]*>?[ \t]*"), "search"),
    ("REPLACE", ">>>>>>> REPLACE", re.compile(r"[ \t]*(?:>{5,9}|\+{5,9}) ?REPLACE[ \t]*>?[ \t]*"), "replace"),
    ("=====", "=======", re.compile(r"[ \t]*={5,9}[ \t]*"), "divider"),
)


class Marker(NamedTuple):
    """A line `<<<<<<< SEARCH`, `=======` or `>>>>>>> REPLACE`, or one of the forms that other tools taught models."""

    start: int
    end: int
    kind: MarkerKind


class Markers:
    """All markers of a text in order; empty where there is no edit."""

    def __init__(self, text: str) -> None:
        self.all = find_markers(text)
        self._starts = [marker.start for marker in self.all]

    def between(self, start: int, end: int) -> list[Marker]:
        return self.all[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def first_from(self, position: int) -> int:
        """Index in `all` of the first marker at or behind a position."""
        return bisect_left(self._starts, position)


def find_fences(text: str) -> list[Fence]:
    """Every fence line in order, in time proportional to the text."""
    found: list[Fence] = []
    for char in "`~":
        mark = char * 3
        at = text.find(mark) if char in text else -1
        while at >= 0:  # as lines_with does it, without the cost of a generator for each fence of each answer
            start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
            end = len(text) if end < 0 else end
            if start == at or not text[start:at].strip(_BLANKS):
                info = text[at:end].lstrip(char)
                if mark not in info:
                    ticks = text[at : end - len(info)]
                    found.append(Fence(start, end, at - start, ticks, info.replace("\u00a0", " ").strip()))
            at = text.find(mark, end)
    return sorted(found)


def find_markers(text: str) -> list[Marker]:
    """Every marker line in order; none where no line can be the first of a pair."""
    found: list[Marker] = []
    if "SEARCH" not in text:
        return found
    for word, usual, pattern, kind in _MARKERS:
        at = text.find(word)
        while at >= 0:  # as lines_with does it, without the cost of a generator for each marker
            start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
            end = len(text) if end < 0 else end
            if text[start:end] == usual or pattern.fullmatch(text, start, end):
                found.append(Marker(start, end, kind))
            at = text.find(word, end)
    found.sort()
    return found


def lines_with(text: str, mark: str) -> Iterator[tuple[int, int, int]]:
    """Start of every line that holds `mark`, where that stands first in it, and the line's end."""
    at = text.find(mark)
    while at >= 0:
        start = text.rfind("\n", 0, at) + 1
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield start, at, end
        at = text.find(mark, end)


def line_before(text: str, start: int) -> tuple[int, str]:
    """Start and text of the line above the one that begins at `start`; (-1, "") at the top."""
    if start == 0:
        return -1, ""
    above = text.rfind("\n", 0, start - 1) + 1
    return above, text[above : start - 1]


def line_at(text: str, start: int) -> str:
    """The line that begins at `start`, without its line feed."""
    end = text.find("\n", start)
    return text[start:] if end < 0 else text[start:end]
