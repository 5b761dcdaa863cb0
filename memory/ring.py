"""The newest events in memory, shared by all subscribers: each holds a cursor, none holds a queue.

Written from the database's writer thread and from event loops; readers wait on their own loop.
"""

import asyncio
import threading
from collections.abc import Iterable
from contextlib import suppress

from core.events import StoredEvent


class EventRing:
    """A circular buffer of at most `capacity` events and `max_bytes` of text. Indexes grow for ever from 0."""

    def __init__(self, last_position: int, *, capacity: int = 4096, max_bytes: int = 16 << 20) -> None:
        self._slots: list[tuple[StoredEvent, int] | None] = [None] * capacity
        self._max_bytes = max_bytes
        self._bytes = 0
        self._first = self._end = 0
        self._last_position = last_position
        self._waiters: dict[asyncio.Future[int], str | None] = {}
        self._lock = threading.Lock()
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    def now(self) -> tuple[int, int]:
        """(index that the next event will have, position of the newest stored event)."""
        with self._lock:
            return self._end, self._last_position

    def put(self, events: Iterable[tuple[StoredEvent, int]]) -> None:
        """Add events with their sizes in bytes and wake who waits for them. Never blocks for long."""
        with self._lock:
            for stored, size in events:
                self._add(stored, size)
                self._wake(stored.task_id, self._end - 1)

    def since(self, cursor: int, limit: int = 256) -> list[StoredEvent] | None:
        """Events from index `cursor` on; None when some of them have left the ring already."""
        with self._lock:
            if cursor < self._first:
                return None
            indexes = range(cursor, min(self._end, cursor + limit))
            return [slot[0] for index in indexes if (slot := self._slots[index % len(self._slots)]) is not None]

    async def wait(self, cursor: int, task_id: str | None) -> int:
        """Wait until there is something at `cursor` or above for `task_id`; return the index to read from.

        A reader that waits has read everything below the end, so events of other tasks that pass meanwhile are
        skipped over and cannot make it lose its place.
        """
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        with self._lock:
            if self._closed or self._end > cursor:
                return cursor
            self._waiters[future] = task_id
        try:
            return await future
        finally:
            with self._lock:
                self._waiters.pop(future, None)

    def close(self) -> None:
        """Wake everybody; nothing more is taken in."""
        with self._lock:
            self._closed = True
            waiters, self._waiters = self._waiters, {}
            self._notify(list(waiters), self._end)

    def _add(self, stored: StoredEvent, size: int) -> None:
        if self._end - self._first == len(self._slots):
            self._evict()
        self._slots[self._end % len(self._slots)] = (stored, size)
        self._end += 1
        self._bytes += size
        while self._bytes > self._max_bytes and self._end - self._first > 1:
            self._evict()
        self._last_position = max(self._last_position, stored.position)

    def _evict(self) -> None:
        place = self._first % len(self._slots)
        slot = self._slots[place]
        self._bytes -= slot[1] if slot else 0
        self._slots[place] = None
        self._first += 1

    def _wake(self, task_id: str, index: int) -> None:
        ready = [future for future, wanted in self._waiters.items() if wanted is None or wanted == task_id]
        for future in ready:
            del self._waiters[future]
        self._notify(ready, index)

    @staticmethod
    def _notify(futures: list[asyncio.Future[int]], index: int) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[asyncio.Future[int]]] = {}
        for future in futures:
            by_loop.setdefault(future.get_loop(), []).append(future)
        for loop, ours in by_loop.items():
            with suppress(RuntimeError):  # that loop was closed; its waiters are gone with it
                loop.call_soon_threadsafe(_resolve, ours, index)


def _resolve(futures: list[asyncio.Future[int]], index: int) -> None:
    for future in futures:
        if not future.done():
            future.set_result(index)
