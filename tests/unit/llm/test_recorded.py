"""The record of model calls, over the real log and the real events; and the journal that it is."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.errors import BudgetExceeded, ModelError
from core.events import Event, LlmDelta, LlmEnd, LlmStart
from core.models import InteractionFilter, Message
from core.types import AgentName, Usage
from llm.recorded import DELTA_INTERVAL_S, RecordedClient, request_hash
from memory.events import SqliteEventLog
from observability.interactions import SqliteInteractionLog
from tests.unit.llm.scripted import ScriptedClient, a_request
from tests.unit.memory.clock import HandClock
from tests.unit.memory.stores import sqlite_stores


@dataclass(frozen=True)
class Around:
    log: SqliteInteractionLog
    events: SqliteEventLog
    clock: HandClock

    def client(self, inner: ScriptedClient) -> RecordedClient:
        return RecordedClient(inner, self.log, self.events, self.clock)

    async def told(self) -> list[Event]:
        return [stored.event for stored in await self.events.read(task_id="t1")]


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[Around]:
    log = await SqliteInteractionLog.open(tmp_path / "interactions.db")
    async with sqlite_stores(tmp_path) as stores:
        yield Around(log, stores.events, stores.clock)
    await log.close()


async def test_a_call_is_logged_whole_and_its_start_and_end_are_events(around: Around) -> None:
    usage = Usage(input_tokens=100, output_tokens=10)
    response = await around.client(ScriptedClient("A plan", usage=usage)).complete(a_request(iteration=2))
    (logged,) = await around.log.list(InteractionFilter())
    assert (logged.response, logged.messages, logged.iteration) == ("A plan", a_request().messages, 2)
    assert (logged.usage, logged.success, logged.ts) == (usage, True, 1_000.0)
    assert logged.prompt_hash == request_hash(a_request(iteration=2))
    start, end = await around.told()
    assert isinstance(start, LlmStart)
    assert isinstance(end, LlmEnd)
    assert start.call_id == end.call_id == logged.interaction_id
    assert (end.usage, end.success) == (usage, True)
    assert response.text == "A plan"


async def test_an_identical_call_of_the_task_is_answered_from_the_log_without_a_second_one(around: Around) -> None:
    inner = ScriptedClient("A plan")
    first = await around.client(inner).complete(a_request())
    again = await around.client(inner).complete(a_request())
    assert again == first
    assert len(inner.requests) == 1
    assert len(await around.told()) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"task_id": "t2"},
        {"model": "gpt-5"},
        {"iteration": 1},
        {"agent": AgentName.QA},
        {"messages": (Message(role="user", content="Something else"),)},
        {"params": {"temperature": 1}},
        {"max_output_tokens": 5},
    ],
)
async def test_any_difference_is_a_call_of_its_own(around: Around, changes: dict[str, Any]) -> None:
    inner = ScriptedClient()
    client = around.client(inner)
    await client.complete(a_request())
    await client.complete(a_request(**changes))
    assert len(inner.requests) == 2


async def test_a_failed_call_is_logged_shown_and_not_taken_for_an_answer(around: Around) -> None:
    inner = ScriptedClient(ModelError("down"), "A plan")
    client = around.client(inner)
    with pytest.raises(ModelError):
        await client.complete(a_request())
    (logged,) = await around.log.list(InteractionFilter())
    assert (logged.success, logged.error) == (False, "down")
    end = (await around.told())[-1]
    assert isinstance(end, LlmEnd)
    assert (end.success, end.error) == (False, "down")
    assert (await client.complete(a_request())).text == "A plan"


async def test_a_cancelled_call_is_logged_as_cancelled(around: Around) -> None:
    inner = ScriptedClient(pause_s=60)
    running = asyncio.create_task(around.client(inner).complete(a_request()))
    async with asyncio.timeout(30):
        while not inner.requests:  # noqa: ASYNC110  # it is called in a task of its own
            await asyncio.sleep(0.005)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    (logged,) = await around.log.list(InteractionFilter())
    assert (logged.success, logged.error) == (False, "cancelled")
    assert isinstance((await around.told())[-1], LlmEnd)


async def test_a_call_that_was_not_made_for_want_of_money_is_shown_but_is_no_interaction(around: Around) -> None:
    with pytest.raises(BudgetExceeded):
        await around.client(ScriptedClient(BudgetExceeded("no money"))).complete(a_request())
    assert list(await around.log.list(InteractionFilter())) == []
    end = (await around.told())[-1]
    assert isinstance(end, LlmEnd)
    assert not end.success


async def test_the_end_of_a_call_that_a_kill_kept_from_being_told_is_told_once_by_the_journal(around: Around) -> None:
    inner = ScriptedClient()
    await around.client(inner).complete(a_request())
    (logged,) = await around.log.list(InteractionFilter())
    await around.log.record(logged.model_copy(update={"interaction_id": "killed", "response": "after a kill"}))
    for _ in range(2):
        assert (await around.client(inner).complete(a_request())).text == "after a kill"
    ends = [event for event in await around.told() if isinstance(event, LlmEnd)]
    assert [end.call_id for end in ends] == [logged.interaction_id, "killed"]


async def test_pieces_are_shown_live_at_most_every_forty_milliseconds_and_none_is_lost(around: Around) -> None:
    text = "word " * 40
    stream = around.events.subscribe(task_id="t1")
    heard: list[str] = []
    begun = time.monotonic()
    await around.client(ScriptedClient(text, pieces=20, pause_s=0.01)).complete(a_request(), heard.append)
    most = 1 + (time.monotonic() - begun) / DELTA_INTERVAL_S
    shown: list[str] = []
    async with asyncio.timeout(60):
        while not isinstance(event := (await anext(stream)).event, LlmEnd):
            if isinstance(event, LlmDelta):
                shown.append(event.text)
    assert "".join(shown) == "".join(heard) == text
    assert 1 < len(shown) <= most
    assert all(not isinstance(event, LlmDelta) for event in await around.told())
