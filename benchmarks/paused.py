"""Figures with thousands of tasks that wait for people: listing them, going on with one, starting and idling with them."""

import asyncio
import functools
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, closing, contextmanager, nullcontext
from pathlib import Path

import httpx

from api.app import create_app
from benchmarks.figures import Figure, median
from benchmarks.models import RememberingModel
from benchmarks.servers import serving
from config import Settings
from core.access import Actor
from core.events import InterruptOpened, TaskUpsert
from core.tasks import Action, Decision, Interrupt, InterruptFilter, Task, TaskRequest
from core.types import TaskStatus
from graph.runner import Runner
from memory.database import Database
from memory.events import SqliteEventLog
from memory.questions import SqliteInterruptStore
from memory.tasks import SqliteTaskStore
from wiring import Application, SystemClock, open_application

PAUSED = 5_000
REAL = 15
"""So many of them were really built up to their question, and can go on; the others have the rows of one of these."""
RUNS = 7
STARTS = 3
IDLE_S = 10.0
SETTLE_S = 2.0
REQUEST = TaskRequest(
    task_description="Backend only: a blog with posts and comments; comments belong to a post", use_sandbox=False
)


def paused_tasks() -> Sequence[Figure]:
    """All figures of this file, over one data directory."""
    with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as name:
        data, empty = Path(name) / "paused", Path(name) / "empty"
        real = asyncio.run(_fill(data))
        figures = asyncio.run(_in_process(data, real))
        return (*figures, *_processes(data, empty))


def _open(data: Path) -> AbstractAsyncContextManager[Application]:
    settings = Settings(data_dir=data, autonomy_offline=True, max_concurrent_tasks=REAL, live_demo=False)
    return open_application(settings, offline=RememberingModel())


async def _fill(data: Path) -> list[str]:
    """Build a few tasks up to their question, and copy the rows of one of them; the ids of the real ones."""
    async with _open(data) as application:
        made = [await application.commands.submit(REQUEST, caller=f"c{number}") for number in range(REAL)]
        waiting: set[str] = set()
        async for stored in application.api.events.subscribe(after=0):
            if isinstance(stored.event, InterruptOpened):
                waiting.add(stored.task_id)
            if len(waiting) == REAL:
                break
        task = await application.commands.get(made[0].task_id)
        (question,) = await application.commands.interrupts(InterruptFilter(task_ids=(task.task_id,)))
    await _copy_tasks(data, task, question)
    _copy_segments(data, task.task_id)
    return [each.task_id for each in made]


async def _copy_tasks(data: Path, task: Task, question: Interrupt) -> None:
    clock = SystemClock()
    database = await Database.open(data / "autonomy.db")
    events = await SqliteEventLog.open(database, clock)
    tasks, interrupts = SqliteTaskStore(database, events, clock), SqliteInterruptStore(database, events, clock)

    async def copy(number: int) -> None:
        ids = {"task_id": f"{number:016x}"}
        shown = {"interrupt_id": f"{number:016x}-{question.interrupt_id[-12:]}", "created_at": clock.now()}
        fresh = {"status": TaskStatus.QUEUED, "caller": f"c{number % 20}"}
        await tasks.create(task.model_copy(update=ids | fresh))
        await interrupts.open(question.model_copy(update=ids | shown))

    for first in range(0, PAUSED - REAL, 500):
        await asyncio.gather(*(copy(number) for number in range(first, min(first + 500, PAUSED - REAL))))
    events.close()
    await database.close()


def _copy_segments(data: Path, task_id: str) -> None:
    """What the engine remembers of a segment that ended; it has no other way to get it than running one."""
    with closing(sqlite3.connect(data / "engine.db")) as connection, connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(workflow_status)")][1:]
        columns = ", ".join(names)
        connection.executemany(
            f"INSERT INTO workflow_status(workflow_uuid, {columns}) "
            f"SELECT ?, {columns} FROM workflow_status WHERE workflow_uuid = ?",
            [(f"{number:016x}:0", f"{task_id}:0") for number in range(PAUSED - REAL)],
        )


async def _in_process(data: Path, real: Sequence[str]) -> Sequence[Figure]:
    with _noted_segments() as begun:
        async with _open(data) as application:
            listed = await _list_questions(application)
            return (*listed, *await _go_on(application, real, begun))


