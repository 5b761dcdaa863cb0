"""Runs ON the E2B machine as root, by its bare system Python: starts boxes there and tells what came of them.

Arguments: `probe`, `run` or `serve`, then the job's file, which is removed once it is read. Answers are marked lines on standard
output. A line `stop` on standard input ends what runs.
"""

import asyncio
import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import AutonomyError
from core.sandboxes import Limits, RunResult
from sandbox import cgroups, supervise
from sandbox.box import Job
from sandbox.command import Launcher, Mounts, payload_command
from sandbox.demos import Demos
from sandbox.e2b import wire
from sandbox.mounts import mounts_for
from sandbox.probing import examine
from sandbox.supervise import Stop
from sandbox.toolchain import locate
from sandbox.workers import Workers

_MOST_BYTES = 1 << 30
_BWRAP = Path("/usr/bin/bwrap")


@dataclass(frozen=True)
class Order:
    """A job as it was sent: `uid` is what root becomes before it starts a box, `toolchains` the folder that holds them."""

    uid: int
    toolchains: str
    toolchain: str = "none"
    argv: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    outputs: tuple[str, ...] = ()
    limits: tuple[tuple[str, float], ...] = ()
    port: int = 0
    ttl_s: float = 0.0

    def launcher(self) -> Launcher:
        return Launcher(_BWRAP, self.uid if os.geteuid() == 0 else None)

    def bounds(self) -> Limits:
        return Limits(**dict(self.limits))  # type: ignore[arg-type]  # written from the same class by the service

    def mounts(self) -> Mounts:
        return mounts_for(self.toolchain, locate(Path(self.toolchains)))  # type: ignore[arg-type]  # checked by its maker


def main(arguments: list[str]) -> int:
    verb, path = arguments
    try:
        order, body = _read(Path(path))
        if verb == "probe":
            _say(_probe(order))
        elif verb == "run":
            result = _run(order, body)
            _say(_header(result), b"".join(result.files.values()))
        else:
            asyncio.run(_serve(order, body))
    except AutonomyError as error:
        _say({"kind": "error", "message": str(error)})
    return 0


def _read(path: Path) -> tuple[Order, bytes]:
    header, body = wire.unpack(path.read_bytes(), _MOST_BYTES)
    path.unlink()
    return Order(**header), body  # type: ignore[arg-type]  # written by the service, which is trusted


def _say(header: dict[str, object], body: bytes = b"") -> None:
    sys.stdout.write(wire.line(header, body))
    sys.stdout.flush()


def _probe(order: Order) -> dict[str, object]:
    found = examine(order.launcher()).probe
    built = locate(Path(order.toolchains))
    return {
        "kind": "probe",
        "ok": found.ok,
        "reason": found.reason,
        "isolation": found.isolation,
        "enforced": found.enforced,
        "version": found.version,
        "python": built.python_version if built.python else "",
        "node": built.node_version if built.node_modules else "",
    }


def _run(order: Order, archive: bytes) -> RunResult:
    limits = order.bounds()
    payload = payload_command(order.argv, dict(order.env), order.outputs, limits)
    stop = Stop()
    _heed(stop.set)
    return supervise.run(order.launcher(), Job(payload, order.mounts(), limits, archive), cgroups.find(), stop)


def _header(result: RunResult) -> dict[str, object]:
    return {
        "kind": "result",
        "exit_code": result.exit_code,
        "output": result.output,
        "reason": result.reason.value,
        "seconds": result.seconds,
        "truncated": result.truncated,
        "peak_bytes": result.peak_bytes,
        "files": [[path, len(content)] for path, content in result.files.items()],
        "refused": dict(result.refused),
    }


async def _serve(order: Order, archive: bytes) -> None:
    """Until the server ends, its time is over or a stop comes."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.call_soon_threadsafe(stopped.set)

    _heed(stop)
    workers = Workers(order.launcher(), 1)
    workers.cgroups = cgroups.find()
    with tempfile.TemporaryDirectory() as folder:
        demos = Demos(workers, Path(folder) / "demos", 1)
        serving = asyncio.create_task(_demo(demos, order, archive))
        stopping = asyncio.create_task(stopped.wait())
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (serving, stopping):
                task.cancel()
            await asyncio.wait({serving, stopping})
            await demos.close()
            await workers.close()
    if not serving.cancelled():
        serving.result()


async def _demo(demos: Demos, order: Order, archive: bytes) -> None:
    demo = await demos.start(order.argv, order.mounts(), archive, order.port, order.ttl_s)
    _say({"kind": "serving", "port": urlsplit(demo.url).port})
    await demos.ended(demo.demo_id)


def _heed(stop: Callable[[], None]) -> None:
    """Call `stop`, in another thread, when the word comes. The end of standard input says nothing."""

    def listen() -> None:
        heard = b""
        with contextlib.suppress(OSError, RuntimeError):
            while b"stop\n" not in heard:
                part = os.read(0, 64)
                if not part:
                    return
                heard = heard[-8:] + part
            stop()

    threading.Thread(target=listen, daemon=True).start()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
