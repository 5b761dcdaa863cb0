"""The counterpart's machines: a folder, a token and processes each, for as long as they live."""

import asyncio
import os
import secrets
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from core.types import Json, JsonObject

USERS = ("root", "user")
_GONE_S = 10.0


@dataclass
class Remote:
    """A machine. `ends_at` is Unix time; `internet` is what was asked for at its making, None when nothing was."""

    machine_id: str
    template: str
    home: Path
    token: str
    metadata: dict[str, str]
    started_at: float
    ends_at: float
    internet: bool | None
    order: JsonObject
    processes: dict[int, asyncio.subprocess.Process] = field(default_factory=dict)
    commands: dict[int, list[str]] = field(default_factory=dict)
    renewals: list[int] = field(default_factory=list)
    ended: bool = False

    def path(self, named: str) -> Path:
        """As envd resolves it. Only the home of a user is there."""
        inside = named.removeprefix("~/") if named.startswith("~/") else named
        if inside.startswith("/") or ".." in inside.split("/"):
            raise ValueError(f"the counterpart has no {named}")
        return self.home / inside

    async def end_processes(self) -> None:
        """All that were started, and all that they started, wherever they hide."""
        for pid in list(self.processes):
            await asyncio.to_thread(end_tree, pid)


class Fleet:
    """All machines of an account; `most` at once, for at most `longest_s`."""

    def __init__(self, folder: Path, *, templates: tuple[str, ...], most: int = 20, longest_s: int = 3600) -> None:
        self.templates = templates
        self.most = most
        self.longest_s = longest_s
        self.heeds_filters = True
        self.running: dict[str, Remote] = {}
        self.ended: list[Remote] = []
        self._folder = folder

    def make(self, order: JsonObject) -> Remote:
        machine_id = "i" + secrets.token_hex(10)
        home = self._folder / machine_id
        home.mkdir(parents=True)
        now = time.time()
        metadata = order.get("metadata")
        internet = order.get("allow_internet_access")
        remote = Remote(
            machine_id=machine_id,
            template=str(order["templateID"]),
            home=home,
            token=secrets.token_hex(16),
            metadata={str(key): str(value) for key, value in metadata.items()} if isinstance(metadata, dict) else {},
            started_at=now,
            ends_at=now + _seconds(order.get("timeout", 300)),
            internet=internet if isinstance(internet, bool) else None,
            order=order,
        )
        self.running[machine_id] = remote
        return remote

    async def end(self, remote: Remote) -> None:
        """It cannot be reached any more; then nothing of it is alive."""
        if self.running.pop(remote.machine_id, None):
            remote.ended = True
            await remote.end_processes()
            await asyncio.to_thread(shutil.rmtree, remote.home, True)
            self.ended.append(remote)

    async def end_expired(self) -> None:
        for remote in list(self.running.values()):
            if time.time() >= remote.ends_at:
                await self.end(remote)

    async def end_all(self) -> None:
        for remote in list(self.running.values()):
            await self.end(remote)


def end_tree(pid: int) -> None:
    """Kill a process and all below it, and wait until they are gone."""
    everyone = _tree(pid)
    for each in everyone:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(each, signal.SIGKILL)
    until = time.monotonic() + _GONE_S
    while any(_alive(each) for each in everyone) and time.monotonic() < until:
        time.sleep(0.005)


def _tree(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        current = waiting.pop()
        found.append(current)
        with suppress(OSError):
            for task in Path(f"/proc/{current}/task").iterdir():
                waiting.extend(int(child) for child in (task / "children").read_text().split())
    return found


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _seconds(value: Json) -> int:
    assert isinstance(value, int)
    return value
