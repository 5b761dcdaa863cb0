"""Reads the files of an answer: whole ones, edits of files that the model has seen, and paths to delete."""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import ParamSpec

from agents.answers.applying import apply_edit, find_elision
from agents.answers.blocks import Block, Scan
from agents.answers.blocks import scan as scan_text
from agents.answers.cleaning import normalize, skips_lines, strip_gutter
from agents.answers.closing import looks_whole
from agents.answers.edits import Edit, is_diff, path_in_diff, read_diff, read_pairs
from agents.answers.errors import AnswerError, line_of, quoted
from agents.answers.file_objects import read_file_objects
from agents.answers.landmarks import line_at
from agents.answers.paths import CODE, clean_path, is_path, path_in_label, suffix_of
from agents.answers.questions import Question, tagged_questions
from agents.answers.reasoning import without_reasoning
from core.blocks import block_spans

_TEXT = frozenset({"txt", "md", "csv", "log", "rst", "yaml", "yml"})
_LEAST_NAMELESS = 4
"""Lines of code in a block without a path from which on it may have been meant as a file."""
_LONG = 20
"""Lines of a file from which on half of it under a mere heading is taken for an extract."""
_DIFF = ("diff", "patch")
_PART = re.compile(r"\b(?:continued|cont\.|part [2-9])", re.IGNORECASE)
_MAX_PROBLEMS = 4
_MAX_WORK = 100_000_000
"""Characters of files that the edits of one answer may go through."""
_MAX_SAME_NAME = 50
P = ParamSpec("P")


@dataclass(frozen=True)
class FilesAnswer:
    """Whole files by path (edits are applied), paths to delete, the words around the blocks, and questions to other agents."""

    files: dict[str, str] = field(default_factory=dict)
    deletes: tuple[str, ...] = ()
    prose: str = ""
    questions: tuple[Question, ...] = ()

    def then(self, later: "FilesAnswer") -> "FilesAnswer":
        """What both come to; words and questions are those of the later one."""
        files = {path: text for path, text in self.files.items() if path not in later.deletes} | later.files
        deletes = (path for path in (*self.deletes, *later.deletes) if path not in later.files)
        return FilesAnswer(files, tuple(dict.fromkeys(deletes)), later.prose, later.questions)


def decode_files(
    text: str, known: Mapping[str, str] | None = None, *, finished: bool = True, strict: bool = True
) -> FilesAnswer:
    """Read every file block of an answer.

    The canonical block is a fence of four backticks with `path=...`; an edit block is one with SEARCH/REPLACE pairs, of a
    file in `known`: the texts that the model has seen. `finished` says that the model ended by itself. A `strict` reader
    takes a block of code without a path for a file whose path was forgotten.

    Raises AnswerError, with the place, for what is not closed, names no path, leaves lines out, or can be read in two ways.
    """
    known = known or {}
    text = normalize(text)
    text, scan = without_reasoning(text, scan_text(text, known), known, finished=finished)
    if not text.strip():
        raise AnswerError("the answer is empty")
    if not scan.blocks and not scan.questions and "{" in text:
        files = read_file_objects(text, finished=finished)
        if files:
            return FilesAnswer(files, (), "")
    return _Reader(text, known, finished=finished, strict=strict).read(scan)


