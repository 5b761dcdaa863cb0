"""Which Python and which Node of this machine the sandbox's toolchains may use."""

import json
import os
import re
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.toolchain import SYSTEM_FOLDERS

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = (20, 19)
_NAMES = ("python3", "python3.13", "python3.12", "python3.11")
_QUESTION = "import json, platform, sys; print(json.dumps([platform.python_version(), sys.base_prefix]))"
_PROBE_TIMEOUT_S = 20.0


class ToolchainError(Exception):
    """A toolchain cannot be built on this machine; the message says what to do about it."""


@dataclass(frozen=True)
class PythonRuntime:
    """`path` is the real executable with all links followed, `prefix` the installation that it belongs to."""

    path: Path
    version: str
    prefix: Path


@dataclass(frozen=True)
class NodeRuntime:
    """A node executable, the command of its npm, and the folder to bind when it is not under /usr."""

    program: Path
    npm: tuple[str, ...]
    version: str
    folder: Path | None = None

    @classmethod
    def of(cls, program: Path, folder: Path) -> "NodeRuntime":
        """The node of an unpacked nodejs wheel. Raises ToolchainError when it does not start."""
        npm = program.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        version = _answer([program, "--version"]).removeprefix("v")
        if not version:
            raise ToolchainError(f"{program} does not start on this machine: install Node 20.19 or newer under /usr")
        return cls(program, (str(program), str(npm)), version, folder)


def choose_python(
    extra: Sequence[Path] = (), *, system: Sequence[Path] = SYSTEM_FOLDERS, other_uid: bool | None = None
) -> PythonRuntime:
    """The first interpreter that is new enough and that the sandbox's uid can reach. Raises ToolchainError.

    `other_uid` says whether the sandbox runs as another uid than this process, as it does when that is root (the default).
    """
    must_be_open = os.geteuid() == 0 if other_uid is None else other_uid
    closed = ""
    for candidate in [*(folder / name for folder in system for name in _NAMES), *extra]:
        python = _ask(candidate)
        if python is None:
            continue
        if not must_be_open or open_to_all(python.path):
            return python
        closed = f" ({python.path} is, but the sandbox's user may not enter its folder)"
    raise ToolchainError(
        f"no Python 3.11 or newer that the sandbox can use{closed}: install one under /usr, for example with "
        "`apt-get install python3`, and run the set-up again"
    )


def find_node(folders: Sequence[Path]) -> NodeRuntime | None:
    """The first node in `folders` that is new enough and has npm beside it."""
    for folder in folders:
        program, npm = folder / "node", folder / "npm"
        version = _answer([program, "--version"]).removeprefix("v")
        if version_numbers(version) >= OLDEST_NODE and npm.exists():
            return NodeRuntime(program, (str(npm),), version)
    return None


def open_to_all(path: Path) -> bool:
    """Whether any uid may enter every folder on the way to the real file and execute it."""
    real = path.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (real, *real.parents))


def version_numbers(version: str) -> tuple[int, ...]:
    """(20, 19, 2) of "20.19.2"; empty when there is no number."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _ask(candidate: Path) -> PythonRuntime | None:
    answer = _answer([candidate, "-I", "-S", "-c", _QUESTION]) if candidate.exists() else ""
    if not answer:
        return None
    version, prefix = json.loads(answer)
    if version_numbers(version) < OLDEST_PYTHON:
        return None
    return PythonRuntime(candidate.resolve(), version, Path(prefix))


def _answer(command: Sequence[str | Path]) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - asks programs found under /usr for their version, no shell
            command, capture_output=True, text=True, timeout=_PROBE_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
