"""The SQLite event log beyond its port: slow subscribers, bounds, restarts, several loops."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.events import EventFilter, LlmDelta, Notice, StoredEvent
from core.frames import Frame
from core.types import AgentName
from memory import events
from memory.event_rows import PAGE_BYTES, SCANNED
from memory.events import append_events
from tests.unit.memory.stores import sqlite_stores


def delta(text: str) -> LlmDelta:
    return LlmDelta(agent=AgentName.PLANNER, call_id="c", text=text)


async def test_a_slow_subscriber_gets_every_stored_event_from_the_table_and_misses_only_deltas(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path, ring_capacity=8) as stores:
        stream = stores.events.subscribe(task_id="t1")
        for number in range(50):
            await stores.events.append("t1", Notice(text=str(number)))
            stores.events.publish("t1", delta(f"d{number}"))
        seen: list[str] = []
        async with asyncio.timeout(60):
            while len(seen) < 50:
                event = (await anext(stream)).event
                if isinstance(event, Notice):
                    seen.append(event.text)
        assert seen == [str(number) for number in range(50)]


async def test_a_quiet_subscriber_keeps_its_place_while_other_tasks_fill_the_ring(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path, ring_capacity=8) as stores:
        stream = stores.events.subscribe(task_id="t1")
        first = asyncio.create_task(_next(stream))
        while not stores.events.waiting:  # noqa: ASYNC110  # it begins to wait by itself
            await asyncio.sleep(0)
        for number in range(50):
            await stores.events.append("t2", Notice(text=str(number)))
        stores.events.publish("t1", delta("first word"))
        async with asyncio.timeout(60):
            assert (await first).event == delta("first word")


async def test_closing_the_log_ends_subscriptions_that_wait_and_those_that_replay(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        await stores.events.append("t1", Notice(text="a"))
        waiting = asyncio.create_task(_collect(stores.events.subscribe()))
        replaying = stores.events.subscribe(after=0)
        assert (await anext(replaying)).seq == 1
        while not stores.events.waiting:  # noqa: ASYNC110  # it begins to wait by itself
            await asyncio.sleep(0)
        stores.events.close()
        await stores.database.close()
        async with asyncio.timeout(60):
            assert await waiting == []
            assert await _collect(replaying) == []
            assert await _collect(stores.events.subscribe()) == []


async def test_who_is_behind_when_the_log_is_closed_gets_what_was_shown(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        stream = stores.events.subscribe()
        await stores.events.append("t1", Notice(text="a"), Notice(text="b"))
        stores.events.close()
        async with asyncio.timeout(60):
            assert [event.seq for event in await _collect(stream)] == [1, 2]


async def test_a_batch_from_the_table_is_bounded_and_reads_as_the_one_from_the_ring(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        batches = stores.events.follow()
        await stores.events.append("t1", *(Notice(text="x" * 20_000) for _ in range(10)), Notice(text="y" * 70_000))
        live = await _batches(batches, 11)
    async with sqlite_stores(tmp_path) as stores:
        replayed = await _batches(stores.events.follow(after=0), 11)
    assert [len(batch) for batch in live] == [len(batch) for batch in replayed] == [3, 3, 3, 1, 1]
    assert live == replayed


async def test_a_subscriber_that_goes_leaves_nothing(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        tasks = [asyncio.create_task(_collect(stores.events.subscribe(task_id=task))) for task in ("t1", "t1", "t2")]
        await asyncio.sleep(0)
        assert stores.events.waiting == 3
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert stores.events.waiting == 0


@pytest.mark.parametrize("task_id", [None, "t1"])
@pytest.mark.parametrize(("newest_first", "bound"), [(False, "after"), (True, "before")])
async def test_a_search_looks_through_a_bounded_part_of_the_log_and_says_where_to_go_on(
    tmp_path: Path, task_id: str | None, newest_first: bool, bound: str
) -> None:
    async with sqlite_stores(tmp_path) as stores:
        stored = await stores.events.append("t1", *(Notice(text=f"n{number}n") for number in range(SCANNED + 50)))
        wanted, last_looked_at = (stored[0], stored[50]) if newest_first else (stored[-1], stored[-51])
        assert isinstance(wanted.event, Notice)
        query = EventFilter(task_id=task_id, text=wanted.event.text, newest_first=newest_first)
        page = await stores.events.search(query)
        assert (page.items, page.next) == ((), last_looked_at.position)
        page = await stores.events.search(query.model_copy(update={bound: page.next}))
        assert (page.items, page.next) == ((wanted,), None)


async def test_a_page_ends_early_when_its_events_are_large(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        sizes = (PAGE_BYTES // 2, PAGE_BYTES // 3, PAGE_BYTES // 3, PAGE_BYTES * 2, 10)
        stored = await stores.events.append("t1", *(Notice(text="x" * size) for size in sizes))
        seen: list[list[int]] = []
        after: int | None = 0
        while after is not None:
            page = await stores.events.search(EventFilter(task_id="t1", after=after))
            seen.append([event.seq for event in page.items])
            after = page.next
        assert seen == [[1, 2], [3], [4], [5]]
        assert len(stored) == 5


async def test_positions_and_sequence_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        before = await stores.events.append("t1", Notice(text="a"), Notice(text="b"))
    async with sqlite_stores(tmp_path) as stores:
        stream = stores.events.subscribe(task_id="t1", after=before[0].position)
        after = await stores.events.append("t1", Notice(text="c"))
        async with asyncio.timeout(60):
            seen = [await anext(stream), await anext(stream)]
        assert [event.seq for event in seen] == [2, 3]
        assert after[0].position > before[-1].position


async def test_an_append_whose_caller_was_cancelled_is_stored_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, gate = threading.Event(), threading.Event()

    def held(*given: Any) -> tuple[StoredEvent, ...]:
        begun.set()
        gate.wait(60)
        return append_events(*given)

    monkeypatch.setattr(events, "append_events", held)
    async with sqlite_stores(tmp_path) as stores:
        stream = stores.events.subscribe()
        appending = asyncio.create_task(stores.events.append("t1", Notice(text="a")))
        assert await asyncio.to_thread(begun.wait, 60)
        appending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await appending
        gate.set()
        async with asyncio.timeout(60):
            assert (await anext(stream)).event == Notice(text="a")
        assert len(await stores.events.read()) == 1


async def test_a_subscriber_on_another_event_loop_is_served_too(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        seen: list[int] = []

        async def follow() -> None:
            stream = stores.events.subscribe(after=0)
            async with asyncio.timeout(60):
                seen.extend([(await anext(stream)).seq, (await anext(stream)).seq])

        thread = threading.Thread(target=lambda: asyncio.run(follow()))
        thread.start()
        await stores.events.append("t1", Notice(text="a"))
        await asyncio.sleep(0.05)
        await stores.events.append("t1", Notice(text="b"))
        await asyncio.to_thread(thread.join, 60)
        assert seen == [1, 2]


async def _batches(source: AsyncIterator[Sequence[Frame]], events: int) -> list[list[bytes]]:
    """The wire of the next `events`, batch by batch."""
    found: list[list[bytes]] = []
    async with asyncio.timeout(60):
        while sum(map(len, found)) < events:
            found.append([frame.wire for frame in await anext(source)])
    return found


async def _collect(stream: AsyncIterator[StoredEvent]) -> list[StoredEvent]:
    return [event async for event in stream]


async def _next(stream: AsyncIterator[StoredEvent]) -> StoredEvent:
    return await anext(stream)
