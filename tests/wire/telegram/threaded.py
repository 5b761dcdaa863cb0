"""The counterpart in a thread of its own, for tests that block: those that drive the service as a process."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.wire.telegram.service import Telegram, running_telegram

T = TypeVar("T")


@dataclass(frozen=True)
class Threaded:
    """`do` runs one of the people's coroutines there; what is in the chat can be read from here."""

    telegram: Telegram
    loop: asyncio.AbstractEventLoop

    def do(self, what: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(timeout=30)


@contextmanager
def telegram_in_thread() -> Iterator[Threaded]:
    """Until the block ends."""
    ready = threading.Event()
    found: list[Threaded] = []
    ended: list[asyncio.Event] = []

    async def run() -> None:
        async with running_telegram() as telegram:
            found.append(Threaded(telegram, asyncio.get_running_loop()))
            ended.append(asyncio.Event())
            ready.set()
            await ended[0].wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert ready.wait(timeout=30)
    try:
        yield found[0]
    finally:
        found[0].loop.call_soon_threadsafe(ended[0].set)
        thread.join(timeout=30)
