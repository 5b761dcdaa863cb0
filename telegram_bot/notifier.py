"""The Notifier of this chat: durable messages about tasks, and the message of a question edited once it was answered."""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from telegram import InlineKeyboardMarkup

from core.effects import Effect
from core.errors import AutonomyError, DeliveryFailed, NotFound
from core.notifications import NOTIFICATION_TYPES, Notification
from core.ports import EffectStore, TaskCommands
from core.tasks import Interrupt, InterruptFilter, Task
from core.types import JsonObject
from core.workspaces import Diff
from telegram_bot.buttons import question_buttons
from telegram_bot.client import Fault, TelegramClient
from telegram_bot.questions import demo_url, diff_caption, question, too_long
from telegram_bot.text import Text
from telegram_bot.words import budget_alert, ended, reminder, standing, vote

log = logging.getLogger(__name__)
CHANNEL = "telegram"
"""The name of the dispatcher's channel: deliveries are looked up by it."""
WANTED = NOTIFICATION_TYPES - {"published"}
"""Types that this notifier makes messages of: what was published is said with the task's end."""
REMEMBERED_DOCUMENTS = 256

ReadDiff = Callable[[str], Awaitable[Diff]]
"""What a task would publish."""


async def deliveries(effects: EffectStore, task_id: str, kind: str) -> Sequence[Effect]:
    """Messages about a task that were sent, of one type of notification, oldest first."""
    wanted = f"{CHANNEL}:{kind}"
    return [effect for effect in await effects.list(task_id) if effect.key.kind == wanted and effect.result]


def message_id(effect: Effect) -> int | None:
    found = (effect.result or {}).get("message_id")
    return found if isinstance(found, int) else None


