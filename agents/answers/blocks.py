"""Takes an answer apart into the blocks that name a file, and the words around them. What is in a block is not read."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from agents.answers.closing import close_block
from agents.answers.landmarks import Fence, Markers, find_fences, line_at, line_before
from agents.answers.paths import clean_path, fits_language, path_in_comment, path_in_info, path_in_label
from agents.answers.questions import agent_in_info
from agents.answers.wrappers import Wrapper, begins_wrapper, find_wrappers

_LINES_ABOVE = 8
_LONE_TAG = re.compile(r"\s*<[a-z_]{1,20}>\w{0,20}\s*")
"""`<source>python` or `<diff>`: what other tools taught models to write for a fence."""
Naming = Literal["info", "label", "comment", "tag"]


class Block(NamedTuple):
    """A block of an answer. `path` is None where nothing names one; `start` is its offset in the answer.

    Not `closed`: nothing ends it; `implied`: the next block does; `trouble`: what else is wrong with it.
    """

    path: str | None
    body: str
    start: int
    kind: Literal["file", "edit", "delete"] = "file"
    language: str = ""
    named: Naming = "info"
    closed: bool = True
    implied: bool = False
    trouble: str = ""


@dataclass
class Scan:
    """Blocks in order, blocks that name no file, questions (their `path` is the agent), and the offsets of the words outside."""

    blocks: list[Block] = field(default_factory=list)
    nameless: list[Block] = field(default_factory=list)
    questions: list[Block] = field(default_factory=list)
    prose: list[tuple[int, int]] = field(default_factory=list)


class _Opening(NamedTuple):
    """The fence that opens a block, the file it names and how, and the offsets where block and text begin."""

    fence: int
    path: str | None
    named: Naming
    begin: int
    content: int


class Scanner:
    """Goes through the landmarks of an answer once. `known` are the paths of files that the model has seen."""

    def __init__(self, text: str, known: Collection[str] = (), *, wrapped: bool = False) -> None:
        self._text = text
        self._known = known
        self._fences = find_fences(text)
        self._markers = Markers(text)
        self._wrappers = find_wrappers(text) if wrapped else []
        self._paths = [path_in_info(fence.info) for fence in self._fences]
        self._stops = self._find_stops()
        self._fence_lines = frozenset(fence.start for fence in self._fences)
        self._labels: dict[int, tuple[str, int] | None] = {}
        self._comments: dict[int, str | None] = {}
        self._scan = Scan()
        self._position = 0

    def run(self) -> Scan:
        """Every block, in the order of the answer."""
        fence = wrapper = 0
        end = len(self._text)
        while True:
            while fence < len(self._fences) and self._fences[fence].start < self._position:
                fence += 1
            while wrapper < len(self._wrappers) and self._wrappers[wrapper].start < self._position:
                wrapper += 1
            marker = self._markers.first_from(self._position)
            fence_at = self._fences[fence].start if fence < len(self._fences) else end
            wrapper_at = self._wrappers[wrapper].start if wrapper < len(self._wrappers) else end
            marker_at = self._markers.all[marker].start if marker < len(self._markers.all) else end
            first = min(fence_at, wrapper_at, marker_at)
            if first == end:
                self._pass(end, end)
                return self._scan
            if first == fence_at:
                self._read_fence(fence)
            elif first == wrapper_at:
                self._read_wrapper(self._wrappers[wrapper])
            else:
                self._read_bare_pair(marker)
            assert self._position > first, "what was read is passed, or reading would never end"

    def _find_stops(self) -> list[int]:
        """For every fence the index of the next one that is bare or names a file."""
        stops = [len(self._fences)] * len(self._fences)
        for index in range(len(self._fences) - 2, -1, -1):
            following = index + 1
            free = not self._fences[following].info or self._paths[following] is not None
            stops[index] = following if free else stops[following]
        return stops

    def _starts(self, index: int, *, labels: bool) -> int | None:
        """Offset where a file begins that the fence opens; None for a fence that names none (see closing.Starts)."""
        fence = self._fences[index]
        if self._paths[index] is not None:
            return fence.start
        if not labels:
            return None
        above = self._label_above(fence.start)
        if above and fits_language(above[0], _language(fence)):
            return above[1]
        if index not in self._comments:
            self._comments[index] = path_in_comment(line_at(self._text, fence.end + 1)) if fence.info else None
        inner = self._comments[index]
        return fence.start if inner and fits_language(inner, _language(fence)) else None

    def _read_fence(self, index: int) -> None:
        asked = agent_in_info(self._fences[index].info)
        if asked is not None:
            self._read_question(index, asked)
            return
        opening = self._opening(index)
        fence = self._fences[opening.fence]
        if fence.info.lower().startswith(("delete", "remove")):
            self._read_delete(opening)
        elif self._begins_edit(opening.content):
            self._read_edit(opening)
        elif opening.path is None:
            self._read_nameless(index)
        else:
            closing = close_block(self._text, self._fences, opening.fence, opening.path, opening.content, self._starts)
            block = Block(
                opening.path,
                _dedented(self._text[opening.content : closing.body_end], fence.indent),
                opening.begin,
                language=_language(fence),
                named=opening.named,
                closed=closing.closed,
                implied=closing.implied,
                trouble=closing.trouble,
            )
            self._add(block, closing.end)

    def _read_wrapper(self, found: Wrapper) -> None:
        block = Block(clean_path(found.path), found.body, found.start, named="tag", closed=found.closed)
        self._add(block, found.end)

    def _opening(self, index: int) -> _Opening:
        fence = self._fences[index]
        content = fence.end + 1
        opening = _Opening(index, self._paths[index], "info", fence.start, content)
        if opening.path is None:
            above = self._label_above(fence.start) or self._heading_above(fence)
            # An edit may be of a part in another language; a whole file is not.
            if above and (fits_language(above[0], _language(fence)) or self._begins_edit(content)):
                opening = opening._replace(path=above[0], begin=above[1], named="label")
        first = line_at(self._text, content) if content < len(self._text) else ""
        behind = content + len(first) + 1
        if self._begins_edit(behind) and path_in_label(first):
            return opening._replace(path=opening.path or path_in_label(first), content=behind)
        inner = path_in_comment(first) if opening.path is None else None
        if inner is None or not fits_language(inner, _language(fence)):
            return opening
        again = self._opened_again(index, behind)
        if again is not None:
            self._paths[again] = inner
            return self._opening(again)._replace(begin=fence.start)
        return opening._replace(path=inner, named="comment", content=behind)

    def _opened_again(self, index: int, behind: int) -> int | None:
        """The fence that opens the block really, where the one before held nothing but the path."""
        if index + 1 == len(self._fences) or self._text[behind : self._fences[index + 1].start].strip():
            return None
        if self._fences[index + 1].info:
            return index + 1 if self._paths[index + 1] is None else None
        again = index + 2
        if again >= len(self._fences) or self._text[self._fences[index + 1].end : self._fences[again].start].strip():
            return None
        own = self._paths[again] or path_in_comment(line_at(self._text, self._fences[again].end + 1))
        return None if own else again

    def _read_delete(self, opening: _Opening) -> None:
        stop = self._stops[opening.fence]
        closer = self._fences[stop] if stop < len(self._fences) else None
        body_end = closer.start if closer else len(self._text)
        block = Block(
            opening.path, self._text[opening.content : body_end], opening.begin, "delete",
            closed=closer is not None and not closer.info,
        )  # fmt: skip
        self._add(block, closer.end if closer and not closer.info else body_end)

    def _read_question(self, index: int, agent: str) -> None:
        """It ends at the first fence that closes it; one that nothing closes goes on to the next file, or to the end."""
        opener, following = self._fences[index], index + 1
        while following < len(self._fences) and not self._fences[following].closes(opener):
            if self._paths[following] is not None:
                break
            following += 1
        closer = self._fences[following] if following < len(self._fences) else None
        closed = closer is not None and closer.closes(opener)
        body_end = closer.start if closer else len(self._text)
        body = self._text[opener.end + 1 : body_end].strip()
        self._scan.questions.append(Block(agent, body, opener.start, closed=closed))
        self._pass(opener.start, closer.end if closer and closed else body_end)

    def _read_nameless(self, index: int) -> None:
        fence, stop = self._fences[index], self._stops[index]
        if stop == len(self._fences) or self._fences[stop].info:
            # A stray fence, or one around blocks that name their files: only this line is passed over.
            self._pass(fence.start, fence.end)
            return
        body = self._text[fence.end + 1 : self._fences[stop].start]
        self._scan.nameless.append(Block(None, body, fence.start, language=_language(fence)))
        self._pass(fence.start, self._fences[stop].end)

    def _read_edit(self, opening: _Opening) -> None:
        """An edit block ends at the first fence that stands in none of its pairs."""
        fence = self._fences[opening.fence]
        following = self._fence_behind_pairs(opening)
        closer = self._fences[following] if following < len(self._fences) else None
        body_end = closer.start if closer else len(self._text)
        body = _dedented(self._text[opening.content : body_end], fence.indent)
        closed = closer is not None and not closer.info
        self._add(
            Block(opening.path, body, opening.begin, "edit", _language(fence), opening.named, closed),
            closer.end if closer and closed else body_end,
        )

    def _fence_behind_pairs(self, opening: _Opening) -> int:
        """Index of the first fence that no pair of the block holds."""
        markers = self._markers.all
        at, fence, position = self._markers.first_from(opening.content), opening.fence + 1, opening.content
        while fence < len(self._fences):
            if self._fences[fence].start < position:
                fence += 1
            elif at == len(markers) or self._fences[fence].start < markers[at].start:
                return fence
            elif markers[at].kind != "search":
                at += 1
            else:
                at = self._end_of_pair(at)
                position = markers[at - 1].end
        return fence

    def _end_of_pair(self, at: int) -> int:
        """Index behind the last marker of the pair that `all[at]` begins; its REPLACE may be missing."""
        markers = self._markers.all
        at += 1
        while at < len(markers) and markers[at].kind == "divider":
            at += 1
        return at + 1 if at < len(markers) and markers[at].kind == "replace" else at

    def _read_bare_pair(self, at: int) -> None:
        """A pair outside of any fence; its path stands above it, or is that of the pair before."""
        first = self._markers.all[at]
        if first.kind != "search":
            self._pass(first.end, first.end)
            return
        last = self._markers.all[self._end_of_pair(at) - 1]
        closed = last.kind == "replace"
        end = last.end if closed else len(self._text)
        path, begin = self._label_above(first.start) or (None, first.start)
        self._add(Block(path, self._text[first.start : end], begin, "edit", closed=closed), end)

    def _begins_edit(self, position: int) -> bool:
        """Whether the next line that is not empty is a SEARCH marker."""
        at = self._markers.first_from(position)
        if at == len(self._markers.all) or self._markers.all[at].kind != "search":
            return False
        return not self._text[position : self._markers.all[at].start].strip()

    def _label_above(self, start: int) -> tuple[str, int] | None:
        """The path that the line above names, if nothing but empty lines is between; and where that line begins."""
        if start not in self._labels:
            self._labels[start] = self._find_label(start)
        label = self._labels[start]
        return label if label and label[1] >= self._position else None

    def _find_label(self, start: int) -> tuple[str, int] | None:
        at, line = line_before(self._text, start)
        for _ in range(2):
            if line.strip() and not _LONE_TAG.fullmatch(line):
                break
            at, line = line_before(self._text, at) if at > 0 else (-1, "")
        # A fence opens a block; it is no label of the one that follows, which would begin where this one does.
        path = path_in_label(line) if at not in self._fence_lines else None
        return (path, at) if path else None

    def _heading_above(self, fence: Fence) -> tuple[str, int] | None:
        """A heading that names a file which is new to the model, with words about it between heading and fence."""
        at, line = line_before(self._text, fence.start)
        for _ in range(_LINES_ABOVE):
            if at < self._position:
                return None
            path = path_in_label(line) if line.lstrip().startswith(("#", "**")) else None
            if path:
                return (path, at) if path not in self._known else None
            at, line = line_before(self._text, at)
        return None

    def _add(self, block: Block, end: int) -> None:
        self._scan.blocks.append(block)
        self._pass(block.start, end)

    def _pass(self, prose_end: int, position: int) -> None:
        """Go on at a position; what was before `prose_end` was words."""
        if self._text[self._position : prose_end].strip():
            self._scan.prose.append((self._position, prose_end))
        self._position = max(self._position, position)


def scan(text: str, known: Collection[str] = ()) -> Scan:
    """Take an answer apart. Tags around files are looked for where such a tag stands among the words."""
    found = Scanner(text, known).run()
    if any(begins_wrapper(text, start, end) for start, end in found.prose):
        return Scanner(text, known, wrapped=True).run()
    return found


def _language(fence: Fence) -> str:
    """The first word of the info string in lower case, up to a colon; empty where that is the path."""
    word = fence.info.split(maxsplit=1)[0].lower() if fence.info else ""
    word = word.split(":", 1)[0].split("{", 1)[0]
    return "" if "/" in word or "=" in word or "." in word else word


def _dedented(body: str, indent: int) -> str:
    """The body without the indentation of its fence, as markdown takes it off."""
    if not indent or not body:
        return body
    lines = body.split("\n")
    return "\n".join(line[min(indent, len(line) - len(line.lstrip(" \t"))) :] for line in lines)
