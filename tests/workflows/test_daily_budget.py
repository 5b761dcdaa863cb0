"""Caps of the day in a real build: it stops, says which cap it was and when that opens, and goes on without paying twice."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import Settings
from core.access import Actor
from core.budget import REPLY_BUDGET_USD, day_account, worst_case_usd
from core.errors import InvalidInput
from core.events import Notice
from core.models import ModelRequest, ModelResponse
from core.ports import OnDelta
from core.tasks import Action, Decision, Interrupt, InterruptKind, Task
from core.types import TaskStatus, Usage
from llm.prices import PriceBook
from llm.tokens import input_bound
from tests.unit.memory.clock import HandClock
from tests.workflows.house import TODO, House, InterferingModel, open_house
from wiring import open_application

PRICED = {
    "model_orchestrator": "offline/scaffold?price=0.01",
    **{f"model_{name}": "offline/scaffold?price=0.04" for name in ("planner", "backend", "database", "qa")},
}
"""A build costs 0.17. Reading a reply costs a cent."""
CAP = 0.15
"""Of a day: enough for all of it but one builder, with a cent and a half for replies."""
DAY_S = 86_400.0


def set_clock(house: House) -> HandClock:
    """The ledger's time from now on: noon of a day."""
    clock = HandClock(datetime(2027, 1, 28, 12, tzinfo=UTC).timestamp())
    house.application.api.ledger._clock = clock  # type: ignore[attr-defined]  # time cannot be passed in from so far outside
    return clock


async def stopped(house: House, task: Task) -> Interrupt:
    """The question about money at which a task stops."""
    settled = await house.settled(task.task_id)
    assert settled.status is TaskStatus.WAITING, settled.error
    question = await house.question(task.task_id)
    assert question.kind is InterruptKind.BUDGET, question.prompt
    return question


async def answer(house: House, question: Interrupt, decision: Decision) -> Task:
    segment = (await house.application.commands.get(question.task_id)).segment
    await house.application.commands.decide(question.task_id, question.interrupt_id, decision, Actor(via="test"))
    return await house.settled(question.task_id, segment=segment + 1)


def all_different(house: House) -> bool:
    texts = [json.dumps([message.model_dump() for message in call.request.messages]) for call in house.model.calls]
    return len(texts) == len(set(texts))


