"""What the host can see of the processes in a box, read from /proc. Everything may vanish while it is read."""

import os
from collections.abc import Iterable
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_WRITABLE = ("box", "tmp", "dev/shm")


def tree(pid: int) -> list[int]:
    """`pid` and every process below it."""
    found, waiting = [], [pid]
    while waiting:
        current = waiting.pop()
        found.append(current)
        waiting.extend(_children(current))
    return found


def parent(pid: int) -> int | None:
    """The parent of `pid`; None when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[1])


def resident(pids: Iterable[int]) -> int:
    """Bytes in memory, pages that are shared counted for each process: never too low, cheap."""
    return sum(_resident(pid) for pid in pids)


def proportional(pids: Iterable[int]) -> int:
    """Bytes in memory, shared pages divided among those who share them; a process that hides counts in full."""
    total = 0
    for pid in pids:
        share = _proportional(pid)
        total += _resident(pid) if share is None else share
    return total


def inodes(pid: int) -> int | None:
    """Files and folders that exist in the writable places of the box of `pid`; None when they cannot be seen."""
    used = 0
    for place in _WRITABLE:
        try:
            status = os.statvfs(f"/proc/{pid}/root/{place}")
        except OSError:
            return None
        used += status.f_files - status.f_ffree
    return used


def _children(pid: int) -> list[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    children: list[int] = []
    for thread in threads:
        try:
            children.extend(int(child) for child in Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
        except OSError:
            continue
    return children


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _proportional(pid: int) -> int | None:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return None
    return None