class _Reader:
    def __init__(self, text: str, known: Mapping[str, str], *, finished: bool, strict: bool) -> None:
        self._text = text
        self._known = known
        self._finished = finished
        self._strict = strict
        self._files: dict[str, str] = {}
        self._deletes: list[str] = []
        self._edits: set[tuple[str, Edit]] = set()
        self._work = 0
        self._last_edited: str | None = None
        self._by_name: dict[str, list[str]] = {}
        self._problems: list[str] = []
        self._asked: list[tuple[int, Question]] = []

    def read(self, scan: Scan) -> FilesAnswer:
        for block, following in zip_longest(scan.blocks, scan.blocks[1:]):
            self._try(self._read_block, block, following)
        words = self._words(scan)
        self._check_nameless(scan)
        if self._problems:
            raise AnswerError("\n".join(dict.fromkeys(self._problems)))
        questions = tuple(question for _, question in sorted(self._asked))
        return FilesAnswer(self._files, tuple(self._deletes), words, questions)

    def _words(self, scan: Scan) -> str:
        """The words of the answer, without the questions, which are kept. What a quoted block of a prompt holds asks nothing."""
        quoted = block_spans(self._text)
        starts = [start for start, _ in quoted]
        for block in scan.questions:
            before = bisect_right(starts, block.start)
            if not before or quoted[before - 1][1] <= block.start:
                self._try(self._read_question, block)
        tags: list[tuple[int, int]] = []

        def read_tags() -> None:
            for start, end, question in tagged_questions(self._text, _without(scan.prose, quoted)):
                self._asked.append((start, question))
                tags.append((start, end))

        self._try(read_tags)
        return "".join(self._text[start:end] for start, end in _without(scan.prose, tags)).strip()

    def _read_question(self, block: Block) -> None:
        if not block.closed and not self._finished:
            raise AnswerError("the answer is cut off inside of a question")
        self._asked.append((block.start, Question(block.path or "", block.body)))

    def _try(self, read: Callable[P, None], *values: P.args, **named: P.kwargs) -> None:
        """Read on behind what cannot be read, so that one repair is told of all of it, up to a few."""
        if len(self._problems) < _MAX_PROBLEMS:
            try:
                read(*values, **named)
            except AnswerError as error:
                self._problems.append(str(error))

    def _read_block(self, block: Block, following: Block | None) -> None:
        if block.trouble:
            raise AnswerError(block.trouble)
        if block.kind == "delete":
            self._read_delete(block)
        elif block.kind == "edit":
            self._read_edits(block)
        elif block.path is None or suffix_of(block.path) not in _DIFF:
            self._read_file(block, following)
        else:
            self._read_whole(block, block.path, following)

    def _read_file(self, block: Block, following: Block | None) -> None:
        if is_diff(block.body, block.language):
            self._read_diff(block)
        elif block.language in _DIFF:
            named = block.path or "a file"
            raise AnswerError(
                f"the block of {named} is marked as a diff and is none: give an edit block, or the whole file"
            )
        elif block.path is not None:
            self._read_whole(block, block.path, following)

    def _read_whole(self, block: Block, path: str, following: Block | None) -> None:
        body = block.body
        if not block.closed:
            self._check_end(block, path, last=following is None)
        if block.implied and following is not None and following.path == path:
            raise AnswerError(
                f"{path} is begun twice, and its first block is not closed: give each file whole, in one block"
            )
        remark = line_at(self._text, block.start).rpartition(path)[2].strip()
        if remark and _PART.search(remark):
            raise AnswerError(f"{path} comes in parts ({remark[:80]}): give each file whole, in one block")
        if "SEARCH" in body and _is_code(path) and _holds_pair(body):
            self._read_edits(block)
            return
        if _is_code(path) or suffix_of(path) == "md":
            body = strip_gutter(body) or body
            if skips_lines(body):
                raise AnswerError(f"{path} has line numbers that leave lines out: give the whole file, without numbers")
        shown = self._known.get(path, "")
        elided = find_elision(body, shown) if shown else None
        if elided is not None:
            raise AnswerError(f"{path} leaves lines out (`{elided}`): give the whole file, or an edit block of it")
        if block.named != "info" and _is_extract(body, shown):
            raise AnswerError(
                f"the block of {path} is much shorter than the file, and its fence does not name the path: give an edit block "
                f"for a part, or the whole file in a fence with `path={path}`"
            )
        self._files[path] = body if not body or body.endswith("\n") else f"{body}\n"
        if path in self._deletes:
            self._deletes.remove(path)

    def _check_end(self, block: Block, path: str, *, last: bool) -> None:
        """A last block that nothing closes is whole when the model ended by itself and the text does not break off."""
        if not self._finished:
            raise AnswerError(f"the answer is cut off inside of {path}")
        if not last or block.named == "tag" or not looks_whole(path, block.body):
            raise AnswerError(
                f"the block of {path}, which begins in line {line_of(self._text, block.start)}, is not closed"
            )

    def _read_delete(self, block: Block) -> None:
        lines = [clean_path(line) for line in block.body.split("\n") if line.strip()]
        paths = [block.path] if block.path else []
        if any(not is_path(line) for line in lines) or not (paths or lines):
            named = block.path or "a block"
            raise AnswerError(f"{named} is marked delete and has content: delete it or write it, not both")
        for path in dict.fromkeys([*paths, *lines]):
            self._files.pop(path, None)
            self._deletes += [path] if path not in self._deletes else []

    def _read_edits(self, block: Block) -> None:
        named = block.path or self._last_edited
        if named is None:
            raise AnswerError(f"the edit in line {line_of(self._text, block.start)} names no path")
        path = self._resolve(named)
        self._last_edited = path
        if not block.closed and not self._finished:
            raise AnswerError(f"the answer is cut off inside of an edit of {path}")
        edits = read_pairs(block.body, path)
        if not block.closed and not block.body.rstrip().endswith(("REPLACE", "REPLACE>")):
            raise AnswerError(f"the edit block of {path} is not closed")
        self._apply(path, edits)

    def _apply(self, path: str, edits: list[Edit]) -> None:
        text = self._files.get(path, self._known.get(path))
        if text is None:
            if len(edits) == 1 and not edits[0].search.strip():
                text = ""
            else:
                raise AnswerError(f"{path} was not shown to you, so that it cannot be edited: write the whole file")
        problems = []
        for edit in edits:
            before = len(self._edits)
            self._edits.add((path, edit))
            if len(self._edits) == before:
                continue
            self._work += len(text)
            if self._work > _MAX_WORK:
                raise AnswerError(f"there are too many edits of {path}: write the whole file")
            try:
                text = apply_edit(text, edit, path)
            except AnswerError as error:
                problems.append(str(error))
                if len(problems) == _MAX_PROBLEMS:
                    break
        if problems:
            raise AnswerError("\n".join(problems))
        self._files[path] = text if not text or text.endswith("\n") else f"{text}\n"

    def _read_diff(self, block: Block) -> None:
        named = path_in_diff(block.body) or block.path
        if named is None:
            raise AnswerError(f"the diff in line {line_of(self._text, block.start)} names no path")
        path = self._resolve(clean_path(named))
        read = read_diff(block.body, path)
        if isinstance(read, str) and self._known.get(path):
            raise AnswerError(
                f"the diff of {path} only adds lines and does not say where: give an edit block, or the whole file"
            )
        if isinstance(read, str):
            self._files[path] = read
        else:
            self._apply(path, read)

    def _resolve(self, path: str) -> str:
        """The file that an edit means: models leave the folders of a path out."""
        if path in self._known or path in self._files:
            return path
        if not self._by_name:
            for other in (*self._known, *self._files):
                self._by_name.setdefault(other.rsplit("/", 1)[-1], []).append(other)
        same_name = self._by_name.get(path.rsplit("/", 1)[-1], [])[:_MAX_SAME_NAME]
        ending = {other for other in same_name if other.endswith(f"/{path}")}
        return ending.pop() if len(ending) == 1 else path

    def _check_nameless(self, scan: Scan) -> None:
        for block in scan.nameless:
            if is_diff(block.body, block.language) and path_in_diff(block.body):
                self._try(self._read_diff, block)
        if self._asked:  # code in an answer that asks is there to be spoken of
            return
        nothing = not self._files and not self._deletes and not self._problems
        if nothing and self._strict and not scan.nameless and (banner := _banner(self._text)):
            self._problems.append(f"the answer names files ({banner}), but none of them is in a block")
        for block in scan.nameless:
            if len(self._problems) == _MAX_PROBLEMS or (nothing and self._problems):
                break
            if (nothing and block.body.strip()) or (self._strict and _may_be_a_file(block)):
                where = f"line {line_of(self._text, block.start)}, which begins\n{quoted(block.body, lines=2)}\n"
                self._problems.append(f"the block in {where}names no path: say path=... in its fence, or leave it out")


