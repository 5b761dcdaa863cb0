"""Leases: of two runs of one task, the older cannot write; a run that is killed again and again is counted."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import empty_checkpoint

from graph.checkpoints import Checkpoints, open_checkpoints
from graph.leases import Lease, is_refusal


@pytest.fixture
async def checkpoints(tmp_path: Path) -> AsyncIterator[Checkpoints]:
    async with open_checkpoints(tmp_path / "c.db") as opened:
        yield opened


async def put(checkpoints: Checkpoints, lease: Lease) -> None:
    config: RunnableConfig = {"configurable": {"thread_id": lease.thread_id, "checkpoint_ns": "", **lease.configurable}}
    await checkpoints.saver.aput(config, empty_checkpoint(), {"source": "loop", "step": 1}, {})


async def test_the_checkpoints_of_an_older_run_are_refused(checkpoints: Checkpoints, tmp_path: Path) -> None:
    old = await checkpoints.leases.claim("t")
    await put(checkpoints, old)
    async with open_checkpoints(tmp_path / "c.db") as elsewhere:
        new = await elsewhere.leases.claim("t")
        with pytest.raises(sqlite3.IntegrityError) as error:
            await put(checkpoints, old)
        await put(elsewhere, new)
    assert is_refusal(error.value)
    assert not is_refusal(sqlite3.IntegrityError("UNIQUE constraint failed"))


async def test_another_tasks_runs_are_not_concerned(checkpoints: Checkpoints) -> None:
    mine = await checkpoints.leases.claim("t")
    await checkpoints.leases.claim("u")
    await put(checkpoints, mine)


async def claimed(folder: Path, *, write: bool = False) -> int:
    """The claims of a run in a process of its own, which is killed, after a checkpoint where it may `write` one."""
    async with open_checkpoints(folder / "c.db") as opened:
        lease = await opened.leases.claim("t")
        if write:
            await put(opened, lease)
        return lease.claims


async def test_runs_that_are_killed_without_a_checkpoint_are_counted(tmp_path: Path) -> None:
    assert [await claimed(tmp_path) for _ in range(4)] == [1, 2, 3, 4]


async def test_a_checkpoint_begins_the_count_anew(tmp_path: Path) -> None:
    assert [await claimed(tmp_path), await claimed(tmp_path, write=True), await claimed(tmp_path)] == [1, 2, 1]


async def test_a_run_that_ends_by_itself_begins_the_count_anew(checkpoints: Checkpoints, tmp_path: Path) -> None:
    await claimed(tmp_path)
    await checkpoints.leases.release(await checkpoints.leases.claim("t"))
    assert await claimed(tmp_path) == 1


async def test_a_run_whose_end_could_not_be_written_down_was_not_killed(checkpoints: Checkpoints) -> None:
    assert [(await checkpoints.leases.claim("t")).claims for _ in range(3)] == [1, 1, 1]
    assert (await checkpoints.leases.claim("t")).epoch == 4


async def test_a_run_that_was_replaced_does_not_release_its_successor(checkpoints: Checkpoints, tmp_path: Path) -> None:
    old = await checkpoints.leases.claim("t")
    await claimed(tmp_path)
    await checkpoints.leases.release(old)
    assert await claimed(tmp_path) == 3
