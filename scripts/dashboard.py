"""What a developer of the dashboard runs: `python -m scripts.dashboard build | check | test`.

Everything that is generated and committed is made by `build` and compared by `check`: the OpenAPI document, the types of it,
and the built application.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dashboard import dist
from scripts.export_openapi import document
from scripts.node_packages import NodePackages, ensure_packages, find_any_node, run_in
from scripts.setup.__main__ import PROJECT, Places
from scripts.setup.shell import STEP_TIMEOUT_S, SetupError, say

FOLDER = PROJECT / "dashboard"
OPENAPI = FOLDER / "openapi.json"
TYPES = FOLDER / "src" / "api" / "schema.d.ts"
REMEDY = "run `make dashboard` and commit what it makes"
MOST_NAMED = 5
_COLOURS = re.compile(r"\x1b(?:\[[0-9;]*m|\][^\x1b]*\x1b\\)")
"""And links, which some programs print into a pipe, too."""


def build(packages: NodePackages) -> None:
    """Make everything anew that is generated from the service and from the sources. Raises SetupError."""
    OPENAPI.write_text(document())
    run_in(packages, _types(packages, TYPES))
    run_in(packages, _bundle(packages, dist()))


def check(packages: NodePackages) -> list[str]:
    """Lint, types, and whether everything that is generated is up to date; what is wrong, in sentences."""
    checks = (_linted, _openapi_is_current, _types_are_current, _build_is_current)
    with ThreadPoolExecutor(2) as threads:
        return [fault for fault in threads.map(lambda run: _timed(run, packages), checks) if fault]


def differences(there: Path, made: Path) -> list[str]:
    """The files, by path, that only one of the folders has, or that are not the same."""
    one, other = _files(there), _files(made)
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


def _timed(run: Callable[[NodePackages], str], packages: NodePackages) -> str:
    started = time.monotonic()
    fault = run(packages)
    what = run.__name__.strip("_").replace("_", " ")
    say(f"dashboard: {what}: {'NO' if fault else 'yes'} ({time.monotonic() - started:.1f} s)")
    return fault


def _linted(packages: NodePackages) -> str:
    return _fault_of(packages, packages.script("lint"))


def _openapi_is_current(packages: NodePackages) -> str:
    same = OPENAPI.read_text() == document()
    return "" if same else f"{_shown(OPENAPI)} is not the document of the service: {REMEDY}"


def _types_are_current(packages: NodePackages) -> str:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / TYPES.name
        fault = _fault_of(packages, _types(packages, made))
        if not fault and made.read_text() != TYPES.read_text():
            fault = f"{_shown(TYPES)} does not have the types of {_shown(OPENAPI)}: {REMEDY}"
    return fault


def _build_is_current(packages: NodePackages) -> str:
    with tempfile.TemporaryDirectory() as folder:
        fault = _fault_of(packages, _bundle(packages, Path(folder)))
        found = [] if fault else differences(dist(), Path(folder))
    if found:
        named = ", ".join(found[:MOST_NAMED]) + (" ..." if len(found) > MOST_NAMED else "")
        fault = f"{_shown(dist())} is not what its sources build ({named}): {REMEDY}"
    return fault


def _types(packages: NodePackages, target: Path) -> list[str | Path]:
    return packages.program("openapi-typescript", OPENAPI, "-o", target)


def _bundle(packages: NodePackages, target: Path) -> list[str | Path]:
    return packages.program("vite", "build", "--outDir", target, "--emptyOutDir", "--logLevel", "warn")


def _fault_of(packages: NodePackages, command: list[str | Path]) -> str:
    """What the command printed when it failed."""
    done = subprocess.run(
        command,
        cwd=packages.folder,
        env={**os.environ, **packages.surroundings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=STEP_TIMEOUT_S,
        check=False,
    )
    return "" if done.returncode == 0 else _COLOURS.sub("", done.stdout).strip() or f"exit code {done.returncode}"


def _files(folder: Path) -> Mapping[str, bytes]:
    def found() -> Iterator[tuple[str, bytes]]:
        for path in folder.rglob("*"):
            if path.is_file():
                yield path.relative_to(folder).as_posix(), path.read_bytes()

    return dict(found())


def _shown(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.dashboard", description=__doc__)
    parser.add_argument("what", choices=("build", "check", "test"))
    what = parser.parse_args().what
    try:
        packages = ensure_packages(FOLDER, find_any_node(Places.of_this_user()))
        if what == "build":
            build(packages)
        elif what == "test":
            run_in(packages, packages.script("test"))
        else:
            faults = check(packages)
            say("\n\n".join(faults))
            return 1 if faults else 0
    except (SetupError, OSError) as error:
        say(f"dashboard: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
