"""Tasks that go on from a point of another one's past, on copies of its thread and files."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from config import PROJECT
from core.errors import Conflict, NotFound
from core.events import Forked, Published
from core.history import CheckpointView, ForkRequest
from core.tasks import InterruptKind, Task, TaskFilter
from core.types import AgentName, TaskStatus
from tests.workflows.house import Call, House, open_house

pytestmark = [pytest.mark.sandbox]
BLOG = "Backend only: a blog with posts and comments; comments belong to a post"
WRITERS = {AgentName.BACKEND, AgentName.DATABASE, AgentName.QA, AgentName.DEVOPS}


async def waiting(house: House, sentence: str = BLOG, **values: object) -> Task:
    return await house.settled((await house.submit(sentence, use_sandbox=False, **values)).task_id)


async def past(house: House, task_id: str) -> Sequence[CheckpointView]:
    return await house.application.api.history.checkpoints(task_id)


async def at(house: House, task_id: str, node: str) -> CheckpointView:
    """The checkpoint from which `node` runs."""
    return next(view for view in await past(house, task_id) if node in view.next)


async def fork(house: House, task_id: str, view: CheckpointView | None = None, **values: object) -> Task:
    asked = ForkRequest.model_validate({"checkpoint_id": view.checkpoint_id if view else None, **values})
    return await house.application.api.history.fork(task_id, asked)


async def forked(house: House, task_id: str, view: CheckpointView | None = None, **values: object) -> Task:
    """The fork once it has ended or asks; the calls that were made before it are forgotten."""
    house.model.calls.clear()
    return await house.settled((await fork(house, task_id, view, **values)).task_id)


def asked_agents(house: House) -> set[AgentName]:
    return {call.agent for call in house.model.calls}


def prompt(call: Call) -> str:
    return "\n".join(message.content for message in call.request.messages)


async def tree(house: House, task_id: str) -> str:
    return await (await house.application.api.workspaces.open(task_id)).tree()


async def test_checkpoints_say_what_ran_what_changed_and_what_follows(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data") as house:
        task = await waiting(house)
        views = await past(house, task.task_id)
    assert [view.number for view in views] == list(range(len(views)))
    assert [set(view.wrote) for view in views][1:4] == [{"orchestrator"}, {"planner"}, {*WRITERS}]
    assert (views[0].wrote, views[0].next) == ((), ("orchestrator",))
    assert views[-1].next == ("approval",)
    planned = next(view for view in views if view.wrote == ("planner",))
    assert {"plan.json", "contract/openapi.json"} & set(planned.files_changed)
    assert set(map(str, planned.changed["dispatch"])) == {agent.value for agent in WRITERS}  # type: ignore[arg-type]  # a list
    assert all(len(json.dumps(value)) < 500 for view in views for value in view.changed.values())


async def test_a_fork_with_a_wish_is_changed_and_its_source_is_not(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data") as house:
        task = await waiting(house)
        before = await tree(house, task.task_id)
        other = await forked(house, task.task_id, feedback="add a field subtitle to posts")
        assert other.status is TaskStatus.WAITING, other.error
        question = await house.question(other.task_id)
        assert question.kind is InterruptKind.APPROVAL
        assert str(question.payload["branch"]).endswith(other.task_id)
        assert any("subtitle" in text for text in (await house.files(other.task_id)).values())
        assert await tree(house, task.task_id) == before
        assert AgentName.ORCHESTRATOR in asked_agents(house)
        assert all(call.request.task_id == other.task_id for call in house.model.calls)
        done = [await house.reply(one.task_id, "ship it") for one in (task, other)]
        assert [one.status for one in done] == [TaskStatus.COMPLETED] * 2
        trees = {(await house.application.api.code_host.find(one.task_id)).tree for one in done}  # type: ignore[union-attr]  # both are published
        assert len(trees) == 2


async def test_a_fork_from_the_middle_runs_only_what_was_still_to_run(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data") as house:
        task = await waiting(house)
        other = await forked(house, task.task_id, await at(house, task.task_id, "backend_agent"))
        assert other.status is TaskStatus.WAITING, other.error
        assert asked_agents(house) == {*WRITERS, AgentName.REVIEWER}
        assert await tree(house, other.task_id) == await tree(house, task.task_id)
        events = [stored.event for stored in await house.events(other.task_id)]
        assert isinstance(events[0], Forked)
        assert events[0].origin.task_id == task.task_id
        assert other.forked_from == events[0].origin
        assert other.pipeline == task.pipeline


async def test_a_fork_from_behind_the_approval_asks_for_one_of_its_own(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data") as house:
        task = await house.reply((await waiting(house)).task_id, "ship it")
        for node in ("publish_branch", "deliver"):
            other = await forked(house, task.task_id, await at(house, task.task_id, node))
            assert (other.status, other.pr_url) == (TaskStatus.WAITING, None)
            assert (await house.question(other.task_id)).kind is InterruptKind.APPROVAL
            assert house.model.calls == []
        other = await house.reply(other.task_id, "ship it")
        assert other.status is TaskStatus.COMPLETED, other.error
        shown = [stored.event for stored in await house.events(other.task_id)]
        branches = [event.reference for event in shown if isinstance(event, Published) and event.kind == "branch"]
        assert branches == [f"autonomy/blog-{other.task_id}"]


async def test_a_fork_of_an_ended_task_without_a_wish_shows_it_again(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data") as house:
        task = await house.reply((await waiting(house)).task_id, "ship it")
        other = await forked(house, task.task_id)
        assert other.status is TaskStatus.WAITING
        assert await tree(house, other.task_id) == await tree(house, task.task_id)


async def test_before_the_plan_a_wish_is_part_of_the_sentence(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data") as house:
        task = await waiting(house)
        view = await at(house, task.task_id, "planner")
        other = await forked(house, task.task_id, view, feedback="Posts have a subtitle.")
        assert other.status is TaskStatus.WAITING, other.error
        assert house.model.calls[0].agent is AgentName.ORCHESTRATOR
        assert "Posts have a subtitle." in prompt(house.model.calls[0])
        assert await house.files(other.task_id) != await house.files(task.task_id)


async def test_a_refused_task_can_be_begun_again_with_better_words(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data") as house:
        task = await waiting(house, "What is the capital of France?")
        assert task.status is TaskStatus.FAILED
        other = await forked(
            house, task.task_id, feedback="No: build a REST API for a todo list with user auth and JWT"
        )
        assert house.model.steps(AgentName.ORCHESTRATOR)[:1] == ["classify"]
        assert "todo list" in prompt(house.model.calls[0])
        assert other.status is TaskStatus.WAITING, other.error


async def test_a_fork_at_a_used_up_budget_goes_on_with_a_budget_of_its_own(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", model_backend="offline/scaffold?price=0.01") as house:
        task = await waiting(house, budget_usd=0.005)
        assert (await house.question(task.task_id)).kind is InterruptKind.BUDGET
        other = await forked(house, task.task_id, budget_usd=50.0)
        assert (await house.question(other.task_id)).kind is InterruptKind.APPROVAL
        assert other.budget_usd == 50.0
        assert (await house.application.commands.get(task.task_id)).status is TaskStatus.WAITING


async def test_a_fork_at_an_escalation_asks_the_same_about_itself(tmp_path: Path) -> None:
    def stubborn(call: Call) -> str | None:
        if call.agent is not AgentName.REVIEWER:
            return None
        finding = {"severity": "high", "file": "backend/app/main.py", "message": "wrong", "category": "quality"}
        scores = {"security": 2, "performance": 2, "quality": 2}
        return json.dumps({"scores": scores, "findings": [finding], "summary": "no"})

    async with open_house(tmp_path / "data", stubborn) as house:
        task = await waiting(house, max_iterations=1)
        assert (await house.question(task.task_id)).kind is InterruptKind.ESCALATION
        other = await forked(house, task.task_id)
        question = await house.question(other.task_id)
        assert question.kind is InterruptKind.ESCALATION
        assert str(question.payload["branch"]).endswith(other.task_id)
        assert house.model.calls == []


async def test_what_cannot_be_gone_on_from_is_refused(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data") as house:
        task = await waiting(house)
        with pytest.raises(NotFound):
            await fork(house, "0123456789abcdef")
        with pytest.raises(NotFound, match="has no checkpoint"):
            await fork(house, task.task_id, checkpoint_id="1f1e9a19-9d52-68ba-bfff-416c06523d35")
        asked = ForkRequest(feedback="add a field subtitle to posts")
        history = house.application.api.history
        one = await history.fork(task.task_id, asked, idempotency_key="k")
        assert (await history.fork(task.task_id, asked, idempotency_key="k")).task_id == one.task_id
        with pytest.raises(Conflict, match="Idempotency-Key"):
            await history.fork(task.task_id, ForkRequest(feedback="something else"), idempotency_key="k")


CHILD = """
import asyncio, os, sys
from pathlib import Path
from core.history import ForkRequest
from core.tasks import TaskFilter
from graph.saver import GroupCommitSaver
from tests.workflows.house import open_house
from workspace.git import GitWorkspaceProvider

