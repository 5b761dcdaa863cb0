"""Phrases that ask for a quality of the whole application or of one thing: found first, so that the grammar reads the rest."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from llm.offline.reader.inflection import is_plural, singular
from llm.offline.reader.lexicon import field_kind, words
from llm.offline.reader.text import Sentence

FeatureKind = Literal[
    "unsupported", "backend_only", "frontend", "stack", "own_rows", "auth", "pagination", "csv", "shortener", "clicks",
    "low_stock", "no_overlap", "no_double_booking", "capacity", "capacity_of", "status_flow", "one_per", "unique",
    "period_totals", "totals", "average", "count_per", "search", "search_by", "filter_by", "filter", "sort_by", "sort",
    "default_page", "range", "returning", "one_at_a_time", "no_auth", "public_read", "context", "minimum", "unique_within",
    "only_once", "limit_per", "times_counted", "ordered", "ranking", "approval", "max_length", "tally",
]  # fmt: skip
TAKEN = "\x1f"


@dataclass(frozen=True)
class Feature:
    """One phrase that was found: the nouns listed after it, and what the named groups of its pattern caught."""

    kind: FeatureKind
    phrase: str
    start: int
    end: int
    nouns: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def part(self, *names: str) -> str | None:
        """The first of these parts that the phrase has."""
        return next((self.parts[name] for name in names if name in self.parts), None)


@dataclass(frozen=True)
class _Pattern:
    """`listed` patterns are followed by a list of nouns."""

    kind: FeatureKind
    regex: re.Pattern[str]
    listed: bool = False
    note: str = ""


@cache
def _patterns() -> tuple[_Pattern, ...]:
    raw = tomllib.loads((Path(__file__).parent / "data" / "features.toml").read_text(encoding="utf-8"))
    return tuple(
        _Pattern(
            entry["kind"],
            _compiled(entry["patterns"], raw["macros"]),
            entry.get("listed", False),
            entry.get("note", ""),
        )
        for entry in raw["feature"]
    )


def _compiled(alternatives: list[str], macros: dict[str, str]) -> re.Pattern[str]:
    whole = "|".join(alternatives)
    for name, text in macros.items():
        whole = whole.replace(f"<<{name}>>", text)
    return re.compile(rf"(?<![\w-])(?:{whole})(?![\w-])", re.I)


def find_features(sentence: Sentence) -> list[Feature]:
    """Find every feature, mark its tokens, and return them in the order of the text."""
    text, found = sentence.text, list[Feature]()
    for pattern in _patterns():
        position = 0
        while match := pattern.regex.search(text, position):
            feature = _feature(pattern, match, text)
            position = match.end() + (match.end() == match.start())
            if feature is None:
                continue
            found.append(feature)
            text = text[: feature.start] + TAKEN * (feature.end - feature.start) + text[feature.end :]
            sentence.take(feature.start, feature.end, feature.phrase)
            position = feature.end
    return sorted(found, key=lambda feature: feature.start)


def _feature(pattern: _Pattern, match: re.Match[str], text: str) -> Feature | None:
    if TAKEN in match.group():
        return None
    end, nouns = match.end(), tuple[str, ...]()
    if pattern.listed:
        nouns, end = _listed_nouns(text, match.end())
        if not nouns:
            return None
    phrase = re.sub(r"^(?:and|with|plus|,) ", "", text[match.start() : end].strip(" ,("), flags=re.I)
    parts = {name: value.lower() for name, value in match.groupdict().items() if value}
    return Feature(pattern.kind, phrase, match.start(), end, nouns, parts, pattern.note)


_STOP = frozenset({
    "with", "where", "that", "which", "who", "for", "to", "in", "on", "per", "by", "when", "using", "as", "each",
    "and", "or", "users", "user", "can", "must", "is", "are", "has", "have", "then", "from", "desc", "descending",
    "asc", "ascending", "login", "required", "sorted", "filtered",
})  # fmt: skip
_WORD = re.compile(r"\s*([A-Za-z][A-Za-z0-9'-]*|,|/|&)")


def _listed_nouns(text: str, position: int) -> tuple[tuple[str, ...], int]:
    """Read `name, email and due date` from `position`; stops before what is a list of things again."""
    nouns, end = list[str](), position
    for noun, after in _nouns_from(text, position):
        if nouns and not _continues(noun):
            break
        nouns.append(noun)
        end = after
    return tuple(nouns), end


def _nouns_from(text: str, position: int) -> Iterator[tuple[str, int]]:
    while True:
        start, taken = position, list[str]()
        while match := _WORD.match(text, position):
            word = match.group(1).lower()
            if word in ("a", "an", "the", "their", "its", "by", "and", "or", ",", "&", "/") and not taken:
                position = match.end()
                continue
            if not word[0].isalpha() or word in _STOP or len(taken) == 3:
                break
            taken.append(word)
            position = match.end()
        if not taken or position == start:
            return
        yield " ".join(taken), position


def _continues(noun: str) -> bool:
    last = noun.rsplit(" ", 1)[-1]
    if field_kind(singular(last)) or field_kind(noun.replace(" ", "_")):
        return True
    return not is_plural(last) and last not in words().containers
