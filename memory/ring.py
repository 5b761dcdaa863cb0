"""The newest events in memory, shared by all subscribers: each holds a cursor, none holds a queue.

Written from the database's writer thread and from event loops; readers wait on their own loop.
"""

import asyncio
import threading
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Sequence

from core.frames import Frame
from memory.waking import call_soon

BATCH_BYTES = 64 << 10
"""Bound of what a reader is given at once; a frame that is larger comes alone."""
Waiter = asyncio.Future[int]
Waiters = dict[Waiter, None]
"""In the order in which they began to wait: woken in that order they find their memory where the last one's was."""


class EventRing:
    """At most `capacity` frames and `max_bytes` of wire. Indexes grow for ever from 0.

    Stored events are put in the order of their positions, so that a position can be found by halving.
    """

    def __init__(self, last_position: int, *, capacity: int = 4096, max_bytes: int = 16 << 20) -> None:
        self._capacity, self._max_bytes = capacity, max_bytes
        self._frames: deque[Frame] = deque()
        self._positions: deque[int] = deque()
        """Beside each frame the position of the newest stored event that is not after it."""
        self._bytes = self._first = self._end = 0
        self._newest = self._gone = last_position
        self._cut_at, self._cut = (0, 0), list[Frame]()
        self._waiting: dict[asyncio.AbstractEventLoop, defaultdict[str | None, Waiters]] = {}
        self._lock = threading.Lock()
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def end(self) -> int:
        """Index that the next event will have."""
        return self._end

    @property
    def gone(self) -> int:
        """Position of the newest stored event that is not, or not any more, in the ring."""
        return self._gone

    @property
    def waiting(self) -> int:
        """How many readers wait."""
        with self._lock:
            return sum(len(waiters) for by_task in self._waiting.values() for waiters in by_task.values())

    def now(self) -> tuple[int, int]:
        """(index that the next event will have, position of the newest stored event)."""
        with self._lock:
            return self._end, self._newest

    def put(self, frames: Sequence[Frame]) -> None:
        """Add frames and wake who waits for them; does nothing once it is closed. Never blocks for long."""
        with self._lock:
            if not self._closed:
                for frame in frames:
                    self._add(frame)
                self._wake(frames)

    def locate(self, position: int) -> int | None:
        """Index of what came after the stored event at `position`; None when some of that has left the ring."""
        with self._lock:
            return None if position < self._gone else self._first + bisect_right(self._positions, position)

    def since(self, cursor: int) -> Sequence[Frame] | None:
        """The next frames from index `cursor` on, at most BATCH_BYTES of them; None when some have left the ring.

        Readers at the same place are given the same list, which none of them may change.
        """
        with self._lock:
            if cursor < self._first:
                return None
            if self._cut_at != (cursor, self._end):
                self._cut_at, self._cut = (cursor, self._end), self._cut_from(cursor)
            return self._cut

    async def wait(self, cursor: int, task_id: str | None) -> int:
        """Wait until there is something at `cursor` or above for `task_id`; return the index to read from.

        A reader that waits has read everything below the end, so events of other tasks that pass meanwhile are
        skipped over and cannot make it lose its place.
        """
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._closed or self._end > cursor:
                return cursor
            waiter: Waiter = loop.create_future()
            if loop not in self._waiting:
                self._waiting[loop] = defaultdict(dict)
            self._waiting[loop][task_id][waiter] = None
        try:
            return await waiter
        except BaseException:
            self._forget(loop, task_id, waiter)
            raise

    def close(self) -> None:
        """Wake everybody; nothing more is taken in."""
        with self._lock:
            self._closed = True
            for loop, by_task in self._waiting.items():
                call_soon(loop, _resolve, [(waiters, self._end) for waiters in by_task.values()])
            self._waiting.clear()

    def _add(self, frame: Frame) -> None:
        self._newest = max(self._newest, frame.position)
        self._frames.append(frame)
        self._positions.append(self._newest)
        self._end += 1
        self._bytes += len(frame.wire)
        while len(self._frames) > self._capacity or (self._bytes > self._max_bytes and len(self._frames) > 1):
            self._gone = self._positions.popleft()
            self._bytes -= len(self._frames.popleft().wire)
            self._first += 1

    def _cut_from(self, cursor: int) -> list[Frame]:
        cut: list[Frame] = []
        size = 0
        for index in range(cursor - self._first, self._end - self._first):
            frame = self._frames[index]
            size += len(frame.wire)
            if cut and size > BATCH_BYTES:
                break
            cut.append(frame)
        return cut

    def _wake(self, frames: Sequence[Frame]) -> None:
        """Tell each reader the index of the first of `frames`, which were just added, that is for it."""
        for loop, by_task in list(self._waiting.items()):
            ready: list[tuple[Waiters, int]] = []
            for index, frame in enumerate(frames, self._end - len(frames)):
                ready += [(by_task.pop(wanted), index) for wanted in (None, frame.task_id) if wanted in by_task]
            if not by_task:
                del self._waiting[loop]
            if ready:
                call_soon(loop, _resolve, ready)

    def _forget(self, loop: asyncio.AbstractEventLoop, task_id: str | None, waiter: Waiter) -> None:
        with self._lock:
            by_task = self._waiting.get(loop)
            if by_task is None or waiter not in by_task.get(task_id, ()):
                return  # it was just woken
            del by_task[task_id][waiter]
            if not by_task[task_id]:
                del by_task[task_id]
            if not by_task:
                del self._waiting[loop]


def _resolve(ready: Sequence[tuple[Waiters, int]]) -> None:
    for waiters, index in ready:
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(index)
