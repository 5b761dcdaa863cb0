"""Chromium, in which generated and own pages are tried; only root can install it."""

import shutil
from pathlib import Path

from scripts.setup import apt
from scripts.setup.shell import SetupError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> Path | None:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    return Path(found) if found else None


def ensure_browser(*, as_root: bool) -> Path:
    """Find or install it. Raises SetupError."""
    if not find_browser() and as_root and apt.available():
        apt.install("chromium")
    found = find_browser()
    if not found:
        raise SetupError('browser checks will read "not executed": as root, `apt-get install chromium` adds them')
    return found
