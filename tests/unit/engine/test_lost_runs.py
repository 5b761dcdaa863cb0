"""Runs that nobody told the engine of, or that were lost on the way: found again while it runs, or at the next start."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
from dbos import DBOSClient

from engine import claims, rows
from engine.dbos_engine import DbosEngine
from engine.log import OnceAMinute
from tests.unit.engine.test_dbos_engine import idle, until

Begun = list[tuple[str, int]]


class Folder:
    """A data folder, and what the engines over it have begun."""

    def __init__(self, path: Path) -> None:
        self.database = path / "engine.db"
        self.begun: Begun = []
        self.engine: DbosEngine | None = None

    async def run(self, task_id: str, segment: int) -> None:
        self.begun.append((task_id, segment))

    async def start(self, *, poll_interval_s: float = 60.0, max_concurrent: int = 5) -> DbosEngine:
        self.engine = DbosEngine(self.database, poll_interval_s=poll_interval_s, max_concurrent=max_concurrent)
        await self.engine.start(self.run)
        return self.engine

    def has_begun(self, count: int) -> Callable[[], Awaitable[bool]]:
        async def reached() -> bool:
            return len(self.begun) >= count

        return reached

    def set_status(self, status: str) -> None:
        with closing(sqlite3.connect(self.database, timeout=60.0)) as connection, connection:
            connection.execute("UPDATE workflow_status SET status = ?", (status,))

    def status(self, id_: str) -> str:
        with closing(sqlite3.connect(self.database, timeout=60.0)) as connection:
            query = "SELECT status FROM workflow_status WHERE workflow_uuid = ?"
            return str(connection.execute(query, (id_,)).fetchone()[0])


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Folder]:
    folder = Folder(tmp_path)
    yield folder
    if folder.engine is not None:
        await folder.engine.stop(0.0)


async def test_a_run_that_was_queued_behind_the_engines_back_is_found_by_the_poll(folder: Folder) -> None:
    await folder.start(poll_interval_s=0.05)

    def enqueue() -> None:
        client = DBOSClient(system_database_url=rows.url_of(folder.database), application_name=rows.APPLICATION)
        try:
            client.enqueue(
                {"workflow_name": "segment", "queue_name": rows.QUEUE, "workflow_id": "task-a:0", "app_version": "1"},
                *("task-a", 0),
            )
        finally:
            client.destroy()

    await asyncio.to_thread(enqueue)
    await until(folder.has_begun(1))
    assert folder.begun == [("task-a", 0)]


async def test_a_run_whose_outcome_was_not_recorded_runs_again_without_a_restart(folder: Folder) -> None:
    engine = await folder.start(poll_interval_s=0.05)
    await engine.submit("task-a", 0)
    await until(lambda: idle(engine))
    folder.set_status("PENDING")
    await until(folder.has_begun(2))
    await until(lambda: idle(engine))
    assert folder.status("task-a:0") == "SUCCESS"


async def test_a_run_that_could_not_be_started_frees_its_place_and_is_tried_again(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    engine = await folder.start(poll_interval_s=0.05, max_concurrent=1)
    execute, tries = claims.execute_dequeued_workflow, []

    def break_twice(*given: object) -> object:
        tries.append(given)
        if len(tries) <= 2:
            raise OSError("disk full")
        return execute(*given)  # type: ignore[arg-type]  # handed through as it came

    monkeypatch.setattr(claims, "execute_dequeued_workflow", break_twice)
    await engine.submit("task-a", 0)
    await engine.submit("task-b", 0)
    await until(folder.has_begun(2))
    await until(lambda: idle(engine))
    assert sorted(folder.begun) == [("task-a", 0), ("task-b", 0)]
    assert sum(record.levelno >= logging.WARNING for record in caplog.records) == 1


async def test_claims_that_fail_for_a_while_lose_nothing_and_are_told_once(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    engine = await folder.start(poll_interval_s=0.02)
    take, tries = claims.Claims.take, []

    def locked_at_first(self: claims.Claims, *given: object) -> list[str]:
        tries.append(given)
        if len(tries) <= 5:
            raise sqlite3.OperationalError("database is locked")
        return take(self, *given)  # type: ignore[arg-type]  # handed through as it came

    monkeypatch.setattr(claims.Claims, "take", locked_at_first)
    await engine.submit("task-a", 0)
    await until(folder.has_begun(1))
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        "nothing can be claimed; tried again every 0.0 s"
    ]


@pytest.mark.parametrize("status", ["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "SUCCESS"])
async def test_a_run_that_ended_in_any_way_is_run_again_when_its_task_is_not_done(folder: Folder, status: str) -> None:
    first = await folder.start()
    await first.submit("task-a", 0)
    await until(lambda: idle(first))
    await first.stop(1.0)
    folder.set_status(status)
    second = await folder.start()
    await second.submit("task-a", 0)
    await until(lambda: idle(second))
    assert len(folder.begun) == 1
    await second.submit("task-a", 0, again=True)
    await until(folder.has_begun(2))
    await until(lambda: idle(second))
    assert folder.status("task-a:0") == "SUCCESS"


def test_trouble_is_told_at_once_and_then_once_a_minute() -> None:
    times = iter((100.0, 101.0, 159.0, 160.5, 161.0, 221.0))
    complaints = OnceAMinute(lambda: next(times))
    assert [complaints.due() for _ in range(6)] == [True, False, False, True, False, True]
