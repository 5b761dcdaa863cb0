"""The application's files, those that are in this box and those that are only known by name; their YAML with its lines."""

import fnmatch
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ..box import ROOT, Report, library

WORKFLOWS = (".github/workflows/*.yml", ".github/workflows/*.yaml")
COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
GITLAB = (".gitlab-ci.yml",)
BITBUCKET = ("bitbucket-pipelines.yml",)
DEPLOY = ("deploy/*.yaml", "deploy/*.yml")
DOCKERFILES = ("Dockerfile", "*.Dockerfile", "Dockerfile.*")
SECRET_NAME = re.compile(r"(?:SECRET|PASSWORD|TOKEN|API_KEY|PRIVATE_KEY)", re.I)
REFERENCE = re.compile(r"^\s*(?:\$.*|<.*>|change[-_ ]?me.*|)\s*$", re.I)


def named(*patterns: str) -> list[str]:
    """Paths that fit, among the files of this box."""
    found = (path.relative_to(ROOT).as_posix() for pattern in patterns for path in ROOT.glob(pattern))
    return sorted(path for path in found if not path.startswith(".autonomy/"))


def text(path: str) -> str:
    return (ROOT / path).read_text()


def exists(path: str) -> bool:
    """Whether the application has it, though it may not be in this box, or somebody is still to write it."""
    known, expected = _paths()
    if any(fnmatch.fnmatch(one, path) for one in known):
        return True
    return any(fnmatch.fnmatch(path, glob) or glob.startswith(f"{path}/") for glob in expected)


@lru_cache(maxsize=1)
def _paths() -> tuple[tuple[str, ...], tuple[str, ...]]:
    paths = json.loads((ROOT / ".autonomy" / "paths.json").read_text())
    return tuple(paths["known"]), tuple(paths["expected"])


def documents(path: str) -> list[Any]:
    """The documents of a YAML file; none when it is not YAML, which its schema's check says."""
    try:
        return list(library("ruamel.yaml").YAML(typ="safe", pure=True).load_all(_plain(path)))
    except Exception:
        return []


def objects(path: str) -> list[dict[str, Any]]:
    return [one for one in documents(path) if isinstance(one, dict)]


@lru_cache(maxsize=64)
def tree(path: str) -> Any:
    """The nodes of a YAML file's first document, each with its line; None when it is not YAML."""
    try:
        return library("ruamel.yaml").YAML(typ="rt", pure=True).compose(text(path))
    except Exception:
        return None


def _plain(path: str) -> str:
    """Without GitLab's own tag, which stands for a list from elsewhere."""
    return re.sub(r"!reference\s*", "", text(path))


def line_of(path: str, *keys: str | int) -> int | None:
    """The line of the member at `keys`, of its nearest parent where it is not there."""
    node, line = tree(path), None
    for key in keys:
        entry = _entry(node, key)
        if entry is None:
            break
        at, node = entry
        line = at.start_mark.line + 1
    return line


def _entry(node: Any, key: str | int) -> tuple[Any, Any] | None:
    """The node that stands for a key, and its value."""
    value = getattr(node, "value", None)
    if not isinstance(value, list):
        return None
    if isinstance(key, int):
        return (value[key], value[key]) if key < len(value) and not isinstance(value[key], tuple) else None
    return next((one for one in value if isinstance(one, tuple) and getattr(one[0], "value", None) == key), None)


def broken(path: str) -> tuple[int | None, str]:
    """Where and why a YAML file cannot be read."""
    try:
        library("ruamel.yaml").YAML(typ="rt", pure=True).compose(text(path))
    except Exception as error:
        mark = getattr(error, "problem_mark", None)
        return (mark.line + 1 if mark else None), " ".join(str(getattr(error, "problem", None) or error).split())[:300]
    return None, "it is not YAML"


def mappings(node: Any, name: str) -> Iterator[Any]:
    """Every mapping below a node once that is the value of a member `name`."""
    seen: set[int] = set()

    def below(one: Any, held_by: str) -> Iterator[Any]:
        value = getattr(one, "value", None)
        if not isinstance(value, list) or id(one) in seen:
            return
        seen.add(id(one))
        if held_by == name and value and isinstance(value[0], tuple):
            yield one
        for entry in value:
            held = str(getattr(entry[0], "value", "")) if isinstance(entry, tuple) else ""
            yield from below(entry[1] if isinstance(entry, tuple) else entry, held)

    yield from below(node, "")


def scalars(node: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar below a node once, with the name of the member that holds it."""
    seen: set[int] = set()

    def below(one: Any, name: str) -> Iterator[tuple[str, Any]]:
        if id(one) in seen:
            return
        seen.add(id(one))
        value = getattr(one, "value", None)
        if not isinstance(value, list):
            if one is not None:
                yield name, one
            return
        for entry in value:
            if isinstance(entry, tuple):
                yield from below(entry[1], str(getattr(entry[0], "value", "")))
            else:
                yield from below(entry, name)

    yield from below(node, key)


def at(node: Any, *path: str) -> Any:
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    return node


def secret(report: Report, path: str, name: str, how: str, line: int | None) -> None:
    report.add(f"{name} has its value in the file; {how}", path, line, category="secret")
