"""What a start costs: CPU and memory of the service until its first /health, beside a bare FastAPI."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from benchmarks.figures import Figure, median
from config import PROJECT

RUNS = 5
LIMIT_S = 60.0
BARE = """
import fastapi, uvicorn
app = fastapi.FastAPI()
app.get("/health")(lambda: {})
uvicorn.run(app, port=PORT, log_level="error")
"""
ASKED_CPU_S, BARE_CPU_S = 1.6, 0.27
"""The figure asked, and what a bare FastAPI took where it was asked: seconds depend on the machine, their ratio hardly."""
TICKS = os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _cpu_and_memory(argv: Sequence[str], port: int, environment: Mapping[str, str]) -> tuple[float, float]:
    """(CPU seconds, resident MB) of a server process when it first answers."""
    with subprocess.Popen(
        argv, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait_for_health(process, port)
            fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            status = Path(f"/proc/{process.pid}/status").read_text()
            resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
            return (int(fields[11]) + int(fields[12])) / TICKS, resident / 1024
        finally:
            process.terminate()


def _wait_for_health(process: subprocess.Popen[bytes], port: int) -> None:
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


def start_costs() -> Sequence[Figure]:
    """Service and bare FastAPI, interleaved."""
    service, bare = [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as folder:
            port = _free_port()
            environment = {"PATH": os.defpath, "DATA_DIR": folder, "AUTONOMY_OFFLINE": "true", "HOME": folder}
            argv = [str(Path(sys.executable).with_name("autonomy")), "serve", "--port", str(port)]
            service.append(_cpu_and_memory(argv, port, environment))
            port = _free_port()
            bare.append(_cpu_and_memory([sys.executable, "-c", BARE.replace("PORT", str(port))], port, environment))
    cpu, memory = median([cpu for cpu, _ in service]), median([mb for _, mb in service])
    bare_cpu, bare_memory = median([cpu for cpu, _ in bare]), median([mb for _, mb in bare])
    ratio = median([ours / theirs for (ours, _), (theirs, _) in zip(service, bare, strict=True)])
    asked = f"asked: {ASKED_CPU_S} s where the bare one takes {BARE_CPU_S} s"
    how = f"median of {RUNS} pairs: {cpu:.2f} s over {bare_cpu:.2f} s; {asked}"
    return (
        Figure(
            "CPU from process start to /health over a bare FastAPI's", ratio, "times", ASKED_CPU_S / BARE_CPU_S, how
        ),
        Figure(
            "memory at the first /health",
            memory,
            "MB",
            140.0,
            f"median of {RUNS}; a bare FastAPI: {bare_memory:.0f} MB",
        ),
    )
