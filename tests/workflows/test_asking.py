"""Agents ask each other while they build; what has to change in the contract goes through the planner, once a round."""

import asyncio
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import pytest

from core.events import AgentAnswered, AgentAsked, AgentStarted, Artifact, ContractAmended, Event, Notice
from core.models import ModelRequest, ModelResponse
from core.ports import OnDelta
from core.tasks import InterruptKind, Task
from core.types import AgentName
from llm.offline.client import OfflineModel
from tests.workflows.house import Call, House, open_house
from tests.workflows.test_loops import MAIN, playing

pytestmark = [pytest.mark.sandbox]
BACK, DATA, QA, PLANNER = AgentName.BACKEND, AgentName.DATABASE, AgentName.QA, AgentName.PLANNER
T = TypeVar("T")
WISH = "Add a priority field to todos."
OBJECTION = "It is in app/api/health.py, which main.py includes."
PLAIN = "offline/scaffold?ask=backend_agent:database_agent"


def asks(agent: AgentName, text: str) -> str:
    return f"I have to know something.\n\n````ask agent={agent}\n{text}\n````\n"


def wants(text: str) -> str:
    return f'```json\n{{"answer": "That is not there.", "contract_change": {{"wanted": "{text}"}}}}\n```\n'


async def built(house: House, **values: object) -> tuple[Task, list[Event]]:
    """A task without generated code being run, up to its question, and what happened until then."""
    task = await house.settled((await house.submit(use_sandbox=False, **values)).task_id)
    return task, [stored.event for stored in await house.events(task.task_id)]


def of(events: list[Event], kind: type[T]) -> list[T]:
    return [event for event in events if isinstance(event, kind)]


