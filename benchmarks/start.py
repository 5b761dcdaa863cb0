"""What a start costs: CPU and memory of the service until its first /health, beside a bare FastAPI."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.figures import Figure, median
from benchmarks.servers import cpu_s, free_port, wait_for_health
from config import PROJECT

RUNS = 5
BARE = """
import fastapi, uvicorn
app = fastapi.FastAPI()
app.get("/health")(lambda: {})
uvicorn.run(app, port=PORT, log_level="error")
"""
ASKED_CPU_S, BARE_CPU_S = 1.6, 0.27
"""The figure asked, and what a bare FastAPI took where it was asked: seconds depend on the machine, their ratio hardly."""


def _cpu_and_memory(argv: Sequence[str], port: int, environment: Mapping[str, str]) -> tuple[float, float]:
    """(CPU seconds, resident MB) of a server process when it first answers."""
    with subprocess.Popen(
        argv, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_for_health(process, port)
            status = Path(f"/proc/{process.pid}/status").read_text()
            resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
            return cpu_s(process.pid), resident / 1024
        finally:
            process.terminate()


def start_costs() -> Sequence[Figure]:
    """Service and bare FastAPI, interleaved."""
    service, bare = [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as folder:
            port = free_port()
            environment = {"PATH": os.defpath, "DATA_DIR": folder, "AUTONOMY_OFFLINE": "true", "HOME": folder}
            argv = [str(Path(sys.executable).with_name("autonomy")), "serve", "--port", str(port)]
            service.append(_cpu_and_memory(argv, port, environment))
            port = free_port()
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
