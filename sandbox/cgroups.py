"""One control group per box, where this process may make them (version 2 delegated, or version 1); nowhere else needed."""

import os
import time
import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PREFIX = "autonomy-"
_YOUNG_S = 600.0
_ROOT = Path("/sys/fs/cgroup")
_SELF = Path("/proc/self/cgroup")


@dataclass(frozen=True)
class Cgroup:
    """The folders of one box: two with version 1, one with version 2. Limits hold for all processes and their tmpfs."""

    memory: Path
    processes: Path
    version: int

    def add(self, pids: Iterable[int]) -> None:
        for folder in {self.memory, self.processes}:
            for pid in pids:
                _write(folder / "cgroup.procs", str(pid))

    def ran_out_of_memory(self) -> bool:
        name = "memory.oom_control" if self.version == 1 else "memory.events"
        lines = (self.memory / name).read_text().splitlines()
        return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in lines)

    def remove(self) -> None:
        """Remove the folders once they are empty; the kernel may need a moment after the last process."""
        for folder in {self.memory, self.processes}:
            for _ in range(50):
                if _removed(folder):
                    break
                time.sleep(0.01)


@dataclass(frozen=True)
class Cgroups:
    """Where groups can be made."""

    memory: Path
    processes: Path
    version: int

    def create(self, memory: int, processes: int) -> Cgroup:
        """A new group with these limits. Raises OSError."""
        name = f"{_PREFIX}{uuid.uuid4().hex[:12]}"
        group = Cgroup(self.memory / name, self.processes / name, self.version)
        try:
            for folder in {group.memory, group.processes}:
                folder.mkdir()
            for file, value in _settings(group, memory, processes):
                _write(file, value)
            for file, value in _swap(group, memory):
                if file.exists():
                    _write(file, value)
        except OSError:
            group.remove()
            raise
        return group


def find(root: Path = _ROOT, own: Path = _SELF) -> Cgroups | None:
    """A place that really takes a group with both limits; None when there is none. Removes what a killed server left."""
    for candidate in _candidates(root, own):
        try:
            group = candidate.create(64 << 20, 16)
        except OSError:
            continue
        group.remove()
        _sweep(candidate)
        return candidate
    return None


def _settings(group: Cgroup, memory: int, processes: int) -> list[tuple[Path, str]]:
    if group.version == 1:
        return [
            (group.memory / "memory.limit_in_bytes", str(memory)),
            (group.processes / "pids.max", str(processes)),
        ]
    return [
        (group.memory / "memory.max", str(memory)),
        (group.memory / "memory.oom.group", "1"),
        (group.processes / "pids.max", str(processes)),
    ]


def _swap(group: Cgroup, memory: int) -> list[tuple[Path, str]]:
    if group.version == 1:
        return [(group.memory / "memory.memsw.limit_in_bytes", str(memory))]
    return [(group.memory / "memory.swap.max", "0")]


def _write(file: Path, value: str) -> None:
    """Write to a file that the kernel made; never create one."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, value.encode())
    finally:
        os.close(descriptor)


def _candidates(root: Path, own: Path) -> list[Cgroups]:
    """Version 2: below this process's group or beside it (a group with processes of its own may have no children)."""
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return []
    paths = {names: root_path for _, names, root_path in (line.split(":", 2) for line in lines)}
    found: list[Cgroups] = []
    if "" in paths and (root / "cgroup.controllers").exists():
        here = root / paths[""].lstrip("/")
        found += [Cgroups(folder, folder, 2) for folder in (here, here.parent) if folder.is_relative_to(root)]
    if "memory" in paths and "pids" in paths:
        memory, processes = (root / name / paths[name].lstrip("/") for name in ("memory", "pids"))
        found.append(Cgroups(memory, processes, 1))
    return found


def _sweep(place: Cgroups) -> None:
    """Another service on this machine may just have made a group and not yet filled it, so young ones are left alone."""
    oldest = time.time() - _YOUNG_S
    for folder in {place.memory, place.processes}:
        for leftover in folder.glob(f"{_PREFIX}*"):
            with suppress(FileNotFoundError):
                if leftover.stat().st_mtime < oldest:
                    _removed(leftover)


def _removed(folder: Path) -> bool:
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