class TelegramNotifier:
    """Sends one message per notification; `demo` says whether a demo can be started again from here."""

    def __init__(
        self,
        client: TelegramClient,
        commands: TaskCommands,
        effects: EffectStore,
        read_diff: ReadDiff,
        *,
        demo: bool = False,
    ) -> None:
        self._client = client
        self._commands = commands
        self._effects = effects
        self._read_diff = read_diff
        self._demo = demo
        self._documents: OrderedDict[str, int] = OrderedDict()

    async def send(self, notification: Notification) -> JsonObject:
        try:
            found = await self._deliver(notification)
        except DeliveryFailed:
            raise
        except AutonomyError as error:
            raise DeliveryFailed(
                f"what is to be told cannot be read: {error}", final=isinstance(error, NotFound)
            ) from error
        return {} if found is None else {"chat_id": self._client.chat_id, "message_id": found}

    async def close(self) -> None:
        """The client is used by the bot, too; whoever made it closes it."""

    async def _deliver(self, notification: Notification) -> int | None:
        """The message's id, None where nothing is told."""
        task = await self._commands.get(notification.task_id)
        match notification.type:
            case "task.started":
                return await self._client.send(standing(task), silent=True)
            case "task.completed" | "task.failed" | "task.cancelled":
                await self._take_back_questions(task)
                return await self._client.send(ended(task))
            case "budget.alert":
                return await self._client.send(budget_alert(task, notification))
            case "interrupt.opened" | "interrupt.reminded" | "interrupt.voted" | "interrupt.decided":
                return await self._about_question(task, notification)
            case _:
                return None

    async def _about_question(self, task: Task, notification: Notification) -> int | None:
        interrupt = await self._question(notification)
        if notification.type == "interrupt.opened":
            return await self._ask(interrupt, task, notification.id)
        asked = await self._message_of(interrupt)
        match notification.type:
            case "interrupt.reminded" if interrupt.status == "pending":
                waited = notification.data.get("waiting_s")
                waiting_s = float(waited) if isinstance(waited, int | float) else 0.0
                text = reminder(interrupt, task, waiting_s)
                return await self._client.send(text, keyboard=self._buttons(interrupt, task), reply_to=asked)
            case "interrupt.voted":
                return await self._client.send(vote(interrupt, task, notification), reply_to=asked)
            case "interrupt.decided":
                return await self._show_answer(interrupt, task, asked)
            case _:
                return None

    async def _ask(self, interrupt: Interrupt, task: Task, delivery: str) -> int:
        diff = await self._diff(interrupt, task.task_id)
        if diff is not None and too_long(diff):
            await self._send_diff(interrupt, task, diff, delivery)
        pending = interrupt.status == "pending"
        return await self._client.send(
            question(interrupt, task, diff), keyboard=self._buttons(interrupt, task) if pending else None
        )

    async def _diff(self, interrupt: Interrupt, task_id: str) -> Diff | None:
        """None when the question is not about files, or they cannot be read: it is asked all the same."""
        if "files" not in interrupt.payload:
            return None
        try:
            return await self._read_diff(task_id)
        except AutonomyError as error:
            log.warning("task %s: its question is sent without the diff: %s", task_id, error)
            return None

    async def _send_diff(self, interrupt: Interrupt, task: Task, diff: Diff, delivery: str) -> None:
        """Before the question, and not again when the question has to be tried again."""
        if delivery in self._documents:
            return
        content = diff.patch.encode(errors="replace")
        try:
            sent = await self._client.send_document(
                f"{task.task_id}.diff", content, diff_caption(interrupt, task, diff)
            )
        except DeliveryFailed as error:
            if error.fields.get("kind") != Fault.REFUSED:
                raise
            log.warning("task %s: its question is sent without the diff: %s", task.task_id, error)
            return
        self._documents[delivery] = sent
        if len(self._documents) > REMEMBERED_DOCUMENTS:
            self._documents.popitem(last=False)

    async def _show_answer(self, interrupt: Interrupt, task: Task, asked: int | None) -> int:
        """In the question's message, without its buttons; as a new one where that cannot be found or changed."""
        text = question(interrupt, task)
        await self._leave_without_buttons(interrupt)
        if asked is not None and await self._client.edit(asked, text):
            return asked
        return await self._client.send(text)

    async def _leave_without_buttons(self, interrupt: Interrupt) -> None:
        """Reminders have buttons as the question has."""
        for effect in await deliveries(self._effects, interrupt.task_id, "interrupt.reminded"):
            if _asked_by(effect) == interrupt.interrupt_id and (sent := message_id(effect)) is not None:
                await self._quietly_take_buttons(sent)

    async def _quietly_take_buttons(self, sent: int) -> None:
        try:
            await self._client.take_buttons(sent)
        except DeliveryFailed as error:
            if error.fields.get("kind") != Fault.REFUSED:
                raise

    async def _take_back_questions(self, task: Task) -> None:
        """Questions that nobody answered before their task was over."""
        for interrupt in await self._commands.interrupts(InterruptFilter(task_ids=(task.task_id,))):
            if interrupt.status == "cancelled" and (asked := await self._message_of(interrupt)) is not None:
                await self._leave_without_buttons(interrupt)
                await self._edit(asked, question(interrupt, task))

    async def _edit(self, asked: int, text: Text) -> None:
        if not await self._client.edit(asked, text):
            log.info("a question's message is gone from the chat; nothing there has to be changed")

    async def _question(self, notification: Notification) -> Interrupt:
        wanted = notification.data.get("interrupt_id")
        known = await self._commands.interrupts(InterruptFilter(task_ids=(notification.task_id,)))
        found = next((each for each in known if each.interrupt_id == wanted), None)
        if found is None:
            raise NotFound(f"task {notification.task_id} has no question {wanted}")
        return found

    async def _message_of(self, interrupt: Interrupt) -> int | None:
        """Where the question was asked in this chat, as the deliveries say."""
        for effect in reversed(await deliveries(self._effects, interrupt.task_id, "interrupt.opened")):
            if (
                _asked_by(effect) == interrupt.interrupt_id
                and (effect.result or {}).get("chat_id") == self._client.chat_id
            ):
                return message_id(effect)
        return None

    def _buttons(self, interrupt: Interrupt, task: Task) -> InlineKeyboardMarkup:
        return question_buttons(interrupt, demo=self._demo and demo_url(interrupt.payload, task) is not None)


def _asked_by(effect: Effect) -> str:
    data = effect.intent.get("data")
    return str(data.get("interrupt_id")) if isinstance(data, dict) else ""
