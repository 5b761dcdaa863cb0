"""What changed identities, in SQLite beside the calls that led to it: appended, never changed."""

import sqlite3
from collections.abc import Sequence

from core.agent_views import MemoryDiff, MemoryDiffFilter
from core.errors import InvalidInput
from observability.storage import Storage


class SqliteMemoryDiffLog:
    """MemoryDiffLog over the table `memory_diffs`."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def record(self, diff: MemoryDiff) -> None:
        """Append; a `diff_id` that is there already does nothing."""
        values = (diff.diff_id, diff.agent, diff.model_dump_json())

        def insert(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO memory_diffs(diff_id, agent, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", values
            )

        await self._storage.run(insert)

    async def list(self, query: MemoryDiffFilter) -> Sequence[MemoryDiff]:
        """Newest first. Raises InvalidInput when the cursor names none."""
        return await self._storage.run(lambda connection: _list(connection, query))


def _list(connection: sqlite3.Connection, query: MemoryDiffFilter) -> tuple[MemoryDiff, ...]:
    where, values = ["true"], list[str | int]()
    if query.agent is not None:
        where, values = [*where, "agent = ?"], [*values, query.agent]
    if query.before is not None:
        found = connection.execute("SELECT number FROM memory_diffs WHERE diff_id = ?", (query.before,)).fetchone()
        if found is None:
            raise InvalidInput(f"before: there is no memory diff {query.before} to continue below", field="before")
        where, values = [*where, "number < ?"], [*values, found["number"]]
    rows = connection.execute(
        f"SELECT body FROM memory_diffs WHERE {' AND '.join(where)} ORDER BY number DESC LIMIT ?",  # noqa: S608  # fixed words; values are bound
        (*values, query.limit),
    )
    return tuple(MemoryDiff.model_validate_json(row["body"]) for row in rows)
