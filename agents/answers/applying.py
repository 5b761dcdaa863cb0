"""Puts edits into a file. A search text must fit exactly one place, after tolerances that change no meaning."""

import html
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from agents.answers.cleaning import strip_gutter
from agents.answers.edits import Edit
from agents.answers.errors import AnswerError, quoted
from agents.answers.landmarks import lines_with

_TYPOGRAPHY = str.maketrans(
    {
        "\u201c": '"',
        "\u201d": '"',
        "\u2018": "'",
        "\u2019": "'",
        "\u00a0": " ",
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": "...",
    }
)
_LEADER = r"\s*(?:#|//|--|;|/\*+|<!--|\{/\*)\s*\(?"
_LEADERS = ("#", "//", "--", ";", "/*", "<!--", "{/*")
_LEFT_OUT = "existing|rest|remaining|unchanged|previous|same|other|more"
_NOUNS = "code|file|imports?|functions?|methods?|routes?|content|implementation|component|class|models?|tests?|unchanged|same"
_ELISION = re.compile(
    rf"{_LEADER}(?:(?:\.{{3}}|…)\s*\(?.*\b(?:{_LEFT_OUT})\b.*"
    rf"|(?:the\s)?(?:rest of|existing|remaining|unchanged|previous)\b.*\b(?:{_NOUNS})\b.*(?:\.{{3}}|…).*"
    rf"|(?:the\s)?rest of (?:the\s)?(?:{_NOUNS})\b.*\b(?:unchanged|same|as before|as is)\b.*)",
    re.IGNORECASE,
)
_DOTS = re.compile(r"\s*(?:(?:#|//|--|/\*+|<!--|\{/\*)\s*)?(?:\.{3}|…)\s*(?:\*/\}?|-->)?\s*")
_WORDS = re.compile(r"\w+")
_SHOWN_AROUND = 2
_MAX_ELISION = 200
_MAX_PLACES = 1_000


class _Match(NamedTuple):
    """Lines `first` to `last` (exclusive) of the file, and the lines that take their place."""

    first: int
    last: int
    lines: list[str]


def find_elision(text: str, original: str) -> str | None:
    """The first line that says "... existing code ..." and does not stand in the file; None when nothing is left out."""
    for mark in ("...", "…", "est of"):
        if mark not in text:
            continue
        for start, _, end in lines_with(text, mark):
            line = text[start:end].strip()
            if (
                line.startswith(_LEADERS)
                and len(line) < _MAX_ELISION
                and _ELISION.fullmatch(line)
                and line not in original
            ):
                return line
    return None


def apply_edit(text: str, edit: Edit, path: str) -> str:
    """The file with the edit made. Raises AnswerError, with what the file has instead, when it fits nowhere or twice."""
    if not edit.search.strip():
        return _insert(text, edit, path)
    for search, replace in reversed(edit.readings):
        # The longest search text that fits: a divider in it stands in the file too.
        changed = _replaced(text, search, replace, path)
        if changed is not None:
            _check_replacement(text, edit.search, replace, path)
            return changed
    raise AnswerError(_nowhere(text, edit.search, path))


def _check_replacement(text: str, search: str, replace: str, path: str) -> None:
    elided = find_elision(replace, text) or _bare_dots(replace, search, path)
    if elided is not None:
        raise AnswerError(
            f"the REPLACE text of an edit of {path} leaves lines out (`{elided}`): write every line of it"
        )


def _insert(text: str, edit: Edit, path: str) -> str:
    if text.strip():
        raise AnswerError(f"an edit of {path} has an empty SEARCH text, so that its place is not known")
    return edit.readings[0][1]


def _replaced(text: str, search: str, replace: str, path: str) -> str | None:
    """The file with the one place of a search text replaced. Raises AnswerError when there are several; None when there is none.

    Tried in turn: as it is; without blanks at line ends; without empty lines around it; without line numbers; with typographic
    signs as typed ones; without HTML entities; each also with all of the indentation shifted alike.
    """
    ended = text if text.endswith("\n") else f"{text}\n"
    at = _line_of_text(ended, search, 0)
    if at >= 0 and _line_of_text(ended, search, at + 1) < 0:
        return f"{ended[:at]}{replace}{ended[at + len(search) :]}"
    for form in _FORMS:
        changed = form(search, replace)
        match = _locate(text, *changed, path, _canonical if form is _typed else str.rstrip) if changed else None
        if match is not None:
            lines = text.split("\n")
            return "\n".join([*lines[: match.first], *match.lines, *lines[match.last :]])
    return None


def _line_of_text(text: str, search: str, at: int) -> int:
    """Offset of the next occurrence that begins a line; -1 when there is none."""
    at = text.find(search, at)
    while at > 0 and text[at - 1] != "\n":
        at = text.find(search, at + 1)
    return at


def _locate(text: str, search: str, replace: str, path: str, canonical: Callable[[str], str]) -> _Match | None:
    wanted, lines = (part.removesuffix("\n").split("\n") if part else [] for part in (search, replace))
    places = _places(text.split("\n"), wanted, canonical)
    if len(places) > 1:
        numbers = " and ".join(str(first + 1) for first, _ in places[:4])
        raise AnswerError(
            f"the SEARCH text of an edit of {path} fits more than one place (lines {numbers}); quote more lines:\n"
            f"{quoted(search)}"
        )
    if not places:
        return None
    first, shift = places[0]
    shifted = _shifted(lines, shift)
    return _Match(first, first + len(wanted), shifted) if shifted is not None else None


