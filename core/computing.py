"""The one thread for work that computes. Others would only take the interpreter's lock from each other, and from the event loop.

With a hundred tasks at work, a second such thread makes what happens visible five times later, and costs a fifth more CPU.
"""

import asyncio
import contextvars
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def compute(work: Callable[P, T], *values: P.args, **named: P.kwargs) -> T:
    """What `asyncio.to_thread` does, on that thread: in turn, for work that takes milliseconds and waits for nobody."""
    call = functools.partial(contextvars.copy_context().run, work, *values, **named)
    return await asyncio.get_running_loop().run_in_executor(_thread(), call)


@functools.cache
def _thread() -> ThreadPoolExecutor:
    """One for the process, as the lock is."""
    return ThreadPoolExecutor(1, thread_name_prefix="compute")
