"""What a replay left of its cassette."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.redaction import Redactor
from core.types import AgentName
from llm.cassettes.player import CassettePlayer, Cassettes
from llm.recorded import RecordedClient
from observability.interactions import SqliteInteractionLog
from tests.unit.llm.cassettes.tapes import recorder
from tests.unit.llm.scripted import ScriptedClient, a_request
from tests.unit.memory.stores import sqlite_stores


class Replay:
    """A journal around a player; `unasked` is what is told at the end of task t1."""

    def __init__(self, folder: Path, log: SqliteInteractionLog, client: RecordedClient, cassettes: Cassettes) -> None:
        self.model = f"replay/{folder}"
        self._log, self._client, self._cassettes = log, client, cassettes

    async def ask(self, *texts: str, task_id: str = "t1") -> None:
        for text in texts:
            await self._client.complete(a_request(text, model=self.model, task_id=task_id))

    async def unasked(self) -> str:
        return await self._cassettes.unasked("t1", self._log)


@pytest.fixture
async def replay(tmp_path: Path) -> AsyncIterator[Replay]:
    """Of two recorded tasks; the planner of the first asked A, B and C, that of the second D, and qa_agent asked too."""
    tape = recorder(ScriptedClient(), tmp_path / "a")
    for text, task in (("A", "one"), ("B", "one"), ("C", "one"), ("D", "two")):
        await tape.complete(a_request(text, task_id=task))
    await tape.complete(a_request("Q", task_id="one", agent=AgentName.QA))
    await tape.close()
    log = await SqliteInteractionLog.open(tmp_path / "interactions.db")
    cassettes = Cassettes(Redactor(), {AgentName.PLANNER: f"replay/{tmp_path / 'a'}"})
    async with sqlite_stores(tmp_path) as stores:
        client = RecordedClient(CassettePlayer(ScriptedClient(), cassettes), log, stores.events, stores.clock)
        yield Replay(tmp_path / "a", log, client, cassettes)
    await log.close()


async def test_nothing_is_said_when_everything_was_asked_for(replay: Replay) -> None:
    await replay.ask("C", "A", "B")
    assert await replay.unasked() == "", "the other task is another story, and qa_agent has another model"


async def test_what_was_not_asked_for_is_counted_and_named(replay: Replay) -> None:
    await replay.ask("A")
    assert await replay.unasked() == (
        f"{replay.model}: 2 of 3 recorded calls were not asked for: planner/plan in iteration 0, planner/plan in iteration 0"
    )


async def test_nothing_is_said_of_a_task_that_was_not_replayed(replay: Replay) -> None:
    await replay.ask("A", task_id="t2")
    assert await replay.unasked() == ""


async def test_cassettes_are_not_read_for_those_who_do_not_replay(tmp_path: Path) -> None:
    log = await SqliteInteractionLog.open(tmp_path / "interactions.db")
    assert await Cassettes(Redactor(), {AgentName.QA: "offline/scaffold"}).unasked("t1", log) == ""
    await log.close()
