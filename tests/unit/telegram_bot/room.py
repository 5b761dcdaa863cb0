"""A chat with the bot in it: the counterpart over HTTP, the real library, the real stores, the real dispatcher."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.notifications import Notification
from core.tasks import Interrupt, InterruptKind, TaskFilter, TaskRequest
from core.types import TaskStatus
from core.workspaces import Diff, FileChange
from tasks.notifying import Channel, Dispatcher
from tasks.notifying import Patience as Redelivery
from telegram_bot.bot import Limits, TelegramBot
from telegram_bot.client import Account, TelegramClient
from telegram_bot.desk import Desk
from telegram_bot.notifier import CHANNEL, WANTED, TelegramNotifier
from telegram_bot.pace import Pace, Rate
from telegram_bot.polling import Patience
from tests.unit.memory.stores import Stores, a_task, sqlite_stores
from tests.unit.telegram_bot.commands import StoreCommands, digest_of
from tests.wire.telegram.chats import Message
from tests.wire.telegram.service import PRIVATE, TOKEN, Telegram, running_telegram

UNPACED = Rate(per_s=1e6, burst=1_000_000)
QUICK = Patience(poll_s=5, busy_s=0.02, first_s=0.02, max_s=0.1)
SOON = Redelivery(first_delay_s=0.02, max_delay_s=0.1, total_s=1e6, poll_s=0.01)
"""Nothing is given up: a test may let the store's clock run on, however long what it waits for takes."""
TRIES = Limits(retry_s=0.02)
GRACE_S = 60.0
"""For what is under way to end and to be written down: a message that was sent and not recorded comes again."""
PATCH = "--- /dev/null\n+++ b/app.py\n@@ -0,0 +1 @@\n+print(1)\n"
EVIDENCE: dict[str, Any] = {
    "title": "Todo list",
    "summary": "A small API",
    "branch": "autonomy/todo-t1",
    "target": {"base": "main", "commit": "c0ffee", "replaces": {}},
    "files": 12,
    "additions": 340,
    "agents": {"backend_agent": "done, 7 files", "qa_agent": "done, 3 files"},
    "qa": "31 tests run, none failed",
    "checks": ["pytest: passed", "browser: not executed (no Chromium)"],
    "operations_covered": 9,
    "operations_promised": 9,
    "review": {"security": 8.5, "performance": 8.0, "quality": 9.0},
    "review_findings": [],
    "covered": ["lists"],
    "not_covered": ["sharing"],
    "calls": 21,
    "cost_usd": 0.1234,
    "cap_usd": 0.5,
}


async def until(condition: Callable[[], object], limit_s: float = 60.0) -> None:
    """What is waited for happens in the bot."""
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@dataclass
class Room:
    telegram: Telegram
    stores: Stores
    commands: StoreCommands
    desk: Desk
    bot: TelegramBot
    notifier: TelegramNotifier
    dispatcher: Dispatcher

    async def task(self, task_id: str, description: str = "A todo list") -> None:
        await self.stores.tasks.create(a_task(task_id, description=description))

    async def open(
        self,
        task_id: str,
        *,
        kind: InterruptKind = InterruptKind.APPROVAL,
        prompt: str = "Todo list is ready. Publish it?",
        payload: dict[str, Any] | None = None,
        name: str = "q1",
        **fields: Any,
    ) -> Interrupt:
        """Ask a question of this task, which is made when it is not there."""
        if not any(task.task_id == task_id for task in await self.stores.tasks.list(TaskFilter(limit=500))):
            await self.task(task_id)
        shown = EVIDENCE if payload is None else payload
        return await self.stores.interrupts.open(
            Interrupt(
                interrupt_id=f"{task_id}-{name}",
                task_id=task_id,
                kind=kind,
                prompt=prompt,
                payload=shown,
                digest=digest_of(f"{task_id} {prompt} {shown}"),
                created_at=self.stores.clock.now(),
                **fields,
            )
        )

    async def asked(self, task_id: str, **question: Any) -> Message:
        """Ask, and wait for the message in the chat."""
        before = len(self.questions(task_id))
        await self.open(task_id, **question)
        await until(lambda: len(self.questions(task_id)) > before)
        return self.questions(task_id)[-1]

    def questions(self, task_id: str) -> list[Message]:
        found = self.telegram.sent(f"#t_{task_id} #q_")
        return [each for each in found if each.document is None and not each.forced and each.reply_to is None]

    def decided(self) -> list[tuple[str, str]]:
        return [(taken.task_id, taken.decision.action.value) for taken in self.commands.taken]

    async def handled(self, update: int) -> None:
        """Wait until Telegram has been told that this update was handled."""
        await until(lambda: update in self.telegram.updates.confirmed)

    async def tell(self, kind: str, task_id: str, data: dict[str, Any] | None = None, text: str = "text") -> Any:
        """Deliver one notification, past the dispatcher."""
        return await self.notifier.send(
            Notification(id=f"{kind}-{task_id}", type=kind, task_id=task_id, ts=1.0, text=text, data=data or {})
        )


async def small_diff(task_id: str) -> Diff:
    return Diff(files=(FileChange(path="app.py", status="added", additions=1),), patch=PATCH)


def make_client(telegram: Telegram, *, token: str = TOKEN, chat: int = PRIVATE, **account: Any) -> TelegramClient:
    rate = account.pop("rate", UNPACED)
    return TelegramClient(Account(token, chat, **{"api_base": telegram.url, "timeout_s": 60.0, **account}), Pace(rate))


@asynccontextmanager
async def open_room(
    folder: Path,
    *,
    telegram: Telegram | None = None,
    users: frozenset[int] = frozenset(),
    read_diff: Any = small_diff,
    restart_demo: Any = None,
    progress_every_s: float = 0.05,
    started: bool = True,
    limits: Limits = TRIES,
    **account: Any,
) -> AsyncIterator[Room]:
    """Until the block ends; then the dispatcher stops before the bot, and both before the stores."""
    if telegram is None:
        async with running_telegram() as own, open_room(
            folder, telegram=own, users=users, read_diff=read_diff, restart_demo=restart_demo,
            progress_every_s=progress_every_s, started=started, limits=limits, **account,
        ) as room:  # fmt: skip
            yield room
        return
    async with sqlite_stores(folder) as stores:
        await stores.effects.position(CHANNEL)
        commands = StoreCommands(stores)
        client = make_client(telegram, **account)
        desk = Desk(client, commands, lambda sentence: TaskRequest(task_description=sentence), restart_demo)
        bot = TelegramBot(
            desk, stores.events, stores.effects,
            users=users, progress_every_s=progress_every_s, patience=QUICK, limits=limits,
        )  # fmt: skip
        notifier = TelegramNotifier(client, commands, stores.effects, read_diff, demo=restart_demo is not None)
        channel = Channel(CHANNEL, notifier, WANTED)
        dispatcher = Dispatcher(channel, stores.events, stores.effects, stores.clock, patience=SOON, jitter=lambda: 0.0)
        if started:
            dispatcher.start()
            bot.start()
        try:
            yield Room(telegram, stores, commands, desk, bot, notifier, dispatcher)
        finally:
            if started:
                await dispatcher.stop(GRACE_S)
            await bot.stop(GRACE_S)
            await client.close()


async def begin(room: Room, task_id: str) -> None:
    await room.stores.tasks.update(task_id, status=TaskStatus.RUNNING)
