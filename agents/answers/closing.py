"""Where a fenced block ends: at its own fence, though models leave it out, shorten it, or put fences into the block."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import orjson

from agents.answers.landmarks import Fence, line_at, line_before
from agents.answers.paths import suffix_of

_REACH = 200
"""Fences that are looked at for one block; more in one file are a trouble of their own."""
_PROSE = frozenset({"md", "markdown", "txt", "rst", "mdx"})
_SENTENCE = re.compile(r"[A-Z][\w']*(?:[ ,][\w'’()`-]+){3,}.*[.!?)]")
_FAREWELL = re.compile(r"\b(?:hope (?:this|that) helps|let me know|feel free|happy to help)\b", re.IGNORECASE)
_OPEN_ENDS = ("(", "[", "{", ",", "=", "\\", "+", "&&", "||", "=>", "->", "return", "await", "import", "from")


class Closing(NamedTuple):
    """Offsets of the end of the text and of the block; not `closed` where nothing ends it; `trouble` where two ends would do."""

    body_end: int
    end: int
    closed: bool = True
    trouble: str = ""


class Starts(Protocol):
    """Tells of a fence whether it begins a file of its own, and at which offset; None where it does not."""

    def __call__(self, index: int, *, labels: bool) -> int | None: ...


@dataclass(frozen=True)
class _Block:
    text: str
    fences: Sequence[Fence]
    index: int
    path: str
    content: int

    @property
    def opener(self) -> Fence:
        return self.fences[self.index]

    @property
    def prose(self) -> bool:
        return suffix_of(self.path).lower() in _PROSE

    def body(self, end: int) -> str:
        return self.text[self.content : end]

    def closed_by(self, fence: Fence) -> Closing:
        return Closing(fence.start, fence.end)


def close_block(text: str, fences: Sequence[Fence], index: int, path: str, content: int, starts: Starts) -> Closing:
    """The end of the block that `fences[index]` opens, for a file whose text begins at `content`."""
    block = _Block(text, fences, index, path, content)
    opener, depth = block.opener, 0
    loose: Fence | None = None
    for at in range(index + 1, min(len(fences), index + _REACH)):
        fence = fences[at]
        if fence.ticks[0] != opener.ticks[0] or len(fence.ticks) < len(opener.ticks):
            continue
        if fence.info and starts(at, labels=not block.prose) is not None:
            break
        if fence.indent != opener.indent:
            loose = loose or (fence if not fence.info and fence.indent <= opener.indent + 3 else None)
        elif fence.info:
            depth += 1
        elif depth:
            depth -= 1
        elif at + 1 == len(fences) or starts(at + 1, labels=not block.prose) is not None:
            return block.closed_by(fence)
        else:
            return _settle(block, _region(block, starts, len(opener.ticks)))
    return block.closed_by(loose) if loose else _without_own_fence(block, starts)


def _region(block: _Block, starts: Starts, length: int) -> list[Fence]:
    """Fences behind the opener that can belong to its block: of its character and indentation, up to the next file."""
    found = []
    for at in range(block.index + 1, min(len(block.fences), block.index + _REACH)):
        fence = block.fences[at]
        if fence.ticks[0] != block.opener.ticks[0] or len(fence.ticks) < length:
            continue
        if fence.info and starts(at, labels=not block.prose) is not None:
            break
        if fence.indent == block.opener.indent:
            found.append(fence)
    return found


def _settle(block: _Block, region: Sequence[Fence]) -> Closing:
    """One of two ends: the first free fence, with what follows outside; or the last fence, with all before it inside."""
    first = _first_free(region)
    behind = region[first + 1 :]
    early, late = region[first], region[-1]
    if not behind:
        return block.closed_by(early)
    nested = not late.info and _pairs(region[first:-1])
    outside = _pairs(behind)
    if nested != outside:
        return block.closed_by(late if nested else early)
    if block.prose:
        opens, closes = _opens(block.text, early), _closes(block.text, early)
        if nested and opens != closes:
            return block.closed_by(late if opens else early)
    elif not nested or looks_whole(block.path, block.body(early.start)):
        return block.closed_by(early)
    elif looks_whole(block.path, block.body(late.start)):
        return block.closed_by(late)
    trouble = (
        f"fences inside of {block.path} are as long as the fence around it, so that its end cannot be told: "
        "put the file into a longer fence"
    )
    return Closing(early.start, late.end, trouble=trouble)


def _first_free(region: Sequence[Fence]) -> int:
    """Index of the first bare fence that closes none of the blocks before it; there is a bare one."""
    depth = 0
    for index, fence in enumerate(region):
        if not fence.info and depth == 0:
            return index
        depth += 1 if fence.info else -1
    return len(region) - 1


def _pairs(fences: Sequence[Fence]) -> bool:
    """Whether the fences are whole blocks in a row."""
    inside = False
    for fence in fences:
        if inside and fence.info:
            return False
        inside = not inside
    return not inside


def _opens(text: str, fence: Fence) -> bool:
    """Whether a bare fence stands as opening ones do: behind an empty line or a colon, right before text."""
    _, before = line_before(text, fence.start)
    after = line_at(text, fence.end + 1) if fence.end + 1 < len(text) else ""
    return (not before.strip() or before.rstrip().endswith(":")) and bool(after.strip())


def _closes(text: str, fence: Fence) -> bool:
    """Whether a bare fence stands as closing ones do: right behind text, before an empty line or the end."""
    _, before = line_before(text, fence.start)
    after = line_at(text, fence.end + 1) if fence.end + 1 < len(text) else ""
    return bool(before.strip()) and not before.rstrip().endswith(":") and not after.strip()


def _without_own_fence(block: _Block, starts: Starts) -> Closing:
    """The end of a block that no fence of its length closes."""
    region = _region(block, starts, 3)
    if any(not fence.info for fence in region):
        return _settle(block, region)
    stop = len(block.text)
    for at in range(block.index + 1, min(len(block.fences), block.index + _REACH)):
        begin = starts(at, labels=not block.prose)
        if begin is not None:
            stop = begin
            break
    glued = _glued(block, stop)
    if glued is not None:
        return glued
    if region:
        return Closing(stop, stop, trouble=f"the block of {block.path} is not closed, and holds other fences")
    end = block.content + len(block.body(stop).rstrip())
    return Closing(min(end + 1, stop), stop, closed=stop < len(block.text))


def _glued(block: _Block, stop: int) -> Closing | None:
    """The end of a block whose fence stands behind its last line instead of below it."""
    mark = block.opener.ticks[:3]
    at = block.text.find(mark, block.content, stop)
    while at >= 0:
        line_end = block.text.find("\n", at, stop)
        line_end = stop if line_end < 0 else line_end
        rest = block.text[at:line_end].rstrip()
        if not rest.strip(mark[0]) and len(rest) >= 3:
            return Closing(at, line_end)
        at = block.text.find(mark, line_end, stop)
    return None


def looks_whole(path: str, text: str) -> bool:
    """Whether a text can be all of a file: brackets and long quotes come in pairs, nothing is left open, and no words follow."""
    suffix = suffix_of(path).lower()
    last_lines = text.rstrip()[-600:].split("\n")[-3:]
    if any(_FAREWELL.search(line) for line in last_lines):
        return False
    if suffix == "json":
        try:
            orjson.loads(text)
        except ValueError:
            return False
        return True
    if suffix in _PROSE:
        return text.endswith("\n") or text.rstrip()[-1:] in ".!?:)`|>*"
    if any(text.count(mark) % 2 for mark in ('"""', "'''")) or (suffix in ("ts", "tsx", "js") and text.count("`") % 2):
        return False
    if any(text.count(opening) != text.count(closing) for opening, closing in ("()", "[]", "{}")):
        return False
    if any(_SENTENCE.fullmatch(line.strip()) for line in last_lines):
        return False
    last = text.rstrip()
    return not last.endswith(_OPEN_ENDS) and not (suffix == "py" and last.endswith(":"))
