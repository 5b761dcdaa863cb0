"""HTTP/1.1 over asyncio for the counterpart: what a web framework keeps from one, such as cutting and resetting.

Only what clients of model providers send: requests with a Content-Length, connections that are kept alive.
"""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

from core.types import Json

REASONS = {529: "Overloaded"}
MAX_HEAD = 64 << 10


@dataclass(frozen=True)
class Request:
    """Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class ClientGone(Exception):
    """The client closed its connection before the answer was complete."""


class Connection:
    """One client's connection. `gone` is set when the client closes it while an answer is under way."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.gone = asyncio.Event()
        self.open = True
        self._ahead = b""
        self._chunked = True

    async def next_request(self) -> Request | None:
        """The next request; None when the client has closed."""
        try:
            head = self._ahead + await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        self._ahead = b""
        start, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, path, _ = start.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        return Request(method, path, headers, body)

    async def watch(self) -> None:
        """Wait until the client closes; run beside an answer. Nothing is sent by clients meanwhile."""
        with suppress(ConnectionError):
            self._ahead = await self._reader.read(1)
        if not self._ahead:
            self.gone.set()

    async def respond(self, status: int, headers: Mapping[str, str], body: Json) -> None:
        """A whole answer in JSON."""
        content = json.dumps(body).encode()
        self._head(status, {"content-type": "application/json", **headers, "content-length": str(len(content))})
        await self._send(content)

    async def begin_stream(self, headers: Mapping[str, str], *, chunked: bool = True) -> None:
        """Begin an answer of server-sent events. Without chunks, only the end of the connection is the end of the answer."""
        self._chunked = chunked
        how = {"transfer-encoding": "chunked"} if chunked else {"connection": "close"}
        self._head(200, {"content-type": "text/event-stream; charset=utf-8", **headers, **how})
        await self._send(b"")

    async def send(self, content: bytes) -> None:
        """One chunk. Raises ClientGone."""
        await self._send(f"{len(content):x}\r\n".encode() + content + b"\r\n" if self._chunked else content)

    async def end_stream(self) -> None:
        if self._chunked:
            await self._send(b"0\r\n\r\n")
        else:
            await self.close()

    async def half_close(self) -> None:
        """Say nothing more, as if that were all; the connection is open until the client closes it."""
        self._writer.write_eof()
        await self.gone.wait()

    async def reset(self) -> None:
        """Close so that the client's system reports a reset."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await self.close()

    async def close(self) -> None:
        self.open = False
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        reason = REASONS.get(status) or HTTPStatus(status).phrase
        lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self._writer.write("\r\n".join(lines).encode())

    async def _send(self, content: bytes) -> None:
        if self.gone.is_set():
            raise ClientGone
        self._writer.write(content)
        try:
            await self._writer.drain()
        except ConnectionError as error:
            raise ClientGone from error


Handler = Callable[[Request, Connection], Awaitable[None]]


async def serve(handle: Handler, port: int = 0) -> asyncio.Server:
    """Listen on loopback; `handle` answers each request over its connection."""

    async def work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer)
        try:
            while connection.open and (request := await connection.next_request()):
                watching = asyncio.create_task(connection.watch())
                try:
                    await handle(request, connection)
                finally:
                    watching.cancel()
                    await asyncio.wait([watching])
                if connection.gone.is_set():
                    break
        except ClientGone:
            """It was noticed where it happened."""
        finally:
            await connection.close()

    return await asyncio.start_server(work, "127.0.0.1", port, limit=MAX_HEAD)
