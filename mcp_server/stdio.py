"""An MCP server over stdin and stdout that can be told to stop, and keeps both for the protocol alone."""

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import anyio
from mcp.server.mcpserver import MCPServer
from mcp.server.stdio import stdio_server

MAX_MESSAGE_BYTES = 4 << 20


class Lines:
    """What comes in, line by line. Read on the event loop, because a thread that reads cannot be told to stop."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    def __aiter__(self) -> "Lines":
        return self

    async def __anext__(self) -> str:
        try:
            line = await self._reader.readline()
        except ValueError:  # too long: no message, which is told to the host, and the next one may be
            return "\n"
        if not line:
            raise StopAsyncIteration
        return line.decode("utf-8", errors="replace")


class StdioServer(MCPServer):
    """Serves the one host that started this process."""

    async def run_stdio_async(self) -> None:
        """Until the host closes stdin. Meanwhile what anything else prints goes to stderr."""
        options = self._lowlevel_server.create_initialization_options()
        async with (
            _own_stdin() as lines,
            stdio_server(stdin=cast("anyio.AsyncFile[str]", lines)) as (
                incoming,
                outgoing,
            ),  # it takes lines of it only
        ):
            await self._lowlevel_server.run(incoming, outgoing, options)


@asynccontextmanager
async def _own_stdin() -> AsyncIterator[Lines]:
    """The lines of stdin; meanwhile it is empty for programs that are started."""
    reader = asyncio.StreamReader(limit=MAX_MESSAGE_BYTES)
    wire = os.dup(sys.stdin.fileno())
    try:
        with open(os.devnull, "rb") as nothing:  # noqa: ASYNC230  # opens at once
            os.dup2(nothing.fileno(), 0)
        transport = await _connect(reader, os.dup(wire))
        try:
            yield Lines(reader)
        finally:
            if transport is not None:
                transport.close()
    finally:
        os.dup2(wire, 0)
        os.close(wire)


async def _connect(reader: asyncio.StreamReader, descriptor: int) -> asyncio.ReadTransport | None:
    """Have the loop read a pipe, a socket or a terminal; anything else has an end, and is read at once."""
    file = os.fdopen(descriptor, "rb", buffering=0)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor):
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
        return transport
    with file:
        reader.feed_data(await asyncio.to_thread(file.read))
    reader.feed_eof()
    return None