async def test_a_used_up_day_asks_and_goes_on_when_it_is_raised_for_that_day_alone(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", max_daily_budget_usd=CAP, **PRICED) as house:
        clock = set_clock(house)
        task = await house.submit(budget_usd=1.0, use_sandbox=False)
        question = await stopped(house, task)
        assert "all tasks together" in question.prompt
        assert "opens again at 2027-01-29 00:00 UTC" in question.prompt
        shown = question.payload
        assert (shown["scope"], shown["account"], shown["cap_usd"]) == ("day", day_account("2027-01-28"), CAP)
        assert shown["opens_at"] == clock.time + DAY_S / 2
        assert shown["actions"] == ["raise_budget", "retry", "abort"]
        assert (shown["task_cap_usd"], shown["task_spent_usd"]) == (1.0, 0.13)
        for wrong in (CAP, 0.0, None):
            with pytest.raises(InvalidInput, match=r"new cap of that day, above the present one of 0.15"):
                await answer(house, question, Decision(action=Action.RAISE_BUDGET, budget_usd=wrong))

        task = await house.reply(task.task_id, "set it to $2")

        assert (await house.question(task.task_id)).kind is InterruptKind.APPROVAL
        (reading,) = (call.request for call in house.model.calls if call.step == "reply")
        for model in (
            "claude-sonnet-4-6",
            "claude-opus-4-8",
            "claude-haiku-4-5",
            "gpt-5.4",
            "gemini/gemini-3.1-pro-preview",
        ):
            price = PriceBook.load().known(model)
            assert price is not None
            assert worst_case_usd(price, input_bound(reading), reading.max_output_tokens) < REPLY_BUDGET_USD / 2, model
        assert task.budget_usd == 1.0, "the task's own cap is another matter"
        assert all_different(house)
        notes = [each.event.text for each in await house.events(task.task_id) if isinstance(each.event, Notice)]
        assert "the budget of 2027-01-28 is $2.00 now; that of other days stays as it is" in notes
        ledger = house.application.api.ledger
        assert (await ledger.today())[0].cap_usd == 2.0
        clock.time += DAY_S
        assert (await ledger.today())[0].cap_usd == CAP


async def test_a_task_of_yesterday_goes_on_when_it_is_told_to(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", max_daily_budget_usd=CAP, **PRICED) as house:
        clock = set_clock(house)
        task = await house.submit(budget_usd=1.0, use_sandbox=False)
        await stopped(house, task)

        again = await house.reply(task.task_id, "go on")

        question = await house.question(again.task_id)
        assert question.kind is InterruptKind.BUDGET, "the day is still the same"
        clock.time += DAY_S
        task = await answer(house, question, Decision(action=Action.RETRY))
        assert (await house.question(task.task_id)).kind is InterruptKind.APPROVAL
        assert all_different(house)
        assert (await house.application.api.ledger.spend(day_account("2027-01-28"))).spent_usd == 0.14


async def test_to_raise_a_day_that_is_over_raises_no_other(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", max_daily_budget_usd=CAP, **PRICED) as house:
        clock = set_clock(house)
        question = await stopped(house, await house.submit(budget_usd=1.0, use_sandbox=False))
        clock.time += DAY_S
        task = await answer(house, question, Decision(action=Action.RAISE_BUDGET, budget_usd=5.0))
        assert (await house.question(task.task_id)).kind is InterruptKind.APPROVAL
        assert (await house.application.api.ledger.today())[0].cap_usd == CAP


async def test_one_caller_is_stopped_and_another_is_not(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", max_daily_budget_per_caller_usd=0.2, **PRICED) as house:
        set_clock(house)
        commands = house.application.commands
        request = (await house.submit(use_sandbox=False, budget_usd=1.0)).request
        first = await commands.submit(request, caller="ada")
        await house.settled(first.task_id)
        question = await stopped(house, await commands.submit(request, caller="ada"))
        assert "the tasks of ada" in question.prompt
        assert question.payload["scope"] == "caller"
        other = await house.settled((await commands.submit(request, caller="bob")).task_id)
        assert (await house.question(other.task_id)).kind is InterruptKind.APPROVAL
        spent = {entry.caller: entry.spent_usd for entry in await house.application.api.ledger.today()}
        assert spent == {None: 0.52, "ada": 0.18, "bob": 0.17, "local": 0.17}


async def test_what_one_person_raised_serves_the_task_of_another(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", max_daily_budget_usd=CAP, **PRICED) as house:
        set_clock(house)
        one = await house.submit(budget_usd=1.0, use_sandbox=False)
        question = await stopped(house, one)
        two = await stopped(house, await house.submit(budget_usd=1.0, use_sandbox=False))
        await answer(house, question, Decision(action=Action.RAISE_BUDGET, budget_usd=0.5))
        task = await answer(house, two, Decision(action=Action.RETRY))
        assert (await house.question(task.task_id)).kind is InterruptKind.APPROVAL


class Lying(InterferingModel):
    """Counts more output than it was allowed in its first call."""

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        response = await super().complete(request, on_delta)
        output = request.max_output_tokens + 1_000_000 if len(self.calls) == 1 else 10
        return response.model_copy(update={"usage": Usage(input_tokens=10, output_tokens=output)})


async def test_a_provider_that_counts_more_than_it_may_stops_the_task_until_a_person_has_spoken(tmp_path: Path) -> None:
    model = Lying()
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]  # an option of pydantic-settings
        data_dir=tmp_path / "data",
        model_pricing={"offline/scaffold": {"input": 1, "output": 1}},
    )
    async with open_application(settings, offline=model) as application:
        house = House(application, model, tmp_path / "data")
        task = await house.submit(TODO, use_sandbox=False, budget_usd=5.0)
        question = await stopped(house, task)
        assert len(model.calls) == 1
        assert "more than was set aside" in question.prompt
        assert question.payload["actions"] == ["raise_budget", "retry", "abort"]
        assert float(str(question.payload["spent_usd"])) > 1.0
        warnings = [
            each.event.text
            for each in await house.events(task.task_id)
            if isinstance(each.event, Notice) and each.event.level == "warning"
        ]
        assert any("although" in text for text in warnings), warnings
        task = await answer(house, question, Decision(action=Action.RETRY))
        assert (await house.question(task.task_id)).kind is InterruptKind.APPROVAL
        assert task.budget_usd == 5.0


async def test_a_model_of_unknown_price_is_asked_about_before_it_is_called(tmp_path: Path) -> None:
    asked = {"model_orchestrator": "nobody/knows", "openai_api_base": "http://127.0.0.1:9/v1"}
    async with open_house(tmp_path / "data", **asked) as house:
        task = await house.submit(budget_usd=100.0, use_sandbox=False)
        question = await stopped(house, task)
        assert question.prompt.startswith("The price of nobody/knows is unknown")
        assert "MODEL_PRICING" in question.prompt
        assert question.payload["actions"] == ["raise_budget", "retry", "abort"]
        assert house.model.calls == []
        task = await answer(house, question, Decision(action=Action.ABORT))
        assert task.status is TaskStatus.CANCELLED
