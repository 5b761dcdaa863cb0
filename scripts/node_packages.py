"""The Node packages of a folder: installed as its lock says, and again only when that changed; and programs of theirs.

For those who work on the dashboard. To run the service, and to build the demo, nothing of this is needed.
"""

import fcntl
import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.toolchains.build import pinned_node
from sandbox.toolchains.interpreters import NodeRuntime, ToolchainError, find_node
from scripts.setup.__main__ import UV_LOCK, Places
from scripts.setup.shell import SetupError, run, say
from scripts.setup.uv import ensure_uv

STAMP = ".stamp"
_QUIET = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")


@dataclass(frozen=True)
class NodePackages:
    """A folder with package.json, package-lock.json and node_modules, and the Node that runs what is in it."""

    folder: Path
    node: NodeRuntime

    def program(self, name: str, *arguments: str | Path) -> list[str | Path]:
        """The command of a program that a package brings."""
        return [self.node.program, self.folder / "node_modules" / ".bin" / name, *arguments]

    def script(self, name: str) -> list[str | Path]:
        """The command of a script of package.json."""
        return [*self.node.npm, "run", "--silent", name]

    @property
    def surroundings(self) -> Mapping[str, str]:
        """For commands of this Node: they find it by its name, too."""
        path = os.environ.get("PATH", os.defpath)
        return {"PATH": os.pathsep.join([str(self.node.program.parent), path])}


def find_any_node(places: Places) -> NodeRuntime:
    """The machine's Node on PATH where it is new enough, else the pinned one. Raises SetupError."""
    found = find_node([Path(folder) for folder in os.get_exec_path()])
    try:
        return found or pinned_node(places.toolchains, ensure_uv(places.tools, UV_LOCK))
    except (ToolchainError, OSError) as error:
        raise SetupError(f"Node 20.19 or newer is missing and cannot be installed: {error}") from error


def ensure_packages(folder: Path, node: NodeRuntime) -> NodePackages:
    """Install what the lock of `folder` names, unless that is there. Raises SetupError."""
    packages = NodePackages(folder, node)
    stamp, key = folder / "node_modules" / STAMP, _key(folder)
    with _alone(folder):
        if not stamp.exists() or stamp.read_text() != key:
            say(f"==> Node packages -> {folder / 'node_modules'}")
            stamp.unlink(missing_ok=True)
            # No script of a package runs: none here needs its own.
            run([*node.npm, "ci", "--ignore-scripts", *_QUIET], cwd=folder, env=packages.surroundings)
            stamp.parent.mkdir(exist_ok=True)  # npm makes none where there is nothing to install
            stamp.write_text(key)
    return packages


def run_in(packages: NodePackages, command: Sequence[str | Path]) -> None:
    """Run to the end; what it prints is shown. Raises SetupError."""
    surroundings = {**os.environ, **packages.surroundings}
    done = subprocess.run(command, cwd=packages.folder, env=surroundings, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        shown = " ".join(str(part) for part in command)
        raise SetupError(f"`{shown}` failed (exit code {done.returncode})")


def _key(folder: Path) -> str:
    """Packages hold programs of one platform, so that a folder that moved to another one is installed anew."""
    asked = [(folder / name).read_bytes() for name in ("package.json", "package-lock.json")]
    return hashlib.sha256(b"\0".join([sys.platform.encode(), platform.machine().encode(), *asked])).hexdigest()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two commands at once would install over each other."""
    with (folder / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