name, when = sys.argv[2:]
owner = {"copy": GitWorkspaceProvider, "afork_thread": GroupCommitSaver}[name]
method = getattr(owner, name)

async def deadly(self, *values, **named):
    if when == "before":
        os._exit(9)
    await method(self, *values, **named)
    os._exit(9)

async def main():
    async with open_house(Path(sys.argv[1])) as house:
        (task,) = await house.application.commands.list(TaskFilter())
        setattr(owner, name, deadly)
        await house.application.api.history.fork(task.task_id, ForkRequest(feedback="add a field subtitle to posts"))
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.parametrize("step", ["copy", "afork_thread"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_kill_while_a_fork_begins_leaves_nothing_half_done(tmp_path: Path, step: str, when: str) -> None:
    data = tmp_path / "data"
    async with open_house(data) as house:
        source = await waiting(house)
    command = [sys.executable, "-c", CHILD, str(data), step, when]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 9, ended.stderr
    async with open_house(data) as house:
        (other,) = [
            task for task in await house.application.commands.list(TaskFilter()) if task.task_id != source.task_id
        ]
        other = await house.settled(other.task_id)
        assert other.status is TaskStatus.WAITING, other.error
        assert any("subtitle" in text for text in (await house.files(other.task_id)).values())


async def test_a_fork_may_publish_onto_the_request_of_the_task(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data") as house:
        task = await house.reply((await waiting(house)).task_id, "ship it")
        other = await forked(house, task.task_id, feedback="add a field mood to the posts", continue_request=True)
        other = await house.reply(other.task_id, "ship it")
        assert (other.status, other.error) == (TaskStatus.COMPLETED, None)
        host = house.application.api.code_host
        request = await host.find(task.task_id)
        assert request is not None
        assert request.tree == await tree(house, other.task_id)
        assert await host.find(other.task_id) is None
        assert other.pr_url == task.pr_url
        again = await forked(house, other.task_id, feedback="add a field weather to the posts", continue_request=True)
        again = await house.reply(again.task_id, "ship it")
        assert (again.status, again.error) == (TaskStatus.COMPLETED, None)
        moved = await host.find(task.task_id)
        assert moved is not None
        assert moved.commit != request.commit


async def test_what_was_not_published_has_no_request_to_go_on_with(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data") as house:
        task = await waiting(house)
        with pytest.raises(Conflict, match="no pull request"):
            await fork(house, task.task_id, continue_request=True)
