"""A step of a build as a process: what it says, and that nothing of it is left."""

import time
import uuid
from contextlib import suppress
from pathlib import Path

from tools.inside.dockerfile.build import execute

PATH = {"PATH": "/usr/bin:/bin"}


def test_what_a_step_prints_and_how_it_ends_is_known(tmp_path: Path) -> None:
    assert execute(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"], tmp_path, PATH) == (3, "out\nerr\n")


def test_a_program_that_is_not_there_is_an_exit_code(tmp_path: Path) -> None:
    code, said = execute(["/none/at/all"], tmp_path, PATH)
    assert code == 127
    assert "No such file" in said


def test_a_step_that_does_not_end_is_ended_with_what_it_started(tmp_path: Path) -> None:
    long = f"3000.{uuid.uuid4().int}"
    assert execute(["/bin/sh", "-c", f"sleep {long} & sleep {long}"], tmp_path, PATH, 0.2) == (
        124,
        "it did not end within 0.2 s",
    )
    deadline = time.monotonic() + 60
    while alive(long):
        assert time.monotonic() < deadline, "what it started goes on"
        time.sleep(0.01)


def alive(word: str) -> bool:
    """Whether a process has it in its command line; the dead have none."""
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if word.encode() in each.read_bytes():
                return True
    return False
