"""Whether the commands of CI, of scripts and of the README name what is there: folders, files, scripts of npm, modules."""

import json
import posixpath
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..box import ROOT, Report
from . import files

MADE = re.compile(r"(?:^|/)(?:dist|\.venv|node_modules|\.env|\.cache)(?:/|$)|\.db$")
"""What a command before makes, or a person."""
_ASSIGNED = re.compile(r"[A-Za-z_]\w*=")
_SPLIT = re.compile(r"&&|\|\||;|\||(?<![>&\d])&(?![>&\d])")
_PLAIN = re.compile(r"[\w.@+-]+(?:/[\w.@+-]+)*/?")


@dataclass
class Shell:
    """One shell as it goes through lines: where it stands, and whether it has come to where that cannot be told.

    `or_in` is where it may stand as well, because the text before it names that folder; empty when none is named.
    """

    path: str
    report: Report
    folder: str = "."
    or_in: str = ""
    lost: bool = False
    copied: set[str] = field(default_factory=set)

    def take(self, text: str, line: int) -> None:
        for offset, one in _joined(text):
            for part in _SPLIT.split(one):
                self._command(part, line + offset)

    def _command(self, text: str, line: int) -> None:
        try:
            words = shlex.split(text, comments=True)
        except ValueError:
            return
        while words and _ASSIGNED.match(words[0]):
            words = words[1:]
        words = _until_redirection(words)
        if not words or self.lost:
            return
        if words[0] in ("git", "mkdir") and words[1:2] != ["rev-parse"]:
            self.lost = words[0] == "mkdir" or "clone" in words
        elif words[0] == "cd" and len(words) > 1:
            self.change_folder(words[1], line)
        elif check := _CHECKS.get(posixpath.basename(words[0])):
            check(self, words, line)
        elif words[0].startswith("./") or ("/" in words[0] and words[0].endswith(".sh")):
            self.need(words[0], line)

    def change_folder(self, name: str, line: int) -> None:
        """`cd`, and where a step of a workflow begins."""
        if "$" in name or name.startswith(("/", "~", "-")):
            self.lost = True
            return
        places = self._places(name)
        self.folder = next((place for place in places if self._there(place)), places[0])
        if not self._there(self.folder):
            self._add(f"goes to the folder `{self.folder}`, which is not there", line)
            self.lost = True

    def need(self, name: str, line: int) -> None:
        """A path that a command uses."""
        if not _PLAIN.fullmatch(name.removeprefix("./").removeprefix("../")) or MADE.search(name):
            return
        places = self._places(name)
        if not self.copied.intersection(places) and not any(map(self._there, places)):
            self._add(f"uses `{places[0]}`, which is not there", line)

    def _places(self, name: str) -> list[str]:
        folders = [self.folder, posixpath.join(self.or_in, self.folder)] if self.or_in else [self.folder]
        return [posixpath.normpath(posixpath.join(folder, name)) for folder in folders]

    def _there(self, path: str) -> bool:
        return path == "." or bool(MADE.search(path)) or files.exists(path)

    def npm(self, words: list[str], line: int) -> None:
        asked = [word for word in words[1:] if not word.startswith("-")]
        name = (
            asked[1]
            if len(asked) > 1 and asked[0] in ("run", "run-script")
            else asked[0]
            if asked[:1] == ["test"]
            else ""
        )
        places = self._places("package.json")
        package = next((place for place in places if files.exists(place)), places[0])
        if not files.exists(package):
            self._add(f"npm has no {package}", line)
        elif "ci" in asked[:1] and not files.exists(posixpath.join(posixpath.dirname(package), "package-lock.json")):
            self._add("npm ci needs a package-lock.json, which is not there; `npm install` does not", line)
        elif name and (ROOT / package).is_file() and name not in _scripts(package):
            self._add(f"runs the script `{name}`, which {package} does not have", line)

    def files_of(self, words: list[str], line: int) -> None:
        """sh, bash, python: the first word that is no option is a file."""
        if words[1:2] in (["-m"], ["-c"]):
            if words[1] == "-m" and len(words) > 2 and (check := _CHECKS.get(words[2])):
                check(self, words[2:], line)
            return
        script = next((word for word in words[1:] if not word.startswith("-")), "")
        if script.endswith((".sh", ".py")):
            self.need(script, line)

    def after(self, *options: str) -> "Callable[[list[str], int], None]":
        """A check of the words that stand behind one of these options."""

        def check(words: list[str], line: int) -> None:
            for option, value in zip(words, [*words[1:], ""], strict=True):
                name, equals, given = option.partition("=")
                if name in options:
                    self.need(given if equals else value, line)

        return check

    def paths(self, words: list[str], line: int) -> None:
        """pytest, ruff: words with a folder in them, or that name one."""
        for word in words[1:]:
            if not word.startswith("-") and ("/" in word or word in ("e2e", "tests", "app")):
                self.need(word.split("::")[0], line)

    def alembic(self, words: list[str], line: int) -> None:
        del words
        self.need("alembic.ini", line)

    def uvicorn(self, words: list[str], line: int) -> None:
        module = next((word.partition(":")[0] for word in words[1:] if re.fullmatch(r"[\w.]+:\w+(?:\(\))?", word)), "")
        base = module.replace(".", "/")
        if module and not any(map(self._there, self._places(f"{base}.py"))):
            self.need(f"{base}/__init__.py", line)

    def docker(self, words: list[str], line: int) -> None:
        if words[1:2] == ["compose"]:
            if "-f" not in words and "--file" not in words and not any(self._there(name) for name in files.COMPOSE):
                self._add("docker compose has no compose.yaml", line)
        elif words[1:2] == ["build"] and "-f" not in words and "--file" not in words:
            self.need("Dockerfile", line)
        self.after("-f", "--file")(words, line)

    def copy(self, words: list[str], line: int) -> None:
        names = [word for word in words[1:] if not word.startswith("-")]
        for name in names[:-1]:
            self.need(name, line)
        self.copied |= {posixpath.normpath(posixpath.join(self.folder, name)) for name in names[-1:]}

    def _add(self, said: str, line: int) -> None:
        self.report.add(f"{self.path} {said}", self.path, line, category="commands")


