"""One connection and one thread that write. What is asked while a transaction is under way goes together into the next one."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

Statement = tuple[str, Sequence[Sequence[Any] | Mapping[str, Any]]]
"""SQL, and the rows of values that it is executed with."""

WAITING = 4096
"""Writes that may wait for the thread; who asks for more waits to be let in."""
TOGETHER = 512
"""The most that one transaction holds."""


class Closed(Exception):
    """A write was asked for after `close()`."""


@dataclass(frozen=True, slots=True)
class _Write:
    statements: Sequence[Statement]
    done: "asyncio.Future[None]"


class GroupCommit:
    """Writes of one event loop to one SQLite file. Each returns when it is committed, and fails alone when it fails."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """`connection` has no isolation level, may be used from another thread, and belongs to this object from now on."""
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._writes: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._room = asyncio.Semaphore(WAITING)
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="group-commit", daemon=True)
        self._thread.start()

    async def write(self, *statements: Statement) -> None:
        """Execute the statements in one transaction, together with whatever else waits.

        A cancelled wait does not undo the write. Raises sqlite3.Error for what these statements did, and Closed.
        """
        await self._room.acquire()
        if self._closed:  # asked after the wait: what is given to a thread that has ended is never answered
            self._room.release()
            raise Closed("the checkpoints are closed")
        done: asyncio.Future[None] = self._loop.create_future()
        self._writes.put(_Write(statements, done))
        await done

    async def close(self) -> None:
        """Commit what waits, fold the write-ahead log into the file, and end. Twice does nothing."""
        if not self._closed:
            self._closed = True
            self._writes.put(None)
            await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        while batch := self._next():
            results = self._commit(batch)
            self._loop.call_soon_threadsafe(self._tell, results)
        with suppress(sqlite3.OperationalError):  # another process that reads the file may hold the log
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()

    def _next(self) -> list[_Write]:
        """What waits, at most TOGETHER; empty when it is over."""
        batch: list[_Write] = []
        while (write := self._writes.get()) is not None:
            batch.append(write)
            if len(batch) == TOGETHER or self._writes.empty():
                return batch
        if batch:
            self._writes.put(None)
        return batch

    def _commit(self, batch: list[_Write]) -> list[tuple[_Write, Exception | None]]:
        """Each write with what went wrong. When one of many fails, each is tried in a transaction of its own."""
        try:
            self._transact(batch)
        except sqlite3.Error as error:
            if len(batch) == 1:
                return [(batch[0], error)]
            return [result for write in batch for result in self._commit([write])]
        return [(write, None) for write in batch]

    def _transact(self, batch: list[_Write]) -> None:
        execute = self._connection.executemany
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for write in batch:
                for sql, rows in write.statements:
                    execute(sql, rows)
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _tell(self, results: list[tuple[_Write, Exception | None]]) -> None:
        for write, error in results:
            self._room.release()
            if write.done.done():
                continue
            if error is None:
                write.done.set_result(None)
            else:
                write.done.set_exception(error)
