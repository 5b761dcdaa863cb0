"""Tiny proxies on loopback that note where they were asked to go: HTTP (RFC 9110) and SOCKS 5 (RFC 1928)."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Proxy:
    """`asked` has (host, port) and, over HTTP, the first line of each connection."""

    url: str = ""
    asked: list[tuple[str, int]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    await _close(writer)


async def _join(client: Streams, server: Streams) -> None:
    await asyncio.gather(_pump(client[0], server[1]), _pump(server[0], client[1]))


async def _http(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Forwards plain requests by their absolute address; the connection stays with the first one's server."""
    head = (await reader.readuntil(b"\r\n")).decode()
    method, address, version = head.split()
    proxy.lines.append(head.strip())
    there = urlsplit(address)
    proxy.asked.append((there.hostname or "", there.port or 80))
    server = await asyncio.open_connection(there.hostname, there.port)
    try:
        await _forward((reader, writer), server, (method, address, version))
    finally:
        await _close(server[1])


async def _forward(client: Streams, server: Streams, first: tuple[str, str, str]) -> None:
    """One request after the other, and the answer to each."""
    method, address, version = first
    while True:
        server[1].write(f"{method} {urlsplit(address).path} {version}".encode() + b"\r\n")
        await _message(client[0], server[1])
        await _message(server[0], client[1])
        await client[1].drain()
        method, address, version = (await client[0].readuntil(b"\r\n")).decode().split()


async def _message(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The rest of a head, and as much of a body as it says."""
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    writer.write(head + await reader.readexactly(int(lengths[0].split(b":")[1]) if lengths else 0))


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def _socks5(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    version, count = await reader.readexactly(2)
    methods = await reader.readexactly(count)
    assert (version, 0 in methods) == (5, True)
    writer.write(b"\x05\x00")
    _, command, _, kind = await reader.readexactly(4)
    assert command == 1
    if kind == 1:
        host = ".".join(str(byte) for byte in await reader.readexactly(4))
    else:
        host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
    (port,) = struct.unpack("!H", await reader.readexactly(2))
    proxy.asked.append((host, port))
    server = await asyncio.open_connection(host, port)
    writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
    await _join((reader, writer), server)


Serve = Callable[[Proxy, asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@asynccontextmanager
async def _running(scheme: str, work: Serve) -> AsyncIterator[Proxy]:
    proxy, tasks = Proxy(), set[asyncio.Task[None]]()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await work(proxy, reader, writer)
        await _close(writer)

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(take(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    proxy.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def http_proxy() -> Any:
    """An HTTP proxy until the block ends."""
    return _running("http", _http)


def socks5_proxy() -> Any:
    """A SOCKS 5 proxy without names and passwords, until the block ends."""
    return _running("socks5", _socks5)
