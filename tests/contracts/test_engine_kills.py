"""The engine over the death of its process."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from tests.contracts.segments import until

REPOSITORY = Path(__file__).resolve().parents[2]


class Lives:
    """One process after another with an engine over the same folder; `engine_child.py` says what they do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: asyncio.subprocess.Process | None = None

    async def begin(self, *submit: str) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(Path(__file__).with_name("engine_child.py")),
            str(self.folder),
            *submit,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )

    async def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()
            self.process = None

    def let_go(self, *tasks: str) -> None:
        """Let these slow tasks end, whenever they run."""
        for task in tasks:
            (self.folder / f"go-{task}").touch()

    def ended(self) -> set[str]:
        return {line for line in self.lines() if line.startswith("end:")}

    def has_ended(self, count: int) -> bool:
        return len(self.ended()) >= count

    def has_recorded(self, workflow_id: str) -> bool:
        """Whether the engine has written down the outcome; until it has, a kill makes the segment run again."""
        with closing(sqlite3.connect(f"file:{self.folder / 'engine.db'}?mode=ro", uri=True, timeout=5.0)) as connection:
            query = "SELECT 1 FROM workflow_status WHERE workflow_uuid = ? AND status = 'SUCCESS'"
            return connection.execute(query, (workflow_id,)).fetchone() is not None

    def lines(self) -> list[str]:
        log = self.folder / "log"
        return log.read_text().split() if log.exists() else []


@pytest.fixture
async def lives(tmp_path: Path) -> AsyncIterator[Lives]:
    lives = Lives(tmp_path)
    yield lives
    await lives.kill()


async def test_a_segment_under_way_at_kill_9_runs_again_in_the_next_process(lives: Lives) -> None:
    await lives.begin("slow-task", "quick-task")
    await until(lambda: {"begin:slow-task", "end:quick-task"} <= set(lives.lines()))
    await until(lambda: lives.has_recorded("quick-task:0"))
    await lives.kill()
    lives.let_go("slow-task")
    await lives.begin()
    await until(lambda: "end:slow-task" in lives.lines())
    assert lives.lines().count("begin:slow-task") == 2
    assert lives.lines().count("begin:quick-task") == 1


async def test_no_segment_is_lost_over_kills_at_any_moment(lives: Lives) -> None:
    tasks = [f"slow-{number}" for number in range(40)]
    await lives.begin(*tasks)
    await until(lambda: "submitted" in lives.lines())
    for more, free in ((1, 10), (3, 25)):  # the others are still there to be cut off, however late the kill comes
        ended = len(lives.ended())
        lives.let_go(*tasks[:free])
        await until(partial(lives.has_ended, ended + more))
        await lives.kill()
        await lives.begin()
    lives.let_go(*tasks)
    await until(partial(lives.has_ended, len(tasks)))
    lines = lives.lines()
    assert lives.ended() == {f"end:{task}" for task in tasks}
    repeated = [task for task in tasks if lines.count(f"begin:{task}") > 1]
    assert len(repeated) <= 2 * 5  # at most what was under way at each of the two kills
