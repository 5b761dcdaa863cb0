"""What the engine uses of DBOS beyond its public interface. A release that changes any of it must fail here, loudly."""

import asyncio
import inspect
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dbos._core
import dbos._sys_db
import pytest
from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

from engine import rows
from engine.dbos_engine import DbosEngine


def test_the_release_is_the_one_whose_inside_was_read() -> None:
    assert version("dbos").startswith("3.4.")


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (dbos._core.execute_dequeued_workflow, ["dbos", "status", "owner_xid"]),
        (
            dbos._sys_db.SystemDatabase.start_queued_workflows,
            [
                "self", "queue", "executor_id", "app_version", "queue_partition_key", "local_running_count",
                "partition_local_running_count", "owner_xid", "is_latest_version",
            ],
        ),
        (dbos._sys_db.SystemDatabase.get_workflow_statuses, ["self", "workflow_ids"]),
        (dbos._sys_db.SystemDatabase.get_pending_workflows, ["self", "executor_id", "app_version"]),
        (
            dbos._sys_db.SystemDatabase.reenqueue_for_recovery,
            ["self", "workflow_id", "executor_ids", "recovery_queue_name"],
        ),
    ],
)  # fmt: skip
def test_what_is_called_takes_what_it_is_given(function: Any, parameters: list[str]) -> None:
    assert list(inspect.signature(function).parameters) == parameters


class Machine:
    """DBOS as the engine starts it, with room for two runs and nobody who claims."""

    def __init__(self, database: Path, engine: DbosEngine) -> None:
        self._file, self._engine = database, engine
        assert engine._dbos is not None
        self.database = engine._dbos._sys_db

    async def enqueue(self, number: int, priority: int | None = None) -> str:
        def enqueue() -> None:
            with SetWorkflowID(f"t{number}:0"), SetEnqueueOptions(priority=priority):
                assert self._engine._workflow is not None
                DBOS.enqueue_workflow(rows.QUEUE, self._engine._workflow, f"t{number}", 0)

        await asyncio.to_thread(enqueue)
        return f"t{number}:0"

    async def claim(self, running: int, owner: str = "owner") -> list[str]:
        queue = self.database.get_queue(rows.QUEUE)
        assert queue is not None
        claimed, _ = await asyncio.to_thread(
            self.database.start_queued_workflows, queue, "local", "1", None, running, owner_xid=owner
        )
        return claimed

    def row(self, id_: str) -> tuple[Any, ...]:
        with closing(sqlite3.connect(self._file, timeout=5.0)) as connection:
            query = "SELECT status, executor_id, owner_xid, queue_name FROM workflow_status WHERE workflow_uuid = ?"
            return tuple(connection.execute(query, (id_,)).fetchone())


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    async def run_segment(task_id: str, segment: int) -> None: ...

    engine = DbosEngine(tmp_path / "engine.db", max_concurrent=2)
    await engine.start(run_segment)
    assert engine._claiming is not None
    engine._claiming.cancel()
    with suppress(asyncio.CancelledError):
        await engine._claiming
    engine._claiming = None
    yield Machine(tmp_path / "engine.db", engine)
    await engine.stop(0.0)


async def test_a_claim_takes_the_lowest_priority_first_and_no_more_than_there_is_room_for(machine: Machine) -> None:
    for number, priority in enumerate((7, 2, 7, None)):
        await machine.enqueue(number, priority)
    assert await machine.claim(running=2) == []
    assert await machine.claim(running=1) == ["t3:0"]
    assert await machine.claim(running=0) == ["t1:0", "t0:0"]
    assert machine.row("t3:0") == ("PENDING", "local", "owner", rows.QUEUE)
    assert machine.row("t2:0")[0] == "ENQUEUED"


async def test_statuses_come_in_the_order_asked_and_name_the_run(machine: Machine) -> None:
    ids = [await machine.enqueue(number) for number in range(3)]
    found = machine.database.get_workflow_statuses(ids[::-1])
    assert [status["workflow_uuid"] for status in found] == ids[::-1]


async def test_a_claimed_run_can_be_queued_again_by_its_executor_alone(machine: Machine) -> None:
    id_ = await machine.enqueue(1)
    await machine.claim(running=0)
    assert [run.workflow_id for run in machine.database.get_pending_workflows("local", "1")] == [id_]
    assert machine.database.get_pending_workflows("local", "2") == []
    assert not machine.database.reenqueue_for_recovery(id_, ["another"], rows.QUEUE)
    assert machine.database.reenqueue_for_recovery(id_, ["local"], rows.QUEUE)
    assert machine.row(id_) == ("ENQUEUED", "local", None, rows.QUEUE)
    assert not machine.database.reenqueue_for_recovery(id_, ["local"], rows.QUEUE)


async def test_dbos_itself_claims_nothing_of_the_queue(machine: Machine) -> None:
    id_ = await machine.enqueue(1)
    await asyncio.sleep(1.5)  # its threads look once a second
    assert machine.row(id_)[0] == "ENQUEUED"
