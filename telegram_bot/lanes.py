"""Work that must keep its order goes one after the other, everything else side by side, up to a bound."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Lanes:
    """At most `at_once` at the same time. A lane is a name; whoever asks for it first has it first."""

    def __init__(self, at_once: int) -> None:
        self._room = asyncio.Semaphore(at_once)
        self._queues: dict[str, deque[asyncio.Event]] = {}

    @asynccontextmanager
    async def lane(self, name: str) -> AsyncIterator[None]:
        queue = self._queues.setdefault(name, deque())
        mine = asyncio.Event()
        queue.append(mine)
        queue[0].set()
        try:
            await mine.wait()
            async with self._room:
                yield
        finally:
            queue.remove(mine)
            if queue:
                queue[0].set()
            else:
                self._queues.pop(name, None)
