"""Texts of people: whose question they answer, and what is done with those that do not say so."""

from collections import OrderedDict
from collections.abc import Sequence

from telegram import Message

from core.access import Actor
from core.errors import AutonomyError, DeliveryFailed, InvalidInput
from core.tasks import MAX_TASK_DESCRIPTION_LENGTH, Action, Decision, Interrupt
from telegram_bot.addressing import Address, address_of, find_question, pending_questions, read_address
from telegram_bot.buttons import pick_buttons
from telegram_bot.client import Me
from telegram_bot.desk import Desk, taken
from telegram_bot.text import compose, one_line, plain
from telegram_bot.words import title_of

MAX_KEPT = 64
MAX_PICKS = 20
NOTHING_ASKED = "Nothing waits for an answer. /tasks shows what there is, /new SENTENCE begins something."
ONLY_TEXT = "Only text can be read here."
PLAIN_FOOT = plain("(reply to a question's own message to answer just that one)")


class Kept:
    """Texts whose question is still to be picked, by the message with the choices; each can be taken once."""

    def __init__(self) -> None:
        self._texts: OrderedDict[int, str] = OrderedDict()

    def keep(self, choice: int, text: str) -> None:
        self._texts[choice] = text
        while len(self._texts) > MAX_KEPT:
            self._texts.popitem(last=False)

    def take(self, choice: int) -> str | None:
        return self._texts.pop(choice, None)


class Replies:
    def __init__(self, desk: Desk, kept: Kept) -> None:
        self._desk = desk
        self._kept = kept

    async def handle(self, message: Message, me: Me, actor: Actor, update_id: int) -> None:
        """What is wrong is said in the chat. Raises DeliveryFailed when nothing was done, and nothing said."""
        replied = message.reply_to_message
        if replied is not None and (replied.from_user is None or replied.from_user.id != me.user_id):
            return  # people talking to each other
        address = addressed(message, me)
        text = (message.text or "").strip()
        if not text:
            if address is not None:
                await self._desk.tell(ONLY_TEXT, address, reply_to=message.message_id)
            return
        try:
            if address is not None and address.question:
                await self._to_question(address, text, message, actor, update_id)
            else:
                await self._unaddressed(text, message, actor, address.task_id if address else None)
        except DeliveryFailed:
            raise
        except AutonomyError as error:
            await self._desk.tell(str(error), address, reply_to=message.message_id)

    async def _to_question(self, address: Address, text: str, message: Message, actor: Actor, update_id: int) -> None:
        interrupt = await find_question(self._desk.commands, address)
        if interrupt is None:
            await self._desk.tell("That question is not known here (any more).", address, reply_to=message.message_id)
            return
        if not address.wanted:
            await self._read(interrupt, text, message, actor)
            return
        action = Action.CHANGES if address.wanted == "feedback" else Action.RETRY
        decided = await self._desk.commands.decide(
            interrupt.task_id,
            interrupt.interrupt_id,
            _decision(action, text),
            actor,
            idempotency_key=f"telegram:{update_id}",
        )
        await self._desk.tell(taken(decided, action), address_of(interrupt), reply_to=message.message_id)

    async def _read(self, interrupt: Interrupt, text: str, message: Message, actor: Actor) -> None:
        """A model finds out what the words mean; what is unclear is asked back as a message that can be replied to."""
        address = address_of(interrupt)
        try:
            decided = await self._desk.commands.reply(
                interrupt.task_id, text, actor, interrupt_id=interrupt.interrupt_id
            )
        except AutonomyError as error:
            await self._desk.tell(str(error), address, reply_to=message.message_id)
            return
        action = decided.decision.action if decided.decision else None
        await self._desk.tell(taken(decided, action), address, reply_to=message.message_id)

    async def _unaddressed(self, text: str, message: Message, actor: Actor, task_id: str | None) -> None:
        """For the only question that waits (of this task, when one is named); else it has to be picked."""
        waiting = await pending_questions(self._desk.commands, task_id)
        if not waiting:
            await self._desk.say(compose([], plain(NOTHING_ASKED)), reply_to=message.message_id)
        elif len(waiting) == 1:
            await self._read(waiting[0], text, message, actor)
        else:
            await self._let_pick(waiting, text, message)

    async def _let_pick(self, waiting: Sequence[Interrupt], text: str, message: Message) -> None:
        shown = waiting[-MAX_PICKS:]
        titled = [(await self._title(each), each) for each in shown]
        more = f" The {len(shown)} newest are shown." if len(waiting) > len(shown) else ""
        asked = f"{len(waiting)} questions wait. Which one is “{one_line(text, 100)}” for?{more}"
        choice = await self._desk.client.send(
            compose([plain(asked)], PLAIN_FOOT), keyboard=pick_buttons(titled), reply_to=message.message_id
        )
        self._kept.keep(choice, text)

    async def _title(self, interrupt: Interrupt) -> str:
        task = await self._desk.commands.get(interrupt.task_id)
        return f"{title_of(task)} ({interrupt.kind})"


def addressed(message: Message, me: Me) -> Address | None:
    """What the message that was replied to is about; only the bot's own messages say so."""
    replied = message.reply_to_message
    if replied is None or replied.from_user is None or replied.from_user.id != me.user_id:
        return None
    return read_address(replied.text or replied.caption or "")


def _decision(action: Action, text: str) -> Decision:
    """Raises InvalidInput when the text is too long."""
    if len(text) > MAX_TASK_DESCRIPTION_LENGTH:
        raise InvalidInput(f"that is longer than {MAX_TASK_DESCRIPTION_LENGTH} characters", field="message")
    return Decision(action=action, message=text)
