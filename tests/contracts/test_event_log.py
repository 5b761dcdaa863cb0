"""What every EventLog promises."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.events import AgentStarted, Event, EventFilter, LlmDelta, Notice, StoredEvent
from core.frames import Frame
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
    async with asyncio.timeout(60):
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


FOUND: list[tuple[EventFilter, list[int]]] = [
    (EventFilter(), [1, 2, 3, 4, 5]),
    (EventFilter(newest_first=True), [5, 4, 3, 2, 1]),
    (EventFilter(task_id="t1"), [1, 2, 4, 5]),
    (EventFilter(task_id="t1", newest_first=True), [5, 4, 2, 1]),
    (EventFilter(after=1, before=4), [2, 3]),
    (EventFilter(task_id="t1", after=1, before=5, newest_first=True), [4, 2]),
    (EventFilter(before=0), []),
    (EventFilter(task_id="t1", seq=3), [4]),
    (EventFilter(task_id="t2", seq=2), []),
    (EventFilter(task_id="unknown"), []),
    (EventFilter(types=("notice",)), [1, 3, 5]),
    (EventFilter(types=("notice", "agent.started")), [1, 2, 3, 4, 5]),
    (EventFilter(types=("routed",)), []),
    (EventFilter(agent=AgentName.QA), [4]),
    (EventFilter(task_id="t1", agent=AgentName.PLANNER, types=("agent.started",)), [2]),
    (EventFilter(text="FIRST"), [1]),
    (EventFilter(text='say "50%"'), [3]),
    (EventFilter(text="50_"), []),
    (EventFilter(text="%"), [3]),
    (EventFilter(text="back\\slash"), [5]),
    (EventFilter(text="two\nlines"), [5]),
    (EventFilter(text="ÄÖ"), [5]),
    (EventFilter(task_id="t1", text="s", agent=AgentName.QA, newest_first=True), [4]),
]


@pytest.mark.parametrize(("query", "expected"), FOUND)
async def test_a_search_finds_what_is_wanted_and_nothing_else(
    log: EventLog, query: EventFilter, expected: list[int]
) -> None:
    written: list[tuple[str, Event]] = [
        ("t1", Notice(text="the first")),
        ("t1", AgentStarted(agent=AgentName.PLANNER, step="plan")),
        ("t2", Notice(text='say "50%"')),
        ("t1", AgentStarted(agent=AgentName.QA, step="tests")),
        ("t1", Notice(text="back\\slash, two\nlines, ÄÖ")),
    ]
    stored = [(await log.append(task_id, event))[0] for task_id, event in written]
    assert stored[0].position == 1
    page = await log.search(query)
    assert list(page.items) == [stored[number - 1] for number in expected]
    assert page.next is None


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("task_id", [None, "t1"])
async def test_pages_of_a_search_go_on_where_the_last_one_ended(
    log: EventLog, task_id: str | None, newest_first: bool
) -> None:
    for number in range(10):
        await log.append(f"t{number % 2}", *notices(str(number)))
    wanted = EventFilter(task_id=task_id, newest_first=newest_first, limit=2)
    whole = (await log.search(wanted.model_copy(update={"limit": 500}))).items
    found: list[StoredEvent] = []
    go_on: int | None = None
    for _ in range(len(whole)):
        bound = {} if go_on is None else {"before": go_on} if newest_first else {"after": go_on}
        page = await log.search(wanted.model_copy(update=bound))
        found += page.items
        if (go_on := page.next) is None:
            break
    assert found == list(whole)
    assert go_on is None


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


async def test_batches_hold_the_events_of_a_subscriber_as_they_go_over_a_wire(log: EventLog) -> None:
    stored = [*await log.append("t1", *notices("a", "b")), *await log.append("t1", *notices("c"))]
    await log.append("t2", *notices("theirs"))
    batches = log.follow(task_id="t1", after=stored[0].position)
    frames: list[Frame] = []
    async with asyncio.timeout(60):
        while len(frames) < 2:
            frames += await anext(batches)
        assert [frame.stored for frame in frames] == stored[1:]
        assert [frame.position for frame in frames] == [event.position for event in stored[1:]]
        assert all(frame.wire.startswith(f"id: {frame.position}\nevent: notice\n".encode()) for frame in frames)
        log.publish("t1", delta("Hel"))
        live = await anext(batches)
        assert [(frame.position, frame.wire[:16], texts([frame.stored])) for frame in live] == [
            (0, b"event: llm_delta", ["Hel"])
        ]


async def test_live_only_events_of_before_are_not_shown_to_who_comes_later(log: EventLog) -> None:
    stored = await log.append("t1", *notices("a"))
    log.publish("t1", delta("gone"))
    await log.append("t1", *notices("b"))
    streams = [log.subscribe(after=0), log.subscribe(after=stored[0].position)]
    log.publish("t1", delta("live"))
    assert [texts(await take(streams[0], 3)), texts(await take(streams[1], 2))] == [["a", "b", "live"], ["b", "live"]]


async def test_a_cancelled_subscriber_leaves_the_others_undisturbed(log: EventLog) -> None:
    leaving, staying = log.subscribe(), log.subscribe()
    waiting = asyncio.create_task(take(leaving, 1))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await log.append("t1", *notices("still here"))
    assert texts(await take(staying, 1)) == ["still here"]
