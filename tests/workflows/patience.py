"""A sandbox that gives each run more time than it is asked to: other tests share the machine, and must decide no check."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.ports import Sandbox, SandboxProvider
from core.sandboxes import Limits, RunResult, Toolchain

TIMES = 4


class PatientProvider:
    """SandboxProvider around another. Bounds of CPU time and memory stay as they are."""

    def __init__(self, inner: SandboxProvider) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def open(self, task_id: str, toolchain: Toolchain, files: Mapping[str, bytes | str]) -> "_Patient":
        return _Patient(await self._inner.open(task_id, toolchain, files))


class _Patient:
    def __init__(self, inner: Sandbox) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def run(self, argv: Sequence[str], *, limits: Limits | None = None, **options: Any) -> RunResult:
        given = limits or Limits()
        return await self._inner.run(argv, limits=replace(given, wall_s=TIMES * given.wall_s), **options)