async def test_an_answer_comes_back_into_the_turn_and_changes_no_contract(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", model_backend=PLAIN) as house:
        task, events = await built(house)
        assert (await house.question(task.task_id)).kind is InterruptKind.APPROVAL
        (asked,), (answered,) = of(events, AgentAsked), of(events, AgentAnswered)
        assert (asked.agent, asked.asked, asked.step, answered.question_id) == (BACK, DATA, "build", asked.question_id)
        assert "title (string, required" in answered.answer
        assert not answered.refused
        assert not answered.wanted
        assert not of(events, ContractAmended)
        assert house.model.steps(BACK) == ["build", "answered"]
        assert house.model.steps(DATA).count("answer_question") == 1
        last = next(call for call in house.model.calls if call.step == "answered").request.messages[-1].content
        assert answered.answer in last
        assert len(answered.call_ids) == 1
        entries = [entry for entry in task.timeline if entry.event in ("agent.asked", "agent.answered")]
        assert [entry.agent for entry in entries] == [BACK, BACK]


async def test_what_has_to_change_goes_through_the_planner_and_reaches_every_agent(tmp_path: Path) -> None:
    model = f"{PLAIN}:{quote(WISH)}"
    async with open_house(tmp_path / "data", model_backend=model) as house:
        task, events = await built(house)
        assert (await house.question(task.task_id)).kind is InterruptKind.APPROVAL
        (changed,) = of(events, ContractAmended)
        assert changed.wanted_by == (BACK,)
        assert not changed.refused
        assert any(line.startswith("+") and "priority" in line for line in changed.changes)
        assert [event.step for event in of(events, AgentStarted) if event.agent is PLANNER] == ["plan", "amend"]
        amending = {event.agent for event in of(events, AgentStarted) if event.step == "amend"}
        assert amending == {PLANNER, BACK, DATA, QA, AgentName.DEVOPS}
        written = [event.agent for event in of(events, Artifact)]
        assert written.index(PLANNER, written.index(DATA)) > 0, (
            "the work of the round was kept before the contract changed"
        )
        files = await house.files(task.task_id)
        assert "priority" in files["contract/plan.json"]
        assert "priority" in files["backend/app/db/models/todo.py"]
        told = next(call for call in house.model.calls if call.step == "amend" and call.agent is PLANNER)
        assert "Agents that are at work" in told.request.messages[-1].content


async def test_a_planner_that_refuses_leaves_the_contract_and_the_round_goes_on(tmp_path: Path) -> None:
    def interfere(call: Call) -> str | None:
        if (call.agent, call.step) == (PLANNER, "amend"):
            return "The sentence names no priority."
        return wants(WISH) if call.step == "answer_question" else None

    async with open_house(tmp_path / "data", interfere, model_backend=PLAIN) as house:
        task, events = await built(house)
        assert (await house.question(task.task_id)).kind is InterruptKind.APPROVAL
        (told,) = of(events, ContractAmended)
        assert told.refused == "The sentence names no priority."
        assert told.wanted_by == (BACK,)
        assert not [call for call in house.model.calls if call.step == "amend" and call.agent is not PLANNER]
        assert any(entry.summary.startswith("the contract stays") for entry in task.timeline)


async def test_several_wishes_are_one_amendment_and_there_is_one_a_round(tmp_path: Path) -> None:
    def interfere(call: Call) -> str | None:
        if call.agent in (BACK, DATA) and call.step in ("build", "amend"):
            return asks(PLANNER, f"Is that all, {call.step}?")
        return wants(f"{WISH} ".strip()) if call.step == "answer_question" else None

    async with open_house(tmp_path / "data", interfere) as house:
        task, events = await built(house)
        assert (await house.question(task.task_id)).kind is InterruptKind.APPROVAL
        (changed,) = of(events, ContractAmended)
        assert changed.wanted_by == (BACK, DATA)
        amend = next(call for call in house.model.calls if (call.agent, call.step) == (PLANNER, "amend"))
        assert amend.request.messages[-1].content.count(WISH) == 1
        assert len(of(events, AgentAnswered)) == 4
        assert any("once a round" in event.text for event in of(events, Notice))


class Both(OfflineModel):
    """Backend and database ask each other, and neither is answered before both have asked."""

    def __init__(self) -> None:
        self.asking = asyncio.Event()
        self.waiting: set[AgentName] = set()

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        last = request.messages[-1].content
        if request.agent in (BACK, DATA) and "\nStep: build\n" in last:
            return ModelResponse(text=asks(DATA if request.agent is BACK else BACK, "And you?"), model=request.model)
        if request.prompt_name.endswith("/answer_question"):
            self.waiting.add(request.agent)
            if len(self.waiting) == 2:
                self.asking.set()
            await asyncio.wait_for(self.asking.wait(), 100)
        return await super().complete(request, on_delta)


async def test_two_that_ask_each_other_at_once_are_both_answered(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data") as house:
        house.model.inner = Both()
        task, events = await built(house)
        assert (await house.question(task.task_id)).kind is InterruptKind.APPROVAL
        answered = of(events, AgentAnswered)
        assert {(event.agent, event.asked) for event in answered} == {(BACK, DATA), (DATA, BACK)}
        assert not [event.refused for event in answered if event.refused]


async def test_in_a_later_round_what_was_repaired_is_not_told_again_and_an_objection_still_holds(
    tmp_path: Path,
) -> None:
    finds = playing([[(MAIN, "there is no health check")], []], lambda call: asks(PLANNER, "Is it there?"))

    def interfere(call: Call) -> str | None:
        if call.step == "answered":
            return OBJECTION
        return wants(WISH) if call.step == "answer_question" else finds(call)

    async with open_house(tmp_path / "data", interfere) as house:
        task, events = await built(house, max_iterations=4)
        asked = await house.question(task.task_id)
        assert asked.kind is InterruptKind.APPROVAL, asked.prompt
        (changed,) = of(events, ContractAmended)
        assert changed.iteration == 1
        amends = [call.request.messages[-1].content for call in house.model.calls if call.step == "amend"]
        assert len(amends) == 5
        assert not [text for text in amends if "there is no health check" in text]
        reviews = [call.request.messages[-1].content for call in house.model.calls if call.step == "review"]
        assert [OBJECTION in text for text in reviews] == [False, True]


async def test_a_change_that_a_person_asked_for_is_shown_in_the_same_way(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data") as house:
        task, _ = await built(house)
        await house.reply(task.task_id, WISH)
        events = [stored.event for stored in await house.events(task.task_id)]
        (changed,) = of(events, ContractAmended)
        assert changed.wanted_by == ()
        assert any("priority" in line for line in changed.changes)
        told = next(call for call in house.model.calls if call.step == "amend" and call.agent is BACK)
        assert "A person asked for a change" in told.request.messages[-1].content
