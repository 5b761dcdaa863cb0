"""Reads a Dockerfile into instructions: continuation lines, flags, JSON forms and here-documents."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_ESCAPE = re.compile(r"#\s*escape\s*=\s*(\S)\s*", re.I)
_FLAG = re.compile(r"--([a-z][\w-]*)(?:=(\"[^\"]*\"|\S*))?(?:\s+|$)", re.I)
_HEREDOC = re.compile(r"<<-?\s*([\"']?)([A-Za-z_]\w*)\1")
_WITH_HEREDOCS = ("RUN", "COPY", "ADD")


@dataclass(frozen=True)
class Instruction:
    """`text` is what stands behind name and flags; `words` is its JSON form, None where it is a shell's."""

    line: int
    name: str
    text: str
    flags: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] | None = None
    documents: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> str:
        return f"{self.name} {self.text}".replace("\n", " ")[:100]


def parse(text: str) -> list[Instruction]:
    """Instructions in their order, each with the line on which it begins."""
    lines = text.splitlines()
    return [_instruction(*found) for found in _logical(lines, _escape(lines))]


def command(text: str) -> tuple[str, tuple[str, ...] | None]:
    """What stands behind CMD, as Docker takes it: the text, and its words where it is a JSON array of strings."""
    if text.startswith("["):
        try:
            loaded = json.loads(text)
        except ValueError:
            return text, None
        if isinstance(loaded, list) and all(isinstance(one, str) for one in loaded):
            return text, tuple(loaded)
    return text, None


def _escape(lines: list[str]) -> str:
    for line in lines:
        if not line.startswith("#"):
            break
        if found := _ESCAPE.fullmatch(line):
            return found[1]
    return "\\"


def _logical(lines: list[str], escape: str) -> Iterator[tuple[int, str, tuple[tuple[str, str], ...]]]:
    start, pending, at = 0, "", 0
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        if not line or line.startswith("#"):
            continue
        start = start if pending else at
        pending = f"{pending} {line}" if pending else line
        if pending.endswith(escape):
            pending = pending[: -len(escape)].rstrip()
            continue
        documents: tuple[tuple[str, str], ...] = ()
        if pending.split(" ", 1)[0].upper() in _WITH_HEREDOCS:
            documents, at = _documents(lines, at, pending)
        yield start, pending, documents
        pending = ""
    if pending:
        yield start, pending, ()


def _documents(lines: list[str], at: int, text: str) -> tuple[tuple[tuple[str, str], ...], int]:
    found = []
    for _, name in _HEREDOC.findall(text):
        body = []
        while at < len(lines) and lines[at].strip() != name:
            body.append(lines[at])
            at += 1
        at += 1
        found.append((name, "\n".join([*body, ""])))
    return tuple(found), at


def _instruction(line: int, text: str, documents: tuple[tuple[str, str], ...]) -> Instruction:
    name, _, rest = text.partition(" ")
    rest, flags = rest.strip(), dict[str, str]()
    while found := _FLAG.match(rest):
        flags[found[1].lower()] = (found[2] or "").strip('"')
        rest = rest[found.end() :]
    return Instruction(line, name.upper(), *_worded(rest, flags), documents)


def _worded(rest: str, flags: dict[str, str]) -> tuple[str, dict[str, str], tuple[str, ...] | None]:
    text, words = command(rest)
    return text, flags, words
