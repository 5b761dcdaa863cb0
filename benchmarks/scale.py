"""Figures with a hundred tasks at once: how soon what happens is seen, and how soon all run again after a kill."""

import asyncio
import gc
import json
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.models import RememberingModel
from benchmarks.paused import REQUEST, paused_tasks
from benchmarks.servers import Server, serving
from config import Settings
from core.events import InterruptOpened, LlmStart
from wiring import Application, open_application

AT_ONCE = 100
LIMIT_S = 240.0
TICK_S = 0.005
LOOK_S = 0.02


def scale() -> Sequence[Figure]:
    """Every figure of many tasks."""
    return (*paused_tasks(), *asyncio.run(hundred_at_work()), *recovery_after_a_kill())


async def hundred_at_work() -> Sequence[Figure]:
    """All of them from submission to their question, with a model that takes 50 ms."""
    with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as name:
        settings = Settings(data_dir=Path(name), autonomy_offline=True, max_concurrent_tasks=AT_ONCE, live_demo=False)
        async with open_application(settings, offline=RememberingModel()) as application:
            gc.collect()
            gc.freeze()  # as `autonomy serve` does with what its imports made
            cpu, clock = time.process_time(), time.perf_counter()
            async with _late_ticks() as late:
                seen = await _build_all(application)
            cpu, seconds = time.process_time() - cpu, time.perf_counter() - clock
            gc.unfreeze()
    how = (
        f"{len(seen):,} events of {AT_ONCE} tasks from submission to question, model calls of 50 ms, no checks: from the "
        f"event's `ts`, which it gets before its transaction, to a subscriber of EventLog.subscribe in the same process; "
        f"median {_part(seen, 0.5):.0f} ms, longest {max(seen):.0f} ms; the loop's lateness p99 {_part(late, 0.99):.0f} ms"
    )
    per_task = f"wall {seconds:.0f} s for {AT_ONCE} at once; most of it is git"
    return (
        Figure(f"event seen after it happened, p99 at {AT_ONCE} running tasks", _part(seen, 0.99), "ms", 100.0, how),
        Figure("CPU of a task to its question without checks", cpu / AT_ONCE * 1000, "ms", None, per_task),
    )


async def _build_all(application: Application) -> list[float]:
    """Submit all, and wait for their questions; how late each event was seen, in ms."""
    told = application.api.events.subscribe()
    submits = [application.commands.submit(REQUEST, caller=f"c{number % 7}") for number in range(AT_ONCE)]
    submitting = asyncio.gather(*submits)
    late: list[float] = []
    asked: set[str] = set()
    async with asyncio.timeout(LIMIT_S):
        async for stored in told:
            late.append((time.time() - stored.ts) * 1000)
            if isinstance(stored.event, InterruptOpened):
                asked.add(stored.task_id)
            if len(asked) == AT_ONCE:
                break
    await submitting
    return late


@asynccontextmanager
async def _late_ticks() -> AsyncIterator[list[float]]:
    """How many ms too late the loop came back to who slept on it."""
    late: list[float] = []

    async def tick() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK_S)
            late.append((time.perf_counter() - began - TICK_S) * 1000)

    ticking = asyncio.create_task(tick())
    try:
        yield late
    finally:
        ticking.cancel()


def _part(values: Sequence[float], part: float) -> float:
    return sorted(values)[int(len(values) * part)]


def recovery_after_a_kill() -> Sequence[Figure]:
    """`autonomy serve` with a hundred tasks that each wait for a model, killed by SIGKILL and started again."""
    with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as name:
        data = Path(name) / "data"
        settings = {"MAX_CONCURRENT_TASKS": str(AT_ONCE), "MODEL_ORCHESTRATOR": f"mailbox/{name}/mail"}
        settings |= {"AUTONOMY_OFFLINE": "false"}
        with serving(data, **settings) as server:
            _submit_all(server)
            _wait_until_at_work(data, after=0)
            last = _last_position(data)
            server.kill()
        began = time.monotonic()
        with serving(data, **settings) as server:
            up = began + server.up_after_s
            _wait_until_at_work(data, after=last)
            after_up_s, after_start_s = time.monotonic() - up, time.monotonic() - began
    how = (
        f"`autonomy serve`, {AT_ONCE} tasks waiting for their first model call; wall from the first /health of the second "
        f"process until each task has a new `llm_start` in the log, that is, its node runs again; {after_start_s:.1f} s "
        "from the start of the process"
    )
    return (Figure(f"all of {AT_ONCE} killed tasks run again", max(0.0, after_up_s), "s", 5.0, how),)


def _submit_all(server: Server) -> None:
    body = json.loads(REQUEST.model_dump_json(include={"task_description", "use_sandbox"}))
    for number in range(AT_ONCE):
        server.http.post("/tasks", json=body, headers={"X-Caller": f"c{number % 7}"}).raise_for_status()


def _wait_until_at_work(data: Path, *, after: int) -> None:
    """Until every task has asked a model after this position; seen in the log's file, so that it costs the server nothing."""
    query = "SELECT count(DISTINCT task_id) FROM events WHERE position > ? AND type = ?"
    kind = LlmStart.model_fields["type"].default
    deadline = time.monotonic() + LIMIT_S
    with closing(sqlite3.connect(f"file:{data / 'autonomy.db'}?mode=ro", uri=True)) as connection:
        while connection.execute(query, (after, kind)).fetchone()[0] < AT_ONCE:
            if time.monotonic() > deadline:
                raise RuntimeError("the tasks do not run")
            time.sleep(LOOK_S)


def _last_position(data: Path) -> int:
    with closing(sqlite3.connect(f"file:{data / 'autonomy.db'}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT max(position) FROM events").fetchone()[0])
