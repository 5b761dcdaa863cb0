"""Work that computes is done on one thread, in turn."""

import asyncio
import contextvars
import sys
import threading

import pytest

from core.computing import TURN_S, compute, short_turns

NAME = contextvars.ContextVar("NAME", default="nobody")


async def test_work_is_done_in_turn_on_one_thread_and_none_of_it_at_once() -> None:
    under_way: list[int] = []
    most: list[int] = []
    threads: set[int] = set()

    def work(number: int) -> int:
        under_way.append(number)
        threads.add(threading.get_ident())
        sum(range(20_000))
        most.append(len(under_way))
        under_way.remove(number)
        return number

    assert await asyncio.gather(*(compute(work, number) for number in range(50))) == list(range(50))
    assert set(most) == {1}
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_it_sees_the_context_of_who_asked_and_raises_what_the_work_raises() -> None:
    NAME.set("somebody")
    assert await compute(NAME.get) == "somebody"
    with pytest.raises(ZeroDivisionError):
        await compute(lambda: 1 // 0)


def test_turns_are_short_while_it_lasts() -> None:
    before = sys.getswitchinterval()
    with short_turns():
        assert sys.getswitchinterval() == pytest.approx(TURN_S)
    assert sys.getswitchinterval() == before
