"""Turns over a long time: whoever comes, nobody waits for ever."""

import itertools
from pathlib import Path

from core.tasks import TaskFilter
from core.types import TaskStatus
from tests.unit.memory.stores import Stores, a_task, sqlite_stores

NEWCOMERS = ("bob", "eve", "kim", "lea")


async def begin_next(stores: Stores) -> str:
    """Begin the task whose turn it is, and end it at once; its caller."""
    waiting = await stores.tasks.list(TaskFilter(status=TaskStatus.QUEUED, limit=500))
    task = min(reversed(waiting), key=lambda each: each.turn)
    await stores.tasks.update(task.task_id, status=TaskStatus.RUNNING)
    await stores.tasks.update(task.task_id, status=TaskStatus.COMPLETED)
    return task.caller


async def test_a_backlog_moves_by_one_task_in_each_round_however_many_newcomers_keep_coming(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        for number in range(6):
            await stores.tasks.create(a_task(f"ada-{number}", caller="ada"))
        for caller in NEWCOMERS:
            await stores.tasks.create(a_task(f"{caller}-0", caller=caller))
        begun: list[str] = []
        for number in range(1, 41):
            begun.append(caller := await begin_next(stores))
            if caller in NEWCOMERS:  # comes again at once, so that there is always somebody else who waits
                await stores.tasks.create(a_task(f"{caller}-{number}", caller=caller))
        places = [place for place, caller in enumerate(begun) if caller == "ada"]
        assert len(places) == 6
        gaps = [after - before for before, after in itertools.pairwise(places)]
        assert max(gaps) <= 1 + len(NEWCOMERS)
