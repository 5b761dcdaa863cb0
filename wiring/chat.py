"""The chat: its client, what it is told, and what it may do. Loaded when there is a bot only."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from config import Settings
from core.ports import LiveDemos, TaskCommands, WorkspaceProvider
from core.tasks import TaskRequest
from core.workspaces import Diff
from tasks.notifying import Channel
from telegram_bot.bot import TelegramBot
from telegram_bot.client import Account, TelegramClient
from telegram_bot.desk import Desk
from telegram_bot.notifier import CHANNEL, WANTED, TelegramNotifier
from wiring.stores import Stores

DIFF_BYTES = 1_000_000


@dataclass(frozen=True)
class Chat:
    channel: Channel
    bot: TelegramBot
    client: TelegramClient

    async def introduce(self) -> str:
        """Whose token it is, as Telegram says. Raises DeliveryFailed."""
        me = await self.client.me()
        return f"Telegram knows this bot as @{me.username}"

    def describe(self) -> str:
        state = self.bot.state()
        return "ok" if state.ok else state.reason


def open_chat(
    stack: AsyncExitStack,
    settings: Settings,
    stores: Stores,
    commands: TaskCommands,
    workspaces: WorkspaceProvider,
    demos: LiveDemos,
) -> Chat | None:
    """None without a token. Raises InvalidInput for settings that cannot be used; later nothing reaches the service."""
    if not settings.telegram_bot_token or settings.telegram_chat_id is None:
        return None
    account = Account(
        settings.telegram_bot_token, settings.telegram_chat_id, settings.telegram_api_base, settings.telegram_proxy
    )
    client = TelegramClient(account)
    stack.push_async_callback(client.close)

    async def read_diff(task_id: str) -> Diff:
        return await (await workspaces.open(task_id)).diff(None, None, max_bytes=DIFF_BYTES)

    async def restart_demo(task_id: str) -> str:
        return (await demos.start(task_id, again=True)).url

    def make_request(sentence: str) -> TaskRequest:
        return TaskRequest(
            task_description=sentence,
            max_iterations=settings.max_iterations,
            budget_usd=settings.max_task_budget_usd,
            output_directory=str(settings.local_output_dir) if settings.local_output_dir else None,
        )

    notifier = TelegramNotifier(client, commands, stores.effects, read_diff, demo=settings.live_demo)
    desk = Desk(client, commands, make_request, restart_demo if settings.live_demo else None)
    bot = TelegramBot(
        desk,
        stores.events,
        stores.effects,
        users=settings.telegram_users,
        progress_every_s=settings.telegram_progress_seconds,
    )
    return Chat(Channel(CHANNEL, notifier, WANTED), bot, client)
