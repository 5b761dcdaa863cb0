"""What every EventLog promises."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.events import LlmDelta, Notice, StoredEvent
from core.ports import EventLog
from core.types import AgentName
from tests.unit.memory.stores import sqlite_stores


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[EventLog]:
    async with sqlite_stores(folder) as stores:
        yield stores.events


@pytest.fixture(params=[sqlite])
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EventLog]:
    async with request.param(tmp_path) as opened:
        yield opened


async def take(stream: AsyncIterator[StoredEvent], count: int) -> list[StoredEvent]:
    async with asyncio.timeout(10):
        return [await anext(stream) for _ in range(count)]


def texts(events: Sequence[StoredEvent]) -> list[str]:
    return [event.event.text for event in events if isinstance(event.event, Notice | LlmDelta)]


def notices(*words: str) -> list[Notice]:
    return [Notice(text=word) for word in words]


def delta(text: str) -> LlmDelta:
    return LlmDelta(agent=AgentName.PLANNER, call_id="c", text=text)


async def test_positions_grow_over_all_tasks_and_seq_counts_each_task_from_one_without_gaps(log: EventLog) -> None:
    stored = [
        *await log.append("t1", *notices("a", "b")),
        *await log.append("t2", *notices("c")),
        *await log.append("t1", *notices("d")),
    ]
    assert [event.seq for event in stored] == [1, 2, 1, 3]
    positions = [event.position for event in stored]
    assert positions == sorted(set(positions))
    assert positions[0] > 0


async def test_read_pages_through_one_task_or_all_oldest_first(log: EventLog) -> None:
    for number in range(5):
        await log.append(f"t{number % 2}", *notices(str(number)))
    first = await log.read(limit=2)
    rest = await log.read(after=first[-1].position)
    assert texts([*first, *rest]) == ["0", "1", "2", "3", "4"]
    assert texts(await log.read(task_id="t1")) == ["1", "3"]
    assert texts(await log.read(task_id="t1", after=first[-1].position)) == ["3"]
    assert await log.read(task_id="unknown") == ()


async def test_concurrent_appends_to_one_task_leave_neither_gap_nor_repetition(log: EventLog) -> None:
    await asyncio.gather(*(log.append("t1", *notices(str(number), "and")) for number in range(50)))
    assert [event.seq for event in await log.read(task_id="t1")] == list(range(1, 101))


async def test_a_subscriber_from_the_start_gets_what_was_and_then_what_comes(log: EventLog) -> None:
    await log.append("t1", *notices("old"))
    stream = log.subscribe(after=0)
    assert texts(await take(stream, 1)) == ["old"]
    await log.append("t2", *notices("new"))
    assert texts(await take(stream, 1)) == ["new"]


async def test_a_subscriber_from_now_gets_only_what_comes_after_the_call_to_subscribe(log: EventLog) -> None:
    await log.append("t1", *notices("before"))
    stream = log.subscribe()
    await log.append("t1", *notices("after"))
    assert texts(await take(stream, 1)) == ["after"]


async def test_a_subscriber_of_one_task_sees_no_other(log: EventLog) -> None:
    stream = log.subscribe(task_id="t2", after=0)
    await log.append("t1", *notices("theirs"))
    await log.append("t2", *notices("ours"))
    assert texts(await take(stream, 1)) == ["ours"]


async def test_a_subscriber_resumes_exactly_behind_the_position_it_names(log: EventLog) -> None:
    stored = await log.append("t1", *notices("a", "b", "c"))
    assert texts(await take(log.subscribe(after=stored[0].position), 2)) == ["b", "c"]


async def test_subscribers_that_begin_while_events_are_written_miss_none_and_see_none_twice(log: EventLog) -> None:
    total = 200

    async def follow(delay: float) -> list[int]:
        await asyncio.sleep(delay)
        return [event.position for event in await take(log.subscribe(task_id="t1", after=0), total)]

    async def write() -> None:
        for number in range(total):
            await log.append("t1", *notices(str(number)))

    *seen, _ = await asyncio.gather(*(follow(delay / 100) for delay in range(8)), write())
    expected = [event.position for event in await log.read(task_id="t1", limit=total)]
    assert all(positions == expected for positions in seen)


async def test_live_only_events_reach_subscribers_in_order_and_are_never_stored(log: EventLog) -> None:
    stream = log.subscribe(task_id="t1")
    await log.append("t1", *notices("start"))
    log.publish("t1", delta("Hel"))
    log.publish("t2", delta("not ours"))
    log.publish("t1", delta("lo"))
    seen = await take(stream, 3)
    assert texts(seen) == ["start", "Hel", "lo"]
    assert [(event.position, event.seq) for event in seen[1:]] == [(0, 0), (0, 0)]
    assert len(await log.read()) == 1


async def test_a_cancelled_subscriber_leaves_the_others_undisturbed(log: EventLog) -> None:
    leaving, staying = log.subscribe(), log.subscribe()
    waiting = asyncio.create_task(take(leaving, 1))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await log.append("t1", *notices("still here"))
    assert texts(await take(staying, 1)) == ["still here"]
