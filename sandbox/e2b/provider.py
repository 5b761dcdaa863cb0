"""The sandboxes of E2B behind the port: the same files, boxes and limits as on this machine, on a machine per task."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from core.errors import Refused, SandboxError
from core.ports import Clock
from core.sandboxes import Demo, Limits, Probe, RunResult, Toolchain
from sandbox.bwrap import PRIVATE_UID
from sandbox.e2b.calls import Caller, Lost
from sandbox.e2b.cloud import Account, Cloud
from sandbox.e2b.demos import DemoUrl, RemoteDemos, public_url
from sandbox.e2b.machine import Life, Machine, Setting, Task
from sandbox.e2b.machines import Machines
from sandbox.e2b.probing import BACKEND, Need, examine
from sandbox.files import BoxFiles, checked_argv, checked_env, checked_patterns
from sandbox.refusing import refusal

T = TypeVar("T")
TOOLCHAINS = "/opt/autonomy/toolchains"
"""Where the template has them."""

_TRIES = 2


@dataclass(frozen=True)
class Options:
    """`template` is E2B's name of the one built from sandbox/e2b/template; `installation` tells our machines from others'.

    `claim_s` after the start, machines of an earlier one that no task has asked for are ended. `needs` is what the probe demands.
    Seconds: `call_s` for a call to E2B, `own_s` for what a run needs beyond its command.
    """

    template: str
    installation: str
    life: Life = field(default_factory=Life)
    max_parallel: int = 4
    max_demos: int = 5
    claim_s: float = 900.0
    toolchains: str = TOOLCHAINS
    needs: tuple[Need, ...] = ("python", "node")
    call_s: float = 60.0
    own_s: float = 60.0


class E2BSandboxProvider:
    """Makes sandboxes in E2B's cloud. `url` gives demos their address; E2B's own names when None."""

    def __init__(self, account: Account, options: Options, clock: Clock, url: DemoUrl | None = None) -> None:
        life = options.life
        renew_s = min(life.renew_s, life.whole_s / 3)
        caller = Caller(account.api_key, timeout_s=options.call_s)
        service = uuid.uuid4().hex
        cloud = Cloud(account, caller, template=options.template, installation=options.installation, service=service)
        setting = Setting(PRIVATE_UID, options.toolchains, options.own_s)
        self._options = options
        self._machines = Machines(cloud, setting, replace(life, renew_s=renew_s), clock, claim_s=options.claim_s)
        self._shared = _Shared(
            self._machines,
            RemoteDemos(options.max_demos, clock, url or public_url),
            asyncio.Semaphore(options.max_parallel),
            set(),
        )
        self._probing = asyncio.Lock()
        self._probed: Probe | None = None

    async def probe(self) -> Probe:
        """A real machine with a real box; only success is remembered. The first success looks for what earlier starts left."""
        async with self._probing:
            if self._probed is None:
                found = await examine(self._machines, self._options.template, self._options.needs)
                if not found.ok:
                    return found
                await self._machines.sweep()
                self._probed = found
            return self._probed

    async def open(self, task_id: str, toolchain: Toolchain, files: Mapping[str, bytes | str]) -> "E2BSandbox":
        """See the port. The task's machine is used, found again or made. Raises SandboxError when that cannot be done."""
        probe = await self.probe()
        if not probe.ok:
            raise Refused(refusal(probe), backend=BACKEND)
        kept = BoxFiles(Limits().box_size)
        kept.put(files)
        await self._machines.take(task_id)
        return E2BSandbox(self._shared, task_id, toolchain, kept)

    async def close(self) -> None:
        runs = set(self._shared.runs)
        for run in runs:
            run.cancel()
        if runs:
            await asyncio.wait(runs)
        await self._shared.demos.close()
        await self._machines.close()


@dataclass(frozen=True)
class _Shared:
    """What the sandboxes of one provider share."""

    machines: Machines
    demos: RemoteDemos
    turns: asyncio.Semaphore
    runs: "set[asyncio.Task[RunResult]]"


class E2BSandbox:
    """Files in memory; each run gets them in a fresh box on the task's machine. Runs may go on side by side."""

    def __init__(self, shared: _Shared, task_id: str, toolchain: Toolchain, files: BoxFiles) -> None:
        self._shared = shared
        self._task_id = task_id
        self._toolchain: Toolchain = toolchain
        self._files = files
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
        """See the port. A run whose machine or connection was lost is begun once more, on a new machine if need be."""
        self._check_open()
        task = replace(self._task(argv), env=tuple(checked_env(env).items()), outputs=tuple(checked_patterns(outputs)))
        bounds = limits or Limits()
        async with self._shared.turns:
            run = asyncio.create_task(self._on_machine(lambda machine: machine.run(task, bounds)))
            self._shared.runs.add(run)
            run.add_done_callback(self._shared.runs.discard)
            result = await run
        self._files.put(result.files)
        return result

    async def serve(self, argv: Sequence[str], *, port: int, ttl_s: float = 3600.0) -> Demo:
        """See the port; shown at a public HTTPS address, for whoever knows it. It ends with this sandbox or after `ttl_s`."""
        self._check_open()
        task = self._task(argv)
        demo = await self._on_machine(lambda machine: self._shared.demos.start(machine, task, port, ttl_s))
        self._demo_ids.append(demo.demo_id)
        return demo

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        for demo_id in self._demo_ids:
            await self._shared.demos.stop(demo_id)
        self._shared.machines.give_back(self._task_id)

    async def _on_machine(self, work: Callable[[Machine], Awaitable[T]]) -> T:
        """`work` on the task's machine; once more where the machine or the connection was lost."""
        machine = await self._shared.machines.take(self._task_id)
        try:
            for _ in range(_TRIES - 1):
                try:
                    async with machine.at_work():
                        return await work(machine)
                except Lost:
                    machine = await self._shared.machines.again(self._task_id, machine)
            async with machine.at_work():
                return await work(machine)
        finally:
            self._shared.machines.give_back(self._task_id)

    def _task(self, argv: Sequence[str]) -> Task:
        return Task(tuple(checked_argv(argv)), self._toolchain, self._files.packed())

    def _check_open(self) -> None:
        if self._closed:
            raise SandboxError("this sandbox is closed")
