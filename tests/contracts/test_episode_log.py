"""What every EpisodeLog promises."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.episodes import Episode, EpisodeFilter
from core.errors import InvalidInput
from core.findings import Finding
from core.ports import EpisodeLog
from core.types import AgentName, TaskStatus
from tests.unit.memory.stores import sqlite_stores

QA, BACKEND = AgentName.QA, AgentName.BACKEND


@pytest.fixture
async def episodes(tmp_path: Path) -> AsyncIterator[EpisodeLog]:
    async with sqlite_stores(tmp_path) as stores:
        yield stores.episodes


def episode(task_id: str, agent: AgentName = QA, **fields: object) -> Episode:
    given = {"ended_at": 5.0, "sentence": "A list", "status": TaskStatus.COMPLETED, "rounds": 2, **fields}
    return Episode.model_validate({"task_id": task_id, "agent": agent, **given})


async def test_episodes_come_back_whole_and_newest_first(episodes: EpisodeLog) -> None:
    finding = Finding(check="pytest", message="wrong", owner=QA)
    first, second = episode("t1", findings=(finding,), interactions=("a", "b")), episode("t2", status=TaskStatus.FAILED)
    await episodes.record(first)
    await episodes.record(second, episode("t2", BACKEND))
    assert await episodes.list(EpisodeFilter(agent=QA)) == (second, first)
    assert await episodes.list(EpisodeFilter(agent=QA, limit=1)) == (second,)
    assert {each.agent for each in await episodes.list(EpisodeFilter(task_id="t2"))} == {QA, BACKEND}


async def test_the_same_episode_again_changes_nothing(episodes: EpisodeLog) -> None:
    await episodes.record(episode("t1"))
    await episodes.record(episode("t1", rounds=7))
    assert [each.rounds for each in await episodes.list(EpisodeFilter())] == [2]


async def test_what_was_reflected_on_is_told_apart_and_says_where_it_led(episodes: EpisodeLog) -> None:
    await episodes.record(*(episode(f"t{n}") for n in range(3)), episode("t1", BACKEND))
    await episodes.reflected(QA, ["t0", "t1", "unknown"], "d1")
    await episodes.reflected(QA, ["t1", "t2"], "d2")
    done = await episodes.list(EpisodeFilter(agent=QA, reflected=True))
    assert [(each.task_id, each.reflected) for each in done] == [("t2", "d2"), ("t1", "d1"), ("t0", "d1")]
    assert [each.agent for each in await episodes.list(EpisodeFilter(reflected=False))] == [BACKEND]


async def test_a_page_goes_on_below_an_episode_and_refuses_one_that_is_not_there(episodes: EpisodeLog) -> None:
    await episodes.record(*(episode(f"t{n}") for n in range(3)), episode("t1", BACKEND))
    page = await episodes.list(EpisodeFilter(limit=2))
    rest = await episodes.list(EpisodeFilter(before=page[-1].key))
    assert [each.key for each in (*page, *rest)] == ["t1/backend_agent", "t2/qa_agent", "t1/qa_agent", "t0/qa_agent"]
    with pytest.raises(InvalidInput, match="there is no episode t9/qa_agent"):
        await episodes.list(EpisodeFilter(before="t9/qa_agent"))
