"""Executes a Dockerfile instruction by instruction, and says of each what was done and what was not."""

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..box import Report
from . import bases, notes
from .context import Context, Uncopied, copy_between
from .instructions import Instruction, command, parse
from .notes import BOX
from .programs import update_absent, write_programs
from .stage import Stage
from .words import expand, pairs, split

STEP_S = 50.0
_SHOWN = 1_500


@dataclass
class Image:
    """The final stage, and what its container is to do: instructions by name, the last of each."""

    path: str
    stage: Stage
    settings: dict[str, Instruction] = field(default_factory=dict)
    ports: list[tuple[int, int]] = field(default_factory=list)
    absent: Path = Path()
    lacking: dict[str, str] = field(default_factory=dict)


class Build:
    """One run over a Dockerfile. It ends at the first step that fails, as a build does."""

    def __init__(self, path: str, report: Report) -> None:
        self._path = path
        self._report = report
        self._context = Context()
        self._stages: list[Stage] = []
        self._folders: tuple[Path, Path] = (Path(), Path())
        self._globals: dict[str, str] = {}
        self._settings: dict[str, Instruction] = {}
        self._ports: list[tuple[int, int]] = []
        self._notes = BOX / ".autonomy" / "image" / "notes"
        self.executed = 0
        self.lacking: dict[str, str] = {}
        self.not_executed: list[str] = []
        self.remarks: list[str] = []

    def run(self) -> Image | None:
        """The image; None when a step failed, which is a finding then."""
        for step in parse((BOX / self._path).read_text()):
            if not self._step(step):
                return None
        if not self._stages:
            self._wrong("There is no FROM", 1)
            return None
        return Image(self._path, self._stages[-1], self._settings, self._ports, self._folders[1], self.lacking)

    def _step(self, step: Instruction) -> bool:
        if step.name == "FROM":
            return self._from(step)
        if not self._stages:
            if step.name == "ARG":
                self._globals |= pairs(step.text, self._globals) if "=" in step.text else {}
            return True
        stage = self._stages[-1]
        if stage.not_executed and step.name in ("RUN", "COPY", "ADD", "WORKDIR"):
            self._skip(step, stage.not_executed)
            return True
        known: dict[str, Callable[[Stage, Instruction], bool]] = {
            "RUN": self._run, "COPY": self._copy, "ADD": self._copy, "ENV": self._env, "ARG": self._arg,
            "WORKDIR": self._workdir, "USER": self._user, "EXPOSE": self._expose, "VOLUME": self._volume, "SHELL": self._shell,
        }  # fmt: skip
        if step.name in known:
            self.executed += 1
            return known[step.name](stage, step)
        self._settings[step.name] = step
        return True

    def _from(self, step: Instruction) -> bool:
        words = split(expand(step.text, self._globals))
        name = words[2] if len(words) > 2 and words[1].lower() == "as" else ""
        number, base = len(self._stages), words[0] if words else ""
        stage = Stage(number, name, BOX / ".autonomy" / "image" / str(number), base)
        self._settings, self._ports = {}, []
        self._stages.append(stage)
        stage.root.mkdir(parents=True, exist_ok=True)
        earlier = self._stage(base) if base and not base.isdigit() else None
        if earlier is not None and earlier is not stage:
            self._continue(earlier, stage)
        elif remark := bases.prepare(stage):
            self.remarks.append(remark)
        if stage.not_executed:
            self._skip(step, stage.not_executed)
        else:
            self.executed += 1
            self._folders = write_programs(stage, BOX / ".autonomy" / "image" / f"programs-{number}")
        return True

    def _continue(self, earlier: Stage, stage: Stage) -> None:
        """FROM a stage of the same file."""
        stage.kind, stage.tools, stage.not_executed = earlier.kind, set(earlier.tools), earlier.not_executed
        stage.env, stage.workdir, stage.user = dict(earlier.env), earlier.workdir, earlier.user
        stage.users, stage.places, stage.shell = dict(earlier.users), set(earlier.places), earlier.shell
        if not earlier.not_executed:
            copy_between(earlier, ["/"], "/", stage)
            old, new = str(earlier.root), str(stage.root)
            stage.owners = {path.replace(old, new, 1): owner for path, owner in earlier.owners.items()}

    def _stage(self, name: str) -> Stage | None:
        return next(
            (one for one in self._stages if name in (str(one.number), one.name) and name != ""), None
        )  # fmt: skip

    def _run(self, stage: Stage, step: Instruction) -> bool:
        body = "\n".join(text for _, text in step.documents)
        stage.learn_from(f"{step.text}\n{body}")
        argv = [stage.translate(word) for word in step.words or ()] or [
            *stage.shell,
            stage.translate(body or step.text),
        ]
        before, folders = _count(self._notes), _folders(stage) if stage.uid(stage.user) != "0" else set()
        environment = {
            **stage.environment(self._folders[0], self._folders[1]),
            **{name: stage.translate(value) for name, value in stage.args.items()},
            notes.NOTES: str(self._notes), "IMAGE_ROOT": str(stage.root),
        }  # fmt: skip
        code, output = execute(argv, stage.real("."), environment)
        refused = self._take(stage, step, before)
        if folders:
            stage.own(stage.user, _folders(stage) - folders)
        if code and not refused and (lacked := lacks(output, self.lacking)):
            stage.not_executed = lacked
            self._skip(step, stage.not_executed)
            return True
        if code and not refused:
            text = f"`{step.shown}` ends with exit code {code}: {_told(output)}"
            self._wrong(text.replace(str(stage.root), ""), step.line, output)
        return code == 0

    def _take(self, stage: Stage, step: Instruction, start: int) -> bool:
        """What programs of ours said; whether one of them refused."""
        refused = False
        for note in notes.read(self._notes, start):
            name, _, value = note.text.partition("=")
            if note.kind == "wrong":
                file = stage.copied.get(note.file or "")
                self._report.add(note.text, file or self._path, note.line if file else step.line, category="dockerfile")
                refused = True
            elif note.kind == "not executed":
                said = note.text.replace(str(stage.root), "")
                self.not_executed.append(f"line {step.line}: {said}")
            elif note.kind == "user":
                stage.users[name] = value
            elif note.kind == "owner":
                stage.own(name, [value])
            elif note.kind == "tools":
                stage.tools |= set(note.text.split())
                update_absent(stage, self._folders[1])
            elif note.kind == "lacking":
                self.lacking[name] = value
            else:
                self.remarks.append(note.text.replace(str(stage.root), ""))
        return refused

    def _copy(self, stage: Stage, step: Instruction) -> bool:
        words = list(step.words) if step.words else split(step.text)
        *sources, target = [expand(word, stage.known) for word in words]
        remote = [source for source in sources if re.match(r"(?:https?|git)[:@]", source)]
        if remote or not sources:
            self._skip(step, "no network")
            return True
        stage.learn(str(stage.real(target)).removeprefix(str(stage.root)))
        origin = step.flags.get("from", "")
        try:
            if step.documents:
                for name, text in step.documents:
                    place = stage.real(os.path.join(target, name) if target.endswith("/") else target)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_text(text)
            elif origin:
                return self._copy_from(stage, step, origin, sources, target)
            else:
                self._context.copy(sources, target, stage)
        except Uncopied as error:
            self._wrong(f"copies {error}", step.line)
            return False
        if step.flags.get("chmod", "").isdigit() and stage.real(target).is_file():
            stage.real(target).chmod(int(step.flags["chmod"], 8))
        self._own(stage, step, target)
        return True

    def _copy_from(self, stage: Stage, step: Instruction, origin: str, sources: list[str], target: str) -> bool:
        """Raises Uncopied."""
        source = self._stage(origin)
        if source is None:
            self._skip(step, f"the image {origin} is not here")
        elif source.not_executed:
            self._skip(step, source.not_executed)
        else:
            copy_between(source, sources, target, stage)
            self._own(stage, step, target)
        return True

    def _own(self, stage: Stage, step: Instruction, target: str) -> None:
        if owner := step.flags.get("chown"):
            stage.own(owner, [str(stage.real(target))])

    def _env(self, stage: Stage, step: Instruction) -> bool:
        given = pairs(step.text, stage.known)
        stage.env |= given
        stage.learn(
            *(path for value in given.values() for path in re.findall(r"(?:^|(?<=:///)|(?<=:))/(?!/)[^\s:]+", value))
        )
        return True

    def _arg(self, stage: Stage, step: Instruction) -> bool:
        for name, value in pairs(step.text, stage.known).items() if "=" in step.text else ():
            stage.args[name] = value
        if "=" not in step.text and step.text in self._globals:
            stage.args[step.text] = self._globals[step.text]
        return True

    def _workdir(self, stage: Stage, step: Instruction) -> bool:
        stage.workdir = os.path.normpath(os.path.join(stage.workdir, expand(step.text, stage.known)))
        stage.learn(stage.workdir)
        stage.real(".").mkdir(parents=True, exist_ok=True)
        return True

    def _user(self, stage: Stage, step: Instruction) -> bool:
        stage.user = expand(step.text, stage.known)
        name = stage.user.split(":")[0]
        if not stage.not_executed and not name.isdigit() and name not in (*stage.users, "nobody", "www-data"):
            self._wrong(f"USER {name}: no step makes this user", step.line)
            return False
        self._settings["USER"] = step
        return True

    def _expose(self, stage: Stage, step: Instruction) -> bool:
        for word in split(expand(step.text, stage.known)):
            number = word.split("/")[0]
            if number.isdigit():
                self._ports.append((int(number), step.line))
        return True

    def _volume(self, stage: Stage, step: Instruction) -> bool:
        for path in step.words or split(expand(step.text, stage.known)):
            stage.learn(path)
            if not stage.not_executed:
                stage.real(path).mkdir(parents=True, exist_ok=True)
        return True

    def _shell(self, stage: Stage, step: Instruction) -> bool:
        stage.shell = command(step.text)[1] or stage.shell
        return True

    def _skip(self, step: Instruction, reason: str) -> None:
        self.not_executed.append(f"line {step.line}: {step.shown[:60]}: {reason}")

    def _wrong(self, text: str, line: int, evidence: str = "") -> None:
        self._report.add(text, self._path, line, category="dockerfile", evidence=evidence[-_SHOWN:])


