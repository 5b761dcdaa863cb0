"""A process that records is killed: what it had written can be replayed, and gone on with."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config import PROJECT
from llm.cassettes.files import read_calls
from llm.cassettes.player import Cassette
from tests.unit.llm.cassettes.tapes import player, recorder
from tests.unit.llm.scripted import ScriptedClient, a_request

LARGEST = 1 << 30


def kill(folder: Path, largest: int) -> int:
    """Let a process record until the kernel, or we, kill it; how many calls it had said to be written."""
    command = [sys.executable, "-m", "tests.unit.llm.cassettes.recording_child", str(folder), str(largest)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = 0
        for _ in child.stdout:
            said += 1
            if said == 20 and largest == LARGEST:
                child.kill()
    assert child.returncode in (-signal.SIGXFSZ, -signal.SIGKILL)
    return said


def cut_off(folder: Path) -> int:
    """Bytes that stand behind the last whole entry of a file."""
    paths = list(folder.rglob("*.calls"))
    return sum(path.stat().st_size - read_calls(path.read_bytes(), path.name).whole_bytes for path in paths)


@pytest.mark.parametrize("largest", [5_003, 5_500, 6_200, 7_001, 7_777])
async def test_what_was_recorded_before_a_kill_in_the_middle_of_an_entry_can_be_replayed(
    tmp_path: Path, largest: int
) -> None:
    said = kill(tmp_path / "a", largest)
    assert said > 5
    assert cut_off(tmp_path / "a") > 0
    assert len(Cassette.read(tmp_path / "a").entries) == said
    replaying = player()
    for number in range(said):
        request = a_request(f"Question {number}", model=f"replay/{tmp_path / 'a'}")
        assert (await replaying.complete(request)).text == "An answer"

    tape = recorder(ScriptedClient("after the restart"), tmp_path / "a")
    for number in range(said + 1):
        await tape.complete(a_request(f"Question {number}", task_id=f"task-of-{number % 2}"))
    await tape.close()
    answers = [entry.call.answer.text for entry in Cassette.read(tmp_path / "a").entries if entry.call.answer]
    assert sorted(answers) == ["An answer"] * said + ["after the restart"]
    assert cut_off(tmp_path / "a") == 0


async def test_a_kill_at_any_other_moment_loses_nothing_that_was_said_to_be_written(tmp_path: Path) -> None:
    said = kill(tmp_path / "a", LARGEST)
    assert len(Cassette.read(tmp_path / "a").entries) >= said >= 20
