"""The real service on a socket of its own, with a model that leaves every task at a question or holds it at work."""

import asyncio
import json
import re
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import httpx

from api.app import create_app
from cli.server import serving
from config import Settings
from core.errors import ModelError
from core.models import ModelRequest, ModelResponse
from core.ports import OnDelta
from dashboard import dist
from wiring import Application, open_application

T = TypeVar("T")
DECISIONS = {"abort": "abort", "try again": "retry"}
OWN_READERS = 4
"""Of the log, by the service itself: how late events come, what is told in its log, whose budget is nearly spent, what is
learned. They begin to read a while after the service answers."""


@dataclass
class AwayModel:
    """Fails every call but the reading of replies, so that a task asks at once; waits first while `at_work` is clear."""

    at_work: asyncio.Event = field(default_factory=asyncio.Event)

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        if request.prompt_name.endswith("reply"):
            return ModelResponse(text=self._read(request.messages[-1].content), model=request.model)
        await self.at_work.wait()
        raise ModelError("the model is away")

    async def close(self) -> None: ...

    def _read(self, prompt: str) -> str:
        said = next(
            (action for words, action in DECISIONS.items() if re.search(rf"^{words}$", prompt, re.M)), "unclear"
        )
        return json.dumps({"action": said, "message": "do you mean retry or abort?" if said == "unclear" else said})


@dataclass(frozen=True)
class Service:
    """`http` reaches it over a real socket at `path`; `application` is what serves. `bound` is (host, port) on TCP."""

    http: httpx.AsyncClient
    application: Application
    model: AwayModel
    path: Path
    bound: tuple[str, int] | str


def _listener(port: int | None) -> socket.socket:
    """Not yet bound. asyncio turns Nagle's delays off, 40 ms for each answer, where a socket says that it is of TCP."""
    if port is None:
        return socket.socket(socket.AF_UNIX)
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)


@asynccontextmanager
async def run_service(
    data: Path,
    *,
    port: int | None = None,
    keep_alive_s: float = 120.0,
    dashboard: Path | None = None,
    **changes: object,
) -> AsyncIterator[Service]:
    """A service over `data`, on a socket file or on a TCP `port`; `changes` are settings, `dashboard` another build of it."""
    model = AwayModel()
    model.at_work.set()
    given: dict[str, object] = {"autonomy_offline": True, "shutdown_grace_seconds": 0.2, **changes}
    settings = Settings(_env_file=None, data_dir=data, **given)  # type: ignore[arg-type]  # settings are checked by pydantic
    folder = Path(tempfile.mkdtemp(prefix="api-test-"))
    try:
        with _listener(port) as listener:
            listener.bind(str(folder / "s") if port is None else ("127.0.0.1", port))
            async with open_application(settings, offline=model) as application:
                served = replace(application.api, keep_alive_s=keep_alive_s)
                app = create_app(
                    lambda: nullcontext(served), cors_origins=settings.cors_origins, dashboard=dashboard or dist()
                )
                async with serving(app, listener, application.api.closing), client_of(folder / "s") as http:
                    yield Service(http, application, model, folder / "s", listener.getsockname())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def client_of(path: Path) -> httpx.AsyncClient:
    """A client of the service that listens at `path`."""
    transport = httpx.AsyncHTTPTransport(uds=str(path), verify=False)  # no TLS, so nothing to load for it
    return httpx.AsyncClient(base_url="http://service.invalid", transport=transport, timeout=120)


@contextmanager
def service_in_thread(data: Path) -> Iterator[Path]:
    """A service on a loop of its own that outlives a test's; yields where it listens."""
    with in_thread(lambda: run_service(data)) as service:
        yield service.path


@contextmanager
def in_thread(opened: Callable[[], AbstractAsyncContextManager[T]], limit_s: float = 120) -> Iterator[T]:
    """What is `opened` on a loop of its own, in a thread of its own; it has `limit_s` to begin."""
    ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, T]] = Future()

    async def run() -> None:
        end = asyncio.Event()
        async with opened() as held:
            ready.set_result((asyncio.get_running_loop(), end, held))
            await end.wait()

    def serve() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            if not ready.done():
                ready.set_exception(error)
            raise

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(serve)
        loop, end, held = ready.result(timeout=limit_s)
        try:
            yield held
        finally:
            loop.call_soon_threadsafe(end.set)
            running.result(timeout=120)


@asynccontextmanager
async def listening(application: Application) -> AsyncIterator[Path]:
    """An application whose API listens on a socket file; yields which."""
    folder = Path(tempfile.mkdtemp(prefix="api-test-"))
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / "s"))
            app = create_app(lambda: nullcontext(application.api))
            async with serving(app, listener, application.api.closing):
                yield folder / "s"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def until(reached: Callable[[], Awaitable[bool]], seconds: float = 120) -> None:
    """Poll until `reached`; raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            if await reached():
                return
            await asyncio.sleep(0.05)


async def submit(http: httpx.AsyncClient, **fields: object) -> str:
    """Submit a task; its id."""
    body = {"task_description": "a todo list", "use_sandbox": False, **fields}
    answer = await http.post("/tasks", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["task_id"])


async def until_asked(http: httpx.AsyncClient, task_id: str) -> str:
    """Wait for the task's question; its id."""
    answer = await http.get(f"/tasks/{task_id}", params={"wait": 60})
    assert answer.json()["needs_human_input"], answer.text
    return str(answer.json()["interrupt_id"])


async def asked(http: httpx.AsyncClient) -> tuple[str, str]:
    """A task that asks: (its id, the question's id)."""
    task_id = await submit(http)
    return task_id, await until_asked(http, task_id)
