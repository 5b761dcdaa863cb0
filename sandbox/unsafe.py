"""The sandbox that is none: generated code as an ordinary process, for people who have asked for it by name.

It keeps time and resource limits and an empty environment; it keeps nobody from reading your files or using the network.
"""

import asyncio
import contextlib
import os
import shutil
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import Refused, SandboxError, TooManyTasks
from core.sandboxes import Demo, Limits, Probe, RunResult, Toolchain
from sandbox.command import Mounts
from sandbox.files import BoxFiles, checked_argv, checked_env, checked_patterns
from sandbox.mounts import mounts_for
from sandbox.refusing import refusal
from sandbox.toolchain import Toolchains
from sandbox.unisolated import collect, execute

OPT_IN = "yes-i-understand"
BACKEND = "unsafe-subprocess"
_START_S = 60.0
_POLL_S = 0.1
_TAIL = 2000
_ENFORCED = ("wall time", "cpu time per process", "file size", "open files", "memory per process")
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass
class _Demo:
    demo: Demo
    run: "asyncio.Task[RunResult]"


@dataclass
class _Shared:
    """What the sandboxes of one provider share."""

    folder: Path
    turns: asyncio.Semaphore
    max_demos: int
    demos: dict[str, _Demo] = field(default_factory=dict)
    runs: "set[asyncio.Task[RunResult]]" = field(default_factory=set)


class UnsafeSubprocessProvider:
    """`opt_in` must be OPT_IN and `uid` not 0, or nothing is run. `state_dir` holds the folders of runs."""

    def __init__(
        self,
        *,
        opt_in: str,
        toolchains: Toolchains,
        state_dir: Path,
        max_parallel: int | None = None,
        max_demos: int = 5,
        uid: int | None = None,
    ) -> None:
        self._allowed = opt_in == OPT_IN
        self._uid = os.geteuid() if uid is None else uid
        self._toolchains = toolchains
        turns = asyncio.Semaphore(max_parallel or os.cpu_count() or 1)
        self._shared = _Shared(state_dir / "unsafe", turns, max_demos)

    async def probe(self) -> Probe:
        if not self._allowed:
            fix = f"Set SANDBOX_ALLOW_UNSANDBOXED={OPT_IN} if you accept that, or use an isolating backend"
            return Probe(
                BACKEND, False, "running generated code without isolation was not allowed", fix, isolation="none"
            )
        if self._uid == 0:
            reason = "generated code is never run unisolated as root"
            return Probe(BACKEND, False, reason, "Start the service as an ordinary user", isolation="none")
        return Probe(BACKEND, True, isolation="none", enforced=_ENFORCED)

    async def open(self, task_id: str, toolchain: Toolchain, files: Mapping[str, bytes | str]) -> "UnsafeSandbox":
        probe = await self.probe()
        if not probe.ok:
            raise Refused(refusal(probe), backend=BACKEND)
        sandbox = UnsafeSandbox(self._shared, mounts_for(toolchain, self._toolchains))
        await sandbox.write(files)
        return sandbox

    async def close(self) -> None:
        running = {*self._shared.runs, *(demo.run for demo in self._shared.demos.values())}
        for run in running:
            run.cancel()
        if running:
            await asyncio.wait(running)


class UnsafeSandbox:
    """Files in memory; each run gets a fresh folder with them, which is removed after it."""

    def __init__(self, shared: _Shared, mounts: Mounts) -> None:
        self._shared = shared
        self._mounts = mounts
        self._files = BoxFiles(Limits().box_size)
        self._demo_ids: list[str] = []
        self._closed = False

    async def write(self, files: Mapping[str, bytes | str]) -> None:
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
        """See the port."""
        self._check_open()
        what = checked_argv(argv), checked_env(env), checked_patterns(outputs), limits or Limits()
        async with self._shared.turns:
            task = asyncio.create_task(self._run(*what))
            self._shared.runs.add(task)
            task.add_done_callback(self._shared.runs.discard)
            result = await task
        self._files.put(result.files)
        return result

    async def serve(self, argv: Sequence[str], *, port: int, ttl_s: float = 3600.0) -> Demo:
        """The server listens on `port` of this machine itself, since there is no other network it could have."""
        self._check_open()
        if len(self._shared.demos) >= self._shared.max_demos:
            raise TooManyTasks(f"{self._shared.max_demos} demos run already; close one or wait", retry_after_s=60)
        demo = Demo(uuid.uuid4().hex[:12], f"http://127.0.0.1:{port}", time.time() + ttl_s)
        limits = Limits(wall_s=ttl_s, cpu_s=max(1, int(ttl_s)))
        run = asyncio.create_task(self._run(checked_argv(argv), {}, (), limits))
        self._shared.demos[demo.demo_id] = _Demo(demo, run)
        run.add_done_callback(lambda _: self._shared.demos.pop(demo.demo_id, None))
        try:
            await _answering(port, run)
        except BaseException:
            await _cancelled(run)
            raise
        self._demo_ids.append(demo.demo_id)
        return demo

    async def close(self) -> None:
        self._closed = True
        for demo_id in self._demo_ids:
            if running := self._shared.demos.get(demo_id):
                await _cancelled(running.run)

    async def _run(
        self, argv: Sequence[str], env: Mapping[str, str], outputs: Sequence[str], limits: Limits
    ) -> RunResult:
        """In a thread; when this is cancelled the process is ended first."""
        stop = threading.Event()
        work = asyncio.create_task(asyncio.to_thread(self._in_folder, argv, env, outputs, limits, stop))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait([work])
            if not work.cancelled():
                work.exception()
            raise

    def _in_folder(
        self, argv: Sequence[str], env: Mapping[str, str], outputs: Sequence[str], limits: Limits, stop: threading.Event
    ) -> RunResult:
        folder = self._shared.folder / uuid.uuid4().hex[:12]
        box = folder / "box"
        (folder / "tmp").mkdir(parents=True, mode=0o700)
        try:
            self._files.unpack(box)
            for inside, source in (self._mounts.placed or {}).items():
                link = box / Path(inside).relative_to("/box")
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(source)
            result = execute(argv, box, {**self._environment(folder), **env}, limits, stop)
            found = collect(box, outputs, limits)
            return replace(result, files=found.files, refused=found.refused)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _environment(self, folder: Path) -> dict[str, str]:
        path = ":".join([*map(str, self._mounts.path), _SYSTEM_PATH])
        temporary = str(folder / "tmp")
        return {"PATH": path, "HOME": temporary, "TMPDIR": temporary, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}

    def _check_open(self) -> None:
        if self._closed:
            raise SandboxError("this sandbox is closed")


async def _answering(port: int, run: "asyncio.Task[RunResult]") -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if run.done():
            result = run.result()
            raise SandboxError(
                f"the server ended with code {result.exit_code} before it answered: {result.output[-_TAIL:]}"
            )
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(5.0):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.wait([run], timeout=_POLL_S)
    raise SandboxError(f"the server did not accept a connection within {_START_S:g} s")


async def _cancelled(run: "asyncio.Task[RunResult]") -> None:
    run.cancel()
    await asyncio.wait([run])
