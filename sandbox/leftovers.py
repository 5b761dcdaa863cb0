"""Removes what a server left that was killed in the first milliseconds of a box.

bubblewrap's child waits for a word of its parent before it asks to die with it; a parent killed right then leaves a child that
waits for ever. It runs nothing and never will, but it holds a process.
"""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from sandbox import procfs
from sandbox.command import SCRIPT

_MARK = SCRIPT.encode()
_PROGRAM = "bwrap"


def remove() -> int:
    """End the abandoned first processes of boxes; how many there were. Those of other users are left alone."""
    removed = 0
    for pid in _abandoned():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            descriptor = os.pidfd_open(pid)
            try:
                if _is_abandoned(pid):  # still the same process, now that it is held
                    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                    removed += 1
            finally:
                os.close(descriptor)
    return removed


def _abandoned() -> Iterator[int]:
    for name in os.listdir("/proc"):
        if name.isdigit() and _is_abandoned(int(name)):
            yield int(name)


def _is_abandoned(pid: int) -> bool:
    """The first process of a box of ours whose parent is not bubblewrap any more."""
    try:
        if _MARK not in Path(f"/proc/{pid}/cmdline").read_bytes() or not _is_first(pid):
            return False
        parent = procfs.parent(pid)
        return parent is not None and Path(f"/proc/{parent}/comm").read_text().strip() != _PROGRAM
    except OSError:
        return False


def _is_first(pid: int) -> bool:
    """Whether it has number 1 in a process namespace below ours."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("NSpid:"):
            numbers = line.split()[1:]
            return len(numbers) > 1 and numbers[-1] == "1"
    return False
