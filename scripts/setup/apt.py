"""Debian's package manager, as root to install and as an ordinary user to unpack into a private folder."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scripts.setup.shell import SetupError, answer, run, say

_WAIT_FOR_OTHERS = ("-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0")
_QUIET = {"DEBIAN_FRONTEND": "noninteractive"}


def available() -> bool:
    return shutil.which("apt-get") is not None and shutil.which("dpkg-deb") is not None


def is_root() -> bool:
    return os.geteuid() == 0


def install(*packages: str) -> None:
    """Install on the system, as root; the lists are renewed once when that fails. Raises SetupError."""
    command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *_WAIT_FOR_OTHERS, *packages]
    try:
        run(command, env=_QUIET)
    except SetupError:
        say("    renewing the package lists")
        run(["apt-get", "update", "-q", *_WAIT_FOR_OTHERS], env=_QUIET)
        run(command, env=_QUIET)


def unpack(package: str, into: Path) -> None:
    """Download and unpack under `into` without any right on the system; no script of the package runs. Raises SetupError."""
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into.parent) as folder:
        work = Path(folder)
        _download(package, work)
        tree = work / "tree"
        for archive in work.glob("*.deb"):
            run(["dpkg-deb", "-x", archive, tree])
        shutil.rmtree(into, ignore_errors=True)
        tree.rename(into)


def _download(package: str, work: Path) -> None:
    """With the system's package lists, or with lists of our own where those are missing or too old."""
    if answer(["apt-cache", "show", "--no-all-versions", package]):
        try:
            run(["apt-get", "download", "-q", package], cwd=work)
        except SetupError:
            say("    the system's package lists are out of date; fetching private ones")
        else:
            return
    private = _private_lists(work)
    run(["apt-get", "update", "-q", *private], cwd=work)
    run(["apt-get", "download", "-q", *private, package], cwd=work)


def _private_lists(work: Path) -> Sequence[str]:
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    options = {
        "Dir::State": work / "state",
        "Dir::Cache": work / "cache",
        "Dir::State::status": "/var/lib/dpkg/status",
        "APT::Update::Post-Invoke": "",
        "APT::Update::Post-Invoke-Success": "",
    }
    return [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
