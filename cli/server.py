"""uvicorn as the commands need it: on a socket that is already bound, with signals left to the command."""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

GRACE_S = 5
"""For requests that are being answered when the server ends; streams end at once."""
START_S = 30.0
TICK_S = 0.1
"""uvicorn's: every tenth of them it sets the date of its answers."""


class EmbeddedServer(uvicorn.Server):
    """Says when it answers, and leaves SIGINT and SIGTERM to whoever runs the loop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self.ending = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        """Ticks as uvicorn's does, and goes at once when it is to end."""
        ending = asyncio.create_task(self.ending.wait())
        for tick in itertools.count():
            if self.ending.is_set() or await self.on_tick(tick):
                break
            await asyncio.wait({ending}, timeout=TICK_S)
        ending.cancel()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket, closing: asyncio.Event) -> AsyncIterator[asyncio.Task[None]]:
    """Serve `app` on `listener` until the block ends; yields the server's task when it answers.

    `closing` is set at the end, which is when streams of events end.
    """
    config = uvicorn.Config(
        app, log_config=None, access_log=False, ws="none", lifespan="on", timeout_graceful_shutdown=GRACE_S
    )
    server = EmbeddedServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="http server")
    ready = asyncio.create_task(server.ready.wait())
    try:
        await asyncio.wait({task, ready}, timeout=START_S, return_when=asyncio.FIRST_COMPLETED)
        yield task
    finally:
        ready.cancel()
        closing.set()
        server.should_exit = True
        server.ending.set()
        await task
