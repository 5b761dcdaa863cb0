"""Finds the JSON values in a text from left to right, in bounded work."""

import json
import math
import re
from collections.abc import Set as AbstractSet
from typing import NamedTuple

import orjson
from pydantic import BaseModel

from agents.answers.errors import AnswerError, Unreadable
from agents.answers.lenient_json import Reader
from core.types import Json

_OBJECT = re.compile(r"\{(?=\s*[\"'`\u201c\u201d\u2018\u2019\w$}/#])")
_OBJECT_OR_LIST = re.compile(rf"{_OBJECT.pattern}|\[")
_GOES_ON = re.compile(r"\s*,?\s*[\"'][\w -]{1,60}[\"']\s*:")
_PLACEHOLDER = re.compile(r"\{\s*[\w.-]*\s*\}")
_MAX_DEPTH = 200
_NEAR = 200
_STANDARD_FAILURES = 64
"""The standard reader counts the lines before each failure, so that it may not fail at every brace of a text."""
_MAX_CANDIDATES = 200


class Candidate(NamedTuple):
    """A value, where it stood, whether it was closed, how many strings stood without quotes, and what a schema made of it."""

    value: Json
    start: int
    end: int
    whole: bool
    words: int
    made: BaseModel | None = None


class Search:
    """What begins inside of a value that could not be read is no value of its own: it would be a part taken for the whole.

    `problem` is what was wrong with the value that came furthest; `broken_at` is where the last such value began.
    """

    def __init__(self, text: str, names: AbstractSet[str]) -> None:
        self._text = text
        self._names = names
        self.candidates: list[Candidate] = []
        self.problem = "there is no JSON object in the answer"
        self.broken_at: int | None = None

    def run(self, *, lists: bool = False) -> None:
        """Look for objects, and for `lists` beside them."""
        reader = Reader(self._text, self._names)
        start = _OBJECT_OR_LIST if lists else _OBJECT
        at, furthest, failures = 0, -1, 0
        worst: Unreadable | None = None
        while (found := start.search(self._text, at)) and not reader.spent and len(self.candidates) < _MAX_CANDIDATES:
            at = found.start()
            standard = _standard(self._text, at) if failures < _STANDARD_FAILURES else None
            failures += standard is None
            try:
                value, end = standard or reader.read(at)
            except Unreadable as error:
                if error.position - at > furthest:
                    furthest, worst = error.position - at, error
                clearly_json = reader.members > 0 or reader.position - at > _NEAR
                self.broken_at = at if clearly_json else self.broken_at
                at = max(reader.position, at + 1) if clearly_json else at + 1
                continue
            if _PLACEHOLDER.fullmatch(self._text, at, end) is None:
                whole, words = (True, 0) if standard else (not reader.open_ended, reader.words)
                self.candidates.append(Candidate(value, at, end, whole, words))
            at = max(end, at + 1)
        if worst is not None:
            self.problem = f"the JSON cannot be read: {worst.told(self._text)}"


def _standard(text: str, at: int) -> tuple[Json, int] | None:
    """A value in standard JSON and where it ends: what follows the standard is read by it, without any tolerance."""
    try:
        value, end = _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None
    return (value, end) if value != {} and _can_be_written(value) and not _GOES_ON.match(text, end) else None


def _can_be_written(value: Json) -> bool:
    """Whether everybody behind can write the value down: no half of a surrogate pair, and not nested beyond their limits."""
    try:
        orjson.dumps(value)
    except TypeError:
        pass  # for integers beyond 64 bits too, which others can write
    else:
        return True
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [
            entry
            for one in level
            if isinstance(one, dict | list)
            for entry in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return _is_unicode(value)
    return False


def _is_unicode(value: Json) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except ValueError:
        return False
    return True


def _refused(token: str) -> float:
    raise ValueError(token)


def _finite(token: str) -> float:
    number = float(token)
    return number if math.isfinite(number) else _refused(token)


_DECODER = json.JSONDecoder(parse_constant=_refused, parse_float=_finite)


def read_values(text: str) -> list[Json]:
    """Every JSON object or list in a text. Raises AnswerError when one cannot be read."""
    search = Search(text, frozenset())
    search.run(lists=True)
    if search.broken_at is not None or any(found.words or not found.whole for found in search.candidates):
        raise AnswerError(search.problem)
    return [found.value for found in search.candidates]
