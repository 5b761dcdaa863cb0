"""Fetches updates by long polling, and confirms each to Telegram only after it was handled, so that a kill between repeats it."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from telegram import Update

from core.errors import DeliveryFailed
from telegram_bot.client import Fault, Me, TelegramClient
from telegram_bot.health import STARTING, Health

log = logging.getLogger(__name__)
PART = "receiving"
CONFIRM_S = 3.0

Handle = Callable[[Update], Awaitable[None]]
"""Must end in bounded time and raise nothing."""


@dataclass(frozen=True)
class Patience:
    """`poll_s` is how long Telegram may keep a request open. While something is handled, it is asked each `busy_s`.

    After a failure the wait doubles from `first_s` to `max_s`, a quarter of it random.
    """

    poll_s: float = 25.0
    busy_s: float = 0.5
    first_s: float = 1.0
    max_s: float = 120.0

    def delay_s(self, failures: int) -> float:
        doubled = min(self.max_s, self.first_s * 2.0 ** min(failures - 1, 20))
        return doubled * (1 - random.random() / 4)  # noqa: S311  # spreads retries, nothing secret


class Poller:
    """Begins each update in its own background task. Of those that Telegram sends again only what is new is begun."""

    def __init__(self, client: TelegramClient, health: Health, patience: Patience) -> None:
        self._client = client
        self._health = health
        health.wrong(PART, STARTING)
        self._patience = patience
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._handled: set[int] = set()
        self._next: int | None = None
        self._failures = 1
        self._contended = False
        self._news = asyncio.Event()

    async def run(self, introduce: Callable[[Me], None], handle: Handle) -> None:
        """Until cancelled. Failures are retried for ever and shown in the health."""
        while True:
            try:
                introduce(await self._client.me())
                await self._client.begin_polling()
                while True:
                    await self._round(handle)
            except DeliveryFailed as error:
                asked = error.fields.get("retry_after_s")
                delay_s = self._failed(str(error), float(asked) if isinstance(asked, int | float) else 0.0)
                self._contended = error.fields.get("kind") == Fault.POLLER
            except Exception as error:  # whatever the library cannot read must not end the conversation
                delay_s = self._failed(f"an answer of Telegram's could not be read ({type(error).__name__})", 0.0)
            await asyncio.sleep(delay_s)

    def _failed(self, reason: str, asked_s: float) -> float:
        """How long to wait."""
        self._failures += 1
        self._health.wrong(PART, reason)
        return max(self._patience.delay_s(self._failures), asked_s)

    async def _round(self, handle: Handle) -> None:
        self._news.clear()
        # After a failure Telegram is first asked without waiting, so that a recovery shows at once. Where somebody else
        # polls, too, only a whole wait proves that they have stopped.
        wait_s = 0.0 if self._under_way or (self._failures and not self._contended) else self._patience.poll_s
        updates = await self._client.updates(self._unconfirmed(), wait_s)
        if wait_s or not self._contended:
            self._failures, self._contended = 0, False
            self._health.fine(PART)
        for update in updates:
            self._begin(update, handle)
        if self._under_way:
            try:
                async with asyncio.timeout(self._patience.busy_s):
                    await self._news.wait()
            except TimeoutError:
                return

    def _unconfirmed(self) -> int | None:
        """The lowest update that is not handled yet: Telegram forgets what is below."""
        offset = min(self._under_way, default=self._next)
        self._handled = {number for number in self._handled if offset is None or number >= offset}
        return offset

    def _begin(self, update: Update, handle: Handle) -> None:
        number = update.update_id
        if number in self._under_way or number in self._handled:
            return
        self._next = max(self._next or 0, number + 1)
        work = asyncio.create_task(self._work(update, handle), name=f"telegram update {number}")
        self._under_way[number] = work

    async def _work(self, update: Update, handle: Handle) -> None:
        await handle(update)
        del self._under_way[update.update_id]
        self._handled.add(update.update_id)
        self._news.set()

    async def finish(self, grace_s: float) -> None:
        """After `run` has ended: let what is under way end for at most `grace_s`, and confirm what is done."""
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=grace_s)
        left = list(self._under_way.values())
        for work in left:
            work.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if (offset := self._unconfirmed()) is None:
            return
        try:
            async with asyncio.timeout(CONFIRM_S):
                await self._client.updates(offset, 0, limit=1)
        except (DeliveryFailed, TimeoutError) as error:
            reason = str(error) or "it took too long"
            log.info("the last updates were handled and not confirmed; they come again and change nothing: %s", reason)
