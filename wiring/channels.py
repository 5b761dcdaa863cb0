"""The ways in which the settings have people and systems outside told of tasks."""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from api.claims import Links
from config import Settings
from core.notifications import Notification
from core.ports import CodeHost, Notifier
from notifiers.linking import LinkingNotifier
from tasks.history import HistoryService
from tasks.notifying import Channel, Dispatcher
from tasks.requests import RequestWatch
from tasks.service import TaskService
from wiring.code_hosts import chosen_host
from wiring.outside import Outside
from wiring.stores import Stores, SystemClock, decision_key

if TYPE_CHECKING:
    from wiring.chat import Chat


def make_links(settings: Settings) -> Links | None:
    """Links to answer questions by; none where nobody knows under which address people reach the service."""
    if not settings.public_url:
        return None
    from api.links import DecisionLinks

    return DecisionLinks(decision_key(settings.data_dir), settings.public_url)


def dispatchers(
    settings: Settings, stores: Stores, clock: SystemClock, links: Links | None, *others: Channel
) -> Iterator[Dispatcher]:
    """One for every channel that is switched on, and for `others`. Raises InvalidInput for a setting that cannot be used."""
    for channel in (*_channels(settings, stores, clock, links), *others):
        yield Dispatcher(channel, stores.events, stores.effects, clock)


def _channels(settings: Settings, stores: Stores, clock: SystemClock, links: Links | None) -> Iterator[Channel]:
    if not (settings.webhook_url or settings.webhook_task_hosts):
        return
    from notifiers.webhook import WebhookNotifier, always

    def linking(notifier: Notifier) -> Notifier:
        return LinkingNotifier(notifier, links.make) if links else notifier

    secret = settings.webhook_secret or ""
    if settings.webhook_url:
        whole = WebhookNotifier(always(settings.webhook_url), secret, clock)
        yield Channel("webhook", linking(whole), settings.webhook_events)
    if settings.webhook_task_hosts:

        async def url_of(notification: Notification) -> str | None:
            webhook = (await stores.tasks.get(notification.task_id)).request.webhook
            return webhook.url if webhook else None

        async def wanted(task_id: str, kind: str) -> bool:
            webhook = (await stores.tasks.get(task_id)).request.webhook
            return webhook is not None and kind in webhook.events

        own = WebhookNotifier(url_of, secret, clock)
        yield Channel("task webhook", linking(own), wanted=wanted)


def open_chat(
    stack: AsyncExitStack, settings: Settings, stores: Stores, commands: TaskService, outside: Outside
) -> "Chat | None":
    """None where there is no bot."""
    if not settings.telegram_bot_token:
        return None
    from wiring import chat

    return chat.open_chat(stack, settings, stores, commands, outside.workspaces, outside.demos)


def request_watch(
    settings: Settings, stores: Stores, code_host: CodeHost, history: HistoryService, clock: SystemClock
) -> RequestWatch | None:
    """None where nobody can say anything on a request, or nobody is to be listened to."""
    if chosen_host(settings) == "local" or not settings.pr_watch_days:
        return None
    every_s, days = settings.pr_poll_seconds, settings.pr_watch_days
    return RequestWatch(code_host, stores.tasks, stores.effects, history, clock, every_s=every_s, days=days)
