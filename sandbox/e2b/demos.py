"""Served applications on machines, shown at public addresses of E2B; at most so many at once."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from core.errors import InvalidInput, SandboxError, TooManyTasks
from core.ports import Clock
from core.sandboxes import Demo
from core.tls import trusted
from sandbox.e2b.command import Command
from sandbox.e2b.machine import Machine, Task

DemoUrl = Callable[[Machine, int], str]
"""The public address of a port of a machine."""

_MAX_TTL_S = 24 * 3600.0
_SHOWN_S = 30.0
_POLL_S = 0.2
_ASK_S = 5.0
_NOT_YET = 502


def public_url(machine: Machine, port: int) -> str:
    return f"https://{machine.host(port)}"


@dataclass
class _Running:
    demo: Demo
    command: Command
    life: "asyncio.Task[None]"


class RemoteDemos:
    """The demos of a service."""

    def __init__(self, most: int, clock: Clock, url: DemoUrl) -> None:
        self._most = most
        self._clock = clock
        self._url = url
        self._running: dict[str, _Running] = {}
        self._starting = 0

    async def start(self, machine: Machine, task: Task, port: int, ttl_s: float) -> Demo:
        """Serve; returns when a request to the public address was answered. Raises InvalidInput, TooManyTasks, SandboxError."""
        self._check(port, ttl_s)
        self._starting += 1
        try:
            command, outside = await machine.serve(task, port, ttl_s)
            try:
                url = self._url(machine, outside)
                await _shown(url, command)
            except BaseException:
                await command.stop()
                raise
            demo = Demo(uuid.uuid4().hex[:12], url, self._clock.now() + ttl_s)
            life = asyncio.create_task(self._live(machine, command, demo.demo_id), name=f"e2b-demo-{demo.demo_id}")
            self._running[demo.demo_id] = _Running(demo, command, life)
            return demo
        finally:
            self._starting -= 1

    async def stop(self, demo_id: str) -> None:
        """End one; an unknown or ended one is fine."""
        if running := self._running.get(demo_id):
            await running.command.stop()
            await asyncio.wait({running.life})

    async def close(self) -> None:
        await asyncio.gather(*(self.stop(demo_id) for demo_id in list(self._running)))

    async def _live(self, machine: Machine, command: Command, demo_id: str) -> None:
        """The machine is at work as long as the demo goes on; its end is the agent's doing, or E2B's."""
        async with machine.at_work():
            await asyncio.wait({command.ended})
        self._running.pop(demo_id, None)

    def _check(self, port: int, ttl_s: float) -> None:
        if not 1024 <= port <= 65535:
            raise InvalidInput(f"port {port} is not between 1024 and 65535")
        if not 0 < ttl_s <= _MAX_TTL_S:
            raise InvalidInput(f"a demo may last up to {_MAX_TTL_S:g} s, not {ttl_s:g}")
        if len(self._running) + self._starting >= self._most:
            now = self._clock.now()
            soonest = min((running.demo.expires_at for running in self._running.values()), default=now + 60)
            wait_s = max(1, round(soonest - now))
            raise TooManyTasks(f"{self._most} demos run already; close one or wait", retry_after_s=wait_s)


async def _shown(url: str, command: Command) -> None:
    """Wait until the address answers. Raises SandboxError when the server ends first, or E2B does not pass requests on."""
    ended = command.ended
    async with httpx.AsyncClient(timeout=_ASK_S, follow_redirects=False, verify=trusted()) as client:
        for _ in range(round(_SHOWN_S / _POLL_S)):
            if ended.done():
                raise SandboxError("the server ended before it was shown")
            try:
                async with asyncio.timeout(_ASK_S):
                    answer = await client.get(url)
                if answer.status_code != _NOT_YET:
                    return
            except (httpx.TransportError, TimeoutError):
                """Not yet."""
            await asyncio.wait({ended}, timeout=_POLL_S)
    raise SandboxError(f"the server answers inside, but not at {url}")
