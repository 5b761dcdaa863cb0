"""One status message per task, edited while the task goes on: the newest state only, and only when nothing else is to be sent."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import AutonomyError
from core.events import (
    AgentFinished,
    AgentStarted,
    CheckFinished,
    CoverageMeasured,
    DemoEnded,
    DemoStarted,
    ReviewFinished,
    Routed,
    StoredEvent,
    TaskUpsert,
)
from core.ports import EffectStore, EventLog, TaskCommands
from telegram_bot.client import Fault, TelegramClient
from telegram_bot.health import Health
from telegram_bot.notifier import deliveries, message_id
from telegram_bot.pace import Urgency
from telegram_bot.words import standing

PART = "progress"
MAX_TASKS = 500
_SHOWN = (
    AgentStarted, AgentFinished, CheckFinished, CoverageMeasured, ReviewFinished, Routed, DemoStarted, DemoEnded,
    TaskUpsert,
)  # fmt: skip


@dataclass
class _Status:
    """What is known of a task's message. `message` is the one that told of the task's beginning, once it was looked for."""

    stale: bool = True
    edited_at: float = -1e9
    message: int | None = None
    shown: str = ""


class ProgressBoard:
    """Edits the message that told of a task's beginning; nothing here is durable, and nothing waits for it."""

    def __init__(
        self,
        client: TelegramClient,
        commands: TaskCommands,
        events: EventLog,
        effects: EffectStore,
        health: Health,
        *,
        every_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._commands = commands
        self._events = events
        self._effects = effects
        self._health = health
        self._every_s = every_s
        self._monotonic = monotonic
        self._tasks: OrderedDict[str, _Status] = OrderedDict()
        self._news = asyncio.Event()

    async def follow(self) -> None:
        """Mark what has changed, until the log is closed or this is cancelled."""
        async for stored in self._events.subscribe():
            self.note(stored)

    def note(self, stored: StoredEvent) -> None:
        if not isinstance(stored.event, _SHOWN):
            return
        status = self._tasks.setdefault(stored.task_id, _Status())
        status.stale = True
        if len(self._tasks) > MAX_TASKS:
            self._tasks.popitem(last=False)
        self._news.set()

    async def show(self) -> None:
        """Edit what is due, the longest unedited first, until cancelled."""
        while True:
            task_id, wait_s = self._due()
            if task_id is not None:
                await self._edit(task_id)
                continue
            self._news.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await self._news.wait()
            except TimeoutError:
                continue

    def _due(self) -> tuple[str | None, float]:
        """The task whose message is to be edited now, or how long to wait."""
        stale = [(status.edited_at, task_id) for task_id, status in self._tasks.items() if status.stale]
        if not stale:
            return None, 60.0
        edited_at, task_id = min(stale)
        wait_s = edited_at + self._every_s - self._monotonic()
        return (task_id, 0.0) if wait_s <= 0 else (None, wait_s)

    async def _edit(self, task_id: str) -> None:
        status = self._tasks[task_id]
        status.edited_at = self._monotonic()
        if status.message is None:
            status.message = await self._message_of(task_id)
        if status.message is None:  # its beginning is not told yet; the next event asks again
            self._tasks.pop(task_id, None)
            return
        try:
            await self._client.pace.turn(Urgency.PROGRESS)
            status.stale = False  # what happens from here on is for the next time
            task = await self._commands.get(task_id)
            text = standing(task)
            there = text.seen == status.shown or await self._client.edit(status.message, text, paced=False)
        except AutonomyError as error:
            status.stale = True
            if error.fields.get("kind") != Fault.FLOOD:  # then it is late, and nothing is wrong
                self._health.wrong(PART, str(error))
            return
        self._health.fine(PART)
        status.shown = text.seen
        if task.status.final or not there:
            self._tasks.pop(task_id, None)

    async def _message_of(self, task_id: str) -> int | None:
        started = await deliveries(self._effects, task_id, "task.started")
        return message_id(started[-1]) if started else None