def execute(argv: list[str], folder: Path, environment: dict[str, str], limit_s: float = STEP_S) -> tuple[int, str]:
    """Exit code and output; 124 where it did not end, 127 where it could not begin. Nothing of it goes on."""
    try:
        process = subprocess.Popen(  # noqa: S603  # what the Dockerfile says, inside the sandbox
            argv, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )
    except OSError as error:
        return 127, str(error)
    try:
        output, _ = process.communicate(timeout=limit_s)
        return process.returncode, output.decode(errors="replace")
    except subprocess.TimeoutExpired:
        return 124, f"it did not end within {limit_s:g} s"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def lacks(output: str, lacking: dict[str, str]) -> str:
    """Why the sandbox could not do what the output tells of: a package that it lacks is named there, or its module."""
    for name, why in sorted(lacking.items()):
        module = name.lower().removesuffix("-binary").replace("-", "_")
        if name == "*" and re.search(r"not found|No module named|No such file", output):
            return why
        if name != "*" and re.search(rf"\b(?:{re.escape(name)}|{re.escape(module)})\b", output, re.I):
            return why
    return ""


def _told(output: str) -> str:
    """The line that says what went wrong: the last that speaks of an error, else the last."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return next(
        (line for line in reversed(lines) if re.search(r"error", line, re.I)), lines[-1] if lines else "no output"
    )[:300]


def _count(path: Path) -> int:
    return len(path.read_text().splitlines()) if path.exists() else 0


def _folders(stage: Stage) -> set[str]:
    return {folder for folder, _, _ in os.walk(stage.root)}
