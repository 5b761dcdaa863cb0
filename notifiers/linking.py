"""A notifier around another that adds to every question a link of its own by which it can be answered."""

from collections.abc import Callable

from core.notifications import Notification
from core.ports import Notifier
from core.types import JsonObject

ASKING = frozenset({"interrupt.opened", "interrupt.reminded"})


class LinkingNotifier:
    """`link` makes an address of (task id, interrupt id). It is made when it is sent, so that no record holds it."""

    def __init__(self, inner: Notifier, link: Callable[[str, str], str]) -> None:
        self._inner = inner
        self._link = link

    async def send(self, notification: Notification) -> JsonObject:
        asked = notification.data.get("interrupt_id")
        if notification.type in ASKING and isinstance(asked, str):
            data = {**notification.data, "decide_url": self._link(notification.task_id, asked)}
            notification = notification.model_copy(update={"data": data})
        return await self._inner.send(notification)

    async def close(self) -> None:
        await self._inner.close()
