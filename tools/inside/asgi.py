"""A small client that calls an ASGI application in-process: no network, no threads of its own, exceptions kept."""

import asyncio
import contextvars
import json
import sys
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from .box import library, relative

REQUEST_TIMEOUT_S = 15.0


@dataclass
class Queries:
    """SQL statements of one request, in order."""

    statements: list[str] = field(default_factory=list)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)

    def add(self, statement: str) -> None:
        """Note a statement, and the line of the application (models aside) that made it run first."""
        if statement in self.statements and statement not in self.places and (place := _calling_line()):
            self.places[statement] = place
        self.statements.append(statement)

    @property
    def repeated(self) -> tuple[str, int]:
        """The statement that was executed most often, and how often."""
        counts: dict[str, int] = {}
        for statement in self.statements:
            counts[statement] = counts.get(statement, 0) + 1
        return max(counts.items(), key=lambda item: item[1], default=("", 0))


def _calling_line() -> tuple[str, int] | None:
    frame = sys._getframe(2)  # noqa: SLF001  # walking frames is what inspect does, a hundred times slower
    while frame.f_back is not None:
        path = relative(frame.f_code.co_filename)
        if path and not path.startswith("backend/app/db/"):
            return path, frame.f_lineno
        frame = frame.f_back
    return None


current_queries: contextvars.ContextVar[Queries | None] = contextvars.ContextVar("current_queries", default=None)


def count_queries() -> None:
    """Note every statement of every SQLAlchemy engine with the request in whose context it runs."""
    sqlalchemy = library("sqlalchemy")

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        queries = current_queries.get()
        if queries is not None and not statement.lstrip().upper().startswith(("PRAGMA", "SAVEPOINT", "RELEASE")):
            queries.add(statement)

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", note)


@dataclass(frozen=True)
class Answer:
    """One response; `crash` is the exception that the application let through."""

    status: int
    headers: dict[str, str]
    body: bytes
    queries: Queries
    endpoint: Any = None
    crash: BaseException | None = None

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip()

    def json(self) -> Any:
        """The body as JSON, None when it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Client:
    """Calls `app`; lifespan events are sent around it. `token` is the bearer token of requests that name no other."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._lifespan: asyncio.Task[None] | None = None
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._loop.run_until_complete(asyncio.wait_for(self._start(), REQUEST_TIMEOUT_S))

    def request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send one request; `body` is sent as JSON unless it is None or bytes."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {"host": "testserver", **(headers or {})}
        if raw:
            sent.setdefault("content-type", "application/json")
            sent["content-length"] = str(len(raw))
        if token:
            sent["authorization"] = f"Bearer {token}"
        scope = _scope(method, path, query or {}, sent)
        work = asyncio.wait_for(self._call(scope, raw), REQUEST_TIMEOUT_S)
        return self._loop.run_until_complete(work)

    def close(self) -> None:
        self._events.put_nowait({"type": "lifespan.shutdown"})
        if self._lifespan:
            self._loop.run_until_complete(asyncio.wait([self._lifespan], timeout=REQUEST_TIMEOUT_S))
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _start(self) -> None:
        ready = asyncio.Event()
        self._events.put_nowait({"type": "lifespan.startup"})

        async def send(message: dict[str, Any]) -> None:
            if message["type"].startswith("lifespan.startup"):
                ready.set()

        self._lifespan = asyncio.create_task(self._app({"type": "lifespan", "state": {}}, self._events.get, send))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait([self._lifespan, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._lifespan.done():
            self._lifespan.result()

    async def _call(self, scope: dict[str, Any], raw: bytes) -> Answer:
        queries = Queries()
        current_queries.set(queries)
        messages: list[dict[str, Any]] = []
        pending = [{"type": "http.request", "body": raw, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return pending.pop() if pending else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            messages.append(message)

        crash: BaseException | None = None
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            crash = error
        return _answer(messages, queries, scope.get("endpoint"), crash)


def _scope(method: str, path: str, query: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    pairs = [(name, _text(value)) for name, value in query.items() if value is not None]
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method.upper(), "scheme": "http",
        "path": unquote(urlsplit(path).path), "raw_path": quote(path, safe="/%").encode(),
        "query_string": urlencode(pairs).encode(),
        "root_path": "", "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 50000), "server": ("testserver", 80), "state": {},
    }  # fmt: skip


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _answer(messages: list[dict[str, Any]], queries: Queries, endpoint: Any, crash: BaseException | None) -> Answer:
    start = next((message for message in messages if message["type"] == "http.response.start"), None)
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in (start or {}).get("headers", [])
    }
    body = b"".join(message.get("body", b"") for message in messages if message["type"] == "http.response.body")
    return Answer(start["status"] if start else 500, headers, body, queries, endpoint, crash)
