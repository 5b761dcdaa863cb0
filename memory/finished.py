"""Completed tasks, as forecasts look at them."""

import sqlite3
from collections.abc import Sequence

from pydantic_core import from_json

from core.forecast import Forecast, Outcome
from memory.database import Database

MOST = 200
_OUTCOMES = """
SELECT json_extract(body, '$.forecast') AS forecast, max(calls_cost_usd, json_extract(body, '$.total_cost_usd')) AS usd,
    (SELECT coalesce(sum(tokens), 0) FROM agent_stats WHERE agent_stats.task_id = tasks.task_id) AS tokens
FROM tasks WHERE status = 'completed' AND forecast IS NOT NULL ORDER BY number DESC LIMIT ?"""


class SqliteFinishedTasks:
    """Reads the tasks' rows and writes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, workflow: str, limit: int) -> Sequence[str]:
        """Ids of completed tasks of a workflow, newest first."""

        def read(connection: sqlite3.Connection) -> tuple[str, ...]:
            query = "SELECT task_id FROM tasks WHERE status = 'completed' AND workflow = ? ORDER BY number DESC LIMIT ?"
            return tuple(row["task_id"] for row in connection.execute(query, (workflow, limit)))

        return await self._database.read(read)

    async def outcomes(self) -> Sequence[Outcome]:
        """The newest 200 completed tasks that had a forecast, newest first."""

        def read(connection: sqlite3.Connection) -> tuple[Outcome, ...]:
            return tuple(
                Outcome(
                    forecast=Forecast.model_validate(from_json(row["forecast"])), usd=row["usd"], tokens=row["tokens"]
                )
                for row in connection.execute(_OUTCOMES, (MOST,))
            )

        return await self._database.read(read)
