"""Tapped buttons. What a tap decides is stored before Telegram is answered, so that no failing answer can lose it."""

import logging

from telegram import CallbackQuery, ForceReply

from core.access import Actor
from core.errors import AutonomyError, DeliveryFailed
from core.tasks import Interrupt
from telegram_bot.addressing import Address, address_of, find_question
from telegram_bot.buttons import DECIDING, Tap, Verb, read_tap
from telegram_bot.desk import Desk, taken
from telegram_bot.replies import Kept
from telegram_bot.text import bold, compose, plain
from telegram_bot.words import title_of

log = logging.getLogger(__name__)
UNKNOWN = "This button is not known here (any more)."
CHANGED = "What is asked has changed since this was shown. Look at the newer message."


class Taps:
    def __init__(self, desk: Desk, kept: Kept) -> None:
        self._desk = desk
        self._kept = kept

    async def handle(self, query: CallbackQuery, actor: Actor, update_id: int) -> None:
        """What is wrong is said at the button. Raises DeliveryFailed when nothing was done, and nothing said."""
        tap = read_tap(query.data or "")
        try:
            said, alert = (UNKNOWN, True) if tap is None else await self._do(tap, query, actor, update_id)
        except DeliveryFailed:
            raise
        except AutonomyError as error:
            said, alert = str(error), True
            if tap is not None:
                await self._tidy(tap, query)
        await self._answer(query, said, alert)

    async def _do(self, tap: Tap, query: CallbackQuery, actor: Actor, update_id: int) -> tuple[str, bool]:
        """What is said at the button, and whether it must be clicked away."""
        match tap.verb:
            case Verb.CANCEL:
                task = await self._desk.commands.cancel(tap.address.task_id, actor)
                await self._take_buttons(query)
                return f"{title_of(task)} is cancelled", False
            case Verb.KEEP:
                await self._take_buttons(query)
                return "It goes on", False
            case Verb.DEMO:
                return await self._restart_demo(tap.address), False
        interrupt = await find_question(self._desk.commands, tap.address)
        if interrupt is None:
            return UNKNOWN, True
        if not tap.is_about(interrupt):
            return CHANGED, True
        return await self._about(interrupt, tap, query, actor, update_id)

    async def _about(
        self, interrupt: Interrupt, tap: Tap, query: CallbackQuery, actor: Actor, update_id: int
    ) -> tuple[str, bool]:
        match tap.verb:
            case Verb.FEEDBACK | Verb.HINT:
                if interrupt.status != "pending":
                    await self._take_buttons(query)
                    return taken(interrupt), True
                await self._ask_for_words(interrupt, tap.verb, query, actor)
                return "Write it as a reply to the new message", False
            case Verb.PICK:
                return await self._pick(interrupt, query, actor)
        decided = await self._desk.commands.decide(
            interrupt.task_id,
            interrupt.interrupt_id,
            tap.decision(interrupt),
            actor,
            idempotency_key=f"telegram:{update_id}",
        )
        return taken(decided, DECIDING[tap.verb]), False

    async def _ask_for_words(self, interrupt: Interrupt, verb: Verb, query: CallbackQuery, actor: Actor) -> None:
        """A message whose answer is the feedback (or the hint) itself."""
        task = await self._desk.commands.get(interrupt.task_id)
        asks = "what should change?" if verb is Verb.FEEDBACK else "what should be tried?"
        who = f"{actor.name}: " if actor.name.startswith("@") else ""
        address = address_of(interrupt, "feedback" if verb is Verb.FEEDBACK else "hint")
        await self._desk.client.send(
            compose([plain(f"{who}{asks}"), bold(title_of(task))], address.foot()),
            keyboard=ForceReply(selective=True),
            reply_to=query.message.message_id if query.message else None,
        )

    async def _pick(self, interrupt: Interrupt, query: CallbackQuery, actor: Actor) -> tuple[str, bool]:
        """The question that a text was for, whose writer did not say so."""
        text = self._kept.take(query.message.message_id) if query.message else None
        await self._take_buttons(query)
        if text is None:
            return "I no longer have that text: write it again as a reply to the question's message", True
        decided = await self._desk.commands.reply(interrupt.task_id, text, actor, interrupt_id=interrupt.interrupt_id)
        action = decided.decision.action if decided.decision else None
        return taken(decided, action), False

    async def _restart_demo(self, address: Address) -> str:
        if self._desk.restart_demo is None:
            return "There is no demo to start here"
        url = await self._desk.restart_demo(address.task_id)
        await self._desk.tell(f"The demo runs again: {url}", address)
        return "The demo runs again"

    async def _tidy(self, tap: Tap, query: CallbackQuery) -> None:
        """An older copy of a question that has been answered keeps its buttons until somebody taps one."""
        try:
            interrupt = await find_question(self._desk.commands, tap.address)
        except AutonomyError:
            return
        if interrupt is not None and interrupt.status != "pending":
            await self._take_buttons(query)

    async def _take_buttons(self, query: CallbackQuery) -> None:
        if query.message is None:
            return
        try:
            await self._desk.client.take_buttons(query.message.message_id)
        except DeliveryFailed as error:
            log.info("buttons could not be taken away: %s", error)

    async def _answer(self, query: CallbackQuery, said: str, alert: bool) -> None:
        try:
            await self._desk.client.answer(query.id, said, alert=alert)
        except DeliveryFailed as error:
            log.info("a tap was handled and could not be answered: %s", error)
