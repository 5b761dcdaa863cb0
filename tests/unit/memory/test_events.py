"""The SQLite event log beyond its port: slow subscribers, bounds, restarts, several loops."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.events import LlmDelta, Notice, StoredEvent
from core.types import AgentName
from memory.ring import EventRing
from tests.unit.memory.stores import sqlite_stores


def delta(text: str) -> LlmDelta:
    return LlmDelta(agent=AgentName.PLANNER, call_id="c", text=text)


def stored(number: int) -> StoredEvent:
    return StoredEvent(position=number, seq=number, task_id="t1", ts=0.0, event=Notice(text=str(number)))


async def test_a_slow_subscriber_gets_every_stored_event_from_the_table_and_misses_only_deltas(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path, ring_capacity=8) as stores:
        stream = stores.events.subscribe(task_id="t1")
        for number in range(50):
            await stores.events.append("t1", Notice(text=str(number)))
            stores.events.publish("t1", delta(f"d{number}"))
        seen: list[str] = []
        async with asyncio.timeout(10):
            while len(seen) < 50:
                event = (await anext(stream)).event
                if isinstance(event, Notice):
                    seen.append(event.text)
        assert seen == [str(number) for number in range(50)]


async def test_a_quiet_subscriber_keeps_its_place_while_other_tasks_fill_the_ring(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path, ring_capacity=8) as stores:
        stream = stores.events.subscribe(task_id="t1")
        first = asyncio.create_task(_next(stream))
        await asyncio.sleep(0.01)
        for number in range(50):
            await stores.events.append("t2", Notice(text=str(number)))
        stores.events.publish("t1", delta("first word"))
        async with asyncio.timeout(10):
            assert (await first).event == delta("first word")


async def test_closing_the_log_ends_subscriptions_that_wait_and_those_that_replay(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        await stores.events.append("t1", Notice(text="a"))
        waiting = asyncio.create_task(_collect(stores.events.subscribe()))
        replaying = stores.events.subscribe(after=0)
        assert (await anext(replaying)).seq == 1
        await asyncio.sleep(0.01)
        stores.events.close()
        await stores.database.close()
        async with asyncio.timeout(10):
            assert await waiting == []
            assert await _collect(replaying) == []
            assert await _collect(stores.events.subscribe(after=0)) == []


async def test_positions_and_sequence_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        before = await stores.events.append("t1", Notice(text="a"), Notice(text="b"))
    async with sqlite_stores(tmp_path) as stores:
        stream = stores.events.subscribe(task_id="t1", after=before[0].position)
        after = await stores.events.append("t1", Notice(text="c"))
        async with asyncio.timeout(10):
            seen = [await anext(stream), await anext(stream)]
        assert [event.seq for event in seen] == [2, 3]
        assert after[0].position > before[-1].position


async def test_an_append_whose_caller_was_cancelled_is_stored_and_shown(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        stream = stores.events.subscribe()
        appending = asyncio.create_task(stores.events.append("t1", Notice(text="a")))
        await asyncio.sleep(0)
        appending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await appending
        async with asyncio.timeout(10):
            assert (await anext(stream)).event == Notice(text="a")
        assert len(await stores.events.read()) == 1


async def test_a_subscriber_on_another_event_loop_is_served_too(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        seen: list[int] = []

        async def follow() -> None:
            stream = stores.events.subscribe(after=0)
            async with asyncio.timeout(10):
                seen.extend([(await anext(stream)).seq, (await anext(stream)).seq])

        thread = threading.Thread(target=lambda: asyncio.run(follow()))
        thread.start()
        await stores.events.append("t1", Notice(text="a"))
        await asyncio.sleep(0.05)
        await stores.events.append("t1", Notice(text="b"))
        await asyncio.to_thread(thread.join, 10)
        assert seen == [1, 2]


def test_the_ring_is_bounded_by_count_and_by_bytes() -> None:
    ring = EventRing(0, capacity=4, max_bytes=100)
    ring.put((stored(number), 10) for number in range(1, 7))
    assert ring.since(1) is None
    assert [event.seq for event in ring.since(2) or []] == [3, 4, 5, 6]
    ring.put([(stored(7), 95)])
    assert ring.since(5) is None
    assert [event.seq for event in ring.since(6) or []] == [7]


def test_one_event_larger_than_the_ring_is_still_shown() -> None:
    ring = EventRing(0, capacity=4, max_bytes=100)
    ring.put([(stored(1), 10), (stored(2), 5_000)])
    assert [event.seq for event in ring.since(1) or []] == [2]


async def _collect(stream: AsyncIterator[StoredEvent]) -> list[StoredEvent]:
    return [event async for event in stream]


async def _next(stream: AsyncIterator[StoredEvent]) -> StoredEvent:
    return await anext(stream)
