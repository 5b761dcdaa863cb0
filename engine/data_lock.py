"""One process owns a data directory: a lock that the system drops when its holder dies, with who that is written into it."""

import fcntl
import json
import os
from pathlib import Path
from typing import Self

from core.errors import Refused
from core.types import JsonObject

_NAME = "owner.lock"


class DataLock:
    """Held from `acquire` to `release`. The file stays; only the lock on it counts."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, directory: Path, owner: JsonObject) -> Self:
        """Take `directory` for this process. Raises Refused: it cannot be written to, or who holds it."""
        try:
            directory.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(directory / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Refused(
                f"the data directory {directory} cannot be written to ({error.strerror}): make it a folder that this user "
                "may write, or set DATA_DIR to another one",
                field="DATA_DIR",
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            holder = read_owner(directory) or {}
            who = f"process {holder.get('pid', 'unknown')} ({holder.get('url') or 'no address'})"
            raise Refused(
                f"the data directory {directory} is in use by {who}: stop it, or set DATA_DIR to another directory",
                holder=holder,
            ) from error
        lock = cls(descriptor)
        lock.describe(owner)
        return lock

    def describe(self, owner: JsonObject) -> None:
        """Write who holds the directory: `pid` is added; `url` is where its API listens, when it does."""
        text = json.dumps({"pid": os.getpid(), **owner}).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text, 0)

    def release(self) -> None:
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def read_owner(directory: Path) -> JsonObject | None:
    """Who holds `directory` now; None when nobody does."""
    try:
        descriptor = os.open(directory / _NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            found = json.loads(os.pread(descriptor, 4096, 0))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
    else:
        return None
    finally:
        os.close(descriptor)
