"""What the lock files must say, and must not."""

import json
import re
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
TOOLCHAINS = PROJECT / "sandbox" / "toolchains"
PYTHON_LOCKS = (
    PROJECT / "requirements.lock",
    PROJECT / "requirements" / "dev.lock",
    PROJECT / "requirements" / "uv.lock",
    TOOLCHAINS / "python" / "requirements.lock",
    TOOLCHAINS / "node" / "runtime.lock",
)
NODE_LOCK = TOOLCHAINS / "node" / "package-lock.json"


def wanted(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text().splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


def pinned(path: Path) -> dict[str, set[str]]:
    """Versions by package; a universal lock may hold more than one, each for its platform."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", path.read_text(), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def test_the_project_and_its_run_time_requirements_name_the_same_packages() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert sorted(project["dependencies"]) == sorted(wanted(PROJECT / "requirements" / "run.in"))


@pytest.mark.parametrize("lock", [*PYTHON_LOCKS, NODE_LOCK], ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_lock_holds_no_address_of_a_package_index(lock: Path) -> None:
    text = lock.read_text()
    assert "resolved" not in text
    assert not re.findall(r"^\s*--(?:index|extra-index|find-links)\S*", text, re.MULTILINE)
    assert not re.findall(r"\S+ @ \S+|[a-z+]+://\S*(?:simple|\.whl|\.tar\.gz|\.tgz)\S*", text)


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_locked_python_package_has_a_hash(lock: Path) -> None:
    entries = re.split(r"^(?=[\w.-]+==)", lock.read_text(), flags=re.MULTILINE)[1:]
    assert entries
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_every_locked_node_package_has_a_hash() -> None:
    packages = json.loads(NODE_LOCK.read_text())["packages"]
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_node_packages_are_locked_at_the_versions_that_package_json_names() -> None:
    manifest = json.loads((NODE_LOCK.parent / "package.json").read_text())
    locked = json.loads(NODE_LOCK.read_text())["packages"]
    named = manifest["dependencies"] | manifest["devDependencies"]
    versions = {name: wanted.rpartition("@")[2] for name, wanted in named.items()}  # of an alias too: npm:NAME@VERSION
    assert {name: locked[f"node_modules/{name}"]["version"] for name in named} == versions


def test_tests_run_with_the_versions_that_users_run() -> None:
    run, dev = pinned(PROJECT / "requirements.lock"), pinned(PROJECT / "requirements" / "dev.lock")
    assert {name: dev.get(name) for name in run} == run
