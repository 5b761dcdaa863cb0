"""Checkpoints of tasks that ended long ago shrink to the last one of each, and the file gives the room back."""

import asyncio
import logging
import sqlite3

from core.ports import Clock, TaskStore
from graph.checkpoints import Checkpoints

log = logging.getLogger(__name__)
EVERY_S = 3600.0
AT_ONCE = 50
DAY_S = 24 * 3600.0


class Retention:
    """Looks once an hour. A task that was pruned can still be shown, and forked from its end."""

    def __init__(self, checkpoints: Checkpoints, tasks: TaskStore, clock: Clock, *, keep_days: float) -> None:
        self._checkpoints = checkpoints
        self._tasks = tasks
        self._clock = clock
        self._keep_s = keep_days * DAY_S

    async def run(self) -> None:
        """Until cancelled; troubles of the store are told, and tried again an hour later."""
        while True:
            try:
                if count := await self.prune():
                    log.info("checkpoints of %d ended tasks were pruned to the last", count)
            except (OSError, sqlite3.Error) as error:
                log.warning("checkpoints could not be pruned: %s", error)
            await asyncio.sleep(EVERY_S)

    async def prune(self) -> int:
        """Prune what is due; how many threads that were."""
        due = [thread for thread in await self._checkpoints.saver.aunpruned_threads() if await self._is_due(thread)]
        for first in range(0, len(due), AT_ONCE):
            await self._checkpoints.saver.aprune(due[first : first + AT_ONCE])
        if due:
            await self._checkpoints.give_back()
        return len(due)

    async def _is_due(self, task_id: str) -> bool:
        task = await self._tasks.get(task_id)
        return task.status.final and task.updated_at + self._keep_s <= self._clock.now()
