"""The local sandbox: every run in a fresh bubblewrap box of its own, without network, within limits."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.errors import Refused, SandboxError
from core.sandboxes import Demo, Limits, Probe, RunResult, Toolchain
from sandbox import leftovers
from sandbox.box import Job
from sandbox.command import Launcher, Mounts, payload_command
from sandbox.demos import Demos, Shown
from sandbox.files import BoxFiles, checked_argv, checked_env, checked_patterns
from sandbox.mounts import mounts_for
from sandbox.probing import examine
from sandbox.refusing import refusal
from sandbox.toolchain import Toolchains
from sandbox.workers import Workers

PRIVATE_UID = 64123
"""What root becomes before it starts bubblewrap: a number that nothing else on the machine uses."""


class LocalSandboxProvider:
    """Makes sandboxes on this machine.

    `bwrap` is the program; `state_dir` a folder of this process for the sockets of demos; `max_parallel` runs go on at once
    (the number of cores when None) and the rest wait; `shown` is where demos are; `uid` is what root becomes, ignored when
    the process is not root.
    """

    def __init__(
        self,
        *,
        bwrap: Path,
        toolchains: Toolchains,
        state_dir: Path,
        max_parallel: int | None = None,
        max_demos: int = 5,
        uid: int = PRIVATE_UID,
        shown: Shown | None = None,
    ) -> None:
        parallel = max_parallel or os.cpu_count() or 1
        self._toolchains = toolchains
        self._launcher = Launcher(bwrap, uid if os.geteuid() == 0 else None)
        self._workers = Workers(self._launcher, parallel + max_demos)
        self._turns = asyncio.Semaphore(parallel)
        self._demos = Demos(self._workers, state_dir / "demos", max_demos, shown)
        self._probed: Probe | None = None

    async def probe(self) -> Probe:
        """A real start with the real command line; only success is remembered, so that a repair is noticed."""
        if self._probed is None:
            found = await asyncio.to_thread(examine, self._launcher)
            self._workers.cgroups = found.cgroups
            if not found.probe.ok:
                return found.probe
            if self._probed is None:  # two may have asked at once
                self._demos.sweep()
                await asyncio.to_thread(leftovers.remove)
            self._probed = found.probe
        return self._probed

    async def open(self, task_id: str, toolchain: Toolchain, files: Mapping[str, bytes | str]) -> "LocalSandbox":
        probe = await self.probe()
        if not probe.ok:
            raise Refused(refusal(probe), backend=probe.backend)
        sandbox = LocalSandbox(self._workers, self._turns, self._demos, mounts_for(toolchain, self._toolchains))
        await sandbox.write(files)
        return sandbox

    async def close(self) -> None:
        await self._demos.close()
        await self._workers.close()


class LocalSandbox:
    """Files in memory; each run gets a fresh box with them in /box. Runs may go on side by side."""

    def __init__(self, workers: Workers, turns: asyncio.Semaphore, demos: Demos, mounts: Mounts) -> None:
        self._workers = workers
        self._turns = turns
        self._demos = demos
        self._mounts = mounts
        self._files = BoxFiles(Limits().box_size)
        self._demo_ids: list[str] = []
        self._closed = False

    async def write(self, files: Mapping[str, bytes | str]) -> None:
        """Raises PathRefused, TooLarge; then nothing was written."""
        self._files.put(files)

    async def read(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        return self._files.get(paths)

    async def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        outputs: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> RunResult:
        """See the port. `outputs` are paths or shell patterns; a folder stands for all that is in it."""
        self._check_open()
        limits = limits or Limits()
        payload = payload_command(checked_argv(argv), checked_env(env), checked_patterns(outputs), limits)
        async with self._turns:
            result = await self._workers.run(Job(payload, self._mounts, limits, self._files.packed()))
        self._files.put(result.files)
        return result

    async def serve(self, argv: Sequence[str], *, port: int, ttl_s: float = 3600.0) -> Demo:
        """See the port. The demo ends with this sandbox, with its process, or after `ttl_s`.

        Raises TooManyTasks when the most demos run, SandboxError when the server does not answer in time or ends.
        """
        self._check_open()
        demo = await self._demos.start(checked_argv(argv), self._mounts, self._files.packed(), port, ttl_s)
        self._demo_ids.append(demo.demo_id)
        return demo

    async def close(self) -> None:
        self._closed = True
        for demo_id in self._demo_ids:
            await self._demos.stop(demo_id)

    def _check_open(self) -> None:
        if self._closed:
            raise SandboxError("this sandbox is closed")