def _without(spans: Sequence[tuple[int, int]], holes: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans without what lies in the holes; both are in order and do not overlap."""
    left: list[tuple[int, int]] = []
    hole = 0
    for start, end in spans:
        at = start
        while hole < len(holes) and holes[hole][1] <= at:
            hole += 1
        following = hole
        while following < len(holes) and holes[following][0] < end:
            left.append((at, holes[following][0]))
            at = max(at, holes[following][1])
            following += 1
        hole = max(hole, following - 1)
        left.append((at, end))
    return [(start, end) for start, end in left if start < end]


def _banner(text: str) -> str | None:
    """A line that names a file, in an answer without any block."""
    named = (line.strip() for line in text.split("\n") if path_in_label(line.strip().strip("=-")))
    return next(named, None)


def _is_code(path: str) -> bool:
    """Whether numbers before every line, or the markers of edits, can be no part of the file."""
    return suffix_of(path).lower() not in _TEXT or path.rsplit("/", 1)[-1].startswith("requirements")


def _holds_pair(body: str) -> bool:
    return re.search(r"^[ \t]*<{5,9} ?SEARCH.*?^[ \t]*={5,9}.*?^[ \t]*>{5,9} ?REPLACE", body, re.S | re.M) is not None


def _is_extract(body: str, shown: str) -> bool:
    return shown.count("\n") >= _LONG and 2 * body.count("\n") < shown.count("\n")


def _may_be_a_file(block: Block) -> bool:
    return block.language in CODE and block.body.strip().count("\n") + 1 >= _LEAST_NAMELESS
