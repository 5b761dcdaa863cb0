"""Calls from other threads: in order, with one wake-up, each for itself."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from memory.waking import call_soon, one_wake_up


class CountingLoop(asyncio.SelectorEventLoop):
    """Counts how often it is woken from outside."""

    woken = 0

    def call_soon_threadsafe(self, *values: Any, **named: Any) -> asyncio.Handle:
        self.woken += 1
        return super().call_soon_threadsafe(*values, **named)


def run_in_thread(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def say_all(loop: asyncio.AbstractEventLoop, said: list[int]) -> None:
    with one_wake_up():
        for number in range(3):
            call_soon(loop, said.append, number)


async def until(said: list[int], count: int) -> None:
    for _ in range(10):
        if len(said) == count:
            return
        await asyncio.sleep(0)
    raise AssertionError(f"{count} calls were to be heard, not {said}")


def test_what_a_thread_says_together_wakes_the_loop_once_and_keeps_its_order() -> None:
    said: list[int] = []
    with asyncio.Runner(loop_factory=CountingLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, CountingLoop)
        run_in_thread(lambda: say_all(loop, said))
        runner.run(until(said, 3))
        assert (said, loop.woken) == ([0, 1, 2], 1)
        run_in_thread(lambda: call_soon(loop, said.append, 3))
        runner.run(until(said, 4))
        assert (said, loop.woken) == ([0, 1, 2, 3], 2), "what is said alone is not kept back"


def test_a_call_that_fails_takes_no_other_with_it() -> None:
    said: list[int] = []
    failures: list[dict[str, Any]] = []
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        loop.set_exception_handler(lambda _, context: failures.append(context))

        def work() -> None:
            with one_wake_up():
                call_soon(loop, [].pop)
                call_soon(loop, said.append, 1)

        run_in_thread(work)
        runner.run(until(said, 1))
    assert said == [1]
    assert isinstance(failures[0]["exception"], IndexError)


def test_a_loop_calls_itself_without_being_woken() -> None:
    said: list[int] = []

    async def work() -> None:
        call_soon(asyncio.get_running_loop(), said.append, 1)
        assert said == [], "later, as from any other thread"
        await until(said, 1)

    with asyncio.Runner(loop_factory=CountingLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, CountingLoop)
        runner.run(work())
        assert loop.woken == 0


def test_a_loop_that_is_closed_takes_nothing_from_the_others() -> None:
    closed, said = asyncio.new_event_loop(), list[int]()
    closed.close()
    with asyncio.Runner() as runner:
        loop = runner.get_loop()

        def work() -> None:
            call_soon(closed, said.append, 0)
            with one_wake_up():
                call_soon(closed, said.append, 0)
                call_soon(loop, said.append, 1)

        run_in_thread(work)
        runner.run(until(said, 1))
    assert said == [1]
