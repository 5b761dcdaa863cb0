"""One reader between ring and table, with a table that does at the worst moment what a real one does at times."""

from collections.abc import Sequence

import pytest

from core.frames import Frame
from memory.ring import EventRing
from memory.subscription import Subscription


def event(position: int, task_id: str = "t1") -> Frame:
    return Frame(position, task_id, b"x")


def positions(frames: Sequence[Frame]) -> list[int]:
    return [each.position for each in frames]


async def test_a_reader_whose_place_is_in_the_ring_never_looks_at_the_table() -> None:
    async def read(task_id: str | None, after: int) -> Sequence[Frame]:
        pytest.fail(f"the table was read for {task_id} behind {after}")

    ring = EventRing(0)
    ring.put([event(1), event(2), event(3)])
    assert positions(await anext(Subscription(ring, read, "t1", 1))) == [2, 3]


async def test_an_event_that_the_table_shows_before_the_ring_does_is_given_once() -> None:
    async def read(task_id: str | None, after: int) -> Sequence[Frame]:
        return [event(2), event(3)]

    ring = EventRing(2)
    reader = Subscription(ring, read, None, 1)
    assert positions(await anext(reader)) == [2, 3]
    ring.put([event(3), event(4)])
    assert positions(await anext(reader)) == [4]


async def test_what_leaves_the_ring_while_the_table_is_read_is_not_passed_by() -> None:
    """The first reading finds nothing of this task, and meanwhile an event of it comes to the ring and leaves it."""
    table: list[Frame] = []

    async def read(task_id: str | None, after: int) -> Sequence[Frame]:
        found = [each for each in table if each.task_id == task_id and each.position > after]
        if not table:
            table.extend([event(6, "t1"), event(7, "t2"), event(8, "t2")])
            ring.put(table)
        return found

    ring = EventRing(5, capacity=1)
    reader = Subscription(ring, read, "t1", 0)
    assert positions(await anext(reader)) == [6]


async def test_what_is_only_of_others_is_passed_by_as_a_whole() -> None:
    read_behind: list[int] = []

    async def read(task_id: str | None, after: int) -> Sequence[Frame]:
        read_behind.append(after)
        return []

    ring = EventRing(0, capacity=2)
    reader = Subscription(ring, read, "t1", 0)
    ring.put([event(position, "t2") for position in range(1, 9)])
    ring.put([event(9, "t1")])
    assert positions(await anext(reader)) == [9]
    assert read_behind == [0]
