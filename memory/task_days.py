"""Tasks by the day on which they ended: how many of each outcome, what they cost, how long they took."""

import sqlite3
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from core.analytics import TaskRow, begin_of, day_of, seconds_at_work
from core.types import TaskStatus
from memory.database import Database

_ENDED = """
SELECT task_id, status, ended_at, json_extract(body, '$.created_at') AS created_at,
    max(calls_cost_usd, json_extract(body, '$.total_cost_usd')) AS cost_usd
FROM tasks WHERE ended_at >= ? ORDER BY ended_at"""
_WAITS = """
SELECT task_id, created_at, decided_at FROM interrupts
WHERE task_id IN (SELECT task_id FROM tasks WHERE ended_at >= ?)"""
_Waits = Mapping[str, Sequence[tuple[float, float | None]]]


class SqliteTaskDays:
    """Reads tasks and questions and writes nothing. An end is when the task became final, whatever was changed later."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rows(self, days: Sequence[str]) -> Sequence[TaskRow]:
        """A row for each of these days (UTC), which follow each other. Costs what the tasks of these days cost to read."""
        since = begin_of(days[0])

        def read(
            connection: sqlite3.Connection,
        ) -> tuple[list[sqlite3.Row], dict[str, list[tuple[float, float | None]]]]:
            waits = defaultdict(list)
            for row in connection.execute(_WAITS, (since,)):
                waits[row["task_id"]].append((row["created_at"], row["decided_at"]))
            return connection.execute(_ENDED, (since,)).fetchall(), waits

        ended, waits = await self._database.read(read)
        by_day: dict[str, list[sqlite3.Row]] = {day: [] for day in days}
        for row in ended:
            by_day.setdefault(day_of(row["ended_at"]), []).append(row)
        return tuple(_task_row(day, by_day[day], waits) for day in days)


def _task_row(day: str, ended: Sequence[sqlite3.Row], waits: _Waits) -> TaskRow:
    outcomes = [row["status"] for row in ended]
    return TaskRow(
        day=day,
        completed=outcomes.count(TaskStatus.COMPLETED),
        failed=outcomes.count(TaskStatus.FAILED),
        cancelled=outcomes.count(TaskStatus.CANCELLED),
        cost_usd=sum(row["cost_usd"] for row in ended),
        seconds=statistics.median(_seconds(ended, waits)) if ended else None,
    )


def _seconds(ended: Sequence[sqlite3.Row], waits: _Waits) -> Iterable[float]:
    """Of each task. A question that nobody answered was waited for until the end."""
    for row in ended:
        asked = [(begun, row["ended_at"] if end is None else end) for begun, end in waits.get(row["task_id"], ())]
        yield seconds_at_work(row["created_at"], row["ended_at"], asked)
