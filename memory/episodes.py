"""How the work of agents went, in SQLite: one row for each agent in each finished task."""

import json
import sqlite3
from collections.abc import Sequence

from core.episodes import Episode, EpisodeFilter
from core.errors import InvalidInput
from core.types import AgentName
from memory.database import Database


class SqliteEpisodeLog:
    """EpisodeLog over the table `episodes`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, *episodes: Episode) -> None:
        """Those that are there already stay as they are."""
        rows = [
            (each.task_id, each.agent, each.model_dump_json(exclude={"reflected"}), each.reflected) for each in episodes
        ]
        insert = "INSERT INTO episodes(task_id, agent, body, reflected) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        await self._database.write(lambda connection: connection.executemany(insert, rows).rowcount)

    async def list(self, query: EpisodeFilter) -> Sequence[Episode]:
        """Newest first. Raises InvalidInput when the cursor names none."""
        return await self._database.read(lambda connection: _list(connection, query))

    async def reflected(self, agent: AgentName, task_ids: Sequence[str], diff_id: str) -> None:
        """Say which memory diff these episodes led to."""
        update = (
            "UPDATE episodes SET reflected = ? WHERE agent = ? AND task_id IN (SELECT value FROM json_each(?)) "
            "AND reflected = ''"
        )
        values = (diff_id, agent, json.dumps(list(task_ids)))
        await self._database.write(lambda connection: connection.execute(update, values).rowcount)


def _list(connection: sqlite3.Connection, query: EpisodeFilter) -> tuple[Episode, ...]:
    where, values = ["true"], list[str | int]()
    if query.agent is not None:
        where, values = [*where, "agent = ?"], [*values, query.agent]
    if query.task_id is not None:
        where, values = [*where, "task_id = ?"], [*values, query.task_id]
    if query.reflected is not None:
        where = [*where, "reflected != ''" if query.reflected else "reflected = ''"]
    if query.before is not None:
        task_id, _, agent = query.before.rpartition("/")
        found = connection.execute(
            "SELECT number FROM episodes WHERE task_id = ? AND agent = ?", (task_id, agent)
        ).fetchone()
        if found is None:
            raise InvalidInput(f"before: there is no episode {query.before} to continue below", field="before")
        where, values = [*where, "number < ?"], [*values, found["number"]]
    rows = connection.execute(
        f"SELECT body, reflected FROM episodes WHERE {' AND '.join(where)} ORDER BY number DESC LIMIT ?",  # noqa: S608  # fixed words; values are bound
        (*values, query.limit),
    )
    return tuple(Episode.model_validate({**json.loads(row["body"]), "reflected": row["reflected"]}) for row in rows)
