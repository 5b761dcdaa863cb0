"""The SQLite wrapper: transactions, migrations, closing."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import Refused
from memory.database import FOLD_EVERY, Database, DatabaseClosed, Synchronous, Work

NOTES = (("CREATE TABLE notes (text TEXT)",),)


def insert(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO notes VALUES ('x')")


async def held_writer(database: Database, gate: threading.Event) -> "asyncio.Task[bool]":
    """A write that has begun, and is held until `gate` is set."""
    begun = threading.Event()

    def hold(connection: sqlite3.Connection) -> bool:
        begun.set()
        return gate.wait(60)

    held = asyncio.create_task(database.write(hold))
    assert await asyncio.to_thread(begun.wait, 60)
    return held


def count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM notes").fetchone()[0])


async def test_a_transaction_that_raises_leaves_nothing(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "a.db", migrations=NOTES)

    def broken(connection: sqlite3.Connection) -> None:
        insert(connection)
        raise LookupError("half way")

    with pytest.raises(LookupError):
        await database.write(broken)
    await database.write(insert)
    assert await database.read(count) == 1
    await database.close()


async def test_commits_are_told_in_order_and_only_when_they_happened(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "a.db", migrations=NOTES)
    told: list[int] = []

    def numbered(connection: sqlite3.Connection) -> int:
        insert(connection)
        return count(connection)

    await asyncio.gather(*(database.write(numbered, committed=told.append) for _ in range(20)))

    def broken(connection: sqlite3.Connection) -> int:
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(broken, committed=told.append)
    assert told == list(range(1, 21))
    await database.close()


async def test_what_waits_together_is_committed_together_and_fails_alone(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "a.db", migrations=NOTES)
    gate, commits, told = threading.Event(), list[str](), list[int]()
    database._writer.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)

    def numbered(connection: sqlite3.Connection) -> int:
        insert(connection)
        return count(connection)

    def broken(connection: sqlite3.Connection) -> int:
        insert(connection)
        raise LookupError

    async def with_writer_held(*works: Work[int]) -> list[int | BaseException]:
        """Give all works while the writer is busy, so that it finds them waiting together."""
        gate.clear()
        commits.clear()
        held = await held_writer(database, gate)
        writes = [asyncio.create_task(database.write(work, committed=told.append)) for work in works]
        await asyncio.sleep(0)
        gate.set()
        await held
        return await asyncio.gather(*writes, return_exceptions=True)

    assert await with_writer_held(numbered, numbered, numbered) == [1, 2, 3]
    assert commits == ["COMMIT"] * 2
    first, second, third = await with_writer_held(numbered, broken, numbered)
    assert (first, third) == (4, 5)
    assert isinstance(second, LookupError)
    assert commits == ["COMMIT"] * 3
    assert told == [1, 2, 3, 4, 5]
    assert await database.read(count) == 5
    await database.close()


async def test_a_write_whose_wait_is_cancelled_before_it_began_is_not_done(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "a.db", migrations=NOTES)
    gate = threading.Event()
    held = await held_writer(database, gate)
    waiting = asyncio.create_task(database.write(insert))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    gate.set()
    await held
    assert await database.read(count) == 0
    await database.close()


async def test_the_reader_cannot_write(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "a.db", migrations=NOTES)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await database.read(insert)
    await database.close()


async def test_migrations_run_once_each_in_order_and_keep_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database = await Database.open(path, migrations=NOTES)
    await database.write(insert)
    await database.close()
    longer = (*NOTES, ("ALTER TABLE notes ADD COLUMN colour TEXT DEFAULT 'red'",))
    for _ in range(2):
        database = await Database.open(path, migrations=longer)
        assert await database.read(lambda connection: tuple(connection.execute("SELECT * FROM notes").fetchone())) == (
            "x",
            "red",
        )
        await database.close()


async def test_a_migration_that_fails_leaves_the_file_at_the_version_before_it(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with pytest.raises(sqlite3.OperationalError):
        await Database.open(path, migrations=(*NOTES, ("CREATE TABLE more (x)", "not sql")))
    database = await Database.open(path, migrations=NOTES)
    tables = await database.read(
        lambda connection: [row["name"] for row in connection.execute("SELECT name FROM sqlite_master")]
    )
    assert tables == ["notes"]
    await database.close()


async def test_a_file_of_a_newer_release_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await (await Database.open(path, migrations=(*NOTES, ("CREATE TABLE more (x)",)))).close()
    with pytest.raises(Refused, match="newer release"):
        await Database.open(path, migrations=NOTES)


@pytest.mark.parametrize(("given", "number"), [("NORMAL", 1), ("FULL", 2)])
async def test_the_file_is_in_wal_mode_with_the_durability_asked_for(
    tmp_path: Path, given: Synchronous, number: int
) -> None:
    database = await Database.open(tmp_path / "a.db", migrations=NOTES, synchronous=given)

    def pragmas(connection: sqlite3.Connection) -> tuple[str, int]:
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        return mode, connection.execute("PRAGMA synchronous").fetchone()[0]

    assert await database.write(pragmas) == ("wal", number)
    await database.close()


async def test_closing_lets_accepted_work_finish_and_then_refuses_more(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "a.db", migrations=NOTES)
    writes = [asyncio.create_task(database.write(insert)) for _ in range(10)]
    await asyncio.sleep(0)
    await database.close()
    await database.close()
    await asyncio.gather(*writes)
    with pytest.raises(DatabaseClosed):
        await database.write(insert)
    again = await Database.open(tmp_path / "a.db", migrations=NOTES)
    assert await again.read(count) == 10
    await again.close()
    assert not (tmp_path / "a.db-wal").exists()


async def test_what_is_written_is_folded_into_the_file_beside_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database = await Database.open(path, migrations=(*NOTES, ("CREATE TABLE big (body BLOB)",)))
    for _ in range(2 * FOLD_EVERY):
        await database.write(
            lambda connection: connection.execute("INSERT INTO big VALUES (randomblob(2000))").rowcount
        )
    for _ in range(3_000):
        if path.stat().st_size > FOLD_EVERY * 2000:
            break
        await asyncio.sleep(0.02)
    assert path.stat().st_size > FOLD_EVERY * 2000, "the file alone, without its log"
    await database.close()
    assert not (tmp_path / "a.db-wal").exists()


async def test_a_log_that_cannot_be_folded_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database = await Database.open(path, migrations=NOTES)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN")
        other.execute(
            "SELECT count(*) FROM notes"
        ).fetchone()  # a reader of the present state keeps the log from being folded
        for _ in range(FOLD_EVERY + 50):
            await database.write(insert)
        other.execute("COMMIT")
    await database.close()
    again = await Database.open(path, migrations=NOTES)
    assert await again.read(count) == FOLD_EVERY + 50
    await again.close()
