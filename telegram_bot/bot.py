"""Receives: runs beside the service, hands each update to its handler, and never lets a failure of its own reach the service."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from telegram import Update, User

from core.errors import DeliveryFailed
from core.ports import EffectStore, EventLog
from telegram_bot.addressing import Address
from telegram_bot.buttons import read_tap
from telegram_bot.client import Me
from telegram_bot.desk import Desk
from telegram_bot.guard import Guard, actor_of
from telegram_bot.health import BotState
from telegram_bot.lanes import Lanes
from telegram_bot.orders import Orders
from telegram_bot.polling import Patience, Poller
from telegram_bot.progress import ProgressBoard
from telegram_bot.replies import Kept, Replies, addressed
from telegram_bot.taps import Taps

log = logging.getLogger(__name__)
PART = "handling"


@dataclass(frozen=True)
class Limits:
    """How much at once, how long one update may take, and how often it is tried."""

    at_once: int = 32
    handle_s: float = 900.0
    tries: int = 5
    retry_s: float = 2.0


class TelegramBot:
    """One chat's bot: people's taps, texts and commands, and the progress of tasks."""

    def __init__(
        self,
        desk: Desk,
        events: EventLog,
        effects: EffectStore,
        *,
        users: Collection[int] = (),
        progress_every_s: float = 5.0,
        patience: Patience | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._desk = desk
        self._guard = Guard(desk.client.chat_id, frozenset(users))
        self._health = desk.client.health
        self._limits = limits or Limits()
        self._lanes = Lanes(self._limits.at_once)
        kept = Kept()
        self._taps, self._replies, self._orders = Taps(desk, kept), Replies(desk, kept), Orders(desk)
        self._poller = Poller(desk.client, self._health, patience or Patience())
        self._board = ProgressBoard(desk.client, desk.commands, events, effects, self._health, every_s=progress_every_s)
        self._me = Me(0, "")
        self._work: tuple[asyncio.Task[None], ...] = ()

    def start(self) -> None:
        """Begin, in the running loop; whether Telegram can be reached shows in `state`."""
        self._work = (
            asyncio.create_task(self._poller.run(self._introduce, self._handle), name="telegram updates"),
            asyncio.create_task(self._steadily(self._board.follow), name="telegram progress reader"),
            asyncio.create_task(self._steadily(self._board.show), name="telegram progress"),
        )

    async def stop(self, grace_s: float) -> None:
        """Take nothing new, let what is handled end for at most `grace_s`, and confirm it. The client stays open."""
        for work in self._work:
            work.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        if self._work:
            await self._poller.finish(grace_s)

    def state(self) -> BotState:
        return self._health.state()

    def _introduce(self, me: Me) -> None:
        self._me = me

    async def _steadily(self, work: Callable[[], Awaitable[None]]) -> None:
        """Go on with `work` after any failure: progress is worth no more than a line in the log."""
        while True:
            try:
                await work()
                return
            except Exception as error:
                self._health.wrong("progress", f"{type(error).__name__}: {error}")
            await asyncio.sleep(self._limits.retry_s)

    async def _handle(self, update: Update) -> None:
        """In its lane, for at most `handle_s`, and again after a trouble; raises nothing."""
        speaker = self._guard.speaker(update)
        if speaker is None:
            log.info("Telegram update %d is not for this service and was ignored", update.update_id)
            return
        async with self._lanes.lane(self._lane_of(update)):
            try:
                async with asyncio.timeout(self._limits.handle_s):
                    await self._try(update, speaker)
            except TimeoutError:
                self._health.wrong(PART, f"an update was given up after {self._limits.handle_s:g} s")
            except Exception as error:
                log.exception("Telegram update %d was given up", update.update_id)
                self._health.wrong(PART, f"an update was given up ({type(error).__name__}: {error}); the log has more")
            else:
                self._health.fine(PART)

    async def _try(self, update: Update, speaker: User) -> None:
        """Troubles of the store and of the network pass; handling the same update again changes nothing twice."""
        number = 1
        while True:
            try:
                await self._dispatch(update, speaker)
                return
            except Exception as error:
                fields = error.fields if isinstance(error, DeliveryFailed) else {}
                if number == self._limits.tries or fields.get("final") is True:
                    raise
                self._health.wrong(PART, f"an update is tried again ({type(error).__name__}: {error})")
                asked = fields.get("retry_after_s")
            await asyncio.sleep(float(asked) if isinstance(asked, int | float) else self._limits.retry_s * number)
            number += 1

    async def _dispatch(self, update: Update, speaker: User) -> None:
        actor = actor_of(speaker)
        if (query := update.callback_query) is not None:
            await self._taps.handle(query, actor, update.update_id)
        elif (message := update.message) is None:
            return
        elif (message.text or "").startswith("/"):
            await self._orders.handle(message, self._me, actor)
        else:
            await self._replies.handle(message, self._me, actor, update.update_id)

    def _lane_of(self, update: Update) -> str:
        """Answers to one question keep their order; texts that name none keep theirs; commands need none."""
        address: Address | None = None
        if (query := update.callback_query) is not None:
            tap = read_tap(query.data or "")
            address = tap.address if tap else None
        elif (message := update.message) is not None:
            if (message.text or "").startswith("/"):
                return f"command {update.update_id}"
            address = addressed(message, self._me)
        return "unaddressed" if address is None else f"{address.task_id} {address.question}"
