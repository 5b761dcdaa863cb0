"""How many tasks there are of each status, read from an index alone."""

import sqlite3

from core.types import TaskStatus
from memory.database import Database


async def count_tasks(database: Database) -> dict[TaskStatus, int]:
    """Every status, with 0 for those that no task has."""

    def count(connection: sqlite3.Connection) -> dict[TaskStatus, int]:
        found = dict(connection.execute("SELECT status, count(*) FROM tasks GROUP BY status").fetchall())
        return {status: found.get(status.value, 0) for status in TaskStatus}

    return await database.read(count)
