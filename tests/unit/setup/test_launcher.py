"""./autonomy and the make targets, with the set-up and the service replaced by scripts that show how they were started."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.unit.setup.machines import script

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "a checkout"
    root.mkdir()
    for name in ("autonomy", "Makefile"):
        shutil.copy(PROJECT / name, root / name)
    script(root / "scripts" / "setup.sh", 'echo "setting up"')
    script(root / ".venv" / "bin" / "autonomy", 'printf "<%s>" "$AUTONOMY_OFFLINE" "$PWD" "$@"; exit "${EXIT:-0}"')
    return root


def run(command: Sequence[str | Path], *, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.defpath, **environment}
    return subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, timeout=30, check=False)


def test_it_hands_over_in_the_callers_folder_and_keeps_stdout_clean(checkout: Path, tmp_path: Path) -> None:
    done = run([checkout / "autonomy", "build", "a b", ""], cwd=tmp_path)
    assert done.stdout == f"<><{tmp_path}><build><a b><>"
    assert done.stderr == "setting up\n"


def test_it_works_through_a_symlink(checkout: Path, tmp_path: Path) -> None:
    link = tmp_path / "bin" / "autonomy"
    link.parent.mkdir()
    link.symlink_to(checkout / "autonomy")
    assert run([link, "tasks"], cwd=tmp_path).stdout == f"<><{tmp_path}><tasks>"


def test_it_returns_the_exit_code_of_the_service(checkout: Path) -> None:
    assert run([checkout / "autonomy"], cwd=checkout, EXIT="4").returncode == 4


def test_it_starts_nothing_when_the_set_up_fails(checkout: Path) -> None:
    script(checkout / "scripts" / "setup.sh", "exit 130")
    done = run([checkout / "autonomy"], cwd=checkout)
    assert (done.returncode, done.stdout) == (1, "")


def test_make_demo_forces_the_offline_model_and_takes_any_sentence(checkout: Path) -> None:
    done = run(["make", "-s", "demo", 'EXAMPLE=it\'s "quoted" `id`'], cwd=checkout, AUTONOMY_OFFLINE="false")
    assert f'<true><{checkout}><build><it\'s "quoted" `id`>' in done.stdout


@pytest.mark.parametrize(("service", "make"), [("0", 0), ("3", 0), ("1", 2), ("4", 2)])
def test_make_demo_takes_waiting_for_a_person_as_success_and_nothing_else(
    checkout: Path, service: str, make: int
) -> None:
    assert run(["make", "-s", "demo"], cwd=checkout, EXIT=service).returncode == make


def test_make_names_its_targets(checkout: Path) -> None:
    shown = run(["make"], cwd=checkout).stdout
    assert all(f"make {target} " in shown for target in ("demo", "test", "check", "bench", "fix", "help"))
