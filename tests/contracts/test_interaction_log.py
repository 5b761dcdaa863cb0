"""What every InteractionLog promises."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.errors import InvalidInput
from core.models import AgentMetrics, CallTotals, Interaction, InteractionFilter, Message
from core.ports import InteractionLog
from core.types import AgentName, Usage
from observability.bigquery.interactions import BigQueryInteractionLog
from observability.interactions import SqliteInteractionLog
from tests.wire.bigquery.running import dataset_of, running_bigquery


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[InteractionLog]:
    log = await SqliteInteractionLog.open(folder / "interactions.db")
    try:
        yield log
    finally:
        await log.close()


@asynccontextmanager
async def bigquery(folder: Path) -> AsyncIterator[InteractionLog]:
    async with running_bigquery() as server, dataset_of(server) as dataset:
        yield BigQueryInteractionLog(dataset)


@pytest.fixture(params=[sqlite, bigquery])
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[InteractionLog]:
    async with request.param(tmp_path) as opened:
        yield opened


def a_call(interaction_id: str = "c1", **changes: object) -> Interaction:
    call = Interaction(
        interaction_id=interaction_id,
        ts=1_000.0,
        task_id="t1",
        agent=AgentName.PLANNER,
        iteration=0,
        model="m",
        prompt_name="planner/plan",
        prompt_hash="h1",
        messages=(Message(role="system", content="You plan."), Message(role="user", content='Plan "ü" \x07')),
        response="A plan",
        finish_reason="length",
        usage=Usage(input_tokens=100, output_tokens=20, cache_read_tokens=60, cache_write_tokens=30),
        cost_usd=0.25,
        seconds=1.5,
    )
    return call.model_copy(update=changes)


async def test_a_recorded_call_is_read_back_whole(log: InteractionLog) -> None:
    await log.record(a_call())
    assert list(await log.list(InteractionFilter())) == [a_call()]


async def test_recording_the_same_call_twice_keeps_one(log: InteractionLog) -> None:
    await log.record(a_call())
    await log.record(a_call())
    assert len(await log.list(InteractionFilter())) == 1


async def test_calls_are_listed_newest_first_with_cursor_and_filters(log: InteractionLog) -> None:
    for number in range(6):
        agent = AgentName.QA if number % 2 else AgentName.PLANNER
        changes = {"agent": agent, "task_id": f"t{number // 3}", "success": number != 5, "model": f"m{number % 3}"}
        await log.record(a_call(f"c{number}", **changes))

    async def ids(**query: object) -> list[str]:
        return [call.interaction_id for call in await log.list(InteractionFilter.model_validate(query))]

    assert await ids(limit=2) == ["c5", "c4"]
    assert await ids(before="c4") == ["c3", "c2", "c1", "c0"]
    assert await ids(agent=AgentName.QA, success=True) == ["c3", "c1"]
    assert await ids(success=False) == ["c5"]
    assert await ids(task_id="t0", model="m1") == ["c1"]
    assert await ids(task_id="nobody") == []


async def test_a_cursor_that_names_no_call_is_refused(log: InteractionLog) -> None:
    with pytest.raises(InvalidInput, match="before"):
        await log.list(InteractionFilter(before="nothing"))


async def test_find_gives_the_newest_successful_call_of_this_task_with_this_prompt(log: InteractionLog) -> None:
    await log.record(a_call("c1", response="older"))
    await log.record(a_call("c2", response="newer"))
    await log.record(a_call("c3", success=False, error="broken"))
    await log.record(a_call("c4", task_id="t2"))
    await log.record(a_call("c5", prompt_hash="h2"))
    found = await log.find("t1", "h1")
    assert found is not None
    assert (found.interaction_id, found.response) == ("c2", "newer")
    assert await log.find("t3", "h1") is None
    assert await log.find("t1", "h3") is None


async def test_metrics_are_sums_per_agent(log: InteractionLog) -> None:
    assert list(await log.metrics()) == []
    await log.record(a_call("c1"))
    await log.record(a_call("c2", success=False, error="x", cost_usd=0.0))
    await log.record(a_call("c3", agent=AgentName.BACKEND))
    backend, planner = await log.metrics()
    assert backend.agent is AgentName.BACKEND
    assert planner == AgentMetrics(
        agent=AgentName.PLANNER,
        calls=2,
        failures=1,
        input_tokens=200,
        output_tokens=40,
        cost_usd=0.25,
        seconds=3.0,
    )


async def test_totals_are_sums_by_agent_model_and_outcome(log: InteractionLog) -> None:
    assert list(await log.totals()) == []
    for number, changes in enumerate(
        ({}, {}, {"model": "dear"}, {"success": False, "usage": Usage(), "cost_usd": 0.0})
    ):
        await log.record(a_call(f"c{number}", **changes))
    await log.record(a_call("c0"))
    sums = {(each.agent, each.model, each.success): each for each in await log.totals()}
    assert sorted(sums) == [("planner", "dear", True), ("planner", "m", False), ("planner", "m", True)]
    assert sums[AgentName.PLANNER, "m", True] == CallTotals(
        agent=AgentName.PLANNER,
        model="m",
        success=True,
        calls=2,
        input_tokens=200,
        output_tokens=40,
        cache_read_tokens=120,
        cache_write_tokens=60,
        cost_usd=0.5,
        seconds=3.0,
    )
    assert sums[AgentName.PLANNER, "m", False].calls == 1
    (planner,) = await log.metrics()
    assert (planner.calls, planner.failures) == (4, 1)


async def test_what_tasks_took_is_summed_by_agent_and_model_over_successful_calls(log: InteractionLog) -> None:
    await log.record(a_call("c1"))
    await log.record(a_call("c2", iteration=1))
    await log.record(a_call("c3", model="other"))
    await log.record(a_call("c4", agent=AgentName.QA, task_id="t2"))
    await log.record(a_call("c5", success=False))
    await log.record(a_call("c6", task_id="t3"))
    found = {(each.task_id, each.agent, each.model): each for each in await log.usage(["t1", "t2", "unknown"])}
    once = Usage(input_tokens=100, output_tokens=20, cache_read_tokens=60, cache_write_tokens=30)
    twice = Usage(input_tokens=200, output_tokens=40, cache_read_tokens=120, cache_write_tokens=60)
    assert {key: (each.calls, each.usage) for key, each in found.items()} == {
        ("t1", AgentName.PLANNER, "m"): (2, twice),
        ("t1", AgentName.PLANNER, "other"): (1, once),
        ("t2", AgentName.QA, "m"): (1, once),
    }
    assert list(await log.usage([])) == []
