"""What the handlers of taps, texts and commands share: the ports they drive, and how they answer people."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from telegram import InlineKeyboardMarkup

from core.errors import DeliveryFailed
from core.ports import TaskCommands
from core.tasks import Action, Interrupt, TaskRequest
from telegram_bot.addressing import Address
from telegram_bot.client import TelegramClient
from telegram_bot.text import Text, compose, one_line, plain
from telegram_bot.words import answer_line

log = logging.getLogger(__name__)

MakeRequest = Callable[[str], TaskRequest]
"""A sentence as a request, with the service's defaults."""
RestartDemo = Callable[[str], Awaitable[str]]
"""Starts a task's demo again and gives its address. Raises AutonomyError."""


@dataclass(frozen=True)
class Desk:
    client: TelegramClient
    commands: TaskCommands
    make_request: MakeRequest
    restart_demo: RestartDemo | None = None

    async def say(
        self, text: Text, *, reply_to: int | None = None, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Answer somebody. What has been done stays done when the answer cannot be sent."""
        try:
            await self.client.send(text, reply_to=reply_to, keyboard=keyboard)
        except DeliveryFailed as error:
            log.warning("an answer in the chat was not sent: %s", error)

    async def tell(self, said: str, address: Address | None, *, reply_to: int | None = None) -> None:
        """A sentence about a question or a task (or neither: then it is one line, as no other last line is ours)."""
        text = compose([], plain(one_line(said, 1000))) if address is None else compose([plain(said)], address.foot())
        await self.say(text, reply_to=reply_to)


def taken(interrupt: Interrupt, action: Action | None = None) -> str:
    """What has become of an answer, in a short sentence."""
    if interrupt.status == "pending":
        have = sum(vote.action == action for vote in interrupt.votes)
        return f"Counted: {have} of {interrupt.needed} people agree"
    return answer_line(interrupt)
