"""Installs Python packages into a stage: from those of the toolchain, which are what the application was checked with."""

import csv
import os
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from ..box import library
from . import notes
from .bases import make_python, site_packages

_OF_THE_IMAGE = frozenset({"pip", "setuptools", "wheel"})


class Missing(Exception):
    """A package that cannot be installed here."""


def pip(arguments: list[str]) -> int:
    """`pip install` of requirements; the exit code. Anything else of pip is said to be not executed."""
    if arguments[:1] not in (["install"], ["wheel"], ["download"]):
        notes.write("not executed", f"pip {' '.join(arguments)[:80]}")
        return 0
    options, wanted = _options(arguments[1:])
    for file in options.get("requirement", []):
        if not Path(file).is_file():
            return _refuse(f"pip: could not open the requirements file {file}")
        wanted += [(text, str(Path(file).absolute()), line) for line, text in _lines(Path(file))]
    prefix = Path(os.environ.get("IMAGE_PREFIX") or _prefix_of_python())
    into = Path(options["prefix"][-1]) if "prefix" in options else prefix
    if "user" in options:
        into = Path(os.environ["HOME"]) / ".local"
    if arguments[0] != "install":
        folder = options.get("wheel-dir") or options.get("dest") or ["."]
        return _keep_for_later(wanted, Path(folder[-1]))
    site = Path(options["target"][-1]) if "target" in options else site_packages(into)
    return _install(wanted, site, into / "bin", prefix)


def _keep_for_later(wanted: list[tuple[str, str, int]], folder: Path) -> int:
    """`pip wheel` and `pip download`: names of wheels, which an installation takes for packages of the sandbox."""
    folder.mkdir(parents=True, exist_ok=True)
    found, bad = _resolve(wanted)
    for one in found.values():
        (folder / f"{one.metadata['Name'].replace('-', '_')}-{one.version}-py3-none-any.whl").touch()
    return bad


def venv(folder: str) -> int:
    """`python -m venv`, with a pip that is ours."""
    made = make_python(Path(folder).absolute())
    (made / "bin" / "pip").write_text(f'#!/bin/sh\nexec {made}/bin/python -m pip "$@"\n')
    (made / "bin" / "pip").chmod(0o755)
    notes.write("done", f"a virtual environment in {folder}")
    return 0


def _install(wanted: list[tuple[str, str, int]], site: Path, scripts: Path, prefix: Path) -> int:
    found, bad = _resolve(wanted)
    for one in found.values():
        _link(one, site, scripts, prefix)
    if found:
        notes.write("done", f"pip installed {len(found)} packages of the sandbox")
    return bad


def _resolve(wanted: list[tuple[str, str, int]]) -> tuple[dict[str, metadata.Distribution], int]:
    """Packages by name with all that they need, and the exit code."""
    found, bad = dict[str, metadata.Distribution](), 0
    for text, file, line in wanted:
        try:
            requirement = library("packaging.requirements").Requirement(_wheel(text))
        except ValueError:
            notes.write("not executed", f"pip install {text[:80]}: only names of packages can be stood in for")
            notes.lacking("*", f"what pip would have installed of {text[:80]} is not in the sandbox")
            continue
        if requirement.name.lower() in _OF_THE_IMAGE or (requirement.marker and not requirement.marker.evaluate()):
            continue
        try:
            found |= {one.metadata["Name"]: one for one in _with_dependencies(requirement, set())}
        except Missing as error:
            notes.write("not executed", f"pip install {text[:80]}: {error}")
        except ValueError as error:
            bad = _refuse(str(error), file or None, line or None)
    return found, bad


def _wheel(text: str) -> str:
    """The requirement that a file of a wheel stands for."""
    parts = Path(text).name.split("-")
    return f"{parts[0]}=={parts[1]}" if text.endswith(".whl") and len(parts) > 2 else text


def _with_dependencies(requirement: Any, seen: set[tuple[str, str]]) -> Iterator[metadata.Distribution]:
    """The package and all that it needs. Raises Missing, and ValueError where it is here in another version."""
    key = (requirement.name.lower().replace("_", "-"), ",".join(sorted(requirement.extras)))
    if key in seen:
        return
    seen.add(key)
    try:
        found = metadata.distribution(requirement.name)
    except metadata.PackageNotFoundError:
        why = f"{requirement.name} is not among the packages of the sandbox"
        notes.lacking(requirement.name, why)
        raise Missing(why) from None
    if not requirement.specifier.contains(found.version, prereleases=True):
        raise ValueError(f"{requirement} is asked for, but the application was checked with {found.version}")
    yield found
    for text in found.requires or []:
        needed = library("packaging.requirements").Requirement(text)
        extras = [{"extra": extra} for extra in requirement.extras] or [{"extra": ""}]
        if needed.marker is None or any(needed.marker.evaluate(one) for one in extras):
            yield from _with_dependencies(needed, seen)


def _link(found: metadata.Distribution, site: Path, scripts: Path, prefix: Path) -> None:
    """Links to what the package has in the toolchain, and its programs."""
    site.mkdir(parents=True, exist_ok=True)
    source = Path(str(found.locate_file("")))
    rows = csv.reader((found.read_text("RECORD") or "").splitlines())
    for top in {row[0].split("/")[0] for row in rows if row}:
        if top not in ("..", "bin", "__pycache__") and not os.path.lexists(site / top):
            (site / top).symlink_to(source / top)
    for entry in found.entry_points:
        if entry.group == "console_scripts":
            scripts.mkdir(parents=True, exist_ok=True)
            _script(scripts / entry.name, entry, prefix)


def _script(path: Path, entry: metadata.EntryPoint, prefix: Path) -> None:
    name = entry.attr.split(".")[0]
    path.write_text(f"#!{prefix}/bin/python\nimport sys\nfrom {entry.module} import {name}\nsys.exit({entry.attr}())\n")
    path.chmod(0o755)


def _options(arguments: list[str]) -> tuple[dict[str, list[str]], list[tuple[str, str, int]]]:
    """Options that matter, by long name, and the packages that are named outright."""
    short = {
        "-r": "requirement",
        "-t": "target",
        "-c": "constraint",
        "-w": "wheel-dir",
        "-d": "dest",
        "-i": "index-url",
    }
    taking = {*short.values(), "prefix", "root", "index-url", "extra-index-url", "find-links", "timeout", "retries"}
    options: dict[str, list[str]] = {}
    named: list[tuple[str, str, int]] = []
    rest = iter(arguments)
    for word in rest:
        name, equals, value = word.partition("=")
        long = short.get(name, name.removeprefix("--"))
        if word.startswith("-"):
            options.setdefault(long, []).append(value if equals else next(rest, "") if long in taking else "")
        else:
            named.append((word, "", 0))
    return options, named


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(path.read_text().splitlines(), 1):
        line = re.sub(r"(^|\s)#.*", "", raw).split(" --hash")[0].strip().rstrip("\\").strip()
        if line and not line.startswith("-"):
            yield number, line


def _prefix_of_python() -> str:
    """The prefix of the first Python on the PATH."""
    for folder in os.environ["PATH"].split(":"):
        if (Path(folder) / "python").is_symlink():
            return str(Path(folder).parent)
    return "/usr/local"


def _refuse(text: str, file: str | None = None, line: int | None = None) -> int:
    notes.write("wrong", text, file, line)
    return 1
