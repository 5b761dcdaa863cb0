"""When the next message may go to a chat: within Telegram's limits, and the urgent ones first."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from core.errors import DeliveryFailed

MAX_WAITING = 256
LONGEST_WAIT_S = 90.0


class Urgency(IntEnum):
    MESSAGE = 0
    PROGRESS = 1


@dataclass(frozen=True)
class Rate:
    """`burst` messages at once, then one each `1 / per_s` seconds."""

    per_s: float
    burst: int


PRIVATE = Rate(per_s=1.0, burst=3)
"""Telegram: about one message a second in one chat; short bursts are let pass."""
GROUP = Rate(per_s=0.25, burst=4)
"""Telegram: 20 messages a minute in a group. The burst and a minute of the rate are 19 together."""


def rate_of(chat_id: int) -> Rate:
    """Ids of groups, supergroups and channels are negative."""
    return GROUP if chat_id < 0 else PRIVATE


@dataclass(order=True)
class _Waiting:
    urgency: Urgency
    number: int
    first: asyncio.Event = field(default_factory=asyncio.Event, compare=False)


class Pace:
    """Gives out turns to send. Whoever has a turn sends one message."""

    def __init__(self, rate: Rate, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._monotonic = monotonic
        self._left = float(rate.burst)
        self._counted_at = monotonic()
        self._closed_until = -1e9
        self._numbers = itertools.count()
        self._queue: list[_Waiting] = []

    def pause(self, seconds: float) -> None:
        """Telegram has asked to send nothing for so long."""
        self._closed_until = max(self._closed_until, self._monotonic() + seconds)

    async def turn(self, urgency: Urgency = Urgency.MESSAGE) -> None:
        """Wait for a turn. Raises DeliveryFailed when that would take too long, or too many wait already."""
        closed_s = self._closed_until - self._monotonic()
        if len(self._queue) >= MAX_WAITING or closed_s > LONGEST_WAIT_S:
            raise DeliveryFailed("too many messages wait for Telegram", retry_after_s=max(1.0, closed_s))
        waiting = _Waiting(urgency, next(self._numbers))
        heapq.heappush(self._queue, waiting)
        self._queue[0].first.set()
        try:
            async with asyncio.timeout(LONGEST_WAIT_S):
                await self._take(waiting)
        except TimeoutError:
            raise DeliveryFailed("too many messages wait for Telegram", retry_after_s=1.0) from None
        finally:
            self._queue.remove(waiting)
            heapq.heapify(self._queue)
            if self._queue:
                self._queue[0].first.set()

    async def _take(self, waiting: _Waiting) -> None:
        while True:
            await waiting.first.wait()
            if self._queue[0] is not waiting:  # somebody more urgent came
                waiting.first.clear()
            elif (delay_s := self._delay_s()) > 0:
                await asyncio.sleep(delay_s)
            else:
                self._left -= 1
                return

    def _delay_s(self) -> float:
        now = self._monotonic()
        self._left = min(float(self._rate.burst), self._left + (now - self._counted_at) * self._rate.per_s)
        self._counted_at = now
        missing_s = 0.0 if self._left >= 1 else (1 - self._left) / self._rate.per_s + 0.001
        return max(missing_s, self._closed_until - now)
