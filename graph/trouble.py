"""Which troubles of the machine pass by themselves, or when somebody makes room: a task waits for their end, however long."""

import errno
import sqlite3

from core.errors import NoRoom

_ERRNOS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EIO, errno.EROFS}
)
_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
    }
)


def passes(error: BaseException) -> bool:
    """Whether the disk is full, a file is locked, or the machine has no memory or descriptors left at this moment."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)  # only those that SQLite itself raised have one
        return code is not None and code & 0xFF in _SQLITE
    return isinstance(error, NoRoom) or (isinstance(error, OSError) and error.errno in _ERRNOS)
