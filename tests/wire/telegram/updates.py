"""What the service keeps for the bot until the bot says that it has it: one reader, long polling, confirmation by offset."""

import asyncio
from typing import Any

from tests.wire.telegram.forms import Form, Refused

OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
ALL_BY_DEFAULT = ("message", "edited_message", "channel_post", "edited_channel_post", "callback_query")


class Updates:
    def __init__(self) -> None:
        self.pending: list[dict[str, Any]] = []
        self.confirmed: list[int] = []
        self.webhook = ""
        self.polls = 0
        self.open = 0
        self.respect_wishes = True
        self._wanted: tuple[str, ...] = ALL_BY_DEFAULT
        self._next = 100
        self._changed = asyncio.Condition()
        self._reader = 0

    async def push(self, **content: Any) -> int:
        """A new update; one of a kind that the bot does not want is dropped, as the service does."""
        number = self._next
        self._next += 1
        (kind,) = content
        if self.respect_wishes and kind not in self._wanted:
            return number
        async with self._changed:
            self.pending.append({"update_id": number, **content})
            self._changed.notify_all()
        return number

    async def get(self, form: Form) -> list[dict[str, Any]]:
        self.polls += 1
        if self.webhook:
            raise Refused(409, WEBHOOK)
        offset, limit = form.number("offset"), min(100, max(1, form.number("limit", 100)))
        if "allowed_updates" in form.values:
            self._wanted = tuple(form.json("allowed_updates")) or ALL_BY_DEFAULT
        async with self._changed:
            self._reader += 1
            me = self._reader
            self._changed.notify_all()
            self._confirm(offset)
            self.open += 1
            try:
                async with asyncio.timeout(min(50, form.number("timeout"))):
                    await self._changed.wait_for(lambda: bool(self.pending) or self._reader != me)
            except TimeoutError:
                return list(self.pending[:limit])
            finally:
                self.open -= 1
            if self._reader != me:
                raise Refused(409, OTHER_POLLER)
            return list(self.pending[:limit])

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            offset = self.pending[max(0, len(self.pending) + offset)]["update_id"] if self.pending else 0
        self.confirmed += [each["update_id"] for each in self.pending if each["update_id"] < offset]
        self.pending = [each for each in self.pending if each["update_id"] >= offset]

    async def disturb(self) -> None:
        """Another instance asks for updates, and goes away."""
        async with self._changed:
            self._reader += 1
            self._changed.notify_all()
