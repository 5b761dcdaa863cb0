"""Words of the sandbox port: what may be run, what came of it, what was really enforced."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Toolchain = Literal["none", "python", "node", "full"]
"""What is bound read-only: nothing but the system, the Python environment, node_modules, or both."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one run. Sizes are bytes, times seconds."""

    wall_s: float = 120.0
    cpu_s: int = 120
    memory: int = 512 << 20
    processes: int = 128
    open_files: int = 512
    file_size: int = 64 << 20
    box_size: int = 256 << 20
    tmp_size: int = 64 << 20
    shm_size: int = 16 << 20
    inodes: int = 20_000
    output: int = 1 << 20
    artifact_total: int = 16 << 20
    artifact_file: int = 4 << 20
    artifact_files: int = 2_000


BROWSER_LIMITS = Limits(memory=2 << 30, processes=256)
"""For a run that drives Chromium (toolchain `full`): room for its heaps and its many threads. Nothing else changes."""


class RunReason(StrEnum):
    """Why a run ended. Only `ok` and `exit` are the command's own doing."""

    OK = "ok"
    EXIT = "exit"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    INODES = "inodes"
    CPU = "cpu"


@dataclass(frozen=True)
class RunResult:
    """`output` is stdout and stderr together, at most `Limits.output` bytes, decoded with replacement.

    `refused` names outputs that were not taken back, with the reason (a symbolic link, too large, ...).
    """

    exit_code: int
    output: str
    reason: RunReason
    seconds: float
    truncated: bool = False
    peak_bytes: int = 0
    files: Mapping[str, bytes] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.reason is RunReason.OK


@dataclass(frozen=True)
class Probe:
    """Whether a backend works on this machine, found out by really starting it; `fix` says what to do when not."""

    backend: str
    ok: bool
    reason: str = ""
    fix: str = ""
    isolation: str = ""
    enforced: tuple[str, ...] = ()
    version: str = ""


@dataclass(frozen=True)
class Demo:
    """A served application: its address for people on this machine, and the Unix time when it ends."""

    demo_id: str
    url: str
    expires_at: float
