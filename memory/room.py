"""Whether the disk under the data directory has room for what is to be stored."""

import os
from pathlib import Path

from core.errors import NoRoom


class DiskRoom:
    """Room for the service's own files: at least `min_free_bytes`, so that what has begun can still be recorded."""

    def __init__(self, folder: Path, min_free_bytes: int) -> None:
        self._folder = folder
        self._min_free_bytes = min_free_bytes

    def free_bytes(self) -> int:
        """What this user may still write. Raises OSError when the folder is gone."""
        found = os.statvfs(self._folder)
        return found.f_bavail * found.f_frsize

    def check(self) -> None:
        """Raises NoRoom. Takes microseconds: asks the file system, reads nothing."""
        if os.statvfs(self._folder).f_flag & os.ST_RDONLY:
            raise NoRoom(f"the data directory {self._folder} has become read-only: mount it for writing again")
        free = self.free_bytes()
        if free < self._min_free_bytes:
            raise NoRoom(
                f"the disk of the data directory {self._folder} has {free >> 20} MB left, and MIN_FREE_DISK_MB is "
                f"{self._min_free_bytes >> 20}: make room; what has begun goes on by itself then",
                free_bytes=free,
                limit=self._min_free_bytes,
            )
