"""The one thread for work that computes. Others would only take the interpreter's lock from each other, and from the event loop.

With a hundred tasks at work, a second such thread makes what happens visible five times later, and costs a fifth more CPU.
"""

import asyncio
import contextvars
import functools
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
TURN_S = 0.001


async def compute(work: Callable[P, T], *values: P.args, **named: P.kwargs) -> T:
    """What `asyncio.to_thread` does, on that thread: in turn, for work that takes milliseconds and waits for nobody."""
    call = functools.partial(contextvars.copy_context().run, work, *values, **named)
    return await asyncio.get_running_loop().run_in_executor(_thread(), call)


@functools.cache
def _thread() -> ThreadPoolExecutor:
    """One for the process, as the lock is."""
    return ThreadPoolExecutor(1, thread_name_prefix="compute")


@contextmanager
def short_turns() -> Iterator[None]:
    """While it lasts, who computes gives the interpreter's lock to another thread after a millisecond, and not after five.

    The threads that write take it several times for each thing that happens: this halves how late that is seen.
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
