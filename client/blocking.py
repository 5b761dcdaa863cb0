"""The client for programs that wait for each answer."""

import time
from collections.abc import Generator, Iterator
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


class AutonomyClient(Methods):
    """Drives the service at `address` (`http://...`, `https://...`, `unix:/path`). Close it, or use it in a `with`.

    `caller` says whose turn its tasks take, `via` what kind of client answers (`decided_via`), `name` what
    messages call the service instead of its address. `trust_env`: proxies and
    certificates of the surroundings count. One client may be shared by threads.
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
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._connection = Connection(address, api_key, caller, via, trust_env, name)
        self._retries = retries or Retries()
        socket = self._connection.socket
        if transport is None and socket is not None:
            transport = httpx.HTTPTransport(uds=socket, verify=False)  # there is no TLS to verify on a socket
        self._http = httpx.Client(**self._connection.options, transport=transport)

    @property
    def address(self) -> str:
        return self._connection.shown

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def send(self, call: Call[T]) -> T:
        """Make a call, again where that is right. Raises ServiceError."""
        attempts = Attempts(self._connection, self._retries, repeatable=call.repeatable)
        while True:
            try:
                response = self._exchange(call)
                return self._connection.take(call, response)
            except (httpx.TransportError, ServiceError) as error:
                pause_s = attempts.pause_s(error)
            time.sleep(pause_s)

    def _exchange(self, call: Call[T]) -> httpx.Response:
        body: dict[str, Any] = {} if call.sent is None else {"content": pieces(call.sent)}
        if call.into is None:
            return self._http.request(call.method, call.path, **call.options, **body)
        with self._http.stream(call.method, call.path, **call.options, **body) as response:
            if response.is_error:
                response.read()
                return response
            with arriving(call.into) as file:
                for piece in response.iter_bytes():
                    file.write(piece)
            return response

    def items(self, pages: Pages[T]) -> Iterator[T]:
        """The items of all pages."""
        call: Call[httpx.Response] | None = pages.first
        while call is not None:
            found, call = self._connection.read(pages.read, self.send(call))
            yield from found

    def run(self, steps: Steps[T]) -> T:
        """Make calls that depend on each other."""
        try:
            step = next(steps)
            while True:
                if isinstance(step, float):
                    time.sleep(step)
                    step = next(steps)
                else:
                    step = steps.send(self.send(step))
        except StopIteration as end:
            result: T = end.value
            return result

    def events(self, task_id: str | None = None, *, after: int | None = None) -> Generator[StoredEvent, None, None]:
        """Events as they happen: of a task all from its beginning until it ends, of all tasks (None) those from now on.

        With `after` those behind that position. None is missed or repeated when the connection breaks. Pieces of answers
        (LlmDelta) have position 0 and come only while they are written.
        """
        following = self.run(begin(self.address, self._retries, task_id, after))
        while not following.ended:
            problem = None
            try:
                yield from self._stream(following)
            except httpx.TransportError as error:
                problem = self._connection.explain(error)
            if not following.ended:
                time.sleep(following.pause_s(problem))

    def _stream(self, following: Following) -> Iterator[StoredEvent]:
        call = following.call
        with self._http.stream(call.method, call.path, **call.options) as response:
            if following.refused(response):
                response.read()
                raise following.why(response)
            for line in response.iter_lines():
                if (event := following.take(line)) is not None:
                    yield event
                if following.ended:
                    return
