"""The files of a cassette: `cassette.json`, and `task-N/AGENT.calls` with one JSON object after the other.

An object stands between a line `{` and a line `}`, and every line of a text on a line of its own: what changed in a
prompt is what a diff shows, and what a kill cut off has no end.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from core.errors import InvalidInput
from core.types import AgentName, Json, JsonObject, Value
from llm.cassettes.calls import Call

VERSION = 1
HEADER = "cassette.json"
_ONE_LINE = frozenset({"parameters", "timing"})


class Header(Value):
    """`tasks` are the ids of the tasks in the order of their first calls: those of the n-th are in `task-N`, from 1."""

    format: Literal["autonomy cassette"] = "autonomy cassette"
    version: int = VERSION
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A call and where it stands: `task-1/planner.calls line 1`."""

    call: Call
    hash: str
    file: str
    line: int

    @property
    def task(self) -> str:
        """The recorded task that it belongs to."""
        return self.file.rsplit("/", 1)[0]

    def __str__(self) -> str:
        return f"{self.file} line {self.line}"


@dataclass(frozen=True)
class Entries:
    """What a file holds. `whole_bytes` is where its last whole entry ends; what follows was cut off."""

    entries: tuple[Entry, ...]
    whole_bytes: int


def calls_path(folder: Path, number: int, agent: AgentName) -> Path:
    """The file for the calls of an agent in the task with this number."""
    return folder / f"task-{number}" / f"{agent}.calls"


def header_text(header: Header) -> str:
    return json.dumps(header.model_dump(mode="json"), indent=1) + "\n"


def read_header(folder: Path) -> Header:
    """Raises InvalidInput, which names file, line and reason."""
    path = folder / HEADER
    try:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text)
    except FileNotFoundError as error:
        raise InvalidInput(f"{folder} is no cassette: there is no {HEADER} in it", field="cassette") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}", field="cassette") from error
    except json.JSONDecodeError as error:
        raise _wrong(path.name, error.lineno, error.msg) from error
    version = document.get("version") if isinstance(document, dict) else None
    if isinstance(version, int) and version > VERSION:
        line = next((n for n, line in enumerate(text.split("\n"), 1) if '"version"' in line), 1)
        raise _wrong(path.name, line, f"version {version} is newer than {VERSION}, the newest that this release reads")
    try:
        return Header.model_validate(document)
    except ValidationError as error:
        raise _wrong(path.name, 1, _first(error)) from error


def call_bytes(call: Call) -> bytes:
    """An entry, ready to be appended to its file."""
    document = call.model_dump(mode="json")
    question, answer = document["question"], document["answer"]
    question["messages"] = [{**message, "content": message["content"].split("\n")} for message in question["messages"]]
    if answer is not None:
        answer["text"] = answer["text"].split("\n")
    lines = [f' "hash": "{call.question.hash}"']
    for name, value in document.items():
        written = json.dumps(value, ensure_ascii=False, indent=None if name in _ONE_LINE else 1)
        lines.append(f' "{name}": ' + written.replace("\n", "\n "))
    # Half of a surrogate pair, which UTF-8 cannot have, becomes what JSON has for it.
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("utf-8", "backslashreplace")


def read_calls(data: bytes, name: str) -> Entries:
    """Take a file apart; an entry without its end is left out if it is the last. Raises InvalidInput."""
    entries: list[Entry] = []
    begun: int | None = None
    position = whole_bytes = 0
    lines = data.split(b"\n")
    for number, line in enumerate(lines[:-1], 1):
        position += len(line) + 1
        if line == b"{":
            if begun is not None:
                raise _wrong(name, number, f"an entry begins inside the one of line {begun}, which has no end")
            begun = number
        elif begun is None:
            raise _wrong(name, number, f"an entry must begin here, with a line that is {{, and not with {line[:40]!r}")
        elif line == b"}":
            entries.append(_entry(b"\n".join(lines[begun - 1 : number]), name, begun))
            begun, whole_bytes = None, position
    if begun is None and lines[-1] not in (b"", b"{", b"}"):
        raise _wrong(name, len(lines), f"an entry must begin here, and not {lines[-1][:40]!r}")
    return Entries(tuple(entries), whole_bytes)


def _entry(text: bytes, name: str, line: int) -> Entry:
    try:
        document: JsonObject = json.loads(text.decode("utf-8"))
        stated = document.pop("hash", None)
        call = Call.model_validate(_joined(document))
    except json.JSONDecodeError as error:
        raise _wrong(name, line + error.lineno - 1, error.msg) from error
    except UnicodeDecodeError as error:
        raise _wrong(name, line + text[: error.start].count(b"\n"), "this is not UTF-8") from error
    except ValidationError as error:
        raise _wrong(name, line, _first(error)) from error
    found = call.question.hash
    if found != stated:
        raise _wrong(name, line, "the hash is not that of the question, which was changed since it was recorded")
    return Entry(call, found, name, line)


def _joined(document: JsonObject) -> JsonObject:
    """The document with its texts in one piece again; what has another shape is left to the validation."""
    question, answer = document.get("question"), document.get("answer")
    if isinstance(question, dict) and isinstance(question.get("messages"), list):
        messages = [_join(message, "content") for message in question["messages"]]  # type: ignore[union-attr]  # a list, see above
        question = {**question, "messages": messages}
    return {**document, "question": question, "answer": _join(answer, "text")}


def _join(value: Json, name: str) -> Json:
    lines = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(lines, list):
        return value
    return {**value, name: "\n".join(map(str, lines))}


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc']) or 'the entry'}: {first['msg']}"


def _wrong(name: str, line: int, reason: str) -> InvalidInput:
    return InvalidInput(f"{name} line {line}: {reason}", field="cassette")
