"""Threads in which boxes are supervised. Each box belongs to one thread, which lives as long as the box.

That matters: the kernel ends a box when the thread that started it ends.
"""

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from core.errors import SandboxError
from core.sandboxes import RunResult
from sandbox import supervise
from sandbox.box import Box, Job
from sandbox.cgroups import Cgroups
from sandbox.command import Launcher
from sandbox.supervise import Stop

_CLOSE_S = 30.0


class Workers:
    """Runs jobs, at most `threads` at once. `cgroups` may be set before the first."""

    def __init__(self, launcher: Launcher, threads: int) -> None:
        self.cgroups: Cgroups | None = None
        self._launcher = launcher
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="box")
        self._running: dict[asyncio.Future[RunResult], Stop] = {}
        self._closed = False

    async def run(self, job: Job, on_start: Callable[[Box], None] | None = None) -> RunResult:
        """Run to the end. When this is cancelled, the box is ended first. `on_start` is called in the box's thread."""
        if self._closed:
            raise SandboxError("the sandbox is shutting down")
        stop = Stop()
        work = functools.partial(supervise.run, self._launcher, job, self.cgroups, stop, on_start)
        future = asyncio.get_running_loop().run_in_executor(self._executor, work)
        self._running[future] = stop
        future.add_done_callback(self._forget)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            if not future.done():
                stop.set()
                await asyncio.wait([future])
            raise

    async def close(self) -> None:
        """End every box and its thread; nothing can be run after that."""
        self._closed = True
        for stop in self._running.values():
            stop.set()
        if self._running:
            await asyncio.wait(list(self._running), timeout=_CLOSE_S)
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _forget(self, future: "asyncio.Future[RunResult]") -> None:
        self._running.pop(future).close()
        if not future.cancelled():
            future.exception()  # marks it as seen: whoever waited may have been cancelled
