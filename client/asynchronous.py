"""The client for programs that do other things while they wait."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from client.connecting import Attempts, Connection
from client.errors import ServiceError
from client.events import StoredEvent
from client.files import arriving, pieces
from client.following import Following, begin
from client.methods import Methods
from client.requests import Call, Pages, Steps
from client.retrying import Retries

T = TypeVar("T")


class AsyncAutonomyClient(Methods):
    """Drives the service at `address` (`http://...`, `https://...`, `unix:/path`). Close it, or use it in an `async with`.

    `caller` says whose turn its tasks take, `via` what kind of client answers (`decided_via`), `name` what
    messages call the service instead of its address. `trust_env`: proxies and
    certificates of the surroundings count.
    """

    def __init__(
        self,
        address: str,
        *,
        api_key: str | None = None,
        caller: str | None = None,
        via: str = "client",
        name: str = "",
        retries: Retries | None = None,
        trust_env: bool = True,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._connection = Connection(address, api_key, caller, via, trust_env, name)
        self._retries = retries or Retries()
        socket = self._connection.socket
        if transport is None and socket is not None:
            transport = httpx.AsyncHTTPTransport(uds=socket, verify=False)  # there is no TLS to verify on a socket
        self._http = httpx.AsyncClient(**self._connection.options, transport=transport)

    @property
    def address(self) -> str:
        return self._connection.shown

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def send(self, call: Call[T]) -> T:
        """Make a call, again where that is right. Raises ServiceError."""
        attempts = Attempts(self._connection, self._retries, repeatable=call.repeatable)
        while True:
            try:
                response = await self._exchange(call)
                return self._connection.take(call, response)
            except (httpx.TransportError, ServiceError) as error:
                pause_s = attempts.pause_s(error)
            await asyncio.sleep(pause_s)

    async def _exchange(self, call: Call[T]) -> httpx.Response:
        body: dict[str, Any] = {} if call.sent is None else {"content": _in_turn(pieces(call.sent))}
        if call.into is None:
            return await self._http.request(call.method, call.path, **call.options, **body)
        async with self._http.stream(call.method, call.path, **call.options, **body) as response:
            if response.is_error:
                await response.aread()
                return response
            with arriving(call.into) as file:
                async for piece in response.aiter_bytes():
                    await asyncio.to_thread(file.write, piece)
            return response

    async def items(self, pages: Pages[T]) -> AsyncIterator[T]:
        """The items of all pages."""
        call: Call[httpx.Response] | None = pages.first
        while call is not None:
            found, call = self._connection.read(pages.read, await self.send(call))
            for item in found:
                yield item

    async def run(self, steps: Steps[T]) -> T:
        """Make calls that depend on each other."""
        try:
            step = next(steps)
            while True:
                if isinstance(step, float):
                    await asyncio.sleep(step)
                    step = next(steps)
                else:
                    step = steps.send(await self.send(step))
        except StopIteration as end:
            result: T = end.value
            return result

    async def events(
        self, task_id: str | None = None, *, after: int | None = None
    ) -> AsyncGenerator[StoredEvent, None]:
        """Events as they happen: of a task all from its beginning until it ends, of all tasks (None) those from now on.

        With `after` those behind that position. None is missed or repeated when the connection breaks. Pieces of answers
        (LlmDelta) have position 0 and come only while they are written.
        """
        following = await self.run(begin(self.address, self._retries, task_id, after))
        while not following.ended:
            problem = None
            try:
                async with aclosing(self._stream(following)) as stream:
                    async for event in stream:
                        yield event
            except httpx.TransportError as error:
                problem = self._connection.explain(error)
            if not following.ended:
                await asyncio.sleep(following.pause_s(problem))

    async def _stream(self, following: Following) -> AsyncGenerator[StoredEvent, None]:
        call = following.call
        async with self._http.stream(call.method, call.path, **call.options) as response:
            if following.refused(response):
                await response.aread()
                raise following.why(response)
            async for line in response.aiter_lines():
                if (event := following.take(line)) is not None:
                    yield event
                if following.ended:
                    return


async def _in_turn(given: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Read in a thread, so that others go on meanwhile."""
    while (piece := await asyncio.to_thread(next, given, None)) is not None:
        yield piece
