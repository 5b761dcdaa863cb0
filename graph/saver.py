"""LangGraph's checkpoints in SQLite, written by one thread in common transactions. The stock saver can read the file."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_id,
    get_checkpoint_metadata,
)
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.checkpoint.sqlite.utils import load_pending_writes, pending_writes_sql

from graph import checkpoint_sql as sql
from graph.group_commit import GroupCommit
from graph.leases import EPOCH

_PENDING = pending_writes_sql(True)


class CorruptCheckpoint(Exception):
    """A row, or what was written from it, that is no checkpoint: damaged, forged, or of a release that kept them otherwise."""

    def __init__(self, thread_id: str, checkpoint_id: str, reason: str) -> None:
        super().__init__(f"checkpoint {checkpoint_id} of {thread_id} cannot be read: {reason[:200]}")
        self.thread_id = thread_id
        self.checkpoint_id = checkpoint_id


class GroupCommitSaver(AsyncSqliteSaver):
    """AsyncSqliteSaver with the same tables; it prunes and copies too.

    Writes go through `commits`, the usual read (the newest checkpoint of a thread) through `reader`; what is rare (listing)
    is left to the stock saver's own connection.
    """

    def __init__(
        self,
        connection: aiosqlite.Connection,
        commits: GroupCommit,
        reader: sqlite3.Connection,
        *,
        serde: SerializerProtocol,
    ) -> None:
        super().__init__(connection, serde=serde)
        self._commits = commits
        self._reader = reader
        self._read_thread = ThreadPoolExecutor(1, thread_name_prefix="checkpoint-read")

    def get_next_version(self, current: Any, channel: None) -> Any:
        """Numbers, where the stock saver has texts of fifty characters: half of a checkpoint would be versions.

        A thread that began with such texts goes on with them.
        """
        return super().get_next_version(current, channel) if isinstance(current, str) else (current or 0) + 1

    async def close(self) -> None:
        """Commit what waits; nothing may be asked afterwards."""
        await self._commits.close()
        await asyncio.get_running_loop().run_in_executor(self._read_thread, self._reader.close)
        self._read_thread.shutdown(wait=False)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        where = config["configurable"]
        thread_id, namespace = str(where["thread_id"]), str(where.get("checkpoint_ns", ""))
        rows = await asyncio.get_running_loop().run_in_executor(
            self._read_thread, self._read, thread_id, namespace, get_checkpoint_id(config)
        )
        if rows is None:
            return None
        (newest, parent_id, kind, body, metadata), pending = rows
        try:
            checkpoint = _whole(self.serde.loads_typed((kind, body)), newest)
            known: CheckpointMetadata = json.loads(metadata) if metadata is not None else {}
            writes = load_pending_writes(pending, self.serde)
        except (ValueError, TypeError, KeyError, NotImplementedError) as error:
            raise CorruptCheckpoint(thread_id, newest, str(error) or type(error).__name__) from error
        return CheckpointTuple(
            config=config if get_checkpoint_id(config) else _config(thread_id, namespace, newest),
            checkpoint=checkpoint,
            metadata=known,
            parent_config=_config(thread_id, namespace, parent_id) if parent_id else None,
            pending_writes=writes,
        )

    def _read(self, thread_id: str, namespace: str, checkpoint_id: str | None) -> tuple[Any, list[Any]] | None:
        where = (thread_id, namespace)
        query, values = (sql.ONE, (*where, checkpoint_id)) if checkpoint_id else (sql.NEWEST, where)
        row = self._reader.execute(query, values).fetchone()
        return None if row is None else (row, self._reader.execute(_PENDING, (*where, row[0])).fetchall())

    async def ahas(self, thread_id: str) -> bool:
        """Whether the thread has any checkpoint, one that can be read or not."""
        return (
            await asyncio.get_running_loop().run_in_executor(self._read_thread, self._read, thread_id, "", None)
            is not None
        )

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        where = config["configurable"]
        thread_id, namespace = str(where["thread_id"]), str(where["checkpoint_ns"])
        known = json.dumps(get_checkpoint_metadata(config, metadata), ensure_ascii=False).encode("utf-8", "ignore")
        row = (
            thread_id,
            namespace,
            checkpoint["id"],
            where.get("checkpoint_id"),
            *self.serde.dumps_typed(checkpoint),
            known,
        )
        await self._commits.write((sql.PUT, [row]))
        return _config(thread_id, namespace, checkpoint["id"])

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        where = config["configurable"]
        key = (str(where["thread_id"]), str(where["checkpoint_ns"]), str(where["checkpoint_id"]), task_id, task_path)
        rows = [
            (*key, WRITES_IDX_MAP.get(channel, index), channel, *self.serde.dumps_typed(value))
            for index, (channel, value) in enumerate(writes)
        ]
        special = all(channel in WRITES_IDX_MAP for channel, _ in writes)
        await self._commits.write((sql.REPLACE_WRITE if special else sql.KEEP_WRITE, rows))

    async def aset_aside(self, corrupt: CorruptCheckpoint) -> None:
        """Take a row away that cannot be read, so that the one before it is the newest; it is kept in a table of its own."""
        row = {"thread": corrupt.thread_id, "ns": "", "id": corrupt.checkpoint_id, "reason": str(corrupt)}
        await self._commits.write(*((query, [row]) for query in sql.SET_ASIDE))

    async def adelete_thread(self, thread_id: str) -> None:
        await self._commits.write(*((query, [(str(thread_id),)]) for query in sql.DELETE))

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """`keep_latest` leaves each namespace's newest checkpoint with its writes, `delete` nothing.

        A pruned thread that is paused still resumes: this project's state has no DeltaChannel, whose values would need
        the older checkpoints.
        """
        statements = {"keep_latest": sql.KEEP_NEWEST, "delete": sql.DELETE}.get(strategy)
        if statements is None:
            raise ValueError(f"strategy must be 'keep_latest' or 'delete', not {strategy!r}")
        if thread_ids:
            await self._commits.write(*((query, [(str(one),) for one in thread_ids]) for query in statements))

    async def aunpruned_threads(self) -> list[str]:
        """Threads that have more than their last checkpoint."""

        def read() -> list[str]:
            return [str(thread_id) for (thread_id,) in self._reader.execute(sql.LONG_THREADS)]

        return await asyncio.get_running_loop().run_in_executor(self._read_thread, read)

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Raises sqlite3.IntegrityError when the target has such checkpoints already."""
        values = {"source": str(source_thread_id), "target": str(target_thread_id), "until": None, "epoch": None}
        await self._commits.write(*((query, [values]) for query in sql.COPY))

    async def afork_thread(self, target_thread_id: str, past: CheckpointTuple, epoch: int) -> None:
        """Copy the past of a thread as written by the run of `epoch`: up to `past`, as it was before anything ran from there.

        The checkpoint and the metadata of `past` may have been changed. Raises sqlite3.IntegrityError when the target
        has such checkpoints already.
        """
        where = past.config["configurable"]
        values = {
            "source": where["thread_id"],
            "target": target_thread_id,
            "until": where["checkpoint_id"],
            "epoch": epoch,
        }
        kind, body = self.serde.dumps_typed(past.checkpoint)
        metadata = json.dumps({**past.metadata, EPOCH: epoch}, ensure_ascii=False).encode()
        newest = (kind, body, metadata, target_thread_id, where["checkpoint_ns"], where["checkpoint_id"])
        await self._commits.write(*((query, [values]) for query in sql.COPY), (sql.CHANGE, [newest]))


def _whole(found: Any, checkpoint_id: str) -> Checkpoint:
    """What was loaded, if it has the shape of this checkpoint: damaged bytes may well load as something else."""
    parts = ("channel_values", "channel_versions", "versions_seen")
    if not isinstance(found, dict) or not all(isinstance(found.get(part), dict) for part in parts):
        raise ValueError("it does not have the parts of a checkpoint")
    if found.get("id") != checkpoint_id:
        raise ValueError("it is another checkpoint")
    whole: Checkpoint = found  # type: ignore[assignment]  # the shape was looked at
    return whole


def _config(thread_id: str, namespace: str, checkpoint_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id, "checkpoint_ns": namespace, "checkpoint_id": checkpoint_id}}
