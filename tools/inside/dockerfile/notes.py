"""What happened in a build, as lines of a file: the programs that stand in for others write it, the build reads it."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["done", "not executed", "wrong", "user", "owner", "tools", "lacking"]
"""`wrong` is a finding. What is for the build: `user` name=number, `owner` owner=path, `tools` names, `lacking` name=why."""
NOTES = "IMAGE_NOTES"
BOX = Path(__file__).parents[3]
"""The application's root. A program that stands in for another one runs in a folder of a stage."""


@dataclass(frozen=True)
class Note:
    kind: Kind
    text: str
    file: str | None = None
    line: int | None = None


def write(kind: Kind, text: str, file: str | None = None, line: int | None = None) -> None:
    with Path(os.environ[NOTES]).open("a") as notes:
        notes.write(json.dumps(asdict(Note(kind, text, file, line))) + "\n")


def lacking(name: str, why: str) -> None:
    """A package that an image would have and the sandbox has not; `*` for those whose names are not known."""
    write("lacking", f"{name}={why}")


def read(path: Path, start: int) -> Iterator[Note]:
    """The notes behind the first `start` of them."""
    lines = path.read_text().splitlines() if path.exists() else []
    for line in lines[start:]:
        yield Note(**json.loads(line))
