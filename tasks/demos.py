"""Live demos of tasks: one for each that was asked for, watched while it lives, told of when it ends."""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from weakref import WeakValueDictionary

from agents.planner import CONTRACT_PATH, PLAN_PATH, read_contract, read_plan
from core.errors import AutonomyError, Conflict, NotFound, Refused
from core.events import DemoEnded, DemoStarted
from core.ports import Clock, SandboxProvider, TaskStore, WorkspaceProvider
from core.sandboxes import Demo
from core.tasks import TaskFilter
from tools.boxes import Subject
from tools.checks.frontend import DIST
from tools.demo import Served, build_frontend, is_well, serve_application

log = logging.getLogger(__name__)
LOOK_S = 15.0
FAILURES = 3
"""Looks in a row that find no healthy application, after which the demo is ended."""
KEPT_BUILDS = 16


@dataclass
class _Live:
    ref: str
    served: Served
    watch: "asyncio.Task[None]"


class Demos:
    """`most` at once: the one that ends soonest makes room for a new one."""

    def __init__(
        self,
        sandbox: SandboxProvider,
        tasks: TaskStore,
        workspaces: WorkspaceProvider,
        clock: Clock,
        *,
        ttl_s: float = 3600.0,
        most: int = 5,
        enabled: bool = True,
        look_s: float = LOOK_S,
    ) -> None:
        self._sandbox = sandbox
        self._tasks = tasks
        self._workspaces = workspaces
        self._clock = clock
        self._ttl_s, self._most, self._enabled, self._look_s = ttl_s, most, enabled, look_s
        self._live: dict[str, _Live] = {}
        self._starting = 0
        self._doors: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._built: OrderedDict[str, Mapping[str, bytes]] = OrderedDict()

    async def forget_old(self) -> None:
        """Before a start: demos of a process that has ended are gone with it."""
        for task in await self._tasks.list(TaskFilter(has_demo=True, limit=500)):
            ended = DemoEnded(url=str(task.demo_url), reason="the service ended")
            await self._tasks.update(task.task_id, (ended,), demo_url=None)

    def keep_built(self, files: Mapping[str, str], built: Mapping[str, bytes]) -> None:
        """Remember what checking has built, so that a demo of the same source need not build it again."""
        self._built[_source_id(files)] = built
        self._built.move_to_end(_source_id(files))
        while len(self._built) > KEPT_BUILDS:
            self._built.popitem(last=False)

    def running(self, task_id: str) -> Demo | None:
        live = self._live.get(task_id)
        return live.served.demo if live else None

    async def start(self, task_id: str, ref: str | None = None, *, again: bool = False) -> Demo:
        """Serve version `ref` of the task's files (its head when None); one that runs with it already is returned.

        `again` starts it afresh. Raises NotFound, Conflict when there is nothing to serve, Refused, SandboxError.
        """
        if not self._enabled:
            raise Refused("live demos are switched off: LIVE_DEMO is false")
        task = await self._tasks.get(task_id)
        wanted = ref or task.head
        if wanted is None:
            raise Conflict(f"task {task_id} has no files yet")
        if not task.request.use_sandbox:
            raise Conflict(f"task {task_id} runs nothing: it was submitted with use_sandbox=false")
        async with self._door(task_id):
            live = self._live.get(task_id)
            if live and live.ref == wanted and not again:
                return live.served.demo
            await self._end(task_id, "")
            self._starting += 1
            try:
                await self._make_room()
                return await self._start(task_id, wanted)
            finally:
                self._starting -= 1

    async def stop(self, task_id: str) -> None:
        """Raises NotFound when there is no demo."""
        async with self._door(task_id):
            if task_id not in self._live:
                raise NotFound(f"task {task_id} has no live demo")
            await self._end(task_id, "it was stopped")

    async def close(self) -> None:
        for task_id in list(self._live):
            await self._end(task_id, "the service ended")

    def _door(self, task_id: str) -> asyncio.Lock:
        """One for each task: a demo that takes long to start holds up no other."""
        return self._doors.setdefault(task_id, asyncio.Lock())

    async def _make_room(self) -> None:
        while self._live and len(self._live) + self._starting > self._most:
            soonest = min(self._live, key=lambda each: self._live[each].served.demo.expires_at)
            await self._end(soonest, "it made room for another demo")

    async def _start(self, task_id: str, ref: str) -> Demo:
        files = dict(await (await self._workspaces.open(task_id)).read(None, ref))
        if PLAN_PATH not in files or CONTRACT_PATH not in files:
            raise Conflict(f"task {task_id} has no application yet")
        plan, contract = read_plan(files[PLAN_PATH]), read_contract(files[CONTRACT_PATH])
        subject = Subject(self._sandbox, task_id, plan, contract, files)
        built = self._built.get(_source_id(files))
        if built is None:
            built = await build_frontend(subject)
            self.keep_built(files, built)
        served = await serve_application(subject, built, self._ttl_s)
        demo = served.demo
        watch = asyncio.create_task(self._watch(task_id, served), name=f"demo of {task_id}")
        self._live[task_id] = _Live(ref, served, watch)
        started = DemoStarted(url=demo.url, expires_at=demo.expires_at, commit=ref)
        await self._tasks.update(task_id, (started,), demo_url=demo.url)
        return demo

    async def _watch(self, task_id: str, served: Served) -> None:
        """Look at it from time to time; end it when its time is over, or when it is well no more."""
        failures = 0
        while failures < FAILURES and self._clock.now() < served.demo.expires_at:
            await asyncio.sleep(min(self._look_s, max(0.0, served.demo.expires_at - self._clock.now())))
            failures = 0 if await is_well(served.demo.url) else failures + 1
        over = self._clock.now() >= served.demo.expires_at
        live = self._live.get(task_id)
        if live is not None and live.served is served:
            await self._end(task_id, "its time was over" if over else "it did not answer any more", watched=True)

    async def _end(self, task_id: str, reason: str, *, watched: bool = False) -> None:
        live = self._live.pop(task_id, None)
        if live is None:
            return
        if not watched:
            live.watch.cancel()
            await asyncio.wait([live.watch])
        await live.served.sandbox.close()
        if reason:
            with suppress(AutonomyError):
                await self._tasks.update(task_id, (DemoEnded(url=live.served.demo.url, reason=reason),), demo_url=None)


def _source_id(files: Mapping[str, str]) -> str:
    """The same for the same source of a frontend."""
    digest = hashlib.sha256()
    for path in sorted(files):
        if path.startswith(("frontend/", "contract/")) and not path.startswith(DIST):
            digest.update(f"{path}\n{len(files[path])}\n{files[path]}".encode())
    return digest.hexdigest()
