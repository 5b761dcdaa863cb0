"""A response of server-sent events that costs little while nothing happens, and holds one batch at most."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from api.middleware import SEND_BODY
from api.waiting import until_first
from core.frames import Frame

CONNECTED = b": connected\n\n"
RESET = b"event: reset\ndata: {}\n\n"
KEEP_ALIVE = b": keep-alive\n\n"


class EventStream(Response):
    """Sends `first`, then batches as they come, each in one piece, until they end, the client leaves or `closing` is set.

    A batch is taken when the one before it has gone to the transport, so a client that does not read holds one of them.
    A comment every `keep_alive_s` says that the stream is there.
    """

    def __init__(
        self, batches: AsyncIterator[Sequence[Frame]], closing: asyncio.Event, *, first: bytes, keep_alive_s: float
    ) -> None:
        self.status_code, self.media_type, self.background = 200, "text/event-stream", None
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._batches, self._closing = batches, closing
        self._first, self._keep_alive_s = first, keep_alive_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        send = scope.get(SEND_BODY, send)
        await send(_piece(self._first))
        await until_first(self._pump(send), self._keep_alive(send), _gone(receive))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pump(self, send: Send) -> None:
        async for batch in self._batches:
            await send(_piece(batch[0].wire if len(batch) == 1 else b"".join([frame.wire for frame in batch])))

    async def _keep_alive(self, send: Send) -> None:
        """Until `closing` is set."""
        while not self._closing.is_set():
            try:
                async with asyncio.timeout(self._keep_alive_s):
                    await self._closing.wait()
            except TimeoutError:
                await send(_piece(KEEP_ALIVE))


def _piece(text: bytes) -> Message:
    return {"type": "http.response.body", "body": text, "more_body": True}


async def _gone(receive: Receive) -> None:
    """Until the client has left. The server says so here only: to send to who has left is no error."""
    while (await receive())["type"] != "http.disconnect":
        pass
