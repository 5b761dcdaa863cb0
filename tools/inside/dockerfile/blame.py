"""Whose file it is when a container does not start: from what it printed last."""

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from .notes import BOX
from .stage import Stage

_FRAME = re.compile(r'File "([^"]+)", line (\d+)')
_NO_MODULE = re.compile(r"No module named '([\w.]+)'")
_OF_A_SCRIPT = re.compile(r"([\w./-]+\.sh): (?:line )?(\d+): (.*)")
_QUOTED = re.compile(r"[\"'`]([\w.:/-]{5,})[\"'`]|/([\w-]{5,})\.?(?:\s|$)")
_RAISED = re.compile(r"^(?:[\w.]*\.)?[A-Z]\w*(?:Error|Exception|Exit)\b:?.*", re.M)
_MAY_NOT = re.compile(r"unable to open database file|readonly database|Permission denied|Read-only file system", re.I)
_NAMES_OTHERS = (".sh", ".ini", ".toml", ".cfg")
"""Files of settings and of commands, which programs are started from."""
_NO_FILE = re.compile(r"(?:No such file or directory|Read-only file system|Permission denied).*?[\"'](/[^\"']+)[\"']")


@dataclass(frozen=True)
class Blamed:
    said: str
    file: str
    line: int | None
    not_executed: str = ""


class Blame:
    """`path` and `line` are the Dockerfile and its command, which is blamed when nothing better is known."""

    def __init__(self, stage: Stage, path: str, line: int, user_line: int) -> None:
        self._stage = stage
        self._path = path
        self._line = line
        self._user_line = user_line

    def find(self, output: str) -> Blamed:
        lines = [line.strip() for line in output.strip().splitlines() if line.strip()]
        raised = _RAISED.findall(output)
        said = (raised or lines or ["it printed nothing"])[-1][:400]
        if _MAY_NOT.search(output) and self._stage.uid(self._stage.user) != "0":
            why = f"the user {self._stage.user} does not own what it writes to; give it to the user in the Dockerfile"
            return Blamed(f"{said}: {why}", self._path, self._user_line)
        if elsewhere := self._elsewhere(output):
            return Blamed(said, self._path, self._line, elsewhere)
        frames = [(file, int(line)) for file, line in _FRAME.findall(output)]
        own = [(found, line) for file, line in frames if (found := self._source(file))]
        missing = _NO_MODULE.findall(output)
        if missing and not missing[-1].startswith("app"):
            return self._lacking(missing[-1].split(".")[0], own, said)
        if own:
            return Blamed(said, *own[-1])
        if (script := _OF_A_SCRIPT.search(output)) and (source := self._source(script[1])):
            return Blamed(script[3] or said, source, int(script[2]))
        return Blamed(said, *self._named(said))

    def _lacking(self, module: str, own: list[tuple[str, int]], said: str) -> Blamed:
        """A package that the image does not have: its requirements do not ask for it."""
        where = f", which {own[-1][0]}:{own[-1][1]} imports" if own else ""
        requirements = next(
            (one for one in ("backend/requirements.txt", "requirements.txt") if (BOX / one).is_file()), self._path
        )
        if importlib.util.find_spec(module) is None:
            reason = f"the package of `{module}`{where} is not in the sandbox, so the container could not be started"
            return Blamed(said, requirements, None, reason)
        return Blamed(
            f"the image does not have `{module}`{where}: {requirements} does not ask for it", requirements, None
        )

    def _named(self, said: str) -> tuple[str, int]:
        """The line of a start script or of the Dockerfile that holds a word which the last line quotes."""
        words = [first or second for first, second in _QUOTED.findall(said)]
        others = sorted(one for one in set(self._stage.copied.values()) if one.endswith(_NAMES_OTHERS))
        for file in (self._path, *others):
            text = (BOX / file).read_text().splitlines()
            for number, line in enumerate(text, 1):
                if any(word in line for word in words) and not line.strip().startswith("#"):
                    return file, number
        return self._path, self._line

    def _source(self, path: str) -> str:
        """The application's file that stands at a path of the image or of the sandbox; empty when none does."""
        for place in (path, str(self._stage.real(path))):
            if place in self._stage.copied:
                return self._stage.copied[place]
        return ""

    def _elsewhere(self, output: str) -> str:
        """A program spoke of a path of the image that is in the stage's folder here, and could not know it."""
        for path in _NO_FILE.findall(output):
            if Path(path).is_relative_to(self._stage.root) or not self._stage.is_inside(path):
                continue
            if self._stage.real(path).parent.exists():
                return f"a program speaks of {path} in a way that could not be translated to where it is here"
        return ""
