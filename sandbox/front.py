"""A TCP port of this machine, forwarded byte by byte to a Unix socket: an origin of its own for each demo."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

_CHUNK = 65536
_MOST_CONNECTIONS = 64
_CONNECT_S = 5.0
_FLUSH_S = 5.0


class Front:
    """Opened on `host` at a port the kernel chooses; passes everything on to the socket at `address`."""

    def __init__(self, address: str, host: str = "127.0.0.1") -> None:
        self._address = address
        self._host = host
        self._server: asyncio.Server | None = None
        self._closed = False
        self._connections: set[asyncio.Task[None]] = set()

    async def open(self) -> int:
        """Start to listen; the port."""
        self._server = await asyncio.start_server(self._accept, self._host, 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Listen no more and end every connection."""
        if self._server is None:
            return
        self._closed = True
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        if self._connections:
            await asyncio.wait(self._connections)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        refused = self._closed or len(self._connections) >= _MOST_CONNECTIONS
        self._connections.add(connection)
        try:
            async with _ended(writer):
                if not refused:
                    await self._bridge(reader, writer)
        except (OSError, TimeoutError, asyncio.CancelledError):
            return  # one of the two is gone, or this front is being closed
        finally:
            self._connections.discard(connection)

    async def _bridge(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_CONNECT_S):
            inner_reader, inner_writer = await asyncio.open_unix_connection(self._address)
        async with _ended(inner_writer), asyncio.TaskGroup() as both:
            both.create_task(_pump(reader, inner_writer))
            both.create_task(_pump(inner_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


@contextlib.asynccontextmanager
async def _ended(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Close `writer` at the end and wait until it is closed: flushed when all went well, at once when not."""
    try:
        yield
        writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_FLUSH_S):
                await writer.wait_closed()
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
