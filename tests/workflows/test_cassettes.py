"""Whole tasks that are recorded and replayed: the real graph, stores and checks, and nothing asked of a model the second time."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from config import PROJECT, model_setting
from core.errors import InvalidInput
from core.events import LlmEnd, Notice, ReviewFinished, Routed
from core.models import InteractionFilter, ModelRequest
from core.tasks import Task
from core.types import AgentName, TaskStatus
from llm.cassettes.player import Cassette
from llm.mailbox import MailboxRequest, answer, list_pending
from llm.offline.client import OfflineModel
from tests.unit.llm.cassettes.tapes import all_text
from tests.workflows.house import TODO, House, open_house

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]
CANARY = "canary-0123456789"


def every_agent(model: str) -> dict[str, str]:
    """Settings that give all agents this model."""
    return dict.fromkeys(map(model_setting, AgentName), model)


async def build(house: House, sentence: str = TODO, **values: object) -> Task:
    """Submit, and approve what is asked."""
    task = await house.settled((await house.submit(sentence, **values)).task_id)
    assert task.status is TaskStatus.WAITING, task.error
    return await house.reply(task.task_id, "looks great, ship it")


async def notices(house: House, task_id: str) -> list[str]:
    return [each.event.text for each in await house.events(task_id) if isinstance(each.event, Notice)]


async def story(house: House, task_id: str) -> list[object]:
    """Rounds, reviews and the tree that came of them."""
    events = [each.event for each in await house.events(task_id)]
    workspace = await house.application.api.workspaces.open(task_id)
    return [
        await workspace.tree(),
        *(event for event in events if isinstance(event, ReviewFinished | Routed)),
        sorted((event.agent, event.prompt_name, event.usage.total) for event in events if isinstance(event, LlmEnd)),
    ]


@pytest.mark.timeout(600)
async def test_a_build_with_a_repaired_fault_is_replayed_to_the_same_tree_in_the_same_rounds(tmp_path: Path) -> None:
    recording = {"record": tmp_path / "tape", "model_backend": "offline/scaffold?fault=missing_404"}
    async with open_house(tmp_path / "first", **recording) as house:
        task = await build(house)
        assert (task.status, task.iteration) == (TaskStatus.COMPLETED, 1), task.error
        recorded = await story(house, task.task_id)
        calls = len(house.model.calls)
    assert len(Cassette.read(tmp_path / "tape").entries) == calls == 10

    models = every_agent(f"replay/{tmp_path / 'tape'}")
    async with open_house(tmp_path / "second", model_fallback="gpt-5", **models) as house:
        task = await build(house)
        assert task.status is TaskStatus.COMPLETED, task.error
        assert await story(house, task.task_id) == recorded
        assert house.model.calls == []
        assert (await house.application.api.ledger.spend(task.task_id)).spent_usd == 0
        logged = await house.application.api.interactions.list(InteractionFilter(limit=100))
        assert {(call.model, call.cost_usd) for call in logged} == {(f"replay/{tmp_path / 'tape'}", 0)}
        assert not any("recorded calls" in text for text in await notices(house, task.task_id))


async def test_a_key_in_the_sentence_is_in_no_cassette_and_another_key_is_no_other_story(tmp_path: Path) -> None:
    keys = {"openai_api_key": CANARY, "autonomy_offline": True}
    async with open_house(tmp_path / "first", record=tmp_path / "tape", **keys) as house:
        task = await build(house, f"{TODO}; my key is {CANARY}", use_sandbox=False)
        assert CANARY in str(await house.files(task.task_id)), "the model repeats it, so it was asked and answered"
    assert CANARY not in all_text(tmp_path / "tape")
    assert "[redacted]" in all_text(tmp_path / "tape")
    models = every_agent(f"replay/{tmp_path / 'tape'}")
    async with open_house(tmp_path / "second", openai_api_key="another-key", **models) as house:
        task = await build(house, f"{TODO}; my key is another-key", use_sandbox=False)
        assert task.status is TaskStatus.COMPLETED, task.error


async def test_two_tasks_at_once_are_recorded_and_replayed(tmp_path: Path) -> None:
    sentences = [TODO, "A REST API for books with title and author, no UI"]

    async def build_both(house: House) -> list[str]:
        tasks = await asyncio.gather(*(build(house, sentence, use_sandbox=False) for sentence in sentences))
        assert [task.status for task in tasks] == [TaskStatus.COMPLETED] * 2
        return [await (await house.application.api.workspaces.open(task.task_id)).tree() for task in tasks]

    async with open_house(tmp_path / "first", record=tmp_path / "tape") as house:
        recorded = await build_both(house)
    assert {path.name for path in (tmp_path / "tape").iterdir()} == {"cassette.json", "task-1", "task-2"}
    async with open_house(tmp_path / "second", **every_agent(f"replay/{tmp_path / 'tape'}")) as house:
        assert await build_both(house) == recorded


async def test_two_recordings_of_the_same_build_differ_in_the_id_of_the_task_and_in_times_alone(tmp_path: Path) -> None:
    recorded = []
    for name in ("first", "second"):
        async with open_house(tmp_path / name, record=tmp_path / f"{name}-tape") as house:
            await build(house, use_sandbox=False)
        folder = tmp_path / f"{name}-tape" / "task-1"
        texts = {path.name: path.read_text().split("\n") for path in folder.iterdir()}
        recorded.append({name: [line for line in lines if '"timing"' not in line] for name, lines in texts.items()})
    assert recorded[0] == recorded[1]
    assert len(recorded[0]) > 5


async def test_a_word_that_changes_in_a_prompt_ends_the_task_and_is_shown(tmp_path: Path) -> None:
    async with open_house(tmp_path / "first", record=tmp_path / "tape") as house:
        assert (await build(house, use_sandbox=False)).status is TaskStatus.COMPLETED
    prompts = tmp_path / "prompts"
    shutil.copytree(PROJECT / "prompts", prompts)
    role = prompts / "database_agent" / "role.md"
    changed = role.read_text().replace("You write", "You wrote", 1)
    assert changed != role.read_text()
    role.write_text(changed)

    models = every_agent(f"replay/{tmp_path / 'tape'}") | {"model_fallback": "offline/scaffold"}
    async with open_house(tmp_path / "second", prompts=prompts, **models) as house:
        task = await house.settled((await house.submit(use_sandbox=False)).task_id)
        assert task.status is TaskStatus.FAILED
        assert task.error
        head, *diff = task.error.split("\n")
        assert "database_agent asks database_agent/build in iteration 0 what was not recorded" in head
        assert [line for line in diff if line.startswith("+")][1].replace("You wrote", "You write", 1)[1:] == (
            [line for line in diff if line.startswith("-")][1][1:]
        )
        assert task.error in await notices(house, task.task_id)
        ends = [each.event for each in await house.events(task.task_id) if isinstance(each.event, LlmEnd)]
        assert [end.agent for end in ends if end.error == task.error] == [AgentName.DATABASE]
        assert house.model.calls == [], "no fallback answers"


async def test_calls_that_a_replay_does_not_ask_for_are_told_even_after_a_restart(tmp_path: Path) -> None:
    async with open_house(tmp_path / "first", record=tmp_path / "tape") as house:
        await build(house, use_sandbox=False)
    models = every_agent(f"replay/{tmp_path / 'tape'}")
    async with open_house(tmp_path / "second", **models) as house:
        task = await house.settled((await house.submit(use_sandbox=False)).task_id)
    async with open_house(tmp_path / "second", **models | {"model_git": "offline/scaffold"}) as house:
        asked = await house.question(task.task_id)
        await house.decide(asked, "approve")
        task = await house.settled(task.task_id, segment=1)
        assert task.status is TaskStatus.COMPLETED, task.error
        (told,) = [text for text in await notices(house, task.task_id) if "recorded calls" in text]
    assert told == (
        f"replay/{tmp_path / 'tape'}: 1 of 8 recorded calls were not asked for: orchestrator/reply in iteration 0"
    )


async def test_a_cassette_that_cannot_be_replayed_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"is no cassette: there is no cassette\.json"):
        async with open_house(tmp_path / "data", **every_agent(f"replay/{tmp_path / 'tape'}")):
            pass


async def test_a_task_that_people_answered_through_a_mailbox_is_replayed(tmp_path: Path) -> None:
    async with answering(tmp_path / "box"):
        settings = every_agent(f"mailbox/{tmp_path / 'box'}") | {"record": str(tmp_path / "tape")}
        async with open_house(tmp_path / "first", **settings) as house:
            task = await build(house, use_sandbox=False)
            recorded = await story(house, task.task_id)
    async with open_house(tmp_path / "second", **every_agent(f"replay/{tmp_path / 'tape'}")) as house:
        task = await build(house, use_sandbox=False)
        assert task.status is TaskStatus.COMPLETED, task.error
        assert await story(house, task.task_id) == recorded


@asynccontextmanager
async def answering(box: Path) -> AsyncIterator[None]:
    """A program that answers every request in the mailbox."""

    async def work() -> None:
        while True:
            for posted in await asyncio.to_thread(list_pending, box):
                text = (await OfflineModel().complete(as_request(posted))).text
                await asyncio.to_thread(answer, box, posted.id, text)
            await asyncio.sleep(0.02)

    working = asyncio.create_task(work())
    try:
        yield
    finally:
        working.cancel()
        await asyncio.wait([working])


def as_request(posted: MailboxRequest) -> ModelRequest:
    fields = posted.model_dump(exclude={"id", "created", "deadline"})
    return ModelRequest.model_validate({**fields, "model": "offline/scaffold"})
