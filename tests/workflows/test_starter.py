"""The starter in a build: one commit before the builders begin, once whatever kills the service, and agents' work stays."""

import subprocess
import sys
from pathlib import Path

import pytest

import starter
from agents.planner import PLAN_PATH, read_plan
from config import PROJECT
from core.events import Artifact
from core.tasks import TaskFilter
from core.types import AgentName, TaskStatus
from llm.offline.answers import render_files
from tests.workflows.house import Call, House, open_house

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]
CONFIG = "backend/app/config.py"
BOOKS = "A REST API for books with title and author, no UI"
LOG = ["log", "--reverse", "--format=%an|%s|%(trailers:key=Generated-By,valueonly,separator=%x2C)"]


def commits(house: House, task_id: str) -> list[tuple[str, str, str]]:
    """Author, subject and `Generated-By` of every commit, oldest first."""
    folder = house.application.api.workspaces.path(task_id)
    said = subprocess.run(["git", "-C", str(folder), *LOG], capture_output=True, text=True, check=True).stdout
    author_subject_maker = [line.split("|") for line in said.splitlines()]
    return [(author, subject, maker) for author, subject, maker in author_subject_maker]


def of_the_starter(found: list[tuple[str, str, str]]) -> list[int]:
    return [place for place, (_, _, maker) in enumerate(found) if maker == "autonomy starter"]


async def test_the_starter_is_one_commit_before_the_builders_begin(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data") as house:
        task = await house.settled((await house.submit(BOOKS, use_sandbox=False)).task_id)
        found = commits(house, task.task_id)
        (place,) = of_the_starter(found)
        assert found[place][:2] == ("planner", "planner: starter")
        builders = [number for number, (author, *_) in enumerate(found) if author.endswith("_agent")]
        assert builders
        assert place < min(builders)
        files = await house.files(task.task_id)
        given = starter.files(read_plan(files[PLAN_PATH]))
        assert {path: files.get(path) for path in given} == given
        written = {
            path
            for stored in await house.events(task.task_id)
            if isinstance(stored.event, Artifact) and stored.event.agent is not AgentName.PLANNER
            for path in stored.event.paths
        }
        assert written
        assert not written & set(given), "agents write none of it anew"


KILLED_BEFORE_THE_RECORD = """
import asyncio, os, sys
from pathlib import Path
from memory.effects import SqliteEffectStore
from tests.workflows.house import open_house

finish, done = SqliteEffectStore.finish, []

async def deadly(self, key, *values, **changes):
    done.append(key.kind)
    if key.kind.startswith("commit:") and len(done) == 2:
        os._exit(9)
    return await finish(self, key, *values, **changes)

SqliteEffectStore.finish = deadly

async def main():
    async with open_house(Path(sys.argv[1])) as house:
        await house.submit(sys.argv[2], use_sandbox=False)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_a_kill_between_the_commit_and_its_record_makes_no_second_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    command = [sys.executable, "-c", KILLED_BEFORE_THE_RECORD, str(data), BOOKS]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 9, ended.stderr
    async with open_house(data) as house:
        (task,) = await house.application.commands.list(TaskFilter())
        found = commits(house, task.task_id)
        assert of_the_starter(found) == [len(found) - 1], "the kill fell right behind the commit"
        task = await house.settled(task.task_id)
        assert task.status is TaskStatus.WAITING, task.error
        assert len(of_the_starter(commits(house, task.task_id))) == 1


async def test_an_amended_plan_changes_the_starter_around_what_an_agent_made_its_own(tmp_path: Path) -> None:
    """The agent's settings stay, and accounts come with everything else that they need."""
    mine = "# settings of this application\n"

    def own_settings(call: Call) -> str | None:
        if call.agent is AgentName.BACKEND and call.step == "build":
            return render_files("Settings of its own.", {CONFIG: mine})
        return None

    async with open_house(tmp_path / "data", own_settings) as house:
        task = await house.settled((await house.submit(BOOKS, use_sandbox=False)).task_id)
        assert (await house.files(task.task_id))[CONFIG] == mine
        await house.reply(task.task_id, "users must sign in")
        files = await house.files(task.task_id)
        assert read_plan(files[PLAN_PATH]).auth is not None
        assert files["backend/app/security.py"] == starter.files(read_plan(files[PLAN_PATH]))["backend/app/security.py"]
        assert len(of_the_starter(commits(house, task.task_id))) == 2
        shown = next(call for call in house.model.calls if call.agent is AgentName.BACKEND and call.step == "amend")
        assert mine.strip() in shown.request.messages[-1].content
        assert "def install_error_handlers" not in shown.request.messages[-1].content
