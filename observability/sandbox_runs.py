"""A sandbox whose runs are watched: counted, and shown as spans where somebody looks."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import PurePath

from core.ports import Sandbox, SandboxProvider
from core.sandboxes import Demo, Limits, Probe, RunResult, Toolchain

RunWatch = Callable[[str, Toolchain, str], AbstractContextManager[Callable[[RunResult], None]]]
"""Around one run: (task id, toolchain, name of the program) -> a block that is told the result; none when it raises."""


class WatchedSandboxProvider:
    """SandboxProvider around another; every run of its sandboxes is seen by all of `watches`."""

    def __init__(self, inner: SandboxProvider, watches: Sequence[RunWatch]) -> None:
        self._inner = inner
        self._watches = watches

    async def probe(self) -> Probe:
        return await self._inner.probe()

    async def open(self, task_id: str, toolchain: Toolchain, files: Mapping[str, bytes | str]) -> Sandbox:
        """Raises Refused, with how to fix it, when the probe fails."""
        return _WatchedSandbox(await self._inner.open(task_id, toolchain, files), task_id, toolchain, self._watches)

    async def close(self) -> None:
        await self._inner.close()


class _WatchedSandbox:
    def __init__(self, inner: Sandbox, task_id: str, toolchain: Toolchain, watches: Sequence[RunWatch]) -> None:
        self._inner = inner
        self._task_id, self._toolchain = task_id, toolchain
        self._watches = watches

    async def write(self, files: Mapping[str, bytes | str]) -> None:
        await self._inner.write(files)

    async def read(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        return await self._inner.read(paths)

    async def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        outputs: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> RunResult:
        program = PurePath(argv[0]).name if argv else ""
        with ExitStack() as stack:
            told = [stack.enter_context(watch(self._task_id, self._toolchain, program)) for watch in self._watches]
            result = await self._inner.run(argv, env=env, outputs=outputs, limits=limits)
            for tell in told:
                tell(result)
            return result

    async def serve(self, argv: Sequence[str], *, port: int, ttl_s: float = 3600.0) -> Demo:
        return await self._inner.serve(argv, port=port, ttl_s=ttl_s)

    async def close(self) -> None:
        await self._inner.close()
