"""How set-up finds uv, pip, bubblewrap and Chromium, and what it says when it cannot."""

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

from scripts.setup import apt
from scripts.setup.bubblewrap import ensure_bwrap, find_bwrap, private_bwrap
from scripts.setup.shell import SetupError, answer, run, version_in
from scripts.setup.stamp import has_key, write_stamp
from scripts.setup.uv import ensure_uv, find_pip, find_uv, private_folder
from tests.unit.setup.machines import script


@pytest.mark.parametrize(
    ("text", "version"),
    [("bubblewrap 0.8.0", (0, 8, 0)), ("uv 0.13.8 (x86_64-unknown-linux-gnu)", (0, 13, 8)), ("", ()), ("v20", ())],
)
def test_a_version_is_read_from_what_a_program_prints(text: str, version: tuple[int, ...]) -> None:
    assert version_in(text) == version


def test_bubblewrap_on_the_path_comes_before_the_private_one(tmp_path: Path) -> None:
    system = script(tmp_path / "bin" / "bwrap", "echo bubblewrap 0.8.0")
    script(private_bwrap(tmp_path), "echo bubblewrap 0.9.0")
    assert find_bwrap(tmp_path, str(system.parent)) == system


def test_a_bubblewrap_that_is_too_old_or_broken_is_passed_over(tmp_path: Path) -> None:
    old = script(tmp_path / "bin" / "bwrap", "echo bubblewrap 0.6.1")
    assert find_bwrap(tmp_path, str(old.parent)) is None
    private = script(private_bwrap(tmp_path), "echo bubblewrap 0.8.0")
    assert find_bwrap(tmp_path, str(old.parent)) == private
    script(private, "exit 127")
    assert find_bwrap(tmp_path, str(old.parent)) is None


def test_without_a_package_manager_the_advice_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="apt-get install bubblewrap"):
        ensure_bwrap(tmp_path, as_root=False)


def test_a_package_is_unpacked_without_rights_on_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not shutil.which("dpkg-deb"):
        pytest.skip("missing: dpkg-deb")
    tree = tmp_path / "package"
    script(tree / "usr" / "bin" / "bwrap", "echo bubblewrap 0.8.0")
    (tree / "DEBIAN").mkdir()
    control = (
        "Package: bubblewrap\nVersion: 0.8.0\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: test\n"
    )
    (tree / "DEBIAN" / "control").write_text(control)
    archive = tmp_path / "bubblewrap.deb"
    run(["dpkg-deb", "--build", tree, archive])
    # The network part only: a package manager that knows the package and hands out the archive above.
    script(tmp_path / "bin" / "apt-cache", "echo Package: bubblewrap")
    script(tmp_path / "bin" / "apt-get", f"cp '{archive}' .")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.defpath}")

    tools = tmp_path / "tools"
    found = ensure_bwrap(tools, as_root=False, path=str(tmp_path / "nothing"))

    assert found == private_bwrap(tools)
    assert answer([found, "--version"]) == "bubblewrap 0.8.0"
    assert [path.name for path in tools.iterdir()] == ["bubblewrap"]


def test_stale_package_lists_are_replaced_by_private_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "log"
    script(tmp_path / "bin" / "apt-cache", "echo Package: any")
    script(tmp_path / "bin" / "apt-get", f'echo "$*" >> "{log}"; case "$*" in *Dir::State=*) ;; *) exit 100 ;; esac')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.defpath}")
    with pytest.raises(OSError, match="tree"):  # the stand-in delivers no archive
        apt.unpack("any", tmp_path / "tools" / "any")
    calls = log.read_text().splitlines()
    assert calls[0] == "download -q any"
    assert [call.split()[0] for call in calls[1:]] == ["update", "download"]


def test_the_private_uv_is_named_after_its_lock(tmp_path: Path) -> None:
    lock = tmp_path / "uv.lock"
    lock.write_text("uv==1.0\n")
    before = private_folder(tmp_path, lock)
    lock.write_text("# a comment\nuv==1.0\n")
    assert private_folder(tmp_path, lock) == before
    lock.write_text("uv==1.1\n")
    assert private_folder(tmp_path, lock) != before


def test_a_uv_that_is_too_old_gives_way_to_the_private_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "uv.lock"
    lock.write_text("uv==1.0\n")
    old = script(tmp_path / "bin" / "uv", "echo uv 0.4.0")
    monkeypatch.setenv("PATH", str(old.parent))
    assert find_uv(private_folder(tmp_path, lock)) is None
    private = script(private_folder(tmp_path, lock) / "bin" / "uv", "echo uv 1.0.0")
    assert ensure_uv(tmp_path, lock) == private
    script(old, "echo uv 1.2.0")
    assert ensure_uv(tmp_path, lock) == old


def test_a_packaged_wheel_of_pip_will_do_where_the_interpreter_has_none(tmp_path: Path) -> None:
    wheel = tmp_path / "usr" / "share" / "python-wheels" / "pip-23.0.1-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    wheel.touch()
    own = importlib.util.find_spec("pip") is not None
    assert find_pip([tmp_path / "nothing", tmp_path]) == (("-m", "pip") if own else (str(wheel / "pip"),))


def test_a_failing_program_is_named_with_its_exit_code() -> None:
    with pytest.raises(SetupError, match=r"`sh -c exit 7` failed \(exit code 7\)"):
        run(["sh", "-c", "exit 7"])


def test_the_stamp_remembers_its_key(tmp_path: Path) -> None:
    stamp = tmp_path / "setup.stamp"
    assert not has_key(stamp, "1 2")
    write_stamp(stamp, "1 2", [tmp_path])
    assert has_key(stamp, "1 2")
    assert not has_key(stamp, "1")
    assert stamp.read_text() == f"1 2\n{tmp_path}\n"
