"""Tells the outside what happens to tasks: the event log is the outbox, and every delivery an effect with an id of its own."""

import asyncio
import logging
import random
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from core.effects import Effect, EffectKey, EffectStatus
from core.errors import DeliveryFailed
from core.events import (
    BudgetAlert,
    InterruptDecided,
    InterruptOpened,
    InterruptReminded,
    InterruptVoted,
    Notice,
    Published,
    StoredEvent,
    TaskUpsert,
)
from core.notifications import NOTIFICATION_TYPES, Notification
from core.ports import Clock, EffectStore, EventLog, Notifier
from core.types import JsonObject, TaskStatus

log = logging.getLogger(__name__)
NODE = "notify"
AT_ONCE = 8
"""Deliveries of one channel under way at once; those of one task go one after the other."""
BEHIND = 500
"""Positions that may pass without anything to tell before a channel's place in the log is written down."""
STORE_RETRY_S = 5.0


Delivery: TypeAlias = tuple[EffectKey, Notification]


@dataclass(frozen=True)
class Channel:
    """A notifier by its name, and the types of notification that it is given.

    `wanted` is asked about each (task id, type) before anything is written down.
    """

    name: str
    notifier: Notifier
    types: frozenset[str] = NOTIFICATION_TYPES
    wanted: Callable[[str, str], Awaitable[bool]] | None = None

    def delivery(self, stored: StoredEvent) -> Delivery | None:
        """What is to be sent because of an event; None when that is nothing. The same event gives the same id."""
        told = describe(stored)
        if told is None or told[0] not in self.types:
            return None
        kind, text, data = told
        # A task begins once and ends once, however often its row is shown after that.
        seq = 0 if isinstance(stored.event, TaskUpsert) else stored.seq
        key = EffectKey(task_id=stored.task_id, node=NODE, iteration=seq, kind=f"{self.name}:{kind}")
        shown = {"seq": stored.seq, **data}
        return key, Notification(id=key.id, type=kind, task_id=stored.task_id, ts=stored.ts, text=text, data=shown)


async def tell_live(channel: Channel, events: EventLog) -> None:
    """Send what happens from now on as it happens, without a record: for what stays on this machine, as its log does."""
    async for stored in events.subscribe():
        if (found := channel.delivery(stored)) is not None:
            await channel.notifier.send(found[1])


@dataclass(frozen=True)
class Patience:
    """Waits double from `first_delay_s` to `max_delay_s`, up to a half of each random; given up `total_s` after the event."""

    first_delay_s: float = 5.0
    max_delay_s: float = 3600.0
    total_s: float = 24 * 3600.0
    poll_s: float = 1.0

    def delay_s(self, attempt: int, jitter: float) -> float:
        """The wait behind attempt number `attempt` (from 1); `jitter` is between 0 and 1."""
        doubled: float = min(self.max_delay_s, self.first_delay_s * 2.0 ** min(attempt - 1, 30))
        return doubled * (1.0 - jitter / 2)


