"""Tasks that must go on at the next start, whatever the engine has written down of them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.access import Actor
from core.tasks import Action, Decision, InterruptFilter, Task, TaskRequest
from core.types import TaskStatus
from graph.build.workflow import VERSION
from tests.api.service import Service, run_service, submit, until, until_asked


def set_segments(data: Path, status: str) -> None:
    """Write into the engine's file that every segment has this status."""
    with closing(sqlite3.connect(data / "engine.db", timeout=5.0)) as connection, connection:
        assert connection.execute("UPDATE workflow_status SET status = ?", (status,)).rowcount > 0


async def until_status(service: Service, task_id: str, status: TaskStatus) -> None:
    async def reached() -> bool:
        return (await service.application.commands.get(task_id)).status is status

    await until(reached)


@pytest.mark.parametrize("status", ["ERROR", "SUCCESS"])
async def test_a_running_task_goes_on_although_the_engine_says_that_its_segment_has_ended(
    tmp_path: Path, status: str
) -> None:
    data = tmp_path / "data"
    async with run_service(data) as service:
        service.model.at_work.clear()
        task_id = await submit(service.http)
        await until_status(service, task_id, TaskStatus.RUNNING)
    set_segments(data, status)
    async with run_service(data) as service:
        await until_asked(service.http, task_id)
        await service.application.commands.cancel(task_id, Actor(via="test"))


async def test_a_task_of_which_only_the_row_was_written_gets_its_account_and_begins(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with run_service(data) as service:
        # As it is when the process dies as soon as it has stored the task.
        services = service.application.commands._services
        now = services.clock.now()
        request = TaskRequest(task_description="a todo list", use_sandbox=False, budget_usd=0.75)
        await services.tasks.create(
            Task(
                task_id="a1",
                request=request,
                status=TaskStatus.QUEUED,
                graph_version=VERSION,
                created_at=now,
                updated_at=now,
            )
        )
    async with run_service(data) as service:
        await until_asked(service.http, "a1")
        assert (await service.application.commands._services.ledger.spend("a1")).cap_usd == 0.75
        await service.application.commands.cancel("a1", Actor(via="test"))


async def test_an_answer_whose_segment_was_lost_is_acted_on_at_the_next_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with run_service(data) as service:
        task_id = await submit(service.http)
        interrupt_id = await until_asked(service.http, task_id)
    with closing(sqlite3.connect(data / "engine.db", timeout=5.0)) as connection, connection:
        connection.execute("DELETE FROM workflow_status")
    async with run_service(data) as service:
        # As it is when the process dies between the decision and the engine's hearing of it.
        store = service.application.commands._services.interrupts
        await store.decide(interrupt_id, Decision(action=Action.ABORT), Actor(via="test"))
        assert (await service.application.commands.get(task_id)).status is TaskStatus.WAITING
    async with run_service(data) as service:
        await until_status(service, task_id, TaskStatus.CANCELLED)


def runs(data: Path) -> set[str]:
    """The ids of all runs that the engine was given."""
    with closing(sqlite3.connect(f"file:{data / 'engine.db'}?mode=ro", uri=True)) as connection:
        return {str(run) for (run,) in connection.execute("SELECT workflow_uuid FROM workflow_status")}


async def test_a_decision_that_is_repeated_while_the_task_goes_on_takes_nothing_from_the_next_one(
    tmp_path: Path,
) -> None:
    async with run_service(tmp_path / "data") as service:
        commands = service.application.commands
        task_id = await submit(service.http)
        first = await until_asked(service.http, task_id)
        service.model.at_work.clear()
        retry = Decision(action=Action.RETRY)
        await commands.decide(task_id, first, retry, Actor(via="test"), idempotency_key="k")
        await until_status(service, task_id, TaskStatus.RUNNING)
        for _ in range(2):
            await commands.decide(task_id, first, retry, Actor(via="test"), idempotency_key="k")
        service.model.at_work.set()
        second = await until_asked(service.http, task_id)
        before = runs(tmp_path / "data")
        await commands.decide(task_id, first, retry, Actor(via="test"), idempotency_key="k")
        assert runs(tmp_path / "data") == before, "a run that finds nothing to do may end as the answer comes"
        await commands.decide(task_id, second, Decision(action=Action.ABORT), Actor(via="test"))
        await until_status(service, task_id, TaskStatus.CANCELLED)
        assert len(await commands.interrupts(InterruptFilter(task_ids=(task_id,)))) == 2
