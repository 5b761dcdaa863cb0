"""Sets up everything that is missing, part by part; started by scripts/setup.sh, which knows when nothing is."""

import argparse
import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.toolchain import default_home, locate
from sandbox.toolchains.build import build
from sandbox.toolchains.interpreters import ToolchainError
from scripts.setup.apt import is_root
from scripts.setup.browser import ensure_browser
from scripts.setup.bubblewrap import ensure_bwrap
from scripts.setup.environment import ensure_environment
from scripts.setup.shell import SetupError, say, step
from scripts.setup.stamp import has_key, write_stamp
from scripts.setup.uv import ensure_uv

PROJECT = Path(__file__).resolve().parents[2]
UV_LOCK = PROJECT / "requirements" / "uv.lock"
STAMP = PROJECT / ".venv" / "setup.stamp"


@dataclass(frozen=True)
class Places:
    """Where private tools and the sandbox's toolchains go; the service looks in the same places."""

    tools: Path
    toolchains: Path

    @classmethod
    def of_this_user(cls) -> "Places":
        home = default_home(os.geteuid(), Path.home())
        named = os.environ.get("SANDBOX_TOOLCHAINS")
        return cls(home / "tools", Path(named).expanduser().absolute() if named else home / "toolchains")


def set_up(places: Places) -> None:
    """Install what is missing. Raises SetupError when the service could not even start; other parts are only reported."""
    with step("uv"):
        uv = ensure_uv(places.tools, UV_LOCK)
    with step("Python packages -> .venv"):
        ensure_environment(PROJECT, uv)
    _optional("bubblewrap", lambda: ensure_bwrap(places.tools, as_root=is_root()))
    _optional("toolchains of the sandbox", lambda: build(places.toolchains, uv, extra_pythons=[Path(sys.executable)]))
    _optional("Chromium", lambda: ensure_browser(as_root=is_root()))


def _optional(title: str, ensure: Callable[[], object]) -> None:
    try:
        with step(title):
            ensure()
    except (SetupError, ToolchainError, OSError) as error:
        say(f"    MISSING: {error}; then `make setup`. What needs it will be skipped or refused, and will say so.")


@contextmanager
def _only_setup() -> Iterator[None]:
    folder = PROJECT / ".tools"
    try:
        folder.mkdir(exist_ok=True)
        lock = (folder / "setup.lock").open("w")
    except OSError as error:
        raise SetupError(f"{PROJECT} cannot be written by this user: make a clone of your own ({error})") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up of this folder is under way; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/setup.sh", description=__doc__)
    parser.add_argument("--key", help="what the stamp is to say when all is done")
    parser.add_argument(
        "--again", action="store_true", help="look at every part, even if the stamp says that all is done"
    )
    parser.add_argument("--show-uv", action="store_true", help="only print where uv is")
    options = parser.parse_args()
    places = Places.of_this_user()
    os.umask(0o022)
    try:
        if options.show_uv:
            sys.stdout.write(f"{ensure_uv(places.tools, UV_LOCK)}\n")
            return 0
        with _only_setup():
            if options.key and (options.again or not has_key(STAMP, options.key)):
                set_up(places)
                built = locate(places.toolchains)
                write_stamp(STAMP, options.key, [path for path in (built.python, built.node_modules) if path])
    except (SetupError, OSError) as error:
        say(f"set-up cannot go on: {error}")
        return 1
    except KeyboardInterrupt:
        say("set-up was interrupted; it goes on where it was when started again")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
