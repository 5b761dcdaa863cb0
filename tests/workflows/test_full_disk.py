"""A disk that is full for a while holds tasks up and fails none of them."""

import logging
import sqlite3
from pathlib import Path

import pytest

from core.access import Actor
from core.errors import NoRoom
from core.events import Notice
from core.tasks import Action, Decision
from core.types import TaskStatus
from memory.database import Database
from tests.api.service import Service, run_service, submit, until, until_asked


async def limit_pages(database: Database, extra: int) -> None:
    """Let the file grow by `extra` pages and no more, as if the disk ended there."""

    def limit(connection: sqlite3.Connection) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + extra}")

    await database.write(limit)


async def is_full(service: Service, task_id: str) -> bool:
    try:
        await service.application.api.events.append(task_id, Notice(text="x" * 500))
    except NoRoom as error:
        return "full" in str(error)
    return False


async def test_a_task_waits_for_room_and_goes_on_when_there_is_some(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with run_service(tmp_path / "data") as service:
        service.model.at_work.clear()
        task_id = await submit(service.http)
        commands = service.application.commands
        database: Database = service.application.api.events._database  # type: ignore[attr-defined]  # the port shows none

        async def runs() -> bool:
            return (await commands.get(task_id)).status is TaskStatus.RUNNING

        await until(runs)
        await limit_pages(database, 1)
        while not await is_full(service, task_id):
            pass
        service.model.at_work.set()

        async def told() -> bool:
            return "segments that fail and are tried again: 1" in caplog.text

        await until(told)
        assert (await commands.get(task_id)).status is TaskStatus.RUNNING
        await limit_pages(database, 100_000)
        question = await until_asked(service.http, task_id)
        assert (
            sum(record.levelno >= logging.WARNING and record.name.startswith("engine") for record in caplog.records)
            == 1
        )
        await commands.decide(task_id, question, Decision(action=Action.ABORT), Actor(via="test"))
