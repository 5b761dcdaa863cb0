"""The corpus of answers in tests/data/answers: one file a case, with what it imitates and how it has to be read.

A case begins with `imitates:` and other `name: value` lines; its parts begin with a line `%% kind [path]`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel

from agents.answer_models import ClassifyAnswer, DescribeAnswer, FeedbackAnswer, ReviewAnswer, reply_answer
from config import PROJECT
from core.plan import Plan
from core.types import JsonObject

FOLDER = PROJECT / "tests" / "data" / "answers"
ACTIONS = ("approve", "changes", "raise_budget", "retry", "abort")
SCHEMAS: dict[str, type[BaseModel]] = {
    "classify": ClassifyAnswer,
    "reply": reply_answer(ACTIONS),
    "feedback": FeedbackAnswer,
    "review": ReviewAnswer,
    "describe": DescribeAnswer,
    "plan": Plan,
}


@dataclass
class Case:
    """`error` holds what the message has to say, one text a line; empty for a case that can be read."""

    name: str
    imitates: str
    answer: str
    more: list[str] = field(default_factory=list)
    schema: type[BaseModel] | None = None
    finished: bool = True
    strict: bool = True
    shown: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    deletes: list[str] = field(default_factory=list)
    json: JsonObject | None = None
    error: list[str] = field(default_factory=list)

    @property
    def is_json(self) -> bool:
        return self.name.startswith("json/")


def read_case(path: Path) -> Case:
    """Parse one file. An unknown header or part is a mistake in the case and raises."""
    name = f"{path.parent.name}/{path.stem}"
    head, *parts = f"\n{path.read_bytes().decode()}".removesuffix("\n").split("\n%% ")
    headers = dict(line.split(": ", 1) for line in head.strip().split("\n"))
    case = Case(name, headers.pop("imitates"), "")
    schema = headers.pop("schema", None)
    case.schema = SCHEMAS[schema] if schema else None
    case.finished = headers.pop("finish", "stop") == "stop"
    windows, marked = headers.pop("newlines", "lf") == "crlf", headers.pop("begins", "") == "bom"
    assert not headers, f"{name}: unknown headers {headers}"
    for part in parts:
        title, _, text = part.partition("\n")
        kind, _, argument = title.partition(" ")
        _put(case, kind, argument, text)
    if windows:
        case.answer = case.answer.replace("\n", "\r\n")
    if marked:
        case.answer = f"\ufeff{case.answer}"
    return case


def _put(case: Case, kind: str, argument: str, text: str) -> None:
    whole = f"{text}\n" if text else ""
    match kind:
        case "answer":
            case.answer = text
        case "more":
            case.more.append(text)
        case "shown":
            case.shown[argument] = whole
        case "file":
            case.files[argument] = whole
        case "delete":
            case.deletes.append(argument)
        case "json":
            case.json = json.loads(text)
        case "error":
            case.error = [line for line in text.split("\n") if line]
        case _:
            raise AssertionError(f"{case.name}: unknown part {kind}")


def all_cases() -> Iterator[Case]:
    for path in sorted(FOLDER.glob("*/*.txt")):
        yield read_case(path)