def _as_it_is(search: str, replace: str) -> tuple[str, str] | None:
    return search, replace


def _without_empty_edges(search: str, replace: str) -> tuple[str, str] | None:
    """Without the empty lines around the search text, and as many around the replacement."""
    core = search.strip("\n")
    before, behind = len(search) - len(search.lstrip("\n")), len(search) - len(search.rstrip("\n")) - 1
    if before == 0 and behind <= 0:
        return None
    begin = min(before, len(replace) - len(replace.lstrip("\n")))
    end = len(replace) - min(max(behind, 0), len(replace) - len(replace.rstrip("\n")))
    return f"{core}\n", replace[begin:end]


def _without_gutter(search: str, replace: str) -> tuple[str, str] | None:
    stripped = strip_gutter(search)
    return None if stripped is None else (stripped, strip_gutter(replace) or replace)


def _typed(search: str, replace: str) -> tuple[str, str] | None:
    return search.translate(_TYPOGRAPHY), replace


def _without_entities(search: str, replace: str) -> tuple[str, str] | None:
    return (html.unescape(search), html.unescape(replace)) if "&" in search else None


_FORMS: Sequence[Callable[[str, str], tuple[str, str] | None]] = (
    _as_it_is, _without_empty_edges, _without_gutter, _typed, _without_entities,
)  # fmt: skip


def _canonical(line: str) -> str:
    return line.rstrip().translate(_TYPOGRAPHY)


def _places(lines: Sequence[str], wanted: Sequence[str], canonical: Callable[[str], str]) -> list[tuple[int, str]]:
    """(first line, what the file's indentation has more) of every place; the exact ones alone where there are any."""
    exact = [(first, "") for first in _occurrences(lines, wanted)]
    if exact:
        return exact
    ours, theirs = [canonical(line) for line in lines], [canonical(line) for line in wanted]
    level = [(first, "") for first in _occurrences(ours, theirs)]
    if level:
        return level
    found = []
    for first in _occurrences([line.lstrip() for line in ours], [line.lstrip() for line in theirs]):
        shift = _shift(ours[first : first + len(theirs)], theirs)
        if shift is not None:
            found.append((first, shift))
    return found


def _occurrences(lines: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Every line at which `wanted` begins, found by one search in the joined text."""
    whole, part = "\n" + "\n".join(lines) + "\n", "\n" + "\n".join(wanted) + "\n"
    found: list[int] = []
    at = line = counted = 0
    while (at := whole.find(part, at)) >= 0 and len(found) < _MAX_PLACES:
        line += whole.count("\n", counted, at)
        counted = at
        found.append(line)
        at += 1
    return found


def _shift(lines: Sequence[str], wanted: Sequence[str]) -> str | None:
    """What stands before every line of the file and not of the search text; with a minus, the other way round."""
    shifts = set()
    for ours, theirs in zip(lines, wanted, strict=True):
        if not ours:
            continue
        if ours.endswith(theirs):
            shifts.add(ours[: len(ours) - len(theirs)])
        elif theirs.endswith(ours):
            shifts.add("-" + theirs[: len(theirs) - len(ours)])
        else:
            return None
    return shifts.pop() if len(shifts) == 1 else None


def _shifted(lines: Sequence[str], shift: str) -> list[str] | None:
    """The replacement, indented as the file is; None when a line lacks the indentation that has to go."""
    if not shift.startswith("-"):
        return [shift + line if line.strip() else line for line in lines]
    lacking = shift[1:]
    if any(line.strip() and not line.startswith(lacking) for line in lines):
        return None
    return [line.removeprefix(lacking) for line in lines]


def _bare_dots(replace: str, search: str, path: str) -> str | None:
    """A line of three dots alone, which is code in Python and something left out elsewhere."""
    if path.endswith((".py", ".pyi", ".md", ".txt")) or ("..." not in replace and "…" not in replace):
        return None
    return next((line.strip() for line in replace.split("\n") if _DOTS.fullmatch(line) and line not in search), None)


def _nowhere(text: str, search: str, path: str) -> str:
    elided = next(
        (
            line.strip()
            for line in search.split("\n")
            if _DOTS.fullmatch(line) or _ELISION.fullmatch(line[:_MAX_ELISION])
        ),
        None,
    )
    if elided is not None:
        return (
            f"the SEARCH text of an edit of {path} leaves lines out (`{elided}`): quote whole lines, without a gap:\n"
            f"{quoted(search)}"
        )
    first, last = _closest(text.split("\n"), search.split("\n"))
    shown = "\n".join(f"{number}| {line}" for number, line in enumerate(text.split("\n")[first:last], first + 1))
    return (
        f"the SEARCH text of an edit of {path} does not occur in it:\n{quoted(search)}\n"
        f"The closest lines of the file are\n{quoted(shown, lines=20, characters=1_200)}"
    )


def _closest(lines: Sequence[str], wanted: Sequence[str]) -> tuple[int, int]:
    """The part of the file that shares most words with the search text, in one pass."""
    words = Counter(word for line in wanted for word in _WORDS.findall(line))
    scores = [sum(1 for word in set(_WORDS.findall(line[:400])) if word in words) for line in lines]
    size = min(max(1, len([line for line in wanted if line.strip()])), len(lines))
    window = sum(scores[:size])
    best, best_at = window, 0
    for at in range(1, len(lines) - size + 1):
        window += scores[at + size - 1] - scores[at - 1]
        if window > best:
            best, best_at = window, at
    return max(0, best_at - _SHOWN_AROUND), min(len(lines), best_at + size + _SHOWN_AROUND)
