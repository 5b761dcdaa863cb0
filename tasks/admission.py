"""How a new task comes in: models, isolation, room on the disk and in the queue, then its row, its account, its segment."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import Refused, TooManyTasks
from core.ports import Engine, Ledger, SandboxProvider, TaskStore
from core.tasks import Task, TaskFilter
from core.types import TaskStatus
from tasks.limits import Limits

RETRY_AFTER_S = 15


@dataclass(frozen=True)
class Doors:
    """What admission works with. `check_room` raises NoRoom when the disk is nearly full, `check_models` Refused when an
    agent's model cannot be asked at all. `most_active` is how many tasks of a caller may wait or run at once, if that has
    a limit of its own.
    """

    tasks: TaskStore
    engine: Engine
    ledger: Ledger
    sandbox: SandboxProvider
    check_room: Callable[[], None]
    check_models: Callable[[], None]
    most_active: Callable[[str], int | None]


class Admission:
    """The one door for tasks of any kind."""

    def __init__(self, doors: Doors, limits: Limits) -> None:
        self._doors = doors
        self._limits = limits
        self._door = asyncio.Lock()

    async def admit(self, task: Task, *, idempotency_key: str | None = None) -> Task:
        """Store the task and enqueue its first segment; a known key gives its task, however full the queue is.

        Raises TooManyTasks, NoRoom, Refused, and Conflict when the key belongs to another request.
        """
        doors = self._doors
        known = await doors.tasks.submitted(task, idempotency_key) if idempotency_key else None
        if known is None:
            doors.check_room()
            doors.check_models()
            await self._check_isolation(task)
        async with self._door:  # one after another, so that not all of many see the same room
            if known is None:
                await self._check_load(task.caller)
            admitted = known or await doors.tasks.create(task, idempotency_key=idempotency_key)
            if not admitted.status.final:
                await self.enqueue(admitted)
        return admitted

    async def enqueue(self, task: Task, *, again: bool = False) -> None:
        """Give a stored task its account, unless it has one, and then its segment: none runs without an account.

        `again` also when that segment has ended, as the engine sees it.
        """
        await self._doors.ledger.open(task.task_id, task.request.budget_usd, task.caller)
        await self._doors.engine.submit(task.task_id, task.segment, priority=_priority_of(task), again=again)

    async def _check_isolation(self, task: Task) -> None:
        if not task.request.use_sandbox:
            return
        probe = await self._doors.sandbox.probe()
        if not probe.ok:
            raise Refused(
                f"generated code cannot be isolated on this machine: {probe.reason}. {probe.fix}", fix=probe.fix
            )

    async def _check_load(self, caller: str) -> None:
        """Raises TooManyTasks when all places of the queue are taken, or all but those for callers of whom nothing waits."""
        await self._check_active(caller)
        running, queued = await self._doors.engine.load()
        most, reserve = self._limits.max_queued, self._limits.reserve
        if running < self._limits.max_running or queued < most - reserve:
            return
        waiting = TaskFilter(status=TaskStatus.QUEUED, caller=caller, limit=1)
        if queued < most and not await self._doors.tasks.list(waiting):
            return
        kept = f"; the last {reserve} are kept for callers of whom nothing waits" if queued < most else ""
        raise TooManyTasks(
            f"{running} tasks run and {queued} wait; the limit is {most} waiting{kept}",
            limit=most,
            retry_after_s=RETRY_AFTER_S,
        )

    async def _check_active(self, caller: str) -> None:
        most = self._doors.most_active(caller)
        if most is None:
            return
        active = await self._doors.tasks.list(TaskFilter(caller=caller, at_work=True, limit=min(most, 500)))
        if len(active) >= most:
            raise TooManyTasks(
                f"{len(active)} tasks of {caller} wait or run; its limit is {most}",
                limit=most,
                retry_after_s=RETRY_AFTER_S,
            )


def _priority_of(task: Task) -> int:
    """New tasks begin by their turn, after everything that goes on with a task: there a person waits, or has waited."""
    return 1 + task.turn if task.status is TaskStatus.QUEUED else 0
