"""Calls of E2B's SDK under deadlines of our own, and what its many exceptions mean in one sentence.

The SDK's own timeout of a stream does not fire on Python 3.11, so none of them is relied upon.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from e2b import (
    AuthenticationException,
    CommandExitException,
    NotEnoughSpaceException,
    RateLimitException,
    SandboxException,
    SandboxNotFoundException,
    ServiceBusyException,
    TimeoutException,
)
from e2b.exceptions import SandboxNotRunningException

from core.errors import AutonomyError, SandboxError

T = TypeVar("T")
_UNWIND_S = 2.0
_MOST_CHARACTERS = 400


class Lost(SandboxError):
    """The connection broke or no answer came: nothing is known of what was asked, and it may be asked again."""


class Gone(Lost):
    """The machine is no more: killed, or its time was over."""


class Denied(SandboxError):
    """E2B does not accept the key."""


class NoTemplate(SandboxError):
    """E2B has no template of that name for this key."""


async def within(work: Coroutine[Any, Any, T], timeout_s: float) -> T:
    """The result of `work`. Raises TimeoutError; then, and when this is cancelled, `work` is cancelled too.

    It is waited for only shortly: the SDK is not trusted to unwind.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(_seen)
    try:
        await asyncio.wait({task}, timeout=timeout_s)
    except asyncio.CancelledError:
        await _ended(task)
        raise
    if not task.done():
        await _ended(task)
        raise TimeoutError
    return task.result()


class Caller:
    """Makes calls with a deadline each, `tries` times where nothing came of it; `secret` never appears in an error."""

    def __init__(self, secret: str, *, timeout_s: float, tries: int = 3, wait_s: float = 0.5) -> None:
        self._secret = secret
        self._timeout_s = timeout_s
        self._tries = tries
        self._wait_s = wait_s

    async def again(self, what: str, make: Callable[[], Coroutine[Any, Any, T]], timeout_s: float | None = None) -> T:
        """`once`, repeated when the connection was lost; for what may be done twice."""
        for attempt in range(1, self._tries):
            try:
                return await self.once(what, make(), timeout_s)
            except Gone:
                raise
            except Lost:
                await asyncio.sleep(self._wait_s * attempt)
        return await self.once(what, make(), timeout_s)

    async def once(self, what: str, work: Coroutine[Any, Any, T], timeout_s: float | None = None) -> T:
        """`what` completes "E2B could not ...". Raises SandboxError."""
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        try:
            return await within(work, limit_s)
        except TimeoutError as error:
            raise Lost(f"E2B could not {what}: no answer within {limit_s:g} s") from error
        except Exception as error:  # the SDK raises its own, httpx's, connectrpc's and plain Exception
            raise self.meaning(what, error) from error

    def meaning(self, what: str, error: Exception) -> AutonomyError:
        """The error of ours that `error` stands for."""
        if isinstance(error, AutonomyError):
            return error
        words = self._words(error)
        message = f"E2B could not {what}: {words}"
        if isinstance(error, AuthenticationException):
            return Denied(f"{message}. Set E2B_API_KEY to a key of your team")
        if isinstance(error, SandboxNotFoundException | SandboxNotRunningException):
            return Gone(f"E2B could not {what}: the machine is gone (killed, or its time was over)")
        if isinstance(error, RateLimitException | ServiceBusyException):
            return SandboxError(f"{message}. Wait, or let fewer tasks run at once")
        if isinstance(error, NotEnoughSpaceException | CommandExitException):
            return SandboxError(message)
        if isinstance(error, SandboxException) and not isinstance(error, TimeoutException):
            return self._of_status(error, message)
        return Lost(message)

    def _of_status(self, error: SandboxException, message: str) -> SandboxError:
        status = error.status_code or 0
        if status in (403, 404) and "template" in message:
            return NoTemplate(message)
        return Lost(message) if status >= 500 else SandboxError(message)

    def _words(self, error: Exception) -> str:
        text = " ".join(str(error).split()) or type(error).__name__
        hidden = text.replace(self._secret, "***") if self._secret else text
        return hidden[:_MOST_CHARACTERS].rstrip(".")


async def quietly(work: Awaitable[object]) -> None:
    """Do `work`, whose failure changes nothing."""
    try:
        await work
    except SandboxError:
        return


async def _ended(task: "asyncio.Future[T]") -> None:
    task.cancel()
    await asyncio.wait({task}, timeout=_UNWIND_S)


def _seen(task: "asyncio.Future[T]") -> None:
    if not task.cancelled():
        task.exception()
