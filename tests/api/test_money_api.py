"""Money over HTTP: forecasts, today's budget, and answers to the question about it."""

from pathlib import Path

import pytest

from core.errors import InvalidInput
from core.tasks import TaskRequest
from tests.api.service import run_service, submit, until_asked
from tests.api.test_bad_input import expect

DEAR = "offline/scaffold?price=1"
"""Costs more for a call than a task may by default, so that every task asks for money at once."""


async def test_a_submitted_task_says_what_it_is_expected_to_take_and_on_what_ground(tmp_path: Path) -> None:
    async with run_service(
        tmp_path / "data", model_pricing={"offline/scaffold": {"input": 3, "output": 15}}
    ) as service:
        answer = await service.http.post("/tasks", json={"task_description": "a todo list", "use_sandbox": False})
        forecast = answer.json()["forecast"]
        assert (forecast["source"], forecast["tasks"]) == ("shipped", 6)
        assert 0.2 < forecast["usd"]["low"] < forecast["usd"]["expected"] < forecast["usd"]["high"] < 10
        assert 15_000 < forecast["tokens"]["low"] < forecast["tokens"]["expected"] < forecast["tokens"]["high"]
        assert forecast["unknown_prices"] == []


async def test_what_cannot_be_paid_is_asked_about_with_all_figures(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data", model_orchestrator=DEAR, max_daily_budget_usd=0.75) as service:
        task_id = await submit(service.http, budget_usd=2.0)
        interrupt_id = await until_asked(service.http, task_id)
        asked = (await service.http.get(f"/tasks/{task_id}/interrupts/{interrupt_id}")).json()
        shown = asked["payload"]
        assert (shown["scope"], shown["cap_usd"], shown["needed_usd"], shown["kept_usd"]) == ("day", 0.75, 1.0, 0.075)
        assert (shown["spent_usd"], shown["reserved_usd"], shown["task_cap_usd"]) == (0, 0, 2.0)
        assert shown["rest"]["usd"]["expected"] > 0
        assert "To its end the task may need" in asked["prompt"]
        stats = (await service.http.get("/stats")).json()
        assert (stats["budget"]["day"]["cap_usd"], stats["budget"]["day"]["spent_usd"]) == (0.75, 0)
        assert stats["budget"]["callers"][0]["caller"] == "api"
        assert stats["forecasts"] == {
            "usd": {"tasks": 0, "median_ratio": None, "inside": None},
            "tokens": {"tasks": 0, "median_ratio": None, "inside": None},
        }
        scraped = (await service.http.get("/metrics")).text
        assert 'autonomy_day_budget_usd{state="cap"} 0.75' in scraped


async def test_words_that_cannot_be_paid_for_are_refused_with_what_to_say_instead(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data", model_orchestrator=DEAR) as service:
        task_id = await submit(service.http)
        await until_asked(service.http, task_id)
        answer = await service.http.post(f"/tasks/{task_id}/reply", json={"message": "another dollar"})
        expect(answer, 402, "your words cannot be read", f"autonomy reply {task_id} --budget USD")


async def test_a_task_that_no_driver_checked_is_refused_without_a_budget(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data") as service:
        with pytest.raises(InvalidInput, match="budget_usd must be more than 0 and at most 1,000,000 USD"):
            await service.application.commands.submit(TaskRequest(task_description="x", budget_usd=0))


@pytest.mark.parametrize(
    ("budget", "why"),
    [
        ("0", "above the present one of 0.50 USD and at most 1,000,000 USD"),
        ("0.5", "above the present one of 0.50 USD and at most 1,000,000 USD"),
        ("null", "above the present one of 0.50 USD and at most 1,000,000 USD"),
        ("-1", "budget_usd"),
        ("NaN", "budget_usd"),
        ("1e308", "budget_usd: Input should be less than or equal to 1000000"),
    ],
)
async def test_a_cap_that_raises_nothing_is_refused(tmp_path: Path, budget: str, why: str) -> None:
    async with run_service(tmp_path / "data", model_orchestrator=DEAR) as service:
        task_id = await submit(service.http)
        interrupt_id = await until_asked(service.http, task_id)
        body = f'{{"action": "raise_budget", "budget_usd": {budget}}}'.encode()
        path = f"/tasks/{task_id}/interrupts/{interrupt_id}/decision"
        answer = await service.http.post(path, content=body, headers={"Content-Type": "application/json"})
        expect(answer, 422, why)
        asked_about = (await service.http.get(f"/tasks/{task_id}/interrupts/{interrupt_id}")).json()["payload"]
        assert asked_about["cap_usd"] == 0.5
