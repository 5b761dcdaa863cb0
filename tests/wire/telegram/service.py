"""The counterpart itself: the Bot API over HTTP, faults on demand, and people who tap, write and reply."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote

from tests.wire.http import Connection, Request, serve
from tests.wire.telegram.chats import Chats, Message
from tests.wire.telegram.forms import Form, Refused, read_form
from tests.wire.telegram.updates import Updates

TOKEN = "4242424242:AAE-counterpart_token_of_35_characters"
BOT = {"id": 4242424242, "is_bot": True, "first_name": "Autonomy", "username": "autonomy_test_bot"}
ANA = {"id": 7, "is_bot": False, "first_name": "Ana", "username": "ana"}
BEN = {"id": 8, "is_bot": False, "first_name": "Ben"}
PRIVATE, GROUP = 7, -1001


@dataclass(frozen=True)
class Fault:
    """What happens to one request instead: `refuse` an answer, the connection cut before or after the work, garbage, silence."""

    what: Literal["refuse", "cut_before", "cut_after", "garbage", "silence"]
    refused: Refused | None = None


def too_many(seconds: int) -> Fault:
    return Fault("refuse", Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds))


def status(code: int, description: str) -> Fault:
    return Fault("refuse", Refused(code, description))


class Telegram:
    """One bot, the chats it is in, and the people there."""

    def __init__(self) -> None:
        self.url = ""
        self.chats = Chats(BOT, {PRIVATE: "private", GROUP: "supergroup"})
        self.updates = Updates()
        self.calls: list[tuple[str, int]] = []
        self._faults: dict[str, deque[Fault]] = {}
        self._queries = 0
        self.connections: set[Connection] = set()
        self._methods: dict[str, Callable[[Form], Any]] = {
            "sendmessage": self.chats.send_message,
            "senddocument": self.chats.send_document,
            "editmessagetext": self.chats.edit_message_text,
            "editmessagereplymarkup": self.chats.edit_message_reply_markup,
            "answercallbackquery": self.chats.answer_callback_query,
            "getme": lambda form: {**BOT, "can_join_groups": True},
            "deletewebhook": self._delete_webhook,
        }

    def fail(self, method: str, *faults: Fault) -> None:
        """What the next requests of `method` run into, one each."""
        self._faults.setdefault(method.lower(), deque()).extend(faults)

    def _delete_webhook(self, form: Form) -> bool:
        self.updates.webhook = ""
        return True

    async def handle(self, request: Request, connection: Connection) -> None:
        self.connections.add(connection)
        method = request.path.rsplit("/", 1)[-1].lower()
        waiting = self._faults.get(method)
        fault = waiting.popleft() if waiting else None
        if fault is not None and fault.what != "cut_after":
            self.calls.append((method, 0))
            await self._hinder(fault, connection)
            return
        code, body = await self._answer(request, method, connection)
        self.calls.append((method, code))
        if fault is not None:
            await connection.reset()
        elif not connection.gone.is_set():
            await connection.respond(code, {}, body)

    async def _hinder(self, fault: Fault, connection: Connection) -> None:
        match fault.what:
            case "refuse":
                assert fault.refused is not None
                await connection.respond(fault.refused.status, {}, fault.refused.body())
            case "garbage":
                await connection.begin_stream({}, chunked=False)
                await connection.send(b"<html>Bad Gateway</html>")
                await connection.close()
            case "silence":
                await connection.gone.wait()
            case _:
                await connection.reset()

    async def _answer(self, request: Request, method: str, connection: Connection) -> tuple[int, Any]:
        try:
            self._check_token(request)
            form = read_form(request)
            if method == "getupdates":
                result: Any = await _unless_gone(self.updates.get(form), connection)
            elif method in self._methods:
                result = self._methods[method](form)
            else:
                raise Refused(404, "Not Found")
        except Refused as refused:
            return refused.status, refused.body()
        return 200, {"ok": True, "result": result}

    def _check_token(self, request: Request) -> None:
        parts = request.path.split("/")
        if len(parts) != 3 or not parts[1].startswith("bot") or ":" not in unquote(parts[1]):
            raise Refused(404, "Not Found")
        if unquote(parts[1]) != f"bot{TOKEN}":
            raise Refused(401, "Unauthorized")

    # People. Each gives the number of the update.

    async def say(self, text: str, user: dict[str, Any] = ANA, chat: int = PRIVATE, **extra: Any) -> int:
        return await self._written(text, user, chat, None, extra)

    async def reply(self, to: Message, text: str, user: dict[str, Any] = ANA, **extra: Any) -> int:
        return await self._written(text, user, to.chat_id, to.message_id, extra)

    async def _written(
        self, text: str, user: dict[str, Any], chat: int, reply_to: int | None, extra: dict[str, Any]
    ) -> int:
        message = self.chats.add(Message(self.chats.number(), chat, user, text, reply_to=reply_to))
        kind = extra.pop("kind", "message")
        return await self.updates.push(**{kind: {**self.chats.json(message), **extra}})

    async def tap(self, message: Message, label: str, user: dict[str, Any] = ANA) -> int:
        """Raises KeyError when the message has no such button."""
        return await self.tap_data(message, dict(pair for row in message.buttons for pair in row)[label], user)

    async def tap_data(self, message: Message, data: str, user: dict[str, Any] = ANA, *, old: bool = False) -> int:
        self._queries += 1
        query = f"query{self._queries}"
        self.chats.queries[query] = "too old" if old else None
        content = {"id": query, "from": user, "chat_instance": "1", "data": data}
        return await self.updates.push(callback_query={**content, "message": self.chats.json(message)})

    # What is there.

    def sent(self, containing: str = "", chat: int = PRIVATE) -> list[Message]:
        """The bot's messages in a chat, oldest first."""
        return [
            each
            for each in self.chats.messages
            if each.sender is BOT and each.chat_id == chat and containing in each.text
        ]

    def count(self, method: str) -> int:
        return sum(called == method.lower() for called, _ in self.calls)

    def refusals(self) -> list[tuple[str, int]]:
        return [(method, code) for method, code in self.calls if code >= 400]


async def _unless_gone(work: Awaitable[Any], connection: Connection) -> Any:
    """The result, or an empty one when the client leaves before it is there."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(connection.gone.wait())
    await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
    gone.cancel()
    if not task.done():
        task.cancel()
        await asyncio.wait([task])
        return []
    return task.result()


@asynccontextmanager
async def running_telegram() -> AsyncIterator[Telegram]:
    """On a free port of loopback, until the block ends."""
    telegram = Telegram()
    before = asyncio.all_tasks()
    server = await serve(telegram.handle)
    telegram.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield telegram
    finally:
        server.close()
        for connection in telegram.connections:
            await connection.close()
        while any("serve" in str(task.get_coro()) for task in asyncio.all_tasks() - before):  # noqa: ASYNC110  # they end
            await asyncio.sleep(0.001)
