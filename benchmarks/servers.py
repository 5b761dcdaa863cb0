"""The service as a process of its own, to be looked at from outside, killed, and started again."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from config import PROJECT

LIMIT_S = 60.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """`up_after_s`: from the start of the process to its first /health; `up_cpu_s`: the CPU that this took."""

    process: "subprocess.Popen[bytes]"
    http: httpx.Client
    up_after_s: float
    up_cpu_s: float

    def cpu_s(self) -> float:
        return cpu_s(self.process.pid)

    def kill(self) -> None:
        """SIGKILL: nothing of the process gets to do anything more."""
        self.process.kill()
        self.process.wait(timeout=LIMIT_S)


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_health(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Raises RuntimeError when the server ends, or does not answer in time."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode} before it answered")
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health", timeout=2.0).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise RuntimeError("the server did not answer in time")


@contextmanager
def serving(data: Path, **settings: str) -> Iterator[Server]:
    """`autonomy serve` over `data` with the offline model, up; ended when the block is left."""
    port, began = free_port(), time.monotonic()
    environment = {"PATH": os.defpath, "HOME": str(data), "DATA_DIR": str(data), "AUTONOMY_OFFLINE": "true", **settings}
    argv = [str(Path(sys.executable).with_name("autonomy")), "serve", "--port", str(port)]
    with subprocess.Popen(
        argv, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_for_health(process, port)
            up_after_s, up_cpu_s = time.monotonic() - began, cpu_s(process.pid)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=LIMIT_S, trust_env=False) as http:
                yield Server(process, http, up_after_s, up_cpu_s)
        finally:
            process.terminate()
