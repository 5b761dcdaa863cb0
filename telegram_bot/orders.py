"""Commands: /tasks, /status, /cancel, /new, /help."""

from telegram import Message

from core.access import Actor
from core.errors import AutonomyError, DeliveryFailed
from core.tasks import TaskFilter
from core.types import TaskStatus
from telegram_bot.addressing import Address
from telegram_bot.buttons import cancel_buttons
from telegram_bot.client import Me
from telegram_bot.desk import Desk
from telegram_bot.replies import addressed
from telegram_bot.text import Line, Piece, Style, Text, bold, compose, plain
from telegram_bot.words import standing, status_words, title_of

SHOWN_TASKS = 15
HELP = (
    "/tasks shows the newest tasks",
    "/status TASK shows one of them",
    "/cancel TASK ends one, after asking once more",
    "/new SENTENCE has an application built",
    "Answer a question by its buttons, or in your own words by a reply to its message.",
)


class Orders:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def handle(self, message: Message, me: Me, actor: Actor) -> None:
        """What is wrong is said in the chat. Raises DeliveryFailed when nothing was done, and nothing said."""
        name, about, rest = read_order(message.text or "")
        if about and about.lower() != me.username.lower():
            return  # another bot's
        address = addressed(message, me)
        try:
            answer = await self._do(name, rest or (address.task_id if address else ""), message, actor)
        except DeliveryFailed:
            raise
        except AutonomyError as error:
            await self._desk.tell(str(error), None, reply_to=message.message_id)
            return
        if answer is not None:
            await self._desk.say(answer, reply_to=message.message_id)

    async def _do(self, name: str, rest: str, message: Message, actor: Actor) -> Text | None:
        match name:
            case "tasks":
                return await self._list()
            case "status" if rest:
                return standing(await self._desk.commands.get(task_named(rest)))
            case "cancel" if rest:
                return await self._ask_to_cancel(task_named(rest), message)
            case "new" if rest:
                return await self._submit(rest, message, actor)
            case "status" | "cancel":
                return _sentence(f"/{name} needs the id of a task, as /tasks shows it")
            case "new":
                return _sentence("/new needs a sentence that says what is to be built")
            case "help" | "start":
                return compose([plain(line) for line in HELP[:-1]], plain(HELP[-1]))
            case _:
                return _sentence("/help shows what can be said here")

    async def _list(self) -> Text:
        tasks = await self._desk.commands.list(TaskFilter(limit=SHOWN_TASKS))
        if not tasks:
            return _sentence("There are no tasks yet")
        lines: list[Line] = [
            (Piece(task.task_id, Style.CODE), Piece(f" {status_words(task)}: {title_of(task)}")) for task in tasks
        ]
        waiting = sum(task.status is TaskStatus.WAITING for task in tasks)
        return compose(lines, plain(f"{waiting} of these {len(tasks)} wait for an answer"))

    async def _ask_to_cancel(self, task_id: str, message: Message) -> Text | None:
        task = await self._desk.commands.get(task_id)
        if task.status.final:
            return _sentence(f"That task {status_words(task)} already")
        asks = compose([bold(title_of(task), f" {status_words(task)}. Cancel it?")], Address(task.task_id).foot())
        await self._desk.client.send(asks, keyboard=cancel_buttons(task.task_id), reply_to=message.message_id)
        return None

    async def _submit(self, sentence: str, message: Message, actor: Actor) -> Text:
        """A repeated update finds the task of the first time by its key."""
        key = f"telegram:{message.chat.id}:{message.message_id}"
        request = self._desk.make_request(sentence)
        task = await self._desk.commands.submit(request, idempotency_key=key, caller=actor.name)
        return compose([bold("Taken.", f" The task {status_words(task)}.")], Address(task.task_id).foot())


def read_order(text: str) -> tuple[str, str, str]:
    """(command, bot that it is for or empty, the rest) of `/command@bot rest`."""
    word, _, rest = text.partition("\n") if "\n" in text.split(" ", 1)[0] else text.partition(" ")
    name, _, bot = word.removeprefix("/").partition("@")
    return name.lower(), bot, rest.strip()


def task_named(text: str) -> str:
    """The id, also when it is written as below every message."""
    return text.split()[0].removeprefix("#t_")


def _sentence(text: str) -> Text:
    return compose([], plain(text))
