"""One SQLite file: one writer thread, one reader thread, short transactions, numbered schema versions.

Stores pass functions of a connection; none of them holds a connection or waits for anything inside a transaction.
What is to be written while a transaction is under way goes together into the next one. A third thread folds the
write-ahead log into the file now and then, so that nobody who writes waits for the disk meanwhile.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from core.errors import NoRoom, Refused
from memory.schema import MIGRATIONS
from memory.waking import call_soon, one_wake_up

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
Synchronous = Literal["NORMAL", "FULL"]
BUSY_TIMEOUT_S = 5.0
TOGETHER = 64
"""The most that one transaction holds."""
FOLD_EVERY = 200
"""Transactions, some 800 pages, after which the write-ahead log is folded into the file."""
MOST_PAGES = 4_000
"""Of the write-ahead log; from there on the writer folds it itself, and waits for the disk."""
_DISK = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR})


class DatabaseClosed(Exception):
    """Work was given to a database after `close()`."""


@dataclass(frozen=True, slots=True)
class _Write:
    work: Work[Any]
    committed: Callable[[Any], None] | None
    loop: asyncio.AbstractEventLoop
    done: "asyncio.Future[Any]"


Outcome = tuple[_Write, Any, BaseException | None]
"""A write with its result, or with what went wrong."""


class Database:
    """A file in WAL mode. `NORMAL` survives the death of the process, `FULL` also the loss of power.

    Safe to use from several event loops and threads: order is that of the one writer thread.
    """

    def __init__(self, path: Path, writer: sqlite3.Connection, reader: sqlite3.Connection) -> None:
        self.path = path
        self._writer, self._reader = writer, reader
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-write")
        self._read_thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-read")
        self._fold_thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-fold")
        self._unfolded, self._folding = 0, False
        self._waiting: deque[_Write] = deque()
        self._closed = False

    @classmethod
    async def open(
        cls, path: Path, *, migrations: Sequence[Sequence[str]] = MIGRATIONS, synchronous: Synchronous = "NORMAL"
    ) -> Self:
        """Open `path` (made with its folder when missing) and bring its schema up to date.

        Raises Refused when a newer release wrote the file.
        """
        writer, reader = await asyncio.to_thread(_connect, path, migrations, synchronous)
        return cls(path, writer, reader)

    async def write(self, work: Work[T], *, committed: Callable[[T], None] | None = None) -> T:
        """Run `work` in one immediate transaction, undone when `work` raises. Raises NoRoom when the disk is full.

        Others may share the transaction; when one of them fails, each is run once more in its own, so `work` must do
        nothing but read and write. `committed` is called in the writer thread right after the commit, in the order of
        the calls, even when the caller was cancelled meanwhile: a cancelled wait does not undo the transaction. It must
        be quick and must not raise.
        """
        self._check_open()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._waiting.append(_Write(work, committed, loop, done))
        self._write_thread.submit(self._write_waiting)
        return await done

    async def read(self, work: Work[T]) -> T:
        """Run `work` on the reader's connection; it sees every transaction that was committed before this call."""
        self._check_open()
        return await asyncio.get_running_loop().run_in_executor(self._read_thread, work, self._reader)

    async def close(self) -> None:
        """Let accepted work finish, fold the write-ahead log into the file and close it. Twice does nothing."""
        if self._closed:
            return
        self._closed = True
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._read_thread, self._reader.close)
        for thread in (self._write_thread, self._fold_thread):
            await loop.run_in_executor(thread, _nothing)  # behind whatever it has accepted
        await loop.run_in_executor(self._write_thread, _finish, self._writer)
        for thread in (self._read_thread, self._write_thread, self._fold_thread):
            thread.shutdown(wait=False)

    def _check_open(self) -> None:
        if self._closed:
            raise DatabaseClosed(f"{self.path.name} is closed")

    def _write_waiting(self) -> None:
        """In the writer thread, once for every write: nothing is left to do when an earlier one took it along."""
        waiting = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
        with one_wake_up():
            for write, result, error in self._write_together([each for each in waiting if not each.done.cancelled()]):
                call_soon(write.loop, _tell, write.done, result, error)

    def _write_together(self, batch: Sequence[_Write]) -> Sequence[Outcome]:
        if not batch:
            return []
        try:
            results = _transact(self._writer, lambda connection: [write.work(connection) for write in batch])
        except Exception as error:
            if len(batch) == 1:
                return [(batch[0], None, error)]
            return [outcome for write in batch for outcome in self._write_together([write])]
        for write, result in zip(batch, results, strict=True):
            if write.committed is not None:
                write.committed(result)
        self._fold_now_and_then()
        return [(write, result, None) for write, result in zip(batch, results, strict=True)]

    def _fold_now_and_then(self) -> None:
        """In the writer thread, after a transaction."""
        self._unfolded += 1
        if self._unfolded >= FOLD_EVERY and not self._folding:
            self._unfolded, self._folding = 0, True
            self._fold_thread.submit(self._fold)

    def _fold(self) -> None:
        """Beside the writer, which it does not hold up: it waits for the disk. What fails is left to the next time."""
        try:
            with suppress(sqlite3.Error), closing(_connection(self.path)) as connection:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            self._folding = False


def _tell(done: "asyncio.Future[Any]", result: Any, error: BaseException | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)


def _transact(connection: sqlite3.Connection, work: Work[T]) -> T:
    try:
        connection.execute("BEGIN IMMEDIATE")
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in _DISK:
            raise NoRoom(f"the data directory's disk does not take what is to be stored: {error}") from error
        raise
    return result


def _nothing() -> None: ...


def _finish(writer: sqlite3.Connection) -> None:
    # Another process that reads the file may hold the log open; then it is folded in by the next opening.
    with suppress(sqlite3.OperationalError):
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    writer.close()


def _connect(
    path: Path, migrations: Sequence[Sequence[str]], synchronous: Synchronous
) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = _connection(path)
    try:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute(f"PRAGMA synchronous={synchronous}")
        writer.execute(f"PRAGMA wal_autocheckpoint={MOST_PAGES}")
        _migrate(writer, path, migrations)
        reader = _connection(path)
        reader.execute("PRAGMA query_only=ON")
    except BaseException:
        writer.close()
        raise
    return writer, reader


def _connection(path: Path) -> sqlite3.Connection:
    # check_same_thread is off because connections are opened in one thread and then used by one other thread only.
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    return connection


def _migrate(writer: sqlite3.Connection, path: Path, migrations: Sequence[Sequence[str]]) -> None:
    """Run the migrations the file has not seen, each in one transaction together with its number."""
    version = int(writer.execute("PRAGMA user_version").fetchone()[0])
    if version > len(migrations):
        raise Refused(
            f"{path} was written by a newer release (schema {version}, this release knows {len(migrations)}). "
            "Start the newer release, or restore the backup made before it was installed."
        )
    for number, statements in enumerate(migrations[version:], start=version + 1):

        def apply(connection: sqlite3.Connection, statements: Sequence[str] = statements, number: int = number) -> None:
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={number}")

        _transact(writer, apply)
