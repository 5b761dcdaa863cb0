"""Who did what, in SQLite: appended, never changed."""

import sqlite3
from collections.abc import Sequence

from core.access import AuditEntry, AuditFilter
from memory.database import Database

_COLUMNS = ("ts", "name", "role", "via", "action", "target", "status", "request_id", "client")
_INSERT = f"INSERT INTO audit({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)})"  # noqa: S608  # fixed words


class SqliteAuditLog:
    """AuditLog over the table `audit`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, entry: AuditEntry) -> None:
        values = entry.model_dump(mode="json", exclude={"position"})
        await self._database.write(lambda connection: connection.execute(_INSERT, values).rowcount)

    async def list(self, query: AuditFilter) -> Sequence[AuditEntry]:
        """Newest first."""
        where, values = ["true"], list[str | int]()
        if query.name is not None:
            where, values = [*where, "name = ?"], [*values, query.name]
        if query.before is not None:
            where, values = [*where, "position < ?"], [*values, query.before]

        def read(connection: sqlite3.Connection) -> tuple[AuditEntry, ...]:
            rows = connection.execute(
                f"SELECT * FROM audit WHERE {' AND '.join(where)} ORDER BY position DESC LIMIT ?",  # noqa: S608  # fixed words; values are bound
                (*values, query.limit),
            )
            return tuple(AuditEntry.model_validate(dict(row)) for row in rows)

        return await self._database.read(read)