class Dispatcher:
    """Reads the log from its channel's place on, writes deliveries down, and makes them in the order of each task.

    A delivery that was made and not recorded, because the process was killed between, is made once more with the same
    id. One that fails is tried again by `patience`; one that is given up is told of in the task's own log.
    """

    def __init__(
        self,
        channel: Channel,
        events: EventLog,
        effects: EffectStore,
        clock: Clock,
        *,
        patience: Patience | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._channel = channel
        self._events = events
        self._effects = effects
        self._clock = clock
        self._patience = patience or Patience()
        self._jitter = jitter
        self._news = asyncio.Event()
        self._stopping = False
        self._work: tuple[asyncio.Task[None], ...] = ()

    def start(self) -> None:
        """Begin, in the running loop."""
        name = self._channel.name
        self._work = (
            asyncio.create_task(self._steadily(self._read), name=f"{name} reader"),
            asyncio.create_task(self._steadily(self._deliver), name=f"{name} deliveries"),
        )
        for work in self._work:
            work.add_done_callback(_tell_bug)

    async def stop(self, grace_s: float) -> None:
        """Begin no delivery any more, let those under way end for at most `grace_s`, and close the notifier."""
        self._stopping = True
        self._news.set()
        reader, *deliveries = self._work
        reader.cancel()
        await asyncio.wait(deliveries, timeout=grace_s)
        for work in deliveries:
            work.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        await self._channel.notifier.close()

    async def _steadily(self, work: Callable[[], Awaitable[None]]) -> None:
        """Go on with `work` after troubles of the store, until it ends by itself."""
        while True:
            try:
                await work()
                return
            except (OSError, sqlite3.Error) as error:
                log.warning("%s waits %.0f s for the store: %s", self._channel.name, STORE_RETRY_S, error)
            await asyncio.sleep(STORE_RETRY_S)

    async def _read(self) -> None:
        name = self._channel.name
        position = await self._effects.position(name)
        async for stored in self._events.subscribe(after=position):
            found = await self._wanted(self._channel.delivery(stored))
            if found is None and stored.position - position < BEHIND:
                continue
            fed = [(found[0], found[1].model_dump(mode="json"))] if found else []
            await self._effects.feed(name, stored.position, fed)
            position = stored.position
            if found:
                self._news.set()

    async def _wanted(self, found: Delivery | None) -> Delivery | None:
        wanted = self._channel.wanted
        if found is None or wanted is None or await wanted(found[1].task_id, found[1].type):
            return found
        return None

    async def _deliver(self) -> None:
        while not self._stopping:
            self._news.clear()
            due = await self._effects.due(self._channel.name, AT_ONCE)
            if due:
                await asyncio.gather(*(self._try(effect) for effect in due))
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience.poll_s):
                    await self._news.wait()

    async def _try(self, effect: Effect) -> None:
        begun = await self._effects.begin(effect.key, effect.intent)
        if begun.status is not EffectStatus.INTENDED:
            return
        try:
            known_by = await self._channel.notifier.send(Notification.model_validate(begun.intent))
        except DeliveryFailed as error:
            await self._put_off(begun, error)
        else:
            await self._effects.finish(begun.key, {**known_by, "attempts": begun.attempts})

    async def _put_off(self, effect: Effect, error: DeliveryFailed) -> None:
        now = self._clock.now()
        asked = error.fields.get("retry_after_s")
        delay_s = self._patience.delay_s(effect.attempts, self._jitter())
        due_at = now + max(delay_s, float(asked) if isinstance(asked, int | float) else 0.0)
        if error.fields.get("final") is not True and due_at - effect.begun_at <= self._patience.total_s:
            log.info("%s: %s; tried again in %.0f s", self._channel.name, error, due_at - now)
            await self._effects.postpone(effect.key, str(error), due_at)
            return
        await self._effects.postpone(effect.key, str(error), None)
        kind = effect.intent["type"]
        text = f"{self._channel.name}: {kind} could not be delivered in {effect.attempts} attempts: {error}"
        log.warning("task %s: %s", effect.key.task_id, text)
        await self._events.append(effect.key.task_id, Notice(level="warning", text=text))


def _tell_bug(work: asyncio.Task[None]) -> None:
    if not work.cancelled() and (error := work.exception()) is not None:
        log.critical("%s has ended by a bug; nothing more is told this way", work.get_name(), exc_info=error)


def describe(stored: StoredEvent) -> tuple[str, str, JsonObject] | None:
    """(type, sentence, data) of what is worth telling outside, None for everything else."""
    match stored.event:
        case TaskUpsert() as event if event.status.final:
            why = f": {event.error}" if event.error else f": {event.pr_url}" if event.pr_url else ""
            shown = event.model_dump(mode="json", exclude={"type", "current_agent"})
            return f"task.{event.status}", f"Task {stored.task_id} is {event.status}{why}", shown
        case TaskUpsert() as event if event.status is TaskStatus.RUNNING and event.current_agent is None:
            return "task.started", f"Task {stored.task_id} has begun", {"status": event.status.value}
        case InterruptOpened() as event:
            return event.type, event.prompt, event.model_dump(mode="json", exclude={"type", "payload"})
        case InterruptReminded() as event:
            text = f"Still waiting, for {describe_wait(event.waiting_s)}: {event.prompt}"
            return event.type, text, event.model_dump(mode="json", exclude={"type"})
        case InterruptVoted() as event:
            text = f"{event.have} of {event.needed} said {event.action}: {event.by or 'somebody'} via {event.via}"
            return event.type, text, event.model_dump(mode="json", exclude={"type"})
        case BudgetAlert() as event:
            text = f"${event.spent_usd:.2f} of ${event.cap_usd:.2f} are spent ({event.share:.0%})"
            return event.type, text, event.model_dump(mode="json", exclude={"type"})
        case InterruptDecided() as event:
            by = f" by {event.by}" if event.by else ""
            text = f"Answered with {event.action}{by} via {event.via}"
            return event.type, text, event.model_dump(mode="json", exclude={"type"})
        case Published() as event:
            text = f"Published {event.kind.replace('_', ' ')}: {event.reference}"
            return event.type, text, event.model_dump(mode="json", exclude={"type"})
        case _:
            return None


def describe_wait(seconds: float) -> str:
    """For people: whole hours, or days."""
    hours = round(seconds / 3600)
    if hours < 48:
        return "an hour" if hours <= 1 else f"{hours} hours"
    return f"{round(hours / 24)} days"
