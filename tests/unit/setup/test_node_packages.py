"""The dashboard's packages are installed as its lock says, once; what was generated is compared with what is made anew."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.toolchain import SYSTEM_FOLDERS
from sandbox.toolchains.interpreters import NodeRuntime, find_node
from scripts.dashboard import differences
from scripts.node_packages import STAMP, NodePackages, ensure_packages, find_any_node, run_in
from scripts.setup.__main__ import PROJECT, Places
from scripts.setup.shell import SetupError
from tests.unit.setup.machines import script

INSTALL = """
import pathlib, sys
from scripts.node_packages import ensure_packages, find_any_node
from scripts.setup.__main__ import Places
ensure_packages(pathlib.Path(sys.argv[1]), find_any_node(Places.of_this_user()))
"""


@pytest.fixture
def node() -> NodeRuntime:
    found = find_node([*SYSTEM_FOLDERS, *map(Path, os.get_exec_path())])
    if found is None:
        pytest.skip("missing: Node 20.19 or newer")
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with one package, which is a folder beside it, so that no registry is asked."""
    project = tmp_path / "project"
    (project / "greeter").mkdir(parents=True)
    greeter = {"name": "greeter", "version": "1.0.0", "bin": {"greet": "greet.js"}}
    (project / "greeter" / "package.json").write_text(json.dumps(greeter))
    greet = script(project / "greeter" / "greet.js", "")
    greet.write_text("#!/usr/bin/env node\nconsole.log(process.argv[2]); process.exit(Number(process.argv[3] ?? 0))\n")
    asked = {"name": "project", "version": "1.0.0", "dependencies": {"greeter": "file:./greeter"}}
    (project / "package.json").write_text(json.dumps({**asked, "scripts": {"broken": "greet no 3"}}))
    packages = {"": asked, "greeter": greeter, "node_modules/greeter": {"resolved": "greeter", "link": True}}
    lock = {"name": "project", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": packages}
    (project / "package-lock.json").write_text(json.dumps(lock))
    return project


def stamped(folder: Path) -> int:
    return (folder / "node_modules" / STAMP).stat().st_mtime_ns


def test_packages_are_installed_once_and_again_when_the_lock_changed(node: NodeRuntime, folder: Path) -> None:
    packages = ensure_packages(folder, node)
    said = subprocess.run(packages.program("greet", "there"), capture_output=True, text=True, check=True).stdout
    assert said == "there\n"
    first = stamped(folder)
    ensure_packages(folder, node)
    assert stamped(folder) == first
    lock = folder / "package-lock.json"
    lock.write_text(lock.read_text() + "\n")
    ensure_packages(folder, node)
    assert stamped(folder) > first


def test_an_install_that_fails_leaves_no_stamp(node: NodeRuntime, folder: Path) -> None:
    ensure_packages(folder, node)
    (folder / "package.json").write_text(
        '{"name": "project", "version": "1.0.0", "dependencies": {"another": "file:./x"}}'
    )
    with pytest.raises(SetupError, match="npm"):
        ensure_packages(folder, node)
    assert not (folder / "node_modules" / STAMP).exists()


def test_packages_are_installed_in_an_empty_environment(node: NodeRuntime, folder: Path) -> None:
    command = [sys.executable, "-c", INSTALL, str(folder)]
    done = subprocess.run(command, cwd=PROJECT, env={}, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert (folder / "node_modules" / STAMP).exists()


def test_a_script_that_fails_is_named_with_its_exit_code(node: NodeRuntime, folder: Path) -> None:
    packages = ensure_packages(folder, node)
    with pytest.raises(SetupError, match=r"run --silent broken` failed \(exit code 3\)"):
        run_in(packages, packages.script("broken"))


def test_the_machines_own_node_comes_first_and_is_found_by_its_name_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = script(tmp_path / "old" / "node", "echo v18.1.0").parent
    new = script(tmp_path / "new" / "node", "echo v24.1.0").parent
    for place in (old, new):
        script(place / "npm", "")
    cannot_be_looked_into = "x" * 300
    monkeypatch.setenv("PATH", os.pathsep.join(map(str, (cannot_be_looked_into, old, new))))
    node = find_any_node(Places(tmp_path / "tools", tmp_path / "toolchains"))
    assert (node.program, node.version) == (new / "node", "24.1.0")
    assert NodePackages(tmp_path, node).surroundings["PATH"].split(os.pathsep)[0] == str(new)


def test_what_differs_between_two_builds_is_named(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for build in (one, other):
        (build / "assets").mkdir(parents=True)
        (build / "index.html").write_text("the same")
        (build / "assets" / "a.js").write_text(build.name)
    (one / "assets" / "gone.js").write_text("")
    (other / "new.svg").write_text("")
    assert differences(one, one) == []
    assert differences(one, other) == ["assets/a.js", "assets/gone.js", "new.svg"]
