"""What counterparts of code hosts have in common: they serve REST on loopback, count what is asked, and fail on demand."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from tests.wire.http import Connection, Request, serve


@dataclass(frozen=True)
class Answer:
    """`body` is JSON, or bytes as they are."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The answer is this one."""

    def __init__(self, status: int, body: Any, **headers: str) -> None:
        super().__init__(status, body)
        self.answer = Answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


@dataclass(frozen=True)
class Asked:
    """`parts` are those of the path below the API's address, as they were sent; `query` is decoded."""

    method: str
    parts: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    content: bytes

    def one(self, name: str, otherwise: str = "") -> str:
        return dict(self.query).get(name, otherwise)

    @property
    def line(self) -> str:
        return f"{self.method} {'/'.join(self.parts)}"


Fault = Literal["before", "after"] | Answer
"""The connection is cut before anything is done, or after it was done; or this is answered, and nothing is done."""


class RestServer:
    """`asked` is the log. `faults` are by the number of the request, from 1 since `forget`.

    `meanwhile` is called with each request before it is answered, `altered` makes of an answer what is sent.
    """

    prefix = ""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: dict[int, Fault] = {}
        self.meanwhile: Callable[[Asked], None] = lambda asked: None
        self.altered: Callable[[Answer], Answer] = lambda answer: answer
        self.url = ""
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[Any]] = set()

    def answer(self, asked: Asked) -> Answer:
        """Raises Refused."""
        raise NotImplementedError

    async def start(self) -> None:
        self._server = await serve(self._handle)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{self.prefix}"

    async def stop(self) -> None:
        """Clients have closed their connections; wait until this is noticed."""
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()
        if self._connections:
            await asyncio.wait(self._connections, timeout=5)

    def forget(self) -> None:
        self.asked.clear()
        self.faults.clear()

    async def _handle(self, request: Request, connection: Connection) -> None:
        working = asyncio.current_task()
        assert working is not None
        self._connections.add(working)
        parts = urlsplit(request.path)
        below = parts.path.removeprefix(f"{self.prefix}/")
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        asked = Asked(request.method, tuple(below.split("/")), query, request.headers, request.body)
        self.asked.append(asked)
        fault = self.faults.pop(len(self.asked), None)
        if fault == "before":
            await connection.reset()
            return
        if isinstance(fault, Answer):
            await _respond(connection, fault)
            return
        self.meanwhile(asked)
        try:
            answer = self.altered(self.answer(asked))
        except Refused as refused:
            answer = refused.answer
        if fault == "after":
            await connection.reset()
            return
        await _respond(connection, answer)


async def _respond(connection: Connection, answer: Answer) -> None:
    plain = isinstance(answer.body, bytes)
    content = answer.body if plain else json.dumps(answer.body).encode()
    kind = "text/plain; charset=utf-8" if plain else "application/json"
    length = {} if answer.status == 204 else {"content-length": str(len(content))}
    connection._head(answer.status, {"content-type": kind, **answer.headers, **length})
    await connection._send(b"" if answer.status == 204 else content)
