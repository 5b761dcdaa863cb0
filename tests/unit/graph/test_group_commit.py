"""The thread that writes checkpoints: what it promises to those who wait for it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graph.group_commit import WAITING, Closed, GroupCommit

INSERT = "INSERT INTO rows VALUES (?)"


@pytest.fixture
async def commits(tmp_path: Path) -> AsyncIterator[GroupCommit]:
    made = GroupCommit(connect(tmp_path / "c.db"))
    await made.write(("CREATE TABLE rows (n INTEGER PRIMARY KEY)", [()]))
    yield made
    await made.close()


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=0.2, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    return connection


def rows(path: Path) -> list[int]:
    connection = sqlite3.connect(path)
    try:
        return [n for (n,) in connection.execute("SELECT n FROM rows ORDER BY n")]
    finally:
        connection.close()


async def test_a_write_is_there_for_others_when_it_returns(commits: GroupCommit, tmp_path: Path) -> None:
    await commits.write((INSERT, [(1,), (2,)]), (INSERT, [(3,)]))
    assert rows(tmp_path / "c.db") == [1, 2, 3]


async def test_of_many_together_only_the_one_that_is_wrong_fails_and_fails_whole(
    commits: GroupCommit, tmp_path: Path
) -> None:
    await commits.write((INSERT, [(7,)]))
    wrong = commits.write((INSERT, [(100,)]), (INSERT, [(7,)]))
    results = await asyncio.gather(*(commits.write((INSERT, [(n,)])) for n in range(5)), wrong, return_exceptions=True)
    assert [type(one) for one in results] == [type(None)] * 5 + [sqlite3.IntegrityError]
    assert rows(tmp_path / "c.db") == [0, 1, 2, 3, 4, 7]


async def test_more_than_may_wait_are_all_written(commits: GroupCommit, tmp_path: Path) -> None:
    await asyncio.gather(*(commits.write((INSERT, [(n,)])) for n in range(6000)))
    assert len(rows(tmp_path / "c.db")) == 6000


async def test_a_wait_that_is_cancelled_leaves_the_others_alone(commits: GroupCommit, tmp_path: Path) -> None:
    impatient = asyncio.ensure_future(commits.write((INSERT, [(1,)])))
    await asyncio.sleep(0)
    impatient.cancel()
    await commits.write((INSERT, [(2,)]))
    assert rows(tmp_path / "c.db")[-1] == 2


async def test_closing_commits_what_waits_and_takes_no_more(tmp_path: Path) -> None:
    commits = GroupCommit(connect(tmp_path / "c.db"))
    await commits.write(("CREATE TABLE rows (n INTEGER PRIMARY KEY)", [()]))
    waiting = [asyncio.ensure_future(commits.write((INSERT, [(n,)]))) for n in range(50)]
    await asyncio.sleep(0)
    await commits.close()
    await asyncio.gather(*waiting)
    assert rows(tmp_path / "c.db") == list(range(50))
    with pytest.raises(Closed):
        await commits.write((INSERT, [(99,)]))
    await commits.close()


async def test_who_still_waits_for_room_when_it_closes_is_told(tmp_path: Path) -> None:
    commits = GroupCommit(connect(tmp_path / "c.db"))
    await commits.write(("CREATE TABLE rows (n INTEGER PRIMARY KEY)", [()]))
    waiting = [asyncio.ensure_future(commits.write((INSERT, [(n,)]))) for n in range(WAITING + 50)]
    await asyncio.sleep(0)
    await commits.close()
    async with asyncio.timeout(30):
        results = await asyncio.gather(*waiting, return_exceptions=True)
    assert results.count(None) == len(rows(tmp_path / "c.db")) >= WAITING
    assert {type(one) for one in results} <= {type(None), Closed}


async def test_a_database_that_another_holds_is_an_error_for_who_asked(commits: GroupCommit, tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "c.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        await commits.write((INSERT, [(1,)]))
    holder.execute("ROLLBACK")
    holder.close()
    await commits.write((INSERT, [(2,)]))
    assert rows(tmp_path / "c.db") == [2]
