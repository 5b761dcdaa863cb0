"""A sandbox that gives each run more time than it is asked to: other tests share the machine, and must decide no check."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.ports import Sandbox, SandboxProvider
from core.sandboxes import Demo, Limits, Probe, RunResult, Toolchain

TIMES = 4


class PatientProvider:
    """SandboxProvider around another. Bounds of CPU time and memory stay as they are."""

    def __init__(self, inner: SandboxProvider) -> None:
        self._inner = inner

    async def probe(self) -> Probe:
        return await self._inner.probe()

    async def open(self, task_id: str, toolchain: Toolchain, files: Mapping[str, bytes | str]) -> Sandbox:
        return _Patient(await self._inner.open(task_id, toolchain, files))

    async def close(self) -> None:
        await self._inner.close()


class _Patient:
    def __init__(self, inner: Sandbox) -> None:
        self._inner = inner

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
        given = limits or Limits()
        longer = replace(given, wall_s=TIMES * given.wall_s)
        return await self._inner.run(argv, env=env, outputs=outputs, limits=longer)

    async def serve(self, argv: Sequence[str], *, port: int, ttl_s: float = 3600.0) -> Demo:
        return await self._inner.serve(argv, port=port, ttl_s=ttl_s)

    async def close(self) -> None:
        await self._inner.close()
