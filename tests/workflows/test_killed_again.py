"""A task that kills the service each time it runs is put before a person, and goes on when the person says so."""

import subprocess
import sys
from pathlib import Path

import pytest

from config import PROJECT
from core.access import Actor
from core.events import LlmEnd, LlmStart, Notice
from core.tasks import Action, Decision, InterruptKind, TaskFilter
from graph.runner import MAX_CLAIMS
from tests.workflows.house import open_house

pytestmark = pytest.mark.sandbox
CHILD = """
import asyncio, os, sys
from pathlib import Path
from tests.workflows.house import open_house

def deadly(call):
    if call.agent == "backend_agent":
        os._exit(9)

async def main():
    async with open_house(Path(sys.argv[1]), deadly) as house:
        if sys.argv[2] == "submit":
            await house.submit(use_sandbox=False)
        await asyncio.sleep(600)

asyncio.run(main())
"""


def run_until_killed(data: Path, what: str, script: str = CHILD) -> None:
    command = [sys.executable, "-c", script, str(data), what]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 9, ended.stderr


async def test_a_task_that_kills_the_service_each_time_is_asked_about(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(MAX_CLAIMS + 1):  # the first of them got as far as the node that kills
        run_until_killed(data, "go on" if number else "submit")
    async with open_house(data) as house:
        (task,) = await house.application.commands.list(TaskFilter())
        task = await house.settled(task.task_id)
        asked = await house.question(task.task_id)
        assert asked.kind is InterruptKind.ESCALATION
        assert f"killed {MAX_CLAIMS} times" in asked.prompt
        assert "backend_agent" in asked.prompt
        assert house.model.calls == []
        events = [stored.event for stored in await house.events(task.task_id)]
        again_begun = [event for event in events if isinstance(event, Notice) and "started again" in event.text]
        assert len(again_begun) == MAX_CLAIMS + 1  # every start but the first, this one included
        starts = [event.call_id for event in events if isinstance(event, LlmStart)]
        ends = [event.call_id for event in events if isinstance(event, LlmEnd)]
        assert sorted(starts) == sorted(ends), "every call that began has an end, if only that it was cut off"
        again = Decision(action=Action.RETRY)
        await house.application.commands.decide(task.task_id, asked.interrupt_id, again, Actor(via="test"))
        task = await house.settled(task.task_id, segment=1)
        assert (await house.question(task.task_id)).kind is InterruptKind.APPROVAL, task.error
        assert "backend/app/main.py" in await house.files(task.task_id)


ANSWERING = """
import asyncio, os, sys
from pathlib import Path
from graph.nodes import human
from tests.workflows.house import open_house

async def deadly(*values):
    os._exit(9)

human._after = deadly

async def main():
    async with open_house(Path(sys.argv[1])):
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_a_task_that_kills_the_service_while_it_takes_an_answer_fails_with_a_reason(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with open_house(data) as house:
        task = await house.settled((await house.submit(use_sandbox=False)).task_id)
        question = await house.question(task.task_id)
        await house.application.api.commands.decide(
            task.task_id,
            question.interrupt_id,
            Decision(action=Action.CHANGES, message="add a field x"),
            Actor(via="test"),
        )
        await house.settled(task.task_id, segment=1)
        question = await house.question(task.task_id)
    async with open_house(data) as house:
        store = house.application.commands._services.interrupts
        approve = Decision(action=Action.APPROVE)
        await store.decide(question.interrupt_id, approve, Actor(via="test"))  # and killed before the rest
    for _ in range(MAX_CLAIMS):
        run_until_killed(data, "go on", ANSWERING)
    async with open_house(data) as house:
        task = await house.settled(task.task_id, segment=2)
        assert task.status == "failed"
        assert f"the answer to the last question: the service was killed {MAX_CLAIMS} times in a row" in str(task.error)
