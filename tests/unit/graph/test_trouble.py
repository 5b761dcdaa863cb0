"""What a task waits for, and what it fails by."""

import errno
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import Conflict, NoRoom
from graph.trouble import passes


def full(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "full.db")) as connection:
        connection.execute("CREATE TABLE notes (text TEXT)")
        connection.execute("PRAGMA max_page_count=2")
        connection.execute("INSERT INTO notes VALUES (?)", ("x" * 100_000,))


def locked(folder: Path) -> None:
    with (
        closing(sqlite3.connect(folder / "locked.db", isolation_level=None)) as first,
        closing(sqlite3.connect(folder / "locked.db", timeout=0)) as second,
    ):
        first.execute("BEGIN EXCLUSIVE")
        second.execute("CREATE TABLE notes (text TEXT)")


def wrong_statement(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "wrong.db")) as connection:
        connection.execute("SELECT * FROM nothing")


def corrupt(folder: Path) -> None:
    (folder / "corrupt.db").write_bytes(b"no database at all" * 1000)
    with closing(sqlite3.connect(folder / "corrupt.db")) as connection:
        connection.execute("SELECT * FROM sqlite_master")


@pytest.mark.parametrize(
    ("fail", "expected"), [(full, True), (locked, True), (wrong_statement, False), (corrupt, False)]
)
def test_a_full_or_locked_database_passes_and_a_broken_one_does_not(
    tmp_path: Path, fail: Callable[[Path], None], expected: bool
) -> None:
    with pytest.raises(sqlite3.Error) as raised:
        fail(tmp_path)
    assert passes(raised.value) is expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EMFILE, "Too many open files"), True),
        (NoRoom("the disk is full"), True),
        (FileNotFoundError(errno.ENOENT, "No such file"), False),
        (PermissionError(errno.EACCES, "Permission denied"), False),
        (OSError("no number"), False),
        (sqlite3.OperationalError("made by hand"), False),
        (Conflict("somebody was first"), False),
    ],
)
def test_errors_of_the_machine_pass_by_their_number(error: Exception, expected: bool) -> None:
    assert passes(error) is expected
