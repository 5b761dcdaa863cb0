"""A way to the emulator that can be cut at a chosen moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from tests.emulator import Emulator

Moment = Literal["before", "after"]
SWALLOW_S = 0.3
"""So long the emulator has to do what it was asked while nobody hears its answer."""


@dataclass
class Proxy:
    """Passes bytes on until a request holds `mark`: then every connection is cut, before the emulator has it or after.

    That happens `times` times; then bytes pass again. Connections that are made while it is `silent` are never answered.
    """

    emulator: Emulator
    port: int = 0
    mark: bytes = b""
    moment: Moment = "before"
    times: int = 0
    cuts: int = 0
    silent: bool = False
    server: asyncio.Server | None = None
    serving: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.current_task()
        assert serving is not None
        self.serving[serving] = writer
        try:
            await (self._swallow(reader) if self.silent else self._pass_on(reader, writer))
        finally:
            writer.close()
            del self.serving[serving]

    async def leave(self) -> None:
        """Nothing listens here any more."""
        assert self.server is not None
        self.server.close()
        await self.cut()

    async def cut(self) -> None:
        """End the connections that there are."""
        for writer in self.serving.values():
            writer.close()
        if self.serving:
            await asyncio.wait(self.serving, timeout=10)

    async def _swallow(self, reader: asyncio.StreamReader) -> None:
        while await reader.read(1 << 16):
            pass

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.emulator.port)
        heard = asyncio.Event()
        answers = asyncio.create_task(self._answer(up_reader, writer, heard))
        try:
            await self._ask(reader, up_writer, heard)
        finally:
            answers.cancel()
            await asyncio.wait([answers])
            up_writer.close()

    async def _ask(self, reader: asyncio.StreamReader, up_writer: asyncio.StreamWriter, heard: asyncio.Event) -> None:
        while data := await reader.read(1 << 16):
            if self.mark in data and self.cuts < self.times:
                self.cuts += 1
                if self.moment == "after":
                    heard.set()
                    up_writer.write(data)
                    await up_writer.drain()
                    await asyncio.sleep(SWALLOW_S)
                return
            up_writer.write(data)
            await up_writer.drain()

    async def _answer(
        self, up_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: asyncio.Event
    ) -> None:
        while data := await up_reader.read(1 << 16):
            if not heard.is_set():
                writer.write(data)
                await writer.drain()


@asynccontextmanager
async def proxy_to(emulator: Emulator) -> AsyncIterator[Proxy]:
    proxy = Proxy(emulator)
    proxy.server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = proxy.server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        await proxy.leave()
