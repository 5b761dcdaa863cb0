"""uv, which installs everything else: the machine's own when new enough, else the pinned one in a private folder."""

import importlib.util
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.toolchain import lock_digest
from scripts.setup import apt
from scripts.setup.shell import SetupError, answer, run, say, version_in

OLDEST_UV = (0, 8)
_PACKAGED_WHEELS = "usr/share/python-wheels"
_PIP_PACKAGE = "python3-pip-whl"


def find_uv(private: Path) -> Path | None:
    """uv on PATH when it is new enough, else the private one if it is there."""
    on_path = shutil.which("uv")
    for candidate in ([Path(on_path)] if on_path else []) + [private / "bin" / "uv"]:
        if version_in(answer([candidate, "--version"])) >= OLDEST_UV:
            return candidate
    return None


def private_folder(tools: Path, lock: Path) -> Path:
    return tools / f"uv-{lock_digest(lock)[:16]}"


def ensure_uv(tools: Path, lock: Path) -> Path:
    """Find or install uv. Raises SetupError."""
    folder = private_folder(tools, lock)
    found = find_uv(folder)
    if found:
        return found
    say(f"    no uv {'.'.join(map(str, OLDEST_UV))} or newer: installing one -> {folder}")
    pip = find_pip([Path("/")]) or _fetch_pip(tools)
    shutil.rmtree(folder, ignore_errors=True)
    # --target leaves the interpreter's own packages alone, so Debian's "externally managed" refusal does not apply.
    flags = ("--require-hashes", "--only-binary", ":all:", "--no-deps", "--disable-pip-version-check")
    run([sys.executable, *pip, "install", "--quiet", "--target", folder, *flags, "-r", lock])
    found = find_uv(folder)
    if not found:
        raise SetupError("the installed uv does not start: install uv yourself, put it on PATH and run this again")
    return found


def find_pip(roots: Sequence[Path]) -> tuple[str, ...] | None:
    """Arguments for this interpreter that start some pip: its own, or a wheel that ensurepip or Debian keeps."""
    if importlib.util.find_spec("pip"):
        return ("-m", "pip")
    folders = [root / _PACKAGED_WHEELS for root in roots]
    ensurepip = importlib.util.find_spec("ensurepip")
    if ensurepip and ensurepip.origin:
        folders.append(Path(ensurepip.origin).parent / "_bundled")
    wheel = next((wheel for folder in folders for wheel in folder.glob("pip-*.whl")), None)
    return (str(wheel / "pip"),) if wheel else None


def _fetch_pip(tools: Path) -> tuple[str, ...]:
    """Debian's wheel of pip: on the system as root, in a private folder otherwise. Raises SetupError."""
    advice = (
        "this Python has no pip: install uv or pip (Debian, Ubuntu: `apt-get install python3-venv`) and run this again"
    )
    if not apt.available():
        raise SetupError(advice)
    try:
        if apt.is_root():
            apt.install(_PIP_PACKAGE)
        else:
            apt.unpack(_PIP_PACKAGE, tools / "pip")
    except SetupError as error:
        raise SetupError(f"{advice} ({error})") from error
    pip = find_pip([Path("/"), tools / "pip"])
    if not pip:
        raise SetupError(advice)
    return pip
