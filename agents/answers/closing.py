"""Where a fenced block ends: at its own fence, though models leave it out, shorten it, or put fences into the block."""

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import orjson

from agents.answers.landmarks import Fence, line_at, line_before
from agents.answers.paths import suffix_of

_REACH = 200
"""Fences that are looked at for one block; more in one file are a trouble of their own."""
_NO_END = (
    "where the block of {} ends cannot be told: close it by a fence as long as the one that opens it, and longer than those "
    "inside of it"
)
_PROSE = frozenset({"md", "markdown", "txt", "rst", "mdx"})
_SENTENCE = re.compile(r"[A-Z][\w']*(?:[ ,][\w'’()`-]+){3,}.*[.!?)]")
_FAREWELL = re.compile(r"\b(?:hope (?:this|that) helps|let me know|feel free|happy to help)\b", re.IGNORECASE)
_OPEN_ENDS = ("(", "[", "{", ",", "=", "\\", "+", "&&", "||", "=>", "->", "return", "await", "import", "from")


class Closing(NamedTuple):
    """Offsets of the end of the text and of the block; not `closed` where nothing ends it, `implied` where the next file does.

    `trouble` says why two ends would do.
    """

    body_end: int
    end: int
    closed: bool = True
    implied: bool = False
    trouble: str = ""


class Starts(Protocol):
    """Tells of a fence whether it begins a file of its own, and at which offset; None where it does not."""

    def __call__(self, index: int, *, labels: bool) -> int | None: ...


class _Block(NamedTuple):
    text: str
    fences: Sequence[Fence]
    opening: int
    path: str
    content: int

    @property
    def opener(self) -> Fence:
        return self.fences[self.opening]

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
            return _checked(block, _settle(block, _region(block, starts, own=True)), starts)
    return block.closed_by(loose) if loose else _without_own_fence(block, starts)


def _region(block: _Block, starts: Starts, *, own: bool) -> list[Fence]:
    """Fences behind the opener that can belong to its block, up to the next file: its `own` kind alone, or any."""
    found = []
    for at in range(block.opening + 1, min(len(block.fences), block.opening + _REACH)):
        fence = block.fences[at]
        if own and (fence.ticks[0] != block.opener.ticks[0] or len(fence.ticks) < len(block.opener.ticks)):
            continue
        if fence.info and starts(at, labels=not block.prose) is not None:
            break
        if fence.indent == block.opener.indent:
            found.append(fence)
    return found


def _settle(block: _Block, region: Sequence[Fence]) -> Closing:
    """One of two ends: the first free fence, with what follows outside; or the last fence, with all before it inside.

    The one that leaves no fence without its partner; of two such the one whose text is whole. Trouble where neither is known.
    """
    first = _first_free(region)
    if first is None:
        return _glued(block, region[0].start) or _trouble(block, region[-1])
    early, late, behind = region[first], region[-1], region[first + 1 :]
    outside = _pairs(behind)
    nested = bool(behind) and not late.info and _pairs(region[first:-1])
    opens, closes = _opens(block.text, early), _closes(block.text, early)
    if outside != nested:
        return block.closed_by(early if outside else late)
    if not outside:
        glued = _glued(block, region[0].start) if _pairs(region) else None
        alone = closes and not opens and not block.prose
        around = len(behind) == 1 and not block.text[early.end : late.start].strip()
        return glued or (block.closed_by(early) if alone or around else _trouble(block, late))
    if block.prose:
        return block.closed_by(late if opens else early) if opens != closes else _trouble(block, late)
    whole = [fence for fence in (early, late) if looks_whole(block.path, block.body(fence.start))]
    return block.closed_by(whole[0]) if whole else _trouble(block, late)


def _checked(block: _Block, closing: Closing, starts: Starts) -> Closing:
    """Trouble for a text that swallows fences of its own length with the path of a file above them: its end may be missing."""
    for at in range(block.opening + 1, min(len(block.fences), block.opening + _REACH)):
        if not block.prose or block.fences[at].start >= closing.body_end:
            break
        if block.fences[at].info and starts(at, labels=True) is not None:
            return _trouble(block, block.fences[at])
    return closing


def _trouble(block: _Block, last: Fence) -> Closing:
    return Closing(last.start, last.end, trouble=_NO_END.format(block.path))


def _first_free(region: Sequence[Fence]) -> int | None:
    """Index of the first bare fence that closes none of the blocks before it."""
    depth = 0
    for index, fence in enumerate(region):
        if not fence.info and depth == 0:
            return index
        depth += 1 if fence.info else -1
    return None


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
    """The end of a block that no fence of its kind closes."""
    region = _region(block, starts, own=False)
    if region:
        return _checked(block, _settle(block, region), starts)
    following = _next_file(block, starts)
    stop = following[1] if following else len(block.text)
    glued = _glued(block, stop)
    if glued is not None:
        return glued
    text = block.body(stop).rstrip()
    end = min(block.content + len(text) + 1, stop) if text else block.content
    if following is None:
        return Closing(end, stop, closed=False)
    if block.prose and _may_be_inside(block, following[0], starts):
        return Closing(end, stop, trouble=_NO_END.format(block.path))
    return Closing(end, stop, implied=True)


def _next_file(block: _Block, starts: Starts) -> tuple[int, int] | None:
    """Index of the next fence that begins a file, and where that begins."""
    for at in range(block.opening + 1, min(len(block.fences), block.opening + _REACH)):
        begin = starts(at, labels=not block.prose)
        if begin is not None:
            return at, begin
    return None


def _may_be_inside(block: _Block, following: int, starts: Starts) -> bool:
    """Whether the next file can be an example inside of a text: fences for both ends follow before yet another file."""
    closing = 0
    for at in range(following + 1, min(len(block.fences), following + _REACH)):
        if starts(at, labels=False) is not None:
            break
        closing += block.fences[at].closes(block.opener)
    return closing > 1


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
