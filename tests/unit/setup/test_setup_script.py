"""scripts/setup.sh: when it does nothing, when it hands over, and what it says where it cannot."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.setup.stamp import write_stamp
from tests.unit.setup.machines import script

PROJECT = Path(__file__).resolve().parents[3]
DEPENDS_ON = (
    "pyproject.toml",
    "requirements.lock",
    "requirements/dev.lock",
    "scripts/setup.sh",
    "scripts/setup/__main__.py",
    "sandbox/toolchain.py",
    "sandbox/toolchains/build.py",
    "sandbox/toolchains/python/requirements.lock",
    "sandbox/toolchains/node/package-lock.json",
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A project whose set-up is finished; its path has a space in it."""
    root = tmp_path / "a checkout"
    for name in DEPENDS_ON:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, root / name)
    script(root / ".venv" / "bin" / "autonomy", "exit 0")
    (root / "toolchain").mkdir()
    write_stamp(root / ".venv" / "setup.stamp", handed_over(root)[1], [root / "toolchain"])
    return root


def run_setup(root: Path, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run it with a Python on PATH that only shows what it was started with."""
    folder = root.parent / "programs"
    script(folder / "python3", 'if [ "$1" = -c ]; then exit 0; fi\nfor word; do printf "<%s>" "$word"; done')
    environment = {"PATH": path or f"{folder}:{os.defpath}", "HOME": str(root.parent)}
    command = [str(root / "scripts" / "setup.sh"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, cwd="/", timeout=30, check=False)


def handed_over(root: Path, *arguments: str) -> tuple[bool, str]:
    """Whether scripts.setup was started, and with which key."""
    done = run_setup(root, *arguments)
    assert done.returncode == 0
    assert done.stdout == ""
    _, _, rest = done.stderr.partition("<-m><scripts.setup><--key><")
    return bool(rest), rest.partition(">")[0]


def test_a_finished_set_up_is_left_alone(checkout: Path) -> None:
    assert handed_over(checkout) == (False, "")


@pytest.mark.parametrize("name", DEPENDS_ON)
def test_a_change_of_what_it_depends_on_starts_it_again(checkout: Path, name: str) -> None:
    with (checkout / name).open("a") as file:
        file.write("\n# changed\n")
    assert handed_over(checkout)[0]


@pytest.mark.parametrize("name", ["toolchain", ".venv/bin/autonomy", ".venv/setup.stamp"])
def test_a_part_that_is_gone_starts_it_again(checkout: Path, name: str) -> None:
    part = checkout / name
    part.rmdir() if part.is_dir() else part.unlink()
    assert handed_over(checkout)[0]


def test_a_checkout_that_was_moved_is_set_up_again(checkout: Path) -> None:
    moved = checkout.with_name("moved")
    checkout.rename(moved)
    assert handed_over(moved)[0]


def test_a_person_can_ask_for_another_look(checkout: Path) -> None:
    assert handed_over(checkout, "--again")[0]


def test_without_python_it_says_in_one_sentence_what_to_do(checkout: Path) -> None:
    tools = checkout.parent / "tools"
    tools.mkdir()
    for name in ("sh", "dirname", "id", "cat", "cksum"):
        (tools / name).symlink_to(str(shutil.which(name)))
    (checkout / ".venv" / "setup.stamp").unlink()
    text = (checkout / "scripts" / "setup.sh").read_text()
    (checkout / "scripts" / "setup.sh").write_text(text.replace("/usr/bin/python3 /usr/local/bin/python3", ""))
    done = run_setup(checkout, path=str(tools))
    assert done.returncode == 1
    assert done.stderr.startswith("Autonomy needs Python 3.11 or newer")
    assert done.stderr.count("\n") == 1
