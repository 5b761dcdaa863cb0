"""The notifier of a machine without others: one line in the service's log."""

import logging

from core.notifications import Notification
from core.types import JsonObject

log = logging.getLogger(__name__)


class LogNotifier:
    """Says it in the log, without what people and models wrote at length."""

    async def send(self, notification: Notification) -> JsonObject:
        text = " ".join(notification.text.split())
        log.info("task %s: %s: %s", notification.task_id, notification.type, text[:300])
        return {}

    async def close(self) -> None: ...
