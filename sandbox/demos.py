"""Served applications: a server in a box without network, shown on a loopback port of this machine.

The host makes the Unix socket in a folder of its own and passes the listening end in. A path that the box could write, or a
listening TCP socket, would be a way out.
"""

import asyncio
import contextlib
import functools
import os
import shutil
import socket
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import InvalidInput, Refused, SandboxError, TooManyTasks
from core.sandboxes import Demo, Limits, RunResult
from sandbox.box import Job
from sandbox.command import Mounts, payload_command
from sandbox.front import Front
from sandbox.workers import Workers

START_S = 60.0
_POLL_S = 0.05
_MAX_TTL_S = 24 * 3600.0
_TAIL = 2000
_PYTHON = Path("/usr/bin/python3")
_SOCKET = "s"


@functools.cache
def forwarder_source() -> str:
    """The program that stands between the passed socket and the server inside; read once."""
    return Path(__file__).with_name("forwarder.py").read_text()


@dataclass(frozen=True)
class Shown:
    """Where demos are shown: the address of this machine that they listen on, and the name that people know it by."""

    listens_on: str = "127.0.0.1"
    known_as: str = ""

    def url(self, port: int) -> str:
        return f"http://{self.known_as or self.listens_on}:{port}"


@dataclass
class _Running:
    demo: Demo
    run: "asyncio.Task[RunResult]"
    front: Front


class Demos:
    """All demos of a provider, at most `most` at once."""

    def __init__(self, workers: Workers, folder: Path, most: int, shown: Shown | None = None) -> None:
        self._workers = workers
        self._shown = shown or Shown()
        self._folder = folder
        self._most = most
        self._running: dict[str, _Running] = {}
        self._starting = 0

    def sweep(self) -> None:
        """Remove the sockets that a killed server left; for before the first demo."""
        shutil.rmtree(self._folder, ignore_errors=True)

    async def start(self, argv: Sequence[str], mounts: Mounts, archive: bytes, port: int, ttl_s: float) -> Demo:
        """Serve `argv`; returns when it has answered a request."""
        self._check(port, ttl_s)
        self._starting += 1
        try:
            running = await self._start(argv, mounts, archive, port, ttl_s)
        finally:
            self._starting -= 1
        demo_id = running.demo.demo_id
        self._running[demo_id] = running
        running.run.add_done_callback(lambda _: self._running.pop(demo_id, None))
        return running.demo

    async def stop(self, demo_id: str) -> None:
        """End one demo; an unknown or ended one is fine."""
        if running := self._running.get(demo_id):
            running.run.cancel()
            await asyncio.wait([running.run])

    async def ended(self, demo_id: str) -> None:
        """Wait until a demo is over; an unknown one is."""
        if running := self._running.get(demo_id):
            await asyncio.wait([running.run])

    async def close(self) -> None:
        for demo_id in list(self._running):
            await self.stop(demo_id)

    def _check(self, port: int, ttl_s: float) -> None:
        if not 1024 <= port <= 65535:
            raise InvalidInput(f"port {port} is not between 1024 and 65535")
        if not 0 < ttl_s <= _MAX_TTL_S:
            raise InvalidInput(f"a demo may last up to {_MAX_TTL_S:g} s, not {ttl_s:g}")
        if not _PYTHON.exists():
            raise Refused(f"a live demo needs {_PYTHON}: install python3 from your distribution")
        if len(self._running) + self._starting >= self._most:
            soonest = min((running.demo.expires_at for running in self._running.values()), default=time.time() + 60)
            wait_s = max(1.0, soonest - time.time())
            raise TooManyTasks(f"{self._most} demos run already; close one or wait", retry_after_s=round(wait_s))

    async def _start(self, argv: Sequence[str], mounts: Mounts, archive: bytes, port: int, ttl_s: float) -> _Running:
        demo_id = uuid.uuid4().hex[:12]
        place = _Place(self._folder / demo_id)
        limits = Limits(wall_s=ttl_s, cpu_s=max(1, int(ttl_s)))
        bridge = [str(_PYTHON), "-I", "-S", "-c", forwarder_source(), str(place.listener.fileno()), str(port)]
        payload = payload_command([*bridge, *argv], {}, (), limits)
        job = Job(payload, mounts, limits, archive, listener=place.listener.fileno())
        front = Front(place.address, self._shown.listens_on)
        run = asyncio.create_task(self._live(job, place, front), name=f"demo-{demo_id}")
        try:
            await _answering(place.address, run)
            demo = Demo(demo_id, self._shown.url(await front.open()), time.time() + ttl_s)
        except BaseException:
            run.cancel()
            await asyncio.wait([run])
            raise
        return _Running(demo, run, front)

    async def _live(self, job: Job, place: "_Place", front: Front) -> RunResult:
        """The whole life of a demo. The host's copy of the listener is closed once the box has its own."""
        try:
            return await self._workers.run(job, lambda _: place.listener.close())
        finally:
            await front.close()
            place.remove()


class _Place:
    """A private folder with the listening socket in it, addressed through its descriptor since socket paths are short."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True)
        self._descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self.address = f"/proc/self/fd/{self._descriptor}/{_SOCKET}"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.address)
        self.listener.listen(64)

    def remove(self) -> None:
        self.listener.close()
        os.close(self._descriptor)
        shutil.rmtree(self._folder, ignore_errors=True)


async def _answering(address: str, run: "asyncio.Task[RunResult]") -> None:
    """Wait for the first HTTP response. Raises SandboxError with what the server wrote when it ends or stays silent."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if run.done():
            result = run.result()
            raise SandboxError(
                f"the server ended with code {result.exit_code} before it answered: {result.output[-_TAIL:]}"
            )
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_POLL_S * 100):
                answer = await _ask(address)
            if answer.startswith(b"HTTP/"):
                return
        await asyncio.wait([run], timeout=_POLL_S)
    raise SandboxError(f"the server did not answer a request within {START_S:g} s")


async def _ask(address: str) -> bytes:
    reader, writer = await asyncio.open_unix_connection(address)
    with contextlib.closing(writer):
        writer.write(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
        await writer.drain()
        return await reader.read(5)
