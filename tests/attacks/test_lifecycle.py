"""Whatever ends a run or the server, no process of a box goes on; and a box that is not whole runs nothing."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.sandboxes import Limits
from sandbox.leftovers import _is_abandoned
from tests.attacks.boxes import BWRAP, MARK, PROJECT, Owner, Refusal, processes_of, wait_for_process, wait_until_none
from tests.attacks.conftest import reachable_folder

pytestmark = pytest.mark.sandbox
TRIALS = 16


@pytest.fixture
def mortal(owner_uid: int, open_folder: Path) -> Iterator[Owner]:
    """An owner of its own for a test that kills it."""
    started = Owner(owner_uid, open_folder)
    if not started.ok:
        pytest.skip(f"missing: bubblewrap that works here: {started.reason}")
    yield started
    started.process.kill()
    started.end()


def test_a_killed_server_leaves_no_process(mortal: Owner) -> None:
    mortal.send(["/usr/bin/sleep", f"83.{MARK}"], {})
    assert wait_for_process(mortal.outer_uid, "/usr/bin/sleep", f"83.{MARK}")
    mortal.process.kill()
    assert wait_until_none(mortal.outer_uid, f"83.{MARK}") == []


def test_a_server_killed_while_it_starts_a_box_leaves_no_process(owner: Owner) -> None:
    """The option that ends a box with its parent has a gap of its own; the word to go is what closes it."""
    chance = random.Random(7)
    for trial in range(TRIALS):
        command = [
            sys.executable,
            "-m",
            "tests.attacks.short_life",
            str(BWRAP),
            str(owner.uid),
            "/usr/bin/sleep",
            f"84.{MARK}{trial:03}",
        ]
        with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) as server:
            assert server.stdout
            server.stdout.readline()
            time.sleep(chance.uniform(0, 0.03))
            server.kill()
    wait_until_abandoned(owner.outer_uid, f"84.{MARK}")
    assert wait_for_process(owner.outer_uid, "/usr/bin/sleep", f"84.{MARK}", timeout_s=0) == []
    with reachable_folder() as folder:
        Owner(owner.uid, folder).end()
    assert wait_until_none(owner.outer_uid, f"sleep 84.{MARK}") == [], "the next server removes what waits for nobody"


def wait_until_abandoned(uid: int, part: str) -> None:
    """Until only processes that wait for nobody have `part`; on its way into a box one still belongs to who starts it."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        left = processes_of(uid) | processes_of(os.geteuid())
        if all(_is_abandoned(pid) for pid, command in left.items() if part in command):
            return
        time.sleep(0.02)


def test_killing_bubblewrap_itself_leaves_no_process(owner: Owner) -> None:
    owner.send(["/usr/bin/sleep", f"85.{MARK}"], {})
    assert wait_for_process(owner.outer_uid, "/usr/bin/sleep", f"85.{MARK}")
    monitors = wait_for_process(owner.outer_uid, "/usr/bin/bwrap", f"85.{MARK}")
    os.kill(min(monitors), signal.SIGKILL)
    assert not owner.answer().ok
    assert wait_until_none(owner.outer_uid, f"85.{MARK}") == []


def test_files_that_do_not_fit_run_nothing(owner: Owner) -> None:
    files = {"large": "x" * (3 << 20)}
    with pytest.raises(Refusal, match="could not be unpacked") as refusal:
        owner.run(["/usr/bin/touch", "/tmp/ran"], files=files, limits=Limits(box_size=1 << 20))
    assert refusal.value.args[0] == "SetUpFailed"


def test_a_limit_that_cannot_be_set_runs_nothing(owner: Owner) -> None:
    with pytest.raises(Refusal, match="prlimit"):
        owner.run(["/bin/echo", "ran"], limits=Limits(processes=-5))


PRETENDER = """\
#!/usr/bin/python3 -I
import json, os, sys
if sys.argv[1] == "--version":
    sys.exit(print("bubblewrap 0.9.0"))
os.write(int(sys.argv[sys.argv.index("--info-fd") + 1]), json.dumps({"child-pid": os.getpid()}).encode())
command = sys.argv[sys.argv.index("--") + 1 :]
os.execv(command[0], command)
"""


def test_a_bubblewrap_that_isolates_nothing_is_found_out(owner_uid: int, open_folder: Path) -> None:
    """It looks like the real one and starts the command, in no box: the real start of the probe is refused."""
    pretender = open_folder / "bwrap"
    pretender.write_text(PRETENDER)
    pretender.chmod(0o755)
    owner = Owner(owner_uid, open_folder, bwrap=pretender)
    assert not owner.ok
    with pytest.raises(Refusal, match="generated code cannot be run here"):
        owner.run(["/usr/bin/true"])
    owner.end()


def test_a_missing_program_is_the_commands_own_failure(owner: Owner) -> None:
    result = owner.run(["no-such-program"])
    assert result.exit_code == 127
    assert "no-such-program" in result.output


def test_no_descriptor_leaks_from_run_to_run(owner: Owner) -> None:
    open_files = Path(f"/proc/{owner.process.pid}/fd")
    owner.run(["/usr/bin/true"])
    before = len(list(open_files.iterdir()))
    for _ in range(5):
        owner.run(["/usr/bin/true"])
    assert len(list(open_files.iterdir())) == before
