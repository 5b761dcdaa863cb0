"""The commands on a terminal: a table that moves, a question that is typed at, Ctrl-C."""

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config import PROJECT
from tests.e2e.processes import COMMAND, environment, run_command

pytestmark = [pytest.mark.e2e, pytest.mark.sandbox, pytest.mark.toolchain, pytest.mark.timeout(400)]
SENTENCE = "A REST API for books with title and author, no UI"
COSTLY = ("--budget", "0.01", "--model", "offline/scaffold?price=0.01")
"""Asks about money at once."""
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A person at a terminal: reads what is shown, types."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self.shown = ""
        self._descriptor = descriptor

    def read_until(self, words: str, seconds: float = 200) -> None:
        until = time.monotonic() + seconds
        while words not in self.shown:
            assert time.monotonic() < until, self.shown[-3000:]
            assert self._read() or words in self.shown, self.shown[-3000:]

    def read_rest(self) -> int:
        """Until the command ends; its exit code."""
        while self._read():
            pass
        try:
            return self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the command did not end; it showed: {self.shown[-3000:]}") from None

    def type(self, line: str) -> None:
        os.write(self._descriptor, f"{line}\n".encode())

    def _read(self) -> bool:
        if not select.select([self._descriptor], [], [], 120)[0]:
            return False
        try:
            piece = os.read(self._descriptor, 65_536)
        except OSError:  # how Linux says that nobody has the terminal open any more
            return False
        self.shown += ESCAPES.sub("", piece.decode(errors="replace"))
        return bool(piece)


@contextmanager
def at_terminal(data: Path, *arguments: str, **changes: str) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    surroundings = environment(data, TERM="xterm", COLUMNS="120", **changes)
    process = subprocess.Popen(
        [*COMMAND, *arguments], cwd=PROJECT, env=surroundings, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=60)
        os.close(ours)


def test_an_unclear_answer_is_asked_back_and_the_next_one_taken(tmp_path: Path) -> None:
    with at_terminal(tmp_path / "data", "build", SENTENCE, *COSTLY) as terminal:
        terminal.read_until("your answer> ")
        assert "budget" in terminal.shown
        terminal.shown = ""
        terminal.type("qwertz asdf")
        terminal.read_until("your answer> ")
        terminal.type("abort")
        assert terminal.read_rest() == 1
    assert "cancelled" in terminal.shown


def test_a_question_is_withdrawn_when_somebody_else_answers_it(tmp_path: Path) -> None:
    with at_terminal(tmp_path / "data", "build", SENTENCE, *COSTLY) as terminal:
        terminal.read_until("your answer> ")
        task_id = run_command(tmp_path / "data", "tasks").stdout.split()[0]
        other = run_command(tmp_path / "data", "cancel", task_id)
        assert other.returncode == 0, other.stderr
        assert terminal.read_rest() == 1
    assert "moved on" in terminal.shown
    assert "cancelled" in terminal.shown


def test_a_build_that_is_interrupted_goes_on_from_where_it_was(tmp_path: Path) -> None:
    unanswered = {"MODEL_BACKEND": f"mailbox/{tmp_path / 'mail'}", "AUTONOMY_OFFLINE": "false"}
    with at_terminal(tmp_path / "data", "build", SENTENCE, **unanswered) as terminal:
        terminal.read_until("backend_agent")
        os.killpg(terminal.process.pid, signal.SIGINT)
        assert terminal.read_rest() == 130
    found = re.search(r"show (\w+) --follow", terminal.shown)
    assert found, terminal.shown
    listed = run_command(tmp_path / "data", "tasks")
    assert "running" in listed.stdout
    with at_terminal(tmp_path / "data", "show", found[1], "--follow") as terminal:
        terminal.read_until("your answer> ")
        assert "tests run" in terminal.shown
        terminal.type("looks great, ship it")
        assert terminal.read_rest() == 0
    assert "git clone --branch" in terminal.shown
    assert "Traceback" not in terminal.shown
