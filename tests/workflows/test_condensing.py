"""Conversations that outgrow their model, through the real graph: they go on condensed, or a person is asked."""

from pathlib import Path

import pytest

from core.errors import ContextOverflow
from core.tasks import InterruptKind
from core.types import AgentName, TaskStatus
from tests.workflows.house import TODO, Call, House, open_house

pytestmark = [pytest.mark.sandbox]
FAULTY = "offline/scaffold?fault=missing_404"


async def approved(house: House) -> str:
    """The tree of a build that was asked about once, at its approval."""
    task = await house.settled((await house.submit()).task_id)
    asked = await house.question(task.task_id)
    assert asked.kind is InterruptKind.APPROVAL, asked.prompt
    task = await house.reply(task.task_id, "looks great, ship it")
    assert task.status is TaskStatus.COMPLETED, task.error
    return await (await house.application.api.workspaces.open(task.task_id)).tree()


def is_condensed(call: Call) -> bool:
    shown = call.request.messages[-1].content
    return "is left out for want of room" in shown or "follow, every tenth with its number" in shown


@pytest.mark.toolchain
async def test_a_fault_is_repaired_from_excerpts_and_a_replay_asks_alike(tmp_path: Path) -> None:
    def refuse(call: Call) -> str | None:
        if call.step == "fix" and not is_condensed(call):
            raise ContextOverflow(f"{call.request.model}: prompt is too long", model=call.request.model)
        return None

    async with open_house(tmp_path / "first", refuse, record=tmp_path / "tape", model_backend=FAULTY) as house:
        tree = await approved(house)
        asked = [(call.agent, is_condensed(call)) for call in house.model.calls if call.step == "fix"]
        assert asked == [(AgentName.BACKEND, False), (AgentName.BACKEND, True)]
    names = ("orchestrator", "planner", "backend", "database", "frontend", "qa", "reviewer", "git", "devops")
    models = {f"model_{name}": f"replay/{tmp_path / 'tape'}" for name in names}
    async with open_house(tmp_path / "second", **models) as house:
        assert await approved(house) == tree
        assert house.model.calls == []


async def test_what_does_not_fit_at_all_is_put_before_a_person(tmp_path: Path) -> None:
    def refuse(call: Call) -> str | None:
        if call.agent is AgentName.BACKEND and call.request.iteration == 0:
            raise ContextOverflow(f"{call.request.model}: prompt is too long", model=call.request.model)
        return None

    async with open_house(tmp_path / "data", refuse, model_context_windows={"offline/scaffold": 5_000}) as house:
        task = await house.settled((await house.submit(TODO, use_sandbox=False)).task_id)
        asked = await house.question(task.task_id)
        assert asked.kind is InterruptKind.ESCALATION
        for words in (
            "offline/scaffold takes 5,000 tokens",
            "MODEL_CONTEXT_WINDOWS",
            "MODEL_BACKEND",
            "prompt is too long",
        ):
            assert words in asked.prompt
        assert house.model.steps(AgentName.BACKEND) == ["build"], "there is nothing to leave out"
        await house.decide(asked, "retry")
        await house.settled(task.task_id, segment=1)
        assert (await house.question(task.task_id)).kind is InterruptKind.APPROVAL
