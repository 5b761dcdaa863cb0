"""Where checkpoints are kept: one SQLite file, and a serializer that loads plain data only."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import aiosqlite
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from graph.checkpoint_sql import PENDING_INDEX
from graph.group_commit import GroupCommit
from graph.saver import GroupCommitSaver

BUSY_TIMEOUT_S = 5.0


@asynccontextmanager
async def open_checkpoints(
    path: Path, *, synchronous: Literal["NORMAL", "FULL"] = "NORMAL"
) -> AsyncIterator[GroupCommitSaver]:
    """Open (and make) the checkpoint database; a forged row cannot run code, since unknown types come back as plain data.

    `NORMAL` survives the death of the process, `FULL` also the loss of power.
    """
    async with aiosqlite.connect(path, timeout=BUSY_TIMEOUT_S) as connection:
        writer = await asyncio.to_thread(_connect, path)
        writer.execute(f"PRAGMA synchronous={synchronous}")
        commits = GroupCommit(writer)
        reader = await asyncio.to_thread(_connect, path)
        saver = GroupCommitSaver(connection, commits, reader, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
        try:
            await saver.setup()
            await commits.write((PENDING_INDEX, [()]))
            yield saver
        finally:
            await saver.close()


def _connect(path: Path) -> sqlite3.Connection:
    # Opened in one thread and then used by one other thread only.
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
