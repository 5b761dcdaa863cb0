"""What streams of events cost: 1,000 readers of the service on loopback, then one among 100 that stopped reading.

Three processes: this one, the service with a writer (stream_server.py), the readers (stream_readers.py). CPU and memory are
those of the service as the kernel counts them; CPU without what the service uses with the same readers while nothing
happens.
"""

import json
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, median
from benchmarks.servers import cpu_s
from config import PROJECT

READERS, ROUNDS, SMALL = 1_000, 3, {"events": 50, "each": 300, "per_s": 10.0}
STALLED, LARGE = 100, {"events": 4_000, "each": 10_000, "per_s": 800.0}
IDLE_S = 4.0
WITHIN_S = 30.0


class Child:
    """A process that answers each line on its stdin with one on its stdout."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._questions, self._answers = process, process.stdin, process.stdout

    def tell(self, question: Mapping[str, float]) -> None:
        self._questions.write(json.dumps(question) + "\n")
        self._questions.flush()

    def has_answered(self, within_s: float) -> bool:
        return bool(select.select([self._answers], [], [], within_s)[0])

    def answer(self) -> Any:
        if not (line := self._answers.readline()):
            raise RuntimeError(f"{self._process.args!r} ended")
        return json.loads(line)

    def cpu_s(self) -> float:
        return cpu_s(self._process.pid)

    def resident_kb(self) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


@contextmanager
def _child(module: str, *arguments: object) -> Iterator[tuple[Child, Any]]:
    """The process, and the first thing it says: that it is ready."""
    argv = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    with subprocess.Popen(argv, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            child = Child(process)
            yield child, child.answer()
        finally:
            process.terminate()


def stream_costs() -> Sequence[Figure]:
    """All figures, of one service."""
    newest = int(SMALL["events"])
    with (
        tempfile.TemporaryDirectory(prefix="autonomy-bench-") as folder,
        _child("stream_server", folder) as (service, port),
    ):
        with _child("stream_readers", port, 20, 0, 0) as (readers, _):  # loads all that a first reader needs
            _deliver(service, readers, 0, SMALL)
        many = _many(service, port, newest)
        return [*many, *_stalled(service, port, newest * (ROUNDS + 1))]


def _many(service: Child, port: int, newest: int) -> Sequence[Figure]:
    empty_kb = service.resident_kb()
    with _child("stream_readers", port, READERS, 0, newest) as (readers, _):
        began, cpu_s = time.perf_counter(), service.cpu_s()
        time.sleep(IDLE_S)
        idle_share = (service.cpu_s() - cpu_s) / (time.perf_counter() - began)
        costs_us: list[float] = []
        for number in range(ROUNDS):
            began, cpu_s = time.perf_counter(), service.cpu_s()
            lost, _ = _deliver(service, readers, newest + number * int(SMALL["events"]), SMALL)
            used_s = service.cpu_s() - cpu_s - idle_share * (time.perf_counter() - began)
            costs_us.append(used_s / (READERS * SMALL["events"]) * 1e6)
        each_kb = (service.resident_kb() - empty_kb) / READERS
    told = f"{SMALL['per_s']:.0f} events/s of {SMALL['each']} bytes"
    how = f"median of {ROUNDS} rounds of {SMALL['events']} events, {told}; without the {idle_share:.1%} of a core while idle"
    return (
        Figure(f"CPU of the service per delivery to {READERS:,} readers", median(costs_us), "us", 20.0, how),
        Figure("memory of the service per reader", each_kb, "kB", 35.0, f"{READERS:,} readers, after all rounds"),
        Figure(
            f"events that did not reach one of {READERS:,} readers", lost, "", 0.0, "missing, repeated or not in order"
        ),
    )


def _stalled(service: Child, port: int, newest: int) -> Sequence[Figure]:
    before_kb = service.resident_kb()
    with _child("stream_readers", port, 1, STALLED, newest) as (readers, _):
        lost, peak_kb = _deliver(service, readers, newest, LARGE)
    how = (
        f"{LARGE['events']:,} events of {LARGE['each']:,} bytes, {LARGE['per_s']:.0f}/s; highest of 10 samples a second"
    )
    return (
        Figure(f"memory that {STALLED} stalled readers can take", (peak_kb - before_kb) / 1024, "MB", 40.0, how),
        Figure("events that did not reach the reader beside them", lost, "", 0.0, how),
    )


def _deliver(service: Child, readers: Child, newest: int, events: Mapping[str, float]) -> tuple[int, int]:
    """Write `events` and wait for the readers; (events missing or wrong, highest resident kB of the service)."""
    readers.tell({"last": newest + events["events"], "within_s": WITHIN_S})
    service.tell(events)
    peak_kb = 0
    while not readers.has_answered(0.1):
        peak_kb = max(peak_kb, service.resident_kb())
    service.answer()
    seen = readers.answer()
    return seen["missing"] + seen["wrong"], peak_kb
