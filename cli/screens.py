"""Where progress is shown: lines, JSON, or a table that moves. All of them take the same events."""

import json
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Protocol

from cli.progress import Progress
from client.base import Json
from client.events import StoredEvent
from client.words import describe

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Text without control characters: what models and people wrote must not steer the terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


class Screen(Protocol):
    """Shows one task. `interactive` says that a person can be asked."""

    interactive: bool

    def show(self, stored: StoredEvent, progress: Progress, lines: Iterable[str] | None = None) -> None:
        """An event has come, and `progress` is what all of them make. `lines` are said of it instead of the usual one."""

    def say(self, lines: Iterable[str]) -> None:
        """Sentences for a person."""

    def pause(self) -> None:
        """Leave the terminal alone, since a person is going to type."""

    def resume(self) -> None: ...

    def finish(self, document: Mapping[str, Json], lines: Iterable[str]) -> None:
        """The last thing shown: the task as data, or as `lines`."""


class LineScreen:
    """One line per thing that happened, on stdout."""

    def __init__(self, *, interactive: bool) -> None:
        self.interactive = interactive

    def show(self, stored: StoredEvent, progress: Progress, lines: Iterable[str] | None = None) -> None:
        usual = describe(stored)
        for line in ([] if usual is None else [usual]) if lines is None else lines:
            self.say([f"{progress.elapsed_s(stored.ts):6.1f}s  {line}"])

    def say(self, lines: Iterable[str]) -> None:
        for line in lines:
            sys.stdout.write(f"{plain(line)}\n")
        sys.stdout.flush()

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def finish(self, document: Mapping[str, Json], lines: Iterable[str]) -> None:
        self.say(lines)


class JsonScreen:
    """One JSON object per event on stdout, the task last; sentences go to stderr."""

    interactive = False

    def show(self, stored: StoredEvent, progress: Progress, lines: Iterable[str] | None = None) -> None:
        self._write(stored.model_dump_json())

    def say(self, lines: Iterable[str]) -> None:
        for line in lines:
            sys.stderr.write(f"{plain(line)}\n")

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def finish(self, document: Mapping[str, Json], lines: Iterable[str]) -> None:
        self.say(lines)
        self._write(json.dumps(document, ensure_ascii=False))

    def _write(self, line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
