"""uvicorn as the commands need it: on a socket that is already bound, with signals left to the command."""

import asyncio
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

GRACE_S = 5
"""For requests that are being answered when the server ends; streams end at once."""
START_S = 30.0


class EmbeddedServer(uvicorn.Server):
    """Says when it answers, and leaves SIGINT and SIGTERM to whoever runs the loop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

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
        await task
