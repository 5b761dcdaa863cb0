"""A disk of a few megabytes for one process and what it starts: a tmpfs in a mount namespace of its own."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

MOUNT = 'mount -t tmpfs -o "size=$1m,$2" none "$3" && shift 3 && exec "$@"'
UNSHARE = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-r", "-m"]


def on_small_disk(folder: Path, megabytes: int, command: Sequence[str], *, options: str = "mode=700") -> list[str]:
    """`command` with a disk of its own mounted at `folder`; skips where that cannot be had."""
    folder.mkdir(parents=True, exist_ok=True)
    around = [*UNSHARE, "sh", "-c", MOUNT, "sh", str(megabytes), options, str(folder)]
    tried = subprocess.run([*around, "true"], capture_output=True, text=True, timeout=60, check=False)
    if tried.returncode:
        pytest.skip(f"missing: a mount namespace ({tried.stderr.strip()})")
    return [*around, *command]


@dataclass(frozen=True)
class Disk:
    """The disk at `folder` as the process `pid` sees it."""

    pid: int
    folder: Path

    @property
    def path(self) -> Path:
        return Path(f"/proc/{self.pid}/root{self.folder}")

    def free_bytes(self) -> int:
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize

    @contextmanager
    def filled(self, *, but_bytes: int = 0) -> Iterator[None]:
        """Leave `but_bytes` free, until the block ends."""
        filler = self.path / "filler"
        # Without a buffer: one that could not be written out, as others took the last bytes, would fail at the end again.
        with filler.open("wb", buffering=0) as file:
            while (left := self.free_bytes() - but_bytes) > 0:
                try:
                    file.write(b"x" * min(left, 1 << 16))
                except OSError:
                    break
        try:
            yield
        finally:
            filler.unlink()
