"""Calls into event loops from other threads. Waking a loop costs more than the call: what is said together goes together."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import ParamSpec

P = ParamSpec("P")
Loop = asyncio.AbstractEventLoop
Call = Callable[[], object]


class _Kept(threading.local):
    """Of each thread: what it has said since it began to keep; None while it does not."""

    calls: dict[Loop, list[Call]] | None = None


_kept = _Kept()


def call_soon(loop: Loop, callback: Callable[P, object], *values: P.args, **named: P.kwargs) -> None:
    """Have `loop` call back, from whatever thread; nothing happens when it is closed, for whoever waited there is gone."""
    call = partial(callback, *values, **named)
    if _kept.calls is not None:
        _kept.calls.setdefault(loop, []).append(call)
    elif _runs_here(loop):
        loop.call_soon(call)
    else:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(call)


@contextmanager
def one_wake_up() -> Iterator[None]:
    """Keep what this thread says, and give each loop its calls at the end, in their order."""
    _kept.calls = calls = dict[Loop, list[Call]]()
    try:
        yield
    finally:
        _kept.calls = None
        for loop, own in calls.items():
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_hand_on, loop, own)


def _hand_on(loop: Loop, calls: Sequence[Call]) -> None:
    """One by one, so that a call that fails takes no other with it."""
    for call in calls:
        loop.call_soon(call)


def _runs_here(loop: Loop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