_CHECKS: dict[str, Callable[[Shell, list[str], int], None]] = {
    "npm": Shell.npm, "sh": Shell.files_of, "bash": Shell.files_of, "python": Shell.files_of, "python3": Shell.files_of,
    "pip": lambda shell, words, line: shell.after("-r", "--requirement")(words, line),
    "pytest": Shell.paths, "ruff": Shell.paths, "alembic": Shell.alembic, "uvicorn": Shell.uvicorn, "docker": Shell.docker,
    "cp": Shell.copy, "gcloud": lambda shell, words, line: shell.after("replace")(words, line),
}  # fmt: skip


def check_commands(report: Report) -> Iterator[str]:
    """The files that were looked at."""
    for path in files.named(*files.WORKFLOWS):
        _workflow(path, report)
    for path in files.named(*files.GITLAB, *files.BITBUCKET):
        for script in _lists(files.tree(path), ("script", "before_script", "after_script")):
            shell = Shell(path, report)
            for line, text in script:
                shell.take(text, line)
    for path in files.named("README.md", "deploy/README.md"):
        yield path
        _readme(path, report)


def _workflow(path: str, report: Report) -> None:
    for document in files.objects(path):
        jobs = document.get("jobs")
        usual = files.at(document, "defaults", "run", "working-directory")
        for name, job in jobs.items() if isinstance(jobs, dict) else ():
            folder = files.at(job, "defaults", "run", "working-directory") or usual or "."
            for index, step in enumerate(files.at(job, "steps") or []):
                if isinstance(step, dict) and isinstance(step.get("run"), str):
                    line = files.line_of(path, "jobs", str(name), "steps", index, "run") or 1
                    shell = Shell(path, report)
                    shell.change_folder(str(step.get("working-directory", folder)), line)
                    shell.take(re.sub(r"\$\{\{.*?\}\}", "$", step["run"]), line + ("\n" in step["run"]))


def _lists(node: Any, names: tuple[str, ...]) -> Iterator[list[tuple[int, str]]]:
    """Every list of commands of a tree once, as (line, text)."""
    seen: set[int] = set()

    def below(one: Any) -> Iterator[list[tuple[int, str]]]:
        value = getattr(one, "value", None)
        if not isinstance(value, list) or id(one) in seen:
            return
        seen.add(id(one))
        for entry in value:
            if not isinstance(entry, tuple):
                yield from below(entry)
            elif getattr(entry[0], "value", "") in names:
                yield [(found.start_mark.line + 1, str(found.value)) for _, found in files.scalars(entry[1])]
            else:
                yield from below(entry[1])

    yield from below(node)


def _readme(path: str, report: Report) -> None:
    """Code that is indented or fenced is a shell, `cd backend && ...` one of its own; names in the text are looked for too."""
    shell, fenced, pending = Shell(path, report), False, ("", 0)
    for number, line in enumerate(files.text(path).splitlines(), 1):
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            text, start = f"{pending[0]} {line.strip()}".strip(), pending[1] or number
            pending = (text.removesuffix("\\"), start) if text.endswith("\\") else ("", 0)
            if not pending[0]:
                for_itself = text.startswith("cd ") and "&&" in text
                (Shell(path, report, or_in=shell.or_in) if for_itself else shell).take(text, start)
        else:
            shell = Shell(path, report, or_in=_folder_named(line) or (shell.or_in if line.strip()[:1] != "#" else ""))
            for name in re.findall(r"`([^`\s]+)`", line):
                top = name.split("/")[0]
                if (
                    "/" in name
                    and files.exists(top)
                    and _PLAIN.fullmatch(name)
                    and top.isidentifier() | top.startswith(".")
                ):
                    shell.need(name, number)


def _folder_named(line: str) -> str:
    """The folder that a sentence speaks of, as in "without Docker, in `backend/`:"."""
    named = [name for name in re.findall(r"`([\w.-]+)/`", line) if files.exists(name)]
    return named[-1] if named else ""


def _scripts(package: str) -> dict[str, Any]:
    try:
        scripts = json.loads(files.text(package)).get("scripts")
    except (ValueError, AttributeError):
        return {}
    return scripts if isinstance(scripts, dict) else {}


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their continuations, and how far each begins below the first."""
    pending, start = "", 0
    for offset, line in enumerate(text.splitlines()):
        start = start if pending else offset
        pending = f"{pending} {line.strip()}".strip()
        if pending.endswith("\\"):
            pending = pending[:-1]
            continue
        yield start, pending
        pending = ""


def _until_redirection(words: list[str]) -> list[str]:
    return next((words[:index] for index, word in enumerate(words) if word[:1] in "<>" or word[:2] == "2>"), words)
