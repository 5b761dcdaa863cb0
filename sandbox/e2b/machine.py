"""One virtual machine: takes the agent, then jobs, each answered by one line."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import TypeVar

from e2b import AsyncSandbox
from e2b.sandbox.filesystem.filesystem import WriteEntry

from core.errors import SandboxError
from core.ports import Clock
from core.sandboxes import Limits, RunResult, Toolchain
from sandbox.demos import START_S
from sandbox.e2b import wire
from sandbox.e2b.answers import Answer, Probed, Ran, Serving, most_bytes, understood
from sandbox.e2b.calls import Lost, quietly
from sandbox.e2b.cloud import Cloud
from sandbox.e2b.command import Command, Hearing
from sandbox.e2b.shipping import shipment, version

T = TypeVar("T", Probed, Ran, Serving)
_HOME = "~/.autonomy"
_USER = "root"
_UPLOAD_S = 300.0
_SHORT_S = 5.0
_PROBE = Limits(output=4096, artifact_total=0, artifact_files=0)


@dataclass(frozen=True)
class Task:
    """What is to be run. `archive` is a tar of the files."""

    argv: tuple[str, ...]
    toolchain: Toolchain
    archive: bytes
    env: tuple[tuple[str, str], ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Life:
    """Seconds: a machine lives `whole_s` after it was last prolonged, which happens every `renew_s` while it works.

    `idle_s` after the last use it is ended.
    """

    whole_s: int = 3600
    renew_s: float = 600.0
    idle_s: float = 300.0


@dataclass(frozen=True)
class Setting:
    """What every job is told: `uid` to become inside, `toolchains` the folder of them on the machine.

    A job may take `own_s` seconds more than its command: for setting up, packing, sending.
    """

    uid: int
    toolchains: str
    own_s: float = 60.0


class Machine:
    """A machine that was made or found; `working` counts the runs and demos that keep it alive."""

    def __init__(self, cloud: Cloud, remote: AsyncSandbox, setting: Setting, life: Life, clock: Clock) -> None:
        self.machine_id: str = remote.sandbox_id
        self.working = 0
        self.ended = False
        self._cloud = cloud
        self._remote = remote
        self._setting = setting
        self._life = life
        self._clock = clock
        self._renewed_at = clock.now()

    async def prepare(self) -> None:
        """Send the agent. Whole or not, it may be sent again."""
        folder = f"{_HOME}/{version()}"
        files: list[WriteEntry] = [{"path": f"{folder}/{path}", "data": data} for path, data in shipment().items()]
        await self._send(files)

    async def end_earlier(self) -> None:
        """End the commands that an earlier start of this service left running."""
        for process in await self._cloud.caller.again("list the commands", self._remote.commands.list):
            await self._cloud.caller.once("end a command", self._remote.commands.kill(process.pid))

    async def probe(self) -> Probed:
        answer, _ = await self._ask("probe", self._order(), b"", most_bytes(_PROBE), self._setting.own_s)
        return _as(Probed, answer)

    async def run(self, task: Task, limits: Limits) -> RunResult:
        """Raises SandboxError; Lost when the same run may be asked for again."""
        order = self._order(task, limits=[[name, value] for name, value in asdict(limits).items()])
        answer, body = await self._ask(
            "run", order, task.archive, most_bytes(limits), limits.wall_s + self._setting.own_s
        )
        return _as(Ran, answer).result(body, limits)

    async def serve(self, task: Task, port: int, ttl_s: float) -> tuple[Command, int]:
        """The command that serves, and the port of the machine at which it answers. Raises SandboxError."""
        await self.renew()
        order, own_s = self._order(task, port=port, ttl_s=ttl_s), START_S + self._setting.own_s
        command = await self._start("serve", order, task.archive, most_bytes(_PROBE), ttl_s + own_s)
        try:
            answer, _ = understood(await command.line(own_s), most_bytes(_PROBE))
            return command, _as(Serving, answer).port
        except BaseException:
            await command.stop()
            raise

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        self.working += 1
        try:
            yield
        finally:
            self.working -= 1

    async def renew(self, *, now: bool = False) -> None:
        """Prolong its life if that is due. Raises Gone when it has none."""
        if now or self._clock.now() - self._renewed_at >= self._life.renew_s:
            await self._cloud.extend(self.machine_id, self._life.whole_s)
            self._renewed_at = self._clock.now()

    async def answers(self) -> bool:
        """Whether it runs and can be reached, asked once."""
        try:
            return await self._cloud.caller.once("ask a machine", self._remote.is_running(request_timeout=5), 10.0)
        except Lost:
            return False

    def host(self, port: int) -> str:
        """E2B's public name for a port of this machine."""
        name: str = self._remote.get_host(port)
        return name

    async def kill(self) -> None:
        self.ended = True
        await self._cloud.try_kill(self.machine_id)

    def _order(self, task: Task | None = None, **more: object) -> dict[str, object]:
        order: dict[str, object] = {"uid": self._setting.uid, "toolchains": self._setting.toolchains, **more}
        if task:
            order |= {"argv": task.argv, "toolchain": task.toolchain, "env": task.env, "outputs": task.outputs}
        return order

    async def _ask(
        self, verb: str, order: dict[str, object], body: bytes, most: int, timeout_s: float
    ) -> tuple[Answer, bytes]:
        await self.renew()
        command = await self._start(verb, order, body, most, timeout_s)
        try:
            return await asyncio.to_thread(understood, await command.line(timeout_s), most)
        finally:
            await command.finish()

    async def _start(self, verb: str, order: dict[str, object], body: bytes, most: int, timeout_s: float) -> Command:
        """Send the job and start the agent on it; E2B ends it after `timeout_s` if nobody else does."""
        path = f"{_HOME}/jobs/{uuid.uuid4().hex}"
        data = await asyncio.to_thread(wire.pack, order, body)
        await self._send([{"path": path, "data": data}])
        hearing = Hearing(2 * most)
        started = self._remote.commands.run(
            f"exec /usr/bin/python3 -I -S {_HOME}/{version()} {verb} {path}",
            background=True,
            stdin=True,
            user=_USER,
            timeout=timeout_s,
            on_stdout=hearing.hear,
            on_stderr=hearing.hear_complaint,
            retain_output=False,
        )
        caller = self._cloud.caller
        try:
            return Command(await caller.once("start a command", started), hearing, caller)
        except BaseException:
            await quietly(self._end_unseen(path))
            raise

    async def _send(self, files: list[WriteEntry]) -> None:
        await self._cloud.caller.again(
            "send files",
            lambda: self._remote.files.write_files(files, user=_USER, request_timeout=_UPLOAD_S),
            _UPLOAD_S,
        )

    async def _end_unseen(self, path: str) -> None:
        """End a command that may have been started although nobody was told its number."""
        caller = self._cloud.caller
        for process in await caller.once("list the commands", self._remote.commands.list(), _SHORT_S):
            if any(path in word for word in process.args):
                await caller.once("end a command", self._remote.commands.kill(process.pid), _SHORT_S)


def _as(kind: type[T], answer: Answer) -> T:
    """Raises SandboxError when it answers something else than was asked."""
    if not isinstance(answer, kind):
        raise SandboxError("the machine answers something else than it was asked")
    return answer
