"""The ring by itself: its bounds, where a position is, what it gives at once, who waits."""

import asyncio
from collections.abc import Sequence

from core.frames import Frame
from memory.ring import BATCH_BYTES, EventRing


def sized(position: int, size: int = 10, task_id: str = "t1") -> Frame:
    return Frame(position, task_id, b"x" * size)


def positions(frames: Sequence[Frame] | None) -> list[int]:
    assert frames is not None
    return [each.position for each in frames]


def test_it_is_bounded_by_count_and_by_bytes() -> None:
    ring = EventRing(0, capacity=4, max_bytes=100)
    ring.put([sized(number) for number in range(1, 7)])
    assert ring.since(1) is None
    assert positions(ring.since(2)) == [3, 4, 5, 6]
    ring.put([sized(7, 95)])
    assert ring.since(5) is None
    assert positions(ring.since(6)) == [7]


def test_one_event_larger_than_the_ring_is_still_shown() -> None:
    ring = EventRing(0, capacity=4, max_bytes=100)
    ring.put([sized(1), sized(2, 5_000)])
    assert positions(ring.since(1)) == [2]


def test_a_position_is_found_between_live_events_or_said_to_have_left() -> None:
    ring = EventRing(10, capacity=5)
    assert (ring.locate(9), ring.locate(10), ring.locate(99)) == (None, 0, 0)
    ring.put([sized(0), sized(11), sized(0), sized(0), sized(12)])
    assert [ring.locate(position) for position in (9, 10, 11, 12)] == [None, 1, 4, 5]
    ring.put([sized(13), sized(14)])
    assert [ring.locate(position) for position in (10, 11, 12, 13, 14)] == [None, 4, 5, 6, 7]


def test_what_is_given_at_once_is_bounded_and_an_event_that_is_larger_comes_alone() -> None:
    ring = EventRing(0)
    half, whole = BATCH_BYTES // 2, BATCH_BYTES + 1
    ring.put([sized(1, half), sized(2, half), sized(3), sized(4, whole), sized(5)])
    assert [positions(ring.since(cursor)) for cursor in (0, 2, 3, 4)] == [[1, 2], [3], [4], [5]]


def test_readers_at_the_same_place_are_given_the_same_list() -> None:
    ring = EventRing(0)
    ring.put([sized(1), sized(2)])
    first = ring.since(0)
    assert ring.since(0) is first
    ring.put([sized(3)])
    assert positions(ring.since(0)) == [1, 2, 3]


async def test_who_waits_is_woken_for_its_own_task_and_told_where_to_read_on() -> None:
    ring = EventRing(0)
    waiting = [asyncio.create_task(ring.wait(0, task_id)) for task_id in (None, "t1", "t2")]
    await asyncio.sleep(0)
    assert ring.waiting == 3
    ring.put([sized(1, task_id="t3"), sized(2, task_id="t2"), sized(3, task_id="t2")])
    done, pending = await asyncio.wait({waiting[0], waiting[2]}, timeout=10)
    assert (len(done), len(pending)) == (2, 0)
    assert (waiting[0].result(), waiting[2].result()) == (0, 1)
    assert not waiting[1].done()
    assert ring.waiting == 1
    ring.close()
    assert await waiting[1] == 3


async def test_who_gives_up_waiting_leaves_nothing() -> None:
    ring = EventRing(0)
    waiting = [asyncio.create_task(ring.wait(0, task_id)) for task_id in (None, None, "t1")]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    assert ring.waiting == 0
    ring.put([sized(1)])


async def test_a_ring_that_is_closed_takes_nothing_and_lets_nobody_wait() -> None:
    ring = EventRing(0)
    ring.close()
    ring.put([sized(1)])
    assert ring.end == 0
    assert await ring.wait(0, None) == 0


async def test_who_would_wait_for_what_is_there_already_reads_on_at_once() -> None:
    ring = EventRing(0)
    ring.put([sized(1)])
    assert await ring.wait(0, "another task") == 0
