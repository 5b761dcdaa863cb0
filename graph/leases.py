"""Who may write a task's checkpoints: each run claims the next epoch, and the database refuses what an older one writes."""

import asyncio
import sqlite3
from dataclasses import dataclass
from typing import Self

from core.types import JsonObject

EPOCH = "run_epoch"
"""The key of a run's configuration that LangGraph copies into the metadata of every checkpoint."""
_SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS run_lease (
    thread_id TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    claims INTEGER NOT NULL,
    checkpoint_id TEXT)""",
    """
CREATE TRIGGER IF NOT EXISTS stale_epoch BEFORE INSERT ON checkpoints
WHEN EXISTS (
    SELECT 1 FROM run_lease WHERE thread_id = NEW.thread_id
    AND epoch > coalesce(json_extract(CAST(NEW.metadata AS TEXT), '$.run_epoch'), 0))
BEGIN SELECT RAISE(ABORT, 'stale epoch: a newer run of this task has begun'); END""",
)
_CLAIM = """
INSERT INTO run_lease SELECT ?1, 1, 1, (SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ?1) WHERE true
ON CONFLICT (thread_id) DO UPDATE SET
    epoch = epoch + 1,
    claims = CASE WHEN checkpoint_id IS excluded.checkpoint_id AND NOT ?2 THEN claims + 1 ELSE 1 END,
    checkpoint_id = excluded.checkpoint_id
RETURNING epoch, claims"""
_RELEASE = "UPDATE run_lease SET claims = 0 WHERE thread_id = ? AND epoch = ?"


@dataclass(frozen=True)
class Lease:
    """`claims` counts the runs of a thread, this one included, that began one after the other without a new checkpoint
    and without an end of their own: each of those was killed."""

    thread_id: str
    epoch: int
    claims: int

    @property
    def configurable(self) -> JsonObject:
        """What a run's configuration must hold, so that its checkpoints are taken."""
        return {EPOCH: self.epoch}


class Leases:
    """The table `run_lease`, beside the checkpoints."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = asyncio.Lock()
        self._held: set[str] = set()

    @classmethod
    async def open(cls, connection: sqlite3.Connection) -> Self:
        """`connection` has no isolation level, may be used from other threads, and belongs to this object from now on."""
        for statement in _SCHEMA:
            await asyncio.to_thread(connection.execute, statement)
        return cls(connection)

    async def claim(self, thread_id: str) -> Lease:
        """Take a thread over: whoever ran it before cannot write another checkpoint.

        A run that this process knows to have ended was not killed, even where its end could not be written down.
        """
        async with self._lock:
            epoch, claims = await asyncio.to_thread(self._one, _CLAIM, (thread_id, thread_id in self._held))
            self._held.add(thread_id)
        return Lease(thread_id, epoch, claims)

    async def release(self, lease: Lease) -> None:
        """The run ended by itself, however it ended."""
        async with self._lock:
            await asyncio.to_thread(self._connection.execute, _RELEASE, (lease.thread_id, lease.epoch))
            self._held.discard(lease.thread_id)

    async def close(self) -> None:
        async with self._lock:
            await asyncio.to_thread(self._connection.close)

    def _one(self, sql: str, values: tuple[str, bool]) -> tuple[int, int]:
        epoch, claims = self._connection.execute(sql, values).fetchone()
        return int(epoch), int(claims)


def is_refusal(error: BaseException) -> bool:
    """Whether a checkpoint was refused because another run has taken the task over."""
    return isinstance(error, sqlite3.IntegrityError) and "stale epoch" in str(error)
