"""A server that answers as it is told, and both clients of it."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from client import AsyncAutonomyClient, AutonomyClient, Retries
from client.events import StoredEvent

QUICK = Retries(times=3, stream_times=3, first_pause_s=0.001, longest_pause_s=0.002, longest_retry_after_s=1)
Answer = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Asked:
    """One request as it came; `number` counts them from 1."""

    number: int
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Place:
    """Where the server listens, and what it was asked so far."""

    address: str
    asked: list[Asked] = field(default_factory=list)


@asynccontextmanager
async def answering(folder: Path, answer: Answer) -> AsyncIterator[Place]:
    """A server that gives `answer` each request, and then drops the connection."""
    place = Place(f"unix:{folder / 's'}")
    numbers = itertools.count(1)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        asked = Asked(next(numbers), method, target, headers, body)
        place.asked.append(asked)
        await answer(asked, writer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(serve, str(folder / "s")):
        yield place


def send(writer: asyncio.StreamWriter, status: str, kind: str, body: str, *headers: str) -> None:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body.encode())}", *headers]
    writer.write("\r\n".join([*lines, "Connection: close", "", body]).encode())


def send_json(writer: asyncio.StreamWriter, document: object, status: str = "200 OK", *headers: str) -> None:
    send(writer, status, "application/json", json.dumps(document), *headers)


def send_events(writer: asyncio.StreamWriter, *events: StoredEvent, whole: bool = False) -> None:
    """The beginning of a stream; the connection breaks behind it unless it is `whole`."""
    text = ": connected\n\n" + "".join(
        f"id: {event.position}\nevent: {event.event.type}\ndata: {event.model_dump_json()}\n\n" for event in events
    )
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head + b"%x\r\n%s\r\n" % (len(text.encode()), text.encode()) + (b"0\r\n\r\n" if whole else b""))


class AsyncFace:
    """The client that gives awaitables."""

    def __init__(self, address: str, **options: Any) -> None:
        self.client = AsyncAutonomyClient(address, **{"retries": QUICK, **options})

    async def ask(self, method: str, *arguments: object, **options: object) -> Any:
        return await getattr(self.client, method)(*arguments, **options)

    async def list(self, method: str, *arguments: object, most: int = 1_000, **options: object) -> list[Any]:
        found: list[Any] = []
        async with aclosing(getattr(self.client, method)(*arguments, **options)) as items:
            async for item in items:
                found.append(item)
                if len(found) == most:
                    break
        return found

    async def close(self) -> None:
        await self.client.close()


class BlockingFace:
    """The client that waits, in a thread, so that the server on this loop can answer it."""

    def __init__(self, address: str, **options: Any) -> None:
        self.client = AutonomyClient(address, **{"retries": QUICK, **options})

    async def ask(self, method: str, *arguments: object, **options: object) -> Any:
        return await asyncio.to_thread(getattr(self.client, method), *arguments, **options)

    async def list(self, method: str, *arguments: object, most: int = 1_000, **options: object) -> list[Any]:
        def collect() -> list[Any]:
            with closing(getattr(self.client, method)(*arguments, **options)) as items:
                return list(itertools.islice(items, most))

        return await asyncio.to_thread(collect)

    async def close(self) -> None:
        await asyncio.to_thread(self.client.close)


Face = AsyncFace | BlockingFace
FACES = (AsyncFace, BlockingFace)
