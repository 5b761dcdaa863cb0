"""Tasks by the day on which they ended."""

from pathlib import Path
from typing import Any

from core.access import Actor
from core.analytics import TaskRow, begin_of
from core.tasks import Action, Decision
from core.types import TaskStatus
from memory.task_days import SqliteTaskDays
from tests.unit.memory.stores import Stores, a_question, a_task, sqlite_stores

DAYS = ("2026-11-24", "2026-11-25", "2026-11-26")
NOON = begin_of("2026-11-25") + 43_200


async def begin(stores: Stores, task_id: str, at: float) -> None:
    stores.clock.time = at
    await stores.tasks.create(a_task(task_id).model_copy(update={"created_at": at}))


async def end(
    stores: Stores, task_id: str, at: float, status: TaskStatus = TaskStatus.COMPLETED, **changes: Any
) -> None:
    stores.clock.time = at
    await stores.tasks.update(task_id, status=status, **changes)


async def test_days_have_outcomes_costs_and_the_median_of_work(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        for number, seconds in enumerate((100, 300, 200)):
            await begin(stores, f"t{number}", NOON)
            await end(stores, f"t{number}", NOON + seconds, total_cost_usd=0.5)
        await begin(stores, "t3", NOON)
        await end(stores, "t3", NOON + 86_400, TaskStatus.FAILED)
        await begin(stores, "t4", NOON)
        await begin(stores, "t5", NOON)
        await end(stores, "t5", begin_of("2026-11-23"))
        nothing = TaskRow(day=DAYS[0], completed=0, failed=0, cancelled=0, cost_usd=0.0)
        assert await SqliteTaskDays(stores.database).rows(DAYS) == (
            nothing,
            TaskRow(day=DAYS[1], completed=3, failed=0, cancelled=0, cost_usd=1.5, seconds=200.0),
            TaskRow(day=DAYS[2], completed=0, failed=1, cancelled=0, cost_usd=0.0, seconds=86_400.0),
        )


async def test_waits_for_people_are_no_work(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        await begin(stores, "t1", NOON)
        await stores.interrupts.open(a_question("i1").model_copy(update={"created_at": NOON + 10}))
        stores.clock.time = NOON + 60
        await stores.interrupts.decide("i1", Decision(action=Action.APPROVE), Actor(via="api"))
        await stores.interrupts.open(a_question("i2").model_copy(update={"created_at": NOON + 80}))
        await end(stores, "t1", NOON + 1_000, TaskStatus.CANCELLED)
        (row,) = await SqliteTaskDays(stores.database).rows(DAYS[1:2])
        assert (row.cancelled, row.seconds) == (1, 30.0), "the second question was open until the end"


async def test_what_is_changed_after_the_end_does_not_move_it(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        await begin(stores, "t1", NOON)
        await end(stores, "t1", NOON + 100)
        stores.clock.time = NOON + 200_000
        await stores.tasks.update("t1", demo_url=None, pr_url="http://example.org/1")
        await stores.tasks.update("t1", status=TaskStatus.COMPLETED)
        rows = await SqliteTaskDays(stores.database).rows(DAYS)
        assert [row.completed for row in rows] == [0, 1, 0]
        assert rows[1].seconds == 100.0
        plan = await stores.database.read(
            lambda connection: str(
                [tuple(row) for row in connection.execute("EXPLAIN QUERY PLAN SELECT * FROM tasks WHERE ended_at >= 1")]
            )
        )
        assert "tasks_ended" in plan
