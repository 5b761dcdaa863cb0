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


async def test_runs_that_are_killed_without_a_checkpoint_are_counted(checkpoints: Checkpoints) -> None:
    assert [(await checkpoints.leases.claim("t")).claims for _ in range(4)] == [1, 2, 3, 4]


async def test_a_checkpoint_begins_the_count_anew(checkpoints: Checkpoints) -> None:
    await checkpoints.leases.claim("t")
    await put(checkpoints, await checkpoints.leases.claim("t"))
    assert (await checkpoints.leases.claim("t")).claims == 1


async def test_a_run_that_ends_by_itself_begins_the_count_anew(checkpoints: Checkpoints) -> None:
    await checkpoints.leases.claim("t")
    await checkpoints.leases.release(await checkpoints.leases.claim("t"))
    assert (await checkpoints.leases.claim("t")).claims == 1


async def test_a_run_that_was_replaced_does_not_release_its_successor(checkpoints: Checkpoints) -> None:
    old = await checkpoints.leases.claim("t")
    await checkpoints.leases.claim("t")
    await checkpoints.leases.release(old)
    assert (await checkpoints.leases.claim("t")).claims == 3
