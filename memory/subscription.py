"""One reader's way through the log: from the ring where it is there, else from the table."""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Self

from core.events import StoredEvent
from core.frames import Frame
from memory.database import DatabaseClosed
from memory.ring import EventRing

ReadFrames = Callable[[str | None, int], Awaitable[Sequence[Frame]]]
"""The next frames of a task (of all when None) above a position, from the table, oldest first."""


class Subscription:
    """Batches of frames of `task_id` (all tasks when None) above `after` (from now when None), in order, each once.

    It holds a place and no queue, so a reader may be as slow as it likes, and leave when it likes. One that fell out of
    the ring is served from the table until it has caught up, and misses live-only frames. Ends when the ring is closed.
    """

    __slots__ = ("_cursor", "_live_from", "_position", "_read", "_ring", "_task_id")

    def __init__(self, ring: EventRing, read: ReadFrames, task_id: str | None, after: int | None) -> None:
        self._ring = ring
        self._read = read
        self._task_id = task_id
        self._live_from, newest = ring.now()
        self._position = newest if after is None else after
        self._cursor = ring.locate(self._position)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sequence[Frame]:
        ring = self._ring
        while True:
            cursor = self._cursor
            if cursor is None:
                if batch := await self._from_table():
                    return batch
            elif cursor == ring.end:
                if ring.closed:
                    raise StopAsyncIteration
                self._cursor = await ring.wait(cursor, self._task_id)
            elif (frames := ring.since(cursor)) is None:
                self._cursor = ring.locate(self._position)
            elif batch := self._own(frames, cursor):
                return batch

    async def _from_table(self) -> Sequence[Frame]:
        """The next frames that are not in the ring; sets the cursor when those behind them are."""
        gone = self._ring.gone
        try:
            frames = await self._read(self._task_id, self._position)
        except DatabaseClosed:
            raise StopAsyncIteration from None
        # What had left the ring before the table was read is in the table: when nothing is there, nothing was missed.
        self._position = frames[-1].position if frames else max(self._position, gone)
        self._cursor = self._ring.locate(self._position)
        return frames

    def _own(self, frames: Sequence[Frame], first: int) -> Sequence[Frame]:
        """Those of `frames` (from index `first` on) that are this reader's; moves it behind all of them."""
        self._cursor = first + len(frames)
        task_id, position = self._task_id, self._position
        batch: list[Frame] = []
        for index, frame in enumerate(frames, first):
            if task_id is not None and frame.task_id != task_id:
                continue
            if frame.position > position:  # not so when the table had shown it a moment before the ring did
                position = frame.position
                batch.append(frame)
            elif frame.position == 0 and index >= self._live_from:
                batch.append(frame)
        self._position = position
        return batch


class OneByOne:
    """The events of batches of frames."""

    def __init__(self, batches: AsyncIterator[Sequence[Frame]]) -> None:
        self._batches = batches
        self._frames: deque[Frame] = deque()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> StoredEvent:
        while not self._frames:
            self._frames.extend(await anext(self._batches))
        return self._frames.popleft().stored
