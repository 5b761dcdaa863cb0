"""The counterpart as one HTTP server on loopback: who may ask, for which machine, and what goes wrong on demand."""

import asyncio
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from e2b.envd.process.process_connect import ProcessASGIApplication
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.wire.e2b.control import Control, Refusal
from tests.wire.e2b.envd import CURRENT, Files, Processes
from tests.wire.e2b.faults import Fault
from tests.wire.e2b.machines import Fleet

KEY = "e2b_0123456789abcdef0123456789abcdef01234567"
TEMPLATE = "autonomy"
_LOOK_S = 0.05


class _Cut(Exception):
    """Ends the connection under an answer."""


@dataclass
class Counterpart:
    """A running one. `requests` has (method, path) of all that came."""

    fleet: Fleet
    url: str = ""
    key: str = KEY
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)

    def count(self, method: str, path: str) -> int:
        return sum(each == (method, path) for each in self.requests)


class _Door:
    """Stands before everything: faults, keys and tokens."""

    def __init__(self, counterpart: Counterpart, control: ASGIApp, processes: ASGIApp, files: ASGIApp) -> None:
        self._counterpart = counterpart
        self._control = control
        self._processes = processes
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._control(scope, receive, send)
            return
        path: str = scope["path"]
        self._counterpart.requests.append((scope["method"], path))
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        fault = next((each for each in self._counterpart.faults if each.take(path)), None)
        if fault:
            send = await self._go_wrong(fault, scope, send)
        answer = self._refused(path, headers)
        if answer:
            await answer(scope, receive, send)
        elif path.startswith(("/v2/", "/sandboxes")):
            await self._control(scope, receive, send)
        else:
            CURRENT.set(self._counterpart.fleet.running[headers["e2b-sandbox-id"]])
            application = self._processes if path.startswith("/process.Process/") else self._files
            await application(scope, receive, send)

    def _refused(self, path: str, headers: MutableMapping[str, str]) -> Response | None:
        if path.startswith(("/v2/", "/sandboxes")):
            if headers.get("x-api-key") == self._counterpart.key:
                return None
            message = "Invalid API key, please visit https://e2b.dev/docs/api-key for more information."
            return JSONResponse({"code": 401, "message": message}, 401)
        machine_id = headers.get("e2b-sandbox-id", "")
        remote = self._counterpart.fleet.running.get(machine_id)
        if remote is None:
            gone = {"sandboxId": machine_id, "message": "The sandbox was not found", "code": 502}
            return JSONResponse(gone, 502)
        if path != "/health" and headers.get("x-access-token") != remote.token:
            return JSONResponse({"code": 401, "message": "unauthorized access, please provide a valid token"}, 401)
        return None

    async def _go_wrong(self, fault: Fault, scope: Scope, send: Send) -> Send:
        if fault.kind == "cut":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
            await send({"type": "http.response.body", "body": b"", "more_body": True})
            raise _Cut
        if fault.kind == "silent":
            await asyncio.sleep(3600)
        if fault.kind == "ignore-timeout":
            scope["headers"] = [each for each in scope["headers"] if each[0].lower() != b"connect-timeout-ms"]
            return send
        if fault.kind == "cut-stream":
            return _cutting(send, fault.pieces)
        status = 429 if fault.kind == "limit" else fault.status
        headers = {"retry-after": str(fault.retry_after_s)} if fault.kind == "limit" else {}
        message = "Rate limit exceeded" if fault.kind == "limit" else fault.message
        await JSONResponse({"code": status, "message": message}, status, headers=headers)(scope, _nothing, send)
        raise _Answered


class _Answered(Exception):
    """The fault was the answer."""


def application(counterpart: Counterpart) -> ASGIApp:
    files = Files()

    async def refused(_: object, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        return error.response()

    @asynccontextmanager
    async def life(_: Starlette) -> Any:
        looking = asyncio.create_task(_look(counterpart.fleet))
        yield
        looking.cancel()
        await counterpart.fleet.end_all()

    control = Starlette(
        routes=Control(counterpart.fleet).routes(), exception_handlers={Refusal: refused}, lifespan=life
    )
    rest = Starlette(
        routes=[
            Route("/files", files.read, methods=["GET"]),
            Route("/files", files.write, methods=["POST"]),
            Route("/health", files.health, methods=["GET"]),
        ]
    )
    door = _Door(counterpart, control, ProcessASGIApplication(Processes()), rest)

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(_Answered):
            await door(scope, receive, send)

    return guarded


@contextmanager
def running(folder: Path, *, most: int = 20) -> Iterator[Counterpart]:
    """A counterpart on a free port, in a thread of its own, until the block ends; nothing of it is alive then."""
    counterpart = Counterpart(Fleet(folder, templates=(TEMPLATE,), most=most))
    config = uvicorn.Config(
        application(counterpart),
        host="127.0.0.1",
        port=0,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        counterpart.url = f"http://127.0.0.1:{_port(server)}"
        yield counterpart
    finally:
        server.should_exit = True
        thread.join(30)


def _port(server: uvicorn.Server) -> int:
    for _ in range(12_000):
        if server.started:
            port: int = server.servers[0].sockets[0].getsockname()[1]
            return port
        threading.Event().wait(0.005)
    raise TimeoutError("the counterpart did not start")


async def _look(fleet: Fleet) -> None:
    while True:
        await fleet.end_expired()
        await asyncio.sleep(_LOOK_S)


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def _cutting(send: Send, pieces: int) -> Send:
    left = pieces

    async def some(message: Message) -> None:
        nonlocal left
        if message["type"] == "http.response.body" and message.get("body"):
            if left == 0:
                raise _Cut
            left -= 1
        await send(message)

    return some
