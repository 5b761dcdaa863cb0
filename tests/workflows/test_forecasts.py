"""A forecast stands beside what the task came to, and is judged by it."""

from pathlib import Path

import pytest

from core.errors import InvalidInput
from core.forecast import accuracy
from core.types import TaskStatus
from tests.workflows.house import open_house


async def test_a_finished_build_is_judged_by_its_forecast(tmp_path: Path) -> None:
    prices = {"offline/scaffold": {"input": 3, "output": 15}}
    async with open_house(tmp_path / "data", model_pricing=prices, max_task_budget_usd=50.0) as house:
        task = await house.submit(budget_usd=50.0, use_sandbox=False)
        assert task.forecast is not None
        assert (task.forecast.source, task.forecast.tasks) == ("shipped", 6)
        await house.settled(task.task_id)
        task = await house.reply(task.task_id, "ship it")
        assert task.status is TaskStatus.COMPLETED, task.error
        assert task.forecast is not None
        tokens = sum(stats.tokens for stats in task.agent_stats.values())
        assert task.forecast.usd.low / 2 < task.total_cost_usd < task.forecast.usd.high
        (outcome,) = await house.application.api.outcomes()
        assert (outcome.usd, outcome.tokens) == (task.total_cost_usd, tokens)
        judged = accuracy([(outcome.forecast.usd, outcome.usd)])
        assert judged.tasks == 1
        assert judged.median_ratio is not None
        assert 0.2 < judged.median_ratio < 5


async def test_a_model_whose_price_makes_no_sense_is_refused_with_the_task(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", model_qa="offline/scaffold?price=1e308") as house:
        with pytest.raises(
            InvalidInput, match=r"offline/scaffold.price=1e308: price must be a number from 0 to 10,000"
        ):
            await house.submit()
