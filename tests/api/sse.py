"""Reads server-sent events as a browser does, or stops reading them."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx


@dataclass(frozen=True)
class Sent:
    """`id` is empty for events that nobody can resume at; a comment has the kind `:`."""

    kind: str
    id: str = ""
    data: Any = None


async def read_sent(response: httpx.Response) -> AsyncIterator[Sent]:
    """Every event and comment of a stream."""
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line.startswith(":"):
            yield Sent(":", data=line[1:].strip())
        elif line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield Sent(fields.get("event", "message"), fields.get("id", ""), json.loads(fields["data"]))
            fields = {}


class RawStream:
    """A connection with a stream on it that reads only when it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def positions(self, last: int) -> list[int]:
        """Read until the event at `last` has come; the positions of all since the stream began."""
        seen = b""
        while b"id: %d\n" % last not in seen[-200_000:]:
            piece = await self._reader.read(100_000)
            assert piece, "the service ended the stream"
            seen += piece
        return [int(number) for number in re.findall(rb"id: (\d+)\nevent: ", seen)]

    async def rest(self) -> bytes:
        """All that comes until the service ends the connection."""
        return await self._reader.read()

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


@asynccontextmanager
async def raw_stream(path: Path, target: str) -> AsyncIterator[RawStream]:
    """Ask the service that listens at `path` for a stream, and wait until it has begun."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    stream = RawStream(reader, writer)
    try:
        writer.write(f"GET {target} HTTP/1.1\r\nHost: service.invalid\r\n\r\n".encode())
        await reader.readuntil(b": connected\n\n")
        yield stream
    finally:
        await stream.close()
