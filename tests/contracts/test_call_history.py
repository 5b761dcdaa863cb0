"""What every CallHistory promises."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.analytics import GroupBy, SeriesRow
from core.errors import InvalidInput, NotFound
from core.models import InteractionPage, InteractionSearch, Message
from core.ports import CallHistory, InteractionLog
from core.types import AgentName, Usage
from observability.call_history import PAGE_CHARS, SCANNED, SqliteCallHistory
from observability.interactions import SqliteInteractionLog
from observability.storage import Storage
from tests.contracts.test_interaction_log import a_call

DAY = 86_400.0


@dataclass(frozen=True)
class Opened:
    """The log that is written, and what looks back at it."""

    log: InteractionLog
    history: CallHistory

    async def page(self, **query: Any) -> InteractionPage:
        return await self.history.page(InteractionSearch(**query))

    async def ids(self, **query: Any) -> list[str]:
        return [call.interaction_id for call in (await self.page(**query)).items]

    async def write(self, *calls: tuple[str, dict[str, Any]]) -> None:
        for interaction_id, changes in calls:
            await self.log.record(a_call(interaction_id, **changes))


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[Opened]:
    log = await SqliteInteractionLog.open(folder / "interactions.db")
    history = await SqliteCallHistory.open(folder / "interactions.db")
    try:
        yield Opened(log, history)
    finally:
        await history.close()
        await log.close()


@pytest.fixture(params=[sqlite])
async def calls(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opened]:
    async with request.param(tmp_path) as opened:
        yield opened


def said(text: str) -> dict[str, Any]:
    return {"messages": (Message(role="user", content=text),), "response": "done"}


async def test_one_call_is_read_whole_and_an_unknown_one_is_not_found(calls: Opened) -> None:
    await calls.write(("c1", {}))
    assert await calls.history.get("c1") == a_call("c1")
    with pytest.raises(NotFound, match="c2"):
        await calls.history.get("c2")


async def test_calls_are_found_by_all_filters_at_once_newest_first_in_pages(calls: Opened) -> None:
    for number in range(6):
        agent = AgentName.QA if number % 2 else AgentName.PLANNER
        changes = {"agent": agent, "task_id": f"t{number // 3}", "success": number != 5, "model": f"m{number % 3}"}
        await calls.write((f"c{number}", {**changes, "ts": 100.0 * number}))
    assert await calls.ids(agent=AgentName.QA, success=True) == ["c3", "c1"]
    assert await calls.ids(task_id="t0", model="m1") == ["c1"]
    assert await calls.ids(since=200.0, until=400.0) == ["c3", "c2"]
    page = await calls.page(limit=4)
    assert ([call.interaction_id for call in page.items], page.next) == (["c5", "c4", "c3", "c2"], "c2")
    page = await calls.page(limit=2, before="c2")
    assert ([call.interaction_id for call in page.items], page.next) == (["c1", "c0"], None)
    with pytest.raises(InvalidInput, match="before"):
        await calls.page(before="nothing")


async def test_texts_of_prompts_and_answers_are_found_and_nothing_around_them(calls: Opened) -> None:
    await calls.write(
        ("c0", said('Say "Hello"\nto 100%_of them')),
        ("c1", {**said("nothing"), "response": "HELLO back"}),
        ("c2", said("Grüße, C:\\temp")),
        ("c3", {**said("nothing"), "error": "hello in an error"}),
    )
    assert await calls.ids(text="hello") == ["c1", "c0"]
    assert await calls.ids(text='"HELLO"\nto 100%_') == ["c0"]
    assert await calls.ids(text="100__of") == []
    assert await calls.ids(text="grüße") == ["c2"]
    assert await calls.ids(text="GRÜSSE") == []
    assert await calls.ids(text="c:\\TEMP") == ["c2"]
    for around in ("content", "role", "user", "assistant", '{"', "\x00"):
        assert await calls.ids(text=around) == [], around
    assert await calls.ids(text="hello", before="c1") == ["c0"]


async def test_a_search_looks_at_so_many_calls_and_says_where_to_go_on(calls: Opened) -> None:
    await calls.write(("needle", said("a needle")))
    for number in range(SCANNED):
        await calls.write((f"c{number}", {**said("hay"), "agent": AgentName.QA}))
    page = await calls.page(text="needle")
    assert (page.items, page.next) == ((), "c0")
    page = await calls.page(text="needle", before=page.next)
    assert ([call.interaction_id for call in page.items], page.next) == (["needle"], None)
    assert await calls.ids(text="needle", agent=AgentName.PLANNER) == ["needle"]
    assert (await calls.page(text="hay", limit=3)).next == f"c{SCANNED - 3}"


async def test_a_page_of_large_calls_ends_early_and_holds_one_at_least(calls: Opened) -> None:
    for number in range(3):
        await calls.write((f"c{number}", said("x" * (PAGE_CHARS if number else 10))))
    first = await calls.page()
    assert ([call.interaction_id for call in first.items], first.next) == (["c2"], "c2")
    assert await calls.ids(before="c2") == ["c1"]
    assert (await calls.page(before="c1")).next is None


@pytest.mark.parametrize(("group_by", "keys"), [
    ("day", ["1970-01-02", "1970-01-03"]), ("agent", ["planner", "qa_agent"]), ("model", ["m", "other"]),
    ("prompt", ["planner/plan@", "planner/plan@77"]), ("identity", ["planner@", "qa_agent@3"]),
])  # fmt: skip
async def test_calls_since_a_moment_are_summed_by_day_agent_or_model(
    calls: Opened, group_by: GroupBy, keys: list[str]
) -> None:
    later = {"ts": 2.5 * DAY, "agent": AgentName.QA, "model": "other", "prompt_version": "77", "identity_version": 3}
    await calls.write(
        ("old", {"ts": 0.5 * DAY}),
        ("c1", {"ts": 1.0 * DAY, "seconds": 1.0}),
        ("c2", {"ts": 2 * DAY - 0.5, "seconds": 4.0}),
        ("c3", {"ts": 1.5 * DAY, "seconds": 2.0}),
        ("c4", {"ts": 1.6 * DAY, "seconds": 9.0}),
        ("c5", {"ts": 1.7 * DAY, "seconds": 99.0, "success": False, "cost_usd": 0.5}),
        ("c6", {**later, "seconds": 7.0, "success": False}),
    )
    first, second = await calls.history.series(group_by, DAY)
    assert [first.key, second.key] == keys
    assert first == SeriesRow(
        key=keys[0],
        calls=5,
        failures=1,
        usage=Usage(input_tokens=500, output_tokens=100, cache_read_tokens=300, cache_write_tokens=150),
        cost_usd=1.5,
        call_seconds=3.0,
    )
    assert (second.calls, second.failures, second.call_seconds) == (1, 1, None)
    await calls.write(("c7", {"ts": 1.8 * DAY, "seconds": 3.5}))
    assert (await calls.history.series(group_by, DAY))[0].call_seconds == 3.5


async def test_who_records_does_not_wait_for_who_looks(tmp_path: Path) -> None:
    """Of SQLite's: the two are on connections of their own."""
    log = await SqliteInteractionLog.open(tmp_path / "interactions.db")
    await log.record(a_call("c1"))
    storage = await Storage.open(tmp_path / "interactions.db")
    history, enough = SqliteCallHistory(storage), threading.Event()

    def look_long(connection: sqlite3.Connection) -> list[str]:
        rows = connection.execute("SELECT interaction_id FROM agent_interactions JOIN interaction_texts USING (number)")
        first = rows.fetchone()
        assert enough.wait(120)
        return [row["interaction_id"] for row in (first, *rows)]

    looking = asyncio.create_task(storage.run(look_long))
    await asyncio.wait_for(log.record(a_call("c2")), 60)
    assert not looking.done()
    enough.set()
    assert "c1" in await looking
    assert [call.interaction_id for call in (await history.page(InteractionSearch())).items] == ["c2", "c1"]
    await history.close()
    await log.close()
