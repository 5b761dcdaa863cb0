"""Where checkpoints are kept: one SQLite file, and a serializer that loads plain data only."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aiosqlite
from langgraph.checkpoint.base import id as checkpoint_ids
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from graph import checkpoint_sql as sql
from graph.group_commit import GroupCommit
from graph.leases import Leases
from graph.saver import GroupCommitSaver

BUSY_TIMEOUT_S = 5.0
PAGES = 1000


@dataclass(frozen=True)
class Checkpoints:
    """Where threads are kept, and who may write them."""

    saver: GroupCommitSaver
    leases: Leases
    path: Path

    async def give_back(self) -> None:
        """Cut free pages off the file, some at a time, so that nobody waits long for the lock."""
        await asyncio.to_thread(_vacuum, self.path)


@asynccontextmanager
async def open_checkpoints(
    path: Path, *, synchronous: Literal["NORMAL", "FULL"] = "NORMAL"
) -> AsyncIterator[Checkpoints]:
    """Open (and make) the checkpoint database; a forged row cannot run code, since unknown types come back as plain data.

    `NORMAL` survives the death of the process, `FULL` also the loss of power.
    """
    serde = JsonPlusSerializer(allowed_msgpack_modules=None)
    async with AsyncExitStack() as stack:
        stock = await stack.enter_async_context(aiosqlite.connect(path, timeout=BUSY_TIMEOUT_S))
        commits = GroupCommit(await asyncio.to_thread(_connect, path, synchronous))
        saver = GroupCommitSaver(stock, commits, await asyncio.to_thread(_connect, path, synchronous), serde=serde)
        stack.push_async_callback(saver.close)
        await saver.setup()
        await commits.write((sql.PENDING_INDEX, [()]), (sql.SET_ASIDE_TABLE, [()]))
        await asyncio.to_thread(_never_back, path)
        leases = await Leases.open(await asyncio.to_thread(_connect, path, synchronous))
        stack.push_async_callback(leases.close)
        yield Checkpoints(saver, leases, path)


def _never_back(path: Path) -> None:
    """Ids of checkpoints begin with the time, and the greatest is the newest: they must grow under a clock that has gone back."""
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as connection:
        (newest,) = connection.execute(sql.NEWEST_ID).fetchone()
    if newest is not None:
        # LangGraph keeps ids growing within a process by this, and a test holds that it does.
        ids = vars(checkpoint_ids)
        ids["_last_v6_timestamp"] = max(ids["_last_v6_timestamp"] or 0, checkpoint_ids.UUID(newest).time)


def _connect(path: Path, synchronous: str) -> sqlite3.Connection:
    # Opened in one thread and then used by others, one at a time.
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA auto_vacuum=INCREMENTAL")  # of a new file; an old one keeps its pages for later use
    connection.execute(f"PRAGMA synchronous={synchronous}")
    return connection


def _vacuum(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)) as connection:
        free = before = int(connection.execute("PRAGMA freelist_count").fetchone()[0])
        while free:
            connection.execute(f"PRAGMA incremental_vacuum({PAGES})").fetchall()
            free, before = int(connection.execute("PRAGMA freelist_count").fetchone()[0]), free
            if free >= before:
                return
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
