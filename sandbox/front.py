"""A loopback TCP port of this machine, forwarded byte by byte to a Unix socket: an origin of its own for each demo."""

import asyncio
import contextlib

_CHUNK = 65536
_MOST_CONNECTIONS = 64
_CONNECT_S = 5.0


class Front:
    """Opened on 127.0.0.1 at a port the kernel chooses; passes everything on to the socket at `address`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def open(self) -> int:
        """Start to listen; the port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        if self._connections:
            await asyncio.wait(self._connections)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        with contextlib.closing(writer), contextlib.suppress(OSError, TimeoutError):
            if len(self._connections) >= _MOST_CONNECTIONS:
                return
            self._connections.add(task)
            try:
                await self._bridge(reader, writer)
            finally:
                self._connections.discard(task)

    async def _bridge(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connecting = asyncio.open_unix_connection(self._address)
        inner_reader, inner_writer = await asyncio.wait_for(connecting, _CONNECT_S)
        with contextlib.closing(inner_writer):
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(reader, inner_writer))
                both.create_task(_pump(inner_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
