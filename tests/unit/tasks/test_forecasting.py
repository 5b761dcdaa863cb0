"""Forecasts over the real stores: from which tasks, at whose prices, and what they say before there is history."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.budget import FREE, Price
from core.events import LlmEnd
from core.forecast import Range
from core.models import Interaction
from core.types import AgentName, Usage
from memory.finished import SqliteFinishedTasks
from observability.interactions import SqliteInteractionLog
from tasks.forecasting import Forecaster
from tests.contracts.test_interaction_log import a_call
from tests.unit.memory.stores import Stores, a_task, sqlite_stores

MODELS = dict.fromkeys(AgentName, "m")
PRICES = {"m": Price(input=1, output=10), "dear": Price(input=10, output=100), "free": FREE}
DEAREST = Price(input=1_000, output=1_000)


@dataclass(frozen=True)
class Around:
    stores: Stores
    log: SqliteInteractionLog

    def forecaster(self, model: str = "m") -> Forecaster:
        async def price_of(name: str) -> Price | None:
            return PRICES.get(name)

        finished = SqliteFinishedTasks(self.stores.database)
        return Forecaster(finished.newest, self.log, dict.fromkeys(AgentName, model), price_of, lambda: DEAREST)

    async def finish(
        self, task_id: str, thousands: int, *, model: str = "m", status: str = "completed", workflow: str = "build"
    ) -> None:
        """A task whose planner and backend_agent were given and wrote so many thousand tokens each."""
        await self.stores.tasks.create(a_task(task_id, workflow=workflow))
        usage = Usage(input_tokens=thousands * 1_000, output_tokens=thousands * 1_000)
        for agent in (AgentName.PLANNER, AgentName.BACKEND):
            await self.log.record(call(f"{task_id}-{agent}", task_id, agent, model, usage))
        failed = call(f"{task_id}-failed", task_id, AgentName.QA, model, Usage())
        await self.log.record(failed.model_copy(update={"success": False}))
        await self.stores.tasks.update(task_id, status=status)


def call(name: str, task_id: str, agent: AgentName, model: str, usage: Usage) -> Interaction:
    return a_call(name, task_id=task_id, agent=agent, model=model, usage=usage)


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[Around]:
    log = await SqliteInteractionLog.open(tmp_path / "interactions.db")
    async with sqlite_stores(tmp_path) as stores:
        yield Around(stores, log)
    await log.close()


async def test_finished_tasks_with_the_same_models_are_what_a_new_one_is_expected_to_be(around: Around) -> None:
    for number in (1, 2, 3):
        await around.finish(f"t{number}", number)
    forecast = await around.forecaster().of("build")
    assert (forecast.source, forecast.tasks) == ("same_models", 3)
    assert forecast.tokens == Range(low=4_800, expected=8_000, high=11_200)
    assert forecast.usd == Range(low=0.0264, expected=0.044, high=0.0616)


async def test_tasks_with_other_models_are_taken_at_the_prices_of_the_present_ones(around: Around) -> None:
    for number in (1, 2, 3):
        await around.finish(f"t{number}", number, model="free")
    forecast = await around.forecaster("dear").of("build")
    assert (forecast.source, forecast.tasks) == ("other_models", 3)
    assert forecast.usd.expected == pytest.approx(0.44)


async def test_tasks_with_the_same_models_go_before_others_when_there_are_enough(around: Around) -> None:
    for number in (1, 2, 3, 4):
        await around.finish(f"other{number}", 50, model="dear")
    for number in (1, 2):
        await around.finish(f"t{number}", 1)
    forecaster = around.forecaster()
    assert (await forecaster.of("build")).source == "other_models"
    await around.finish("t3", 1)
    forecast = await forecaster.of("build")
    assert (forecast.source, forecast.tasks, forecast.tokens.high) == ("same_models", 3, 4_000)


async def test_what_was_not_completed_or_was_other_work_says_nothing(around: Around) -> None:
    await around.finish("t1", 1, status="failed")
    await around.finish("t2", 1, status="cancelled")
    await around.finish("t3", 1, workflow="change")
    assert (await around.forecaster().of("build")).source == "shipped"


async def test_before_there_is_history_measured_builds_are_taken_with_room_above(around: Around) -> None:
    forecast = await around.forecaster().of("build")
    assert (forecast.source, forecast.tasks) == ("shipped", 6)
    assert forecast.tokens.high > 2 * forecast.tokens.expected
    assert forecast.usd.high > 2 * forecast.usd.expected > 4 * forecast.usd.low > 0


async def test_an_unknown_price_is_named_and_taken_as_the_dearest(around: Around) -> None:
    for number in (1, 2, 3):
        await around.finish(f"t{number}", 1)
    forecast = await around.forecaster("nobody/knows").of("build")
    assert forecast.unknown_prices == ("nobody/knows",)
    assert forecast.usd.expected == pytest.approx(4.0)


async def test_the_rest_of_a_task_is_what_dearer_ones_needed_further(around: Around) -> None:
    for number in (1, 2, 3):
        await around.finish(f"t{number}", number)
    forecaster = around.forecaster()
    rest = await forecaster.rest(a_task("now"), 0.03)
    assert rest.usd == Range(low=0.0162, expected=0.025, high=0.0338)
    assert "2 of 3" in rest.basis
    assert (await forecaster.rest(a_task("now"), 1.0)).usd is None


async def test_outcomes_hold_what_was_foreseen_beside_what_it_came_to(around: Around) -> None:
    foreseen = await around.forecaster().of("build")
    await around.stores.tasks.create(a_task("t1").model_copy(update={"forecast": foreseen}))
    await around.stores.tasks.create(a_task("t2"))
    usage = Usage(input_tokens=100, output_tokens=20)
    end = LlmEnd(agent=AgentName.PLANNER, model="m", prompt_name="p", call_id="c", usage=usage, cost_usd=0.25)
    await around.stores.events.append("t1", end)
    finished = SqliteFinishedTasks(around.stores.database)
    assert await finished.outcomes() == ()
    for task_id in ("t1", "t2"):
        await around.stores.tasks.update(task_id, status="completed")
    (outcome,) = await finished.outcomes()
    assert (outcome.forecast, outcome.usd, outcome.tokens) == (foreseen, 0.25, 120)
