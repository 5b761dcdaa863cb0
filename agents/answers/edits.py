"""Reads the SEARCH/REPLACE pairs of an edit block, and turns the hunks of a unified diff into such pairs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.answers.errors import AnswerError, quoted
from agents.answers.landmarks import Marker, find_markers
from agents.answers.paths import path_in_label

_MAX_DIVIDERS = 8
_ROO_HEAD = re.compile(r"(?:\s*:(?:start|end)_line:\s*\d+\s*\n)+(?:-{5,}[ \t]*\n)?")
_BETWEEN = re.compile(r"\s*(?:\.{3}|…|`{3,}\w*|~{3,}\w*)?\s*")
_HUNK = re.compile(r"@@.*")
_DIFF_HEADS = ("diff ", "index ", "new file", "similarity")
_NO_FILE = "/dev/null"


@dataclass(frozen=True)
class Edit:
    """One replacement. Usually `readings` holds one (search, replace); more where the text itself holds a divider."""

    readings: tuple[tuple[str, str], ...]

    @property
    def search(self) -> str:
        return self.readings[0][0]


def read_pairs(body: str, path: str) -> list[Edit]:
    """The pairs of an edit block. Raises AnswerError where a marker is missing or text stands outside of the pairs."""
    markers = find_markers(body)
    edits: list[Edit] = []
    position = at = 0
    while at < len(markers):
        if markers[at].kind != "search":
            at += 1
            continue
        _check_outside(body[position : markers[at].start], path)
        last = at + 1
        while last < len(markers) and markers[last].kind == "divider":
            last += 1
        whole = last < len(markers) and markers[last].kind == "replace"
        end = markers[last].start if whole else markers[last].start if last < len(markers) else len(body)
        edits.append(_edit(body, markers[at], markers[at + 1 : last], end, path))
        position = markers[last].end if whole else end
        at = last + 1 if whole else last
    _check_outside(body[position:], path)
    if not edits:
        raise AnswerError(f"the edit block of {path} holds no `<<<<<<< SEARCH`")
    return edits


def _edit(body: str, search: Marker, dividers: list[Marker], end: int, path: str) -> Edit:
    begin = search.end + 1
    if not dividers or len(dividers) > _MAX_DIVIDERS:
        wrong = "no line" if not dividers else "too many lines"
        raise AnswerError(
            f"an edit of {path} has {wrong} `=======` between SEARCH and REPLACE; it begins\n{quoted(body[begin:end], lines=4)}"
        )
    readings = tuple((_without_head(body[begin : middle.start]), body[middle.end + 1 : end]) for middle in dividers)
    return Edit(readings)


def _without_head(search: str) -> str:
    head = _ROO_HEAD.match(search)
    return search[head.end() :] if head else search


def _check_outside(text: str, path: str) -> None:
    if not text or text.isspace() or _BETWEEN.fullmatch(text) or path_in_label(text.strip()) is not None:
        return
    raise AnswerError(
        f"the edit block of {path} has lines outside of its SEARCH/REPLACE pairs, so that it is neither an edit nor a "
        f"whole file:\n{quoted(text.strip(), lines=6)}"
    )


def is_diff(body: str, language: str) -> bool:
    """Whether a block is a unified diff or consists of added lines alone."""
    if language not in ("diff", "patch") and not body.startswith(("--- ", "@@ -", "diff --git")):
        return False
    lines = [line for line in body.split("\n") if line]
    return bool(lines) and all(line[0] in "+-@ \\" or line.startswith(_DIFF_HEADS) for line in lines)


def path_in_diff(body: str) -> str | None:
    """The path behind `+++` or `---` of a diff, without `a/` or `b/`."""
    for line in body.split("\n", 8)[:8]:
        if line.startswith(("+++ ", "--- ")):
            name = line[4:].split("\t", 1)[0].strip()
            if name != _NO_FILE:
                return re.sub(r"^[ab]/", "", name)
    return None


def read_diff(body: str, path: str) -> list[Edit] | str:
    """The hunks of a diff as edits, or the text of the file when every line is added. Line numbers are not believed."""
    hunks = [hunk for hunk in _hunks(body) if hunk]
    if all(line.startswith("+") for hunk in hunks for line in hunk):
        return "".join(f"{line[1:]}\n" for hunk in hunks for line in hunk)
    edits = []
    for hunk in hunks:
        search = "".join(f"{line[1:]}\n" for line in hunk if line[:1] != "+")
        replace = "".join(f"{line[1:]}\n" for line in hunk if line[:1] != "-")
        if not search.strip():
            raise AnswerError(f"a hunk of the diff of {path} adds lines and does not say where: give an edit block")
        edits.append(Edit(((search, replace),)))
    return edits


def _hunks(body: str) -> Iterator[list[str]]:
    hunk: list[str] = []
    for line in body.removesuffix("\n").split("\n"):
        if line.startswith((*_DIFF_HEADS, "\\")) or (line.startswith(("--- ", "+++ ")) and not hunk):
            continue
        if _HUNK.fullmatch(line):
            yield hunk
            hunk = []
        else:
            hunk.append(line)
    yield hunk
