"""What is particular to the engine on DBOS: one per process, versions, retention, quiet logs, the loop left as it was."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from dbos import DBOS

from core.errors import Refused
from engine import rows
from engine.dbos_engine import DbosEngine, RetryPolicy


async def nothing(task_id: str, segment: int) -> None:
    pass


async def forever(task_id: str, segment: int) -> None:
    await asyncio.Event().wait()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60.0):
        while not await condition():  # noqa: ASYNC110  # the engine has no event for this
            await asyncio.sleep(0.02)


@pytest.fixture
async def engines(tmp_path: Path) -> AsyncIterator[Callable[..., DbosEngine]]:
    made: list[DbosEngine] = []

    def make(**options: object) -> DbosEngine:
        given = {"poll_interval_s": 0.05, **options}
        engine = DbosEngine(tmp_path / "deep" / "engine.db", **given)  # type: ignore[arg-type]  # plain pass-through
        made.append(engine)
        return engine

    yield make
    for engine in made:
        await engine.stop(0.0)


async def test_a_second_engine_in_the_process_is_refused_and_the_first_goes_on(
    engines: Callable[..., DbosEngine],
) -> None:
    first, second = engines(), engines()
    await first.start(nothing)
    with pytest.raises(RuntimeError, match="one per process"):
        await second.start(nothing)
    await first.submit("task-a", 0)


async def test_a_failed_start_leaves_room_for_the_next(tmp_path: Path, engines: Callable[..., DbosEngine]) -> None:
    (tmp_path / "broken.db").write_bytes(b"this is not a database" * 100)
    broken = DbosEngine(tmp_path / "broken.db")
    with pytest.raises(sqlite3.DatabaseError):
        await broken.start(nothing)
    with pytest.raises(Refused):
        await broken.submit("task-a", 0)
    await engines().start(nothing)


async def test_runs_of_another_state_version_are_left_alone(engines: Callable[..., DbosEngine]) -> None:
    begun: list[str] = []

    async def note(task_id: str, segment: int) -> None:
        begun.append(task_id)

    old = engines(application_version="1")
    await old.start(forever)
    await old.submit("task-old", 0)
    await until(lambda: running(old))
    await old.stop(0.0)
    new = engines(application_version="2")
    await new.start(note)
    await new.submit("task-new", 0)
    await until(lambda: idle(new))
    await asyncio.sleep(0.5)
    assert begun == ["task-new"]
    assert await new.load() == (0, 0)
    await new.stop(0.0)
    old_again = engines(application_version="1")
    await old_again.start(note)
    await until(lambda: idle(old_again))
    assert begun == ["task-new", "task-old"]


async def running(engine: DbosEngine) -> bool:
    return (await engine.load())[0] == 1


async def only_one_is_left(engine: DbosEngine) -> bool:
    return await engine.load() == (1, 0)


async def test_the_limit_of_the_last_start_counts(engines: Callable[..., DbosEngine]) -> None:
    wide = engines(max_concurrent=5)
    await wide.start(nothing)
    await wide.stop(0.0)
    narrow = engines(max_concurrent=1)
    await narrow.start(forever)
    await narrow.submit("task-a", 0)
    await narrow.submit("task-b", 0)
    await until(lambda: running(narrow))
    await asyncio.sleep(0.3)
    assert await narrow.load() == (1, 1)


async def test_finished_runs_are_deleted_after_their_time_and_unfinished_ones_never(
    engines: Callable[..., DbosEngine],
) -> None:
    held = asyncio.Event()

    async def hold_b(task_id: str, segment: int) -> None:
        if task_id == "task-b":
            await held.wait()

    first = engines()
    await first.start(hold_b)
    for task_id in ("task-a", "task-b", "task-c"):
        await first.submit(task_id, 0)
    await until(lambda: only_one_is_left(first))
    await first.cancel("task-c")
    await first.stop(0.0)
    second = engines(keep_finished_days=0)
    held.set()
    await second.start(forever)
    left = await asyncio.to_thread(lambda: [row.workflow_id for row in DBOS.list_workflows()])
    assert left == ["task-b:0"]


async def test_the_loops_default_executor_is_not_replaced(engines: Callable[..., DbosEngine]) -> None:
    await asyncio.to_thread(lambda: None)
    loop = asyncio.get_running_loop()
    before = loop._default_executor  # type: ignore[attr-defined]  # asyncio shows it nowhere else
    engine = engines()
    await engine.start(nothing)
    await engine.submit("task-a", 0)
    await until(lambda: idle(engine))
    await engine.cancel("task-a")
    assert loop._default_executor is before  # type: ignore[attr-defined]  # as above


async def idle(engine: DbosEngine) -> bool:
    return await engine.load() == (0, 0)


async def test_an_ordinary_life_with_a_cancel_logs_nothing(
    engines: Callable[..., DbosEngine], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    engine = engines()
    await engine.start(forever)
    await engine.submit("task-a", 0)
    await engine.submit("task-b", 0)
    await until(lambda: running_two(engine))
    await engine.cancel("task-a")
    await engine.stop(0.0)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert capfd.readouterr() == ("", "")


async def running_two(engine: DbosEngine) -> bool:
    return (await engine.load())[0] == 2


async def test_the_queue_file_is_in_wal_mode_and_holds_no_pickles(
    tmp_path: Path, engines: Callable[..., DbosEngine]
) -> None:
    engine = engines()
    await engine.start(nothing)
    await engine.submit("task-a", 0, priority=3)
    await until(lambda: idle(engine))
    await engine.stop(1.0)
    connection = sqlite3.connect(tmp_path / "deep" / "engine.db")
    try:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        content = "\n".join(connection.iterdump())
    finally:
        connection.close()
    assert '"positionalArgs":["task-a",0]' in content
    assert "gAS" not in content  # how a pickle begins in base64


def test_the_delay_between_tries_doubles_up_to_its_cap() -> None:
    policy = RetryPolicy(first_delay_s=1.0, max_delay_s=5.0)
    assert [policy.delay_s(attempt) for attempt in (1, 2, 3, 4, 8, 100_000)] == [1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


def test_a_path_becomes_a_sqlite_address_and_an_address_stays_one() -> None:
    assert rows.url_of(Path("/data/engine.db")) == "sqlite:////data/engine.db"
    assert rows.url_of("postgresql://db/autonomy") == "postgresql://db/autonomy"


async def test_any_folder_name_will_do(tmp_path: Path) -> None:
    engine = DbosEngine(tmp_path / "a b ü#1?x%20&y=1" / "engine.db")
    await engine.start(nothing)
    await engine.stop(0.0)
    assert (tmp_path / "a b ü#1?x%20&y=1" / "engine.db").exists()
