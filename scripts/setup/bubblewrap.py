"""bubblewrap, the kernel isolation of the local sandbox: the system's, else unpacked into a private folder."""

import shutil
from pathlib import Path

from scripts.setup import apt
from scripts.setup.shell import SetupError, answer, say, version_in

OLDEST_BUBBLEWRAP = (0, 8)
_ADVICE = "bubblewrap 0.8 or newer is missing: install it (`apt-get install bubblewrap`, `dnf install bubblewrap`) "


def private_bwrap(tools: Path) -> Path:
    """Where the service looks when there is none on PATH."""
    return tools / "bubblewrap" / "usr" / "bin" / "bwrap"


def find_bwrap(tools: Path, path: str | None = None) -> Path | None:
    """The one on PATH (or on `path`, folders separated as there), else the private one; only if it is new enough."""
    on_path = shutil.which("bwrap", path=path)
    for candidate in ([Path(on_path)] if on_path else []) + [private_bwrap(tools)]:
        if version_in(answer([candidate, "--version"])) >= OLDEST_BUBBLEWRAP:
            return candidate
    return None


def ensure_bwrap(tools: Path, *, as_root: bool, path: str | None = None) -> Path:
    """Find or install it. Raises SetupError."""
    found = find_bwrap(tools, path)
    if found:
        return found
    if not apt.available():
        raise SetupError(_ADVICE)
    say("    installing bubblewrap" + ("" if as_root else f" -> {private_bwrap(tools)}"))
    if as_root:
        apt.install("bubblewrap")
    else:
        apt.unpack("bubblewrap", tools / "bubblewrap")
    found = find_bwrap(tools, path)
    if not found:
        raise SetupError(_ADVICE + "from a newer release; the packaged one is too old or does not start")
    return found