async def _list_questions(application: Application) -> Sequence[Figure]:
    query = InterruptFilter(status="pending", payload=False)
    wall, cpu = await _timed(lambda: application.commands.interrupts(query))
    app = create_app(lambda: nullcontext(application.api))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http,
    ):
        over_http, http_cpu = await _timed(lambda: http.get("/interrupts", params={"status": "pending"}))
    how = f"wall, median of {RUNS}, without payloads, through TaskService; CPU of the process {cpu:.0f} ms"
    return (
        Figure(f"list {PAUSED:,} open questions", wall, "ms", 50.0, how),
        Figure(
            f"GET /interrupts with {PAUSED:,} open questions", over_http, "ms", None,
            f"wall, median of {RUNS}, in one process without a socket; CPU {http_cpu:.0f} ms",
        ),
    )  # fmt: skip


async def _timed(call: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """(wall, CPU of the process) in ms, medians."""
    walls, cpus = [], []
    for _ in range(RUNS):
        began, clock = time.process_time(), time.perf_counter()
        await call()
        walls.append((time.perf_counter() - clock) * 1000)
        cpus.append((time.process_time() - began) * 1000)
    return median(walls), median(cpus)


@contextmanager
def _noted_segments() -> Iterator[dict[str, float]]:
    """When the last segment of each task began: the first line of Runner.run_segment."""
    begun: dict[str, float] = {}
    run_segment = Runner.run_segment

    @functools.wraps(run_segment)
    async def noted(self: Runner, task_id: str, segment: int) -> None:
        begun[task_id] = time.perf_counter()
        await run_segment(self, task_id, segment)

    Runner.run_segment = noted  # type: ignore[method-assign]  # a measuring point in a process that measures
    try:
        yield begun
    finally:
        Runner.run_segment = run_segment  # type: ignore[method-assign]  # as it was


async def _go_on(application: Application, real: Sequence[str], begun: dict[str, float]) -> Sequence[Figure]:
    """Approve the real ones, one after the other."""
    first_line, first_node = [], []
    for task_id in real:
        (question,) = await application.commands.interrupts(InterruptFilter(task_ids=(task_id,)))
        told = application.api.events.subscribe(task_id=task_id)
        clock = time.perf_counter()
        await application.commands.decide(
            task_id, question.interrupt_id, Decision(action=Action.APPROVE), Actor(via="bench")
        )
        async for stored in told:
            if isinstance(stored.event, TaskUpsert) and stored.event.status is TaskStatus.RUNNING:
                first_node.append((time.perf_counter() - clock) * 1000)
                break
        first_line.append((begun[task_id] - clock) * 1000)
        async for stored in told:
            if isinstance(stored.event, TaskUpsert) and stored.event.status.final:
                break
    how = f"wall, median of {REAL} that were really paused: from the call of TaskService.decide to the first line of the segment"
    return (
        Figure(f"go on with one of {PAUSED:,} paused tasks", median(first_line), "ms", 20.0, how),
        Figure(
            "the same until everybody sees it running", median(first_node), "ms", None,
            "to the receipt of the event with status running, after the thread was loaded from its checkpoint",
        ),
    )  # fmt: skip


def _processes(data: Path, empty: Path) -> Sequence[Figure]:
    with serving(empty):  # makes the files, which is no part of a later start
        pass
    more = []
    for _ in range(STARTS):
        with serving(empty) as without:
            pass
        with serving(data) as server:
            more.append(server.up_cpu_s - without.up_cpu_s)
            idle = _idle(server.cpu_s) if len(more) == STARTS else 0.0
    return (
        Figure(
            f"start with {PAUSED:,} paused tasks beyond one with none", median(more), "s", 0.5,
            f"CPU to the first /health, median of {STARTS} pairs",
        ),
        Figure(
            f"idle with {PAUSED:,} paused tasks", idle, "% of a core", None, f"CPU of the process over {IDLE_S:g} s"
        ),
    )  # fmt: skip


def _idle(cpu_s: Callable[[], float]) -> float:
    time.sleep(SETTLE_S)
    began, clock = cpu_s(), time.monotonic()
    time.sleep(IDLE_S)
    return 100 * (cpu_s() - began) / (time.monotonic() - clock)
