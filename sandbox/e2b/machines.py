"""Which task has which machine: one each, made when it is needed, found again after a restart, ended when it is idle."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field

from e2b import AsyncSandbox

from core.errors import SandboxError
from core.ports import Clock
from sandbox.e2b.calls import Lost
from sandbox.e2b.cloud import PURPOSE, SERVICE, TASK, Cloud
from sandbox.e2b.machine import Life, Machine, Setting

RUNS = "runs"
PROBE = "probe"
_PROBE_S = 300
_log = logging.getLogger(__name__)


@dataclass
class _Place:
    """A task's place: `users` are its open sandboxes, `chores` what goes on beside them."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    machine: Machine | None = None
    users: int = 0
    ending: "asyncio.Task[None] | None" = None


class Machines:
    """All machines of a service. `claim_s` after `sweep` those that no task has asked for are ended."""

    def __init__(self, cloud: Cloud, setting: Setting, life: Life, clock: Clock, *, claim_s: float) -> None:
        self._cloud = cloud
        self._setting = setting
        self._life = life
        self._clock = clock
        self._claim_s = claim_s
        self._places: dict[str, _Place] = {}
        self._unclaimed: dict[str, str] = {}
        self._chores: set[asyncio.Task[None]] = set()
        self._discards: set[asyncio.Task[None]] = set()
        self._closed = False

    async def take(self, task_id: str) -> Machine:
        """The machine of a task, for one more user. Raises SandboxError."""
        if self._closed:
            raise SandboxError("the sandbox is shutting down")
        place = self._places.setdefault(task_id, _Place())
        place.users += 1
        try:
            async with place.lock:
                if place.ending:
                    place.ending.cancel()
                    place.ending = None
                if place.machine is None:
                    place.machine = await self._found_or_new(task_id)
                return place.machine
        except BaseException:
            self.give_back(task_id)
            raise

    async def again(self, task_id: str, lost: Machine) -> Machine:
        """The machine to go on with after one was lost: itself if it can be reached, else a new one."""
        place = self._places[task_id]
        async with place.lock:
            if place.machine is lost and not await lost.answers():
                place.machine = None
                await lost.kill()
            if place.machine is None:
                place.machine = await self._new(task_id)
            return place.machine

    def give_back(self, task_id: str) -> None:
        """One user less. After the last one it is kept for a while, for the next check of the same task."""
        place = self._places.get(task_id)
        if place is None:
            return
        place.users -= 1
        if place.users == 0 and place.machine is None:
            self._places.pop(task_id)
        elif place.users == 0 and place.ending is None:
            place.ending = self._begin(self._end_idle(task_id, place), f"e2b-idle-{task_id}")

    async def probe_machine(self) -> Machine:
        """A machine to try things on; its user kills it."""
        return await self._made("", PROBE, _PROBE_S)

    async def sweep(self) -> None:
        """Find what earlier starts of this installation left: one machine a task may be asked for again, the others are ended."""
        found = [one for one in await self._cloud.list() if one.metadata.get(SERVICE) != self._cloud.service]
        for one in sorted(found, key=lambda each: each.started_at, reverse=True):
            task_id = one.metadata.get(TASK, "")
            if one.metadata.get(PURPOSE) == RUNS and task_id not in self._unclaimed:
                self._unclaimed[task_id] = one.machine_id
            else:
                await self._cloud.try_kill(one.machine_id)
        if self._unclaimed:
            self._begin(self._end_unclaimed(), "e2b-unclaimed")

    async def close(self) -> None:
        """End every machine and every chore."""
        self._closed = True
        for chore in self._chores:
            chore.cancel()
        if self._chores:
            await asyncio.wait(set(self._chores))
        machines = [place.machine for place in self._places.values() if place.machine]
        left = list(self._unclaimed.values())
        self._places.clear()
        self._unclaimed.clear()
        kills = [*(machine.kill() for machine in machines), *(self._cloud.try_kill(machine_id) for machine_id in left)]
        await asyncio.gather(*kills, *self._discards)

    async def _found_or_new(self, task_id: str) -> Machine:
        if machine_id := self._unclaimed.pop(task_id, None):
            try:
                return await self._connected(machine_id)
            except SandboxError as error:
                _log.info("the machine of task %s was not to be had again: %s", task_id, error)
                await self._cloud.try_kill(machine_id)
        return await self._new(task_id)

    async def _connected(self, machine_id: str) -> Machine:
        remote = await self._cloud.connect(machine_id, self._life.whole_s)
        machine = Machine(self._cloud, remote, self._setting, self._life, self._clock)
        await machine.end_earlier()
        await machine.prepare()
        self._begin(self._keep_alive(machine), f"e2b-alive-{machine_id}")
        return machine

    async def _new(self, task_id: str) -> Machine:
        machine = await self._made(task_id, RUNS, self._life.whole_s)
        self._begin(self._keep_alive(machine), f"e2b-alive-{machine.machine_id}")
        return machine

    async def _made(self, task_id: str, purpose: str, life_s: int) -> Machine:
        """A new one. What is under way when this is cancelled is ended as soon as it is known."""
        creating = asyncio.create_task(self._cloud.create(task_id, purpose, life_s), name=f"e2b-create-{task_id}")
        try:
            remote = await asyncio.shield(creating)
        except asyncio.CancelledError:
            discard = asyncio.create_task(self._discard(creating), name=f"e2b-discard-{task_id}")
            self._discards.add(discard)
            discard.add_done_callback(self._discards.discard)
            raise
        machine = Machine(self._cloud, remote, self._setting, self._life, self._clock)
        try:
            await machine.prepare()
        except BaseException:
            await machine.kill()
            raise
        return machine

    async def _discard(self, creating: "asyncio.Task[AsyncSandbox]") -> None:
        try:
            remote = await creating
        except SandboxError:
            return
        await self._cloud.try_kill(remote.sandbox_id)

    async def _keep_alive(self, machine: Machine) -> None:
        """Prolong its life while it works, until it is gone."""
        while not machine.ended:
            await asyncio.sleep(self._life.renew_s)
            if machine.working:
                try:
                    await machine.renew(now=True)
                except Lost as error:
                    _log.warning("the life of machine %s was not prolonged: %s", machine.machine_id, error)
                except SandboxError as error:
                    _log.warning("machine %s will end: %s", machine.machine_id, error)

    async def _end_idle(self, task_id: str, place: _Place) -> None:
        await asyncio.sleep(self._life.idle_s)
        async with place.lock:
            if place.users or place.machine is None:
                return
            await place.machine.kill()
            place.machine = place.ending = None
            if not place.users:
                self._places.pop(task_id, None)

    async def _end_unclaimed(self) -> None:
        await asyncio.sleep(self._claim_s)
        while self._unclaimed:
            _, machine_id = self._unclaimed.popitem()
            await self._cloud.try_kill(machine_id)

    def _begin(self, work: Coroutine[object, object, None], name: str) -> "asyncio.Task[None]":
        chore = asyncio.create_task(work, name=name)
        self._chores.add(chore)
        chore.add_done_callback(self._chores.discard)
        return chore
