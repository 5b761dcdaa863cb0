"""Watches a running box from outside and says when it holds more than one of its limits allows."""

import time
from dataclasses import dataclass, field

from core.sandboxes import Limits, RunReason
from sandbox import procfs

INTERVAL_S = 0.05


@dataclass
class Watchdog:
    """Call `look` every INTERVAL_S. `pid` is the first process of the box; `peak` the highest memory seen, in bytes."""

    pid: int
    limits: Limits
    files_at_start: int | None
    peak: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def look(self) -> RunReason | None:
        """The limit that is broken, None when all is well."""
        if self._memory() > self.limits.memory:
            return RunReason.MEMORY
        if self._files() > self.limits.inodes:
            return RunReason.INODES
        return None

    def _files(self) -> int:
        used = procfs.inodes(self.pid)
        return 0 if used is None or self.files_at_start is None else used - self.files_at_start

    def _memory(self) -> int:
        """Resident memory; where that is too much, shared pages are told apart before anything is killed for it."""
        processes = procfs.tree(self.pid)
        used = procfs.resident(processes)
        if used > self.limits.memory:
            used = procfs.proportional(processes)
        self.peak = max(self.peak, used)
        return used
