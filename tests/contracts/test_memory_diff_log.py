"""What every MemoryDiffLog promises."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from core.agent_views import MemoryDiff, MemoryDiffFilter, RejectedRule
from core.errors import InvalidInput
from core.ports import MemoryDiffLog
from core.types import AgentName
from observability.bigquery.memory_diffs import BigQueryMemoryDiffLog
from observability.memory_diffs import SqliteMemoryDiffLog
from observability.storage import Storage
from tests.wire.bigquery.running import dataset_of, running_bigquery


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[MemoryDiffLog]:
    storage = await Storage.open(folder / "interactions.db")
    try:
        yield SqliteMemoryDiffLog(storage)
    finally:
        await storage.close()


@asynccontextmanager
async def bigquery(folder: Path) -> AsyncIterator[MemoryDiffLog]:
    async with running_bigquery() as server, dataset_of(server) as dataset:
        yield BigQueryMemoryDiffLog(dataset)


@pytest.fixture(params=[sqlite, bigquery])
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MemoryDiffLog]:
    async with request.param(tmp_path) as opened:
        yield opened


def a_diff(diff_id: str = "d1", **changes: Any) -> MemoryDiff:
    diff = MemoryDiff(
        diff_id=diff_id,
        agent=AgentName.QA,
        ts=1_000.0,
        kind="reflection",
        from_version=1,
        to_version=2,
        added=("Ä rule",),
        rejected=(RejectedRule(text="Another", reason="like one that is there"),),
        interactions=("c1",),
        why="two findings",
    )
    return diff.model_copy(update=changes)


async def ids(log: MemoryDiffLog, **query: Any) -> list[str]:
    return [diff.diff_id for diff in await log.list(MemoryDiffFilter(**query))]


async def test_a_recorded_diff_is_read_back_whole(log: MemoryDiffLog) -> None:
    await log.record(a_diff())
    assert list(await log.list(MemoryDiffFilter())) == [a_diff()]


async def test_the_same_id_again_changes_nothing(log: MemoryDiffLog) -> None:
    await log.record(a_diff())
    await log.record(a_diff(why="something else"))
    assert list(await log.list(MemoryDiffFilter())) == [a_diff()]


async def test_diffs_are_listed_newest_first_by_agent_in_pages(log: MemoryDiffLog) -> None:
    for number in range(6):
        await log.record(a_diff(f"d{number}", agent=AgentName.QA if number % 2 else AgentName.PLANNER))
    assert await ids(log) == ["d5", "d4", "d3", "d2", "d1", "d0"]
    assert await ids(log, agent=AgentName.QA, limit=2) == ["d5", "d3"]
    assert await ids(log, agent=AgentName.QA, before="d3") == ["d1"]
    assert await ids(log, agent=AgentName.GIT) == []


async def test_a_cursor_that_names_no_diff_is_refused(log: MemoryDiffLog) -> None:
    with pytest.raises(InvalidInput, match="before"):
        await ids(log, before="nothing")
