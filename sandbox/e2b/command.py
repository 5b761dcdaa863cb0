"""One command on a machine: what its agent says, its end, and how it is stopped."""

import asyncio
import contextlib

from e2b import AsyncCommandHandle, CommandExitException

from core.errors import SandboxError
from sandbox.e2b.calls import Caller, Lost, quietly
from sandbox.e2b.wire import MARK

_STOP_S = 5.0
_SAY_S = 5.0
_LEAVE_S = 2.0
_COMPLAINT = 2000


class Hearing:
    """The agent's standard output, at most `most` characters of it, and the end of its standard error."""

    def __init__(self, most: int) -> None:
        self.line: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.complaint = ""
        self._most = most
        self._parts: list[str] = []
        self._size = 0

    def hear(self, text: str) -> None:
        """Called by the SDK with each piece."""
        if self.line.done():
            return
        self._size += len(text)
        if self._size > self._most:
            self.line.set_exception(SandboxError("the machine sends more than an honest agent does"))
            return
        self._parts.append(text)
        if "\n" in text:
            self._look()

    def hear_complaint(self, text: str) -> None:
        self.complaint = (self.complaint + text)[-_COMPLAINT:]

    def _look(self) -> None:
        *lines, rest = "".join(self._parts).split("\n")
        self._parts = [rest]
        if marked := [line for line in lines if line.startswith(MARK)]:
            self.line.set_result(marked[0])


class Command:
    """A command that was started. Leave it through `stop`, always."""

    def __init__(self, handle: "AsyncCommandHandle[None]", hearing: Hearing, caller: Caller) -> None:
        self._handle = handle
        self._hearing = hearing
        self._caller = caller
        self.ended = asyncio.create_task(self._wait(), name=f"e2b-command-{handle.pid}")
        hearing.line.add_done_callback(_seen)

    async def line(self, timeout_s: float) -> str:
        """The first thing the agent says. Raises SandboxError; Lost when it may be asked again."""
        both: set[asyncio.Future[object]] = {self._hearing.line, self.ended}  # type: ignore[arg-type]  # only waited for
        await asyncio.wait(both, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if self._hearing.line.done():
            return self._hearing.line.result()
        if not self.ended.done():
            raise SandboxError(f"the machine did not answer within {timeout_s:g} s; the run was ended")
        if lost := self.ended.result():
            raise lost
        raise SandboxError(
            f"the agent on the machine ended without an answer: {self._hearing.complaint.strip()[-500:]}"
        )

    async def finish(self) -> None:
        """After its answer: it ends by itself, or is ended."""
        if self._hearing.line.done():
            await asyncio.wait({self.ended}, timeout=_LEAVE_S)
        await self.stop()

    async def stop(self) -> None:
        """End it, and all it has started; what cannot be reached is left to its own limits."""
        if not self.ended.done():
            await self._say_stop()
        if self.ended.cancelled() or (self.ended.done() and self.ended.result() is None):
            return
        await quietly(self._caller.once("end a command", self._handle.kill(), _SAY_S))
        await asyncio.wait({self.ended}, timeout=_LEAVE_S)
        if not self.ended.done():
            self.ended.cancel()
            await asyncio.wait({self.ended}, timeout=_LEAVE_S)

    async def _say_stop(self) -> None:
        with contextlib.suppress(SandboxError):
            await self._caller.once("stop a command", self._handle.send_stdin("stop\n"), _SAY_S)
            await asyncio.wait({self.ended}, timeout=_STOP_S)

    async def _wait(self) -> SandboxError | None:
        """Until it has ended; what went wrong with the connection, if something did."""
        try:
            await self._handle.wait()
        except CommandExitException as error:
            self._hearing.hear_complaint(f"\nexit code {error.exit_code}")
        except Exception as error:  # the SDK raises its own, connectrpc's and plain Exception
            meant = self._caller.meaning("follow a command", error)
            return meant if isinstance(meant, SandboxError) else Lost(str(meant))
        return None


def _seen(line: "asyncio.Future[str]") -> None:
    if not line.cancelled():
        line.exception()
