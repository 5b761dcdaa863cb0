"""A whole build against its own checks, and the three builders against the slowest of them."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from agents.planner import CONTRACT_PATH, PLAN_PATH, read_contract, read_plan
from benchmarks.figures import Figure, median
from config import PROJECT, Settings
from core.events import AgentFinished, AgentStarted, InterruptOpened, StoredEvent
from core.models import ModelRequest, ModelResponse
from core.ports import OnDelta
from core.tasks import TaskRequest
from core.types import BUILDERS, AgentName
from llm.offline.client import OfflineModel
from observability.untraced import Untraced
from tools.qa import run_qa
from wiring import Application, open_application

RUNS = 3
MODEL_DELAY_S = 1.0
LIMIT_S = 300.0


class SlowModel:
    """The offline model with the latency of a hosted one."""

    def __init__(self, delay_s: float) -> None:
        self._inner = OfflineModel()
        self._delay_s = delay_s

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        await asyncio.sleep(self._delay_s)
        return await self._inner.complete(request, on_delta)

    async def close(self) -> None:
        await self._inner.close()


def example(number: int) -> str:
    """The sentence of a line of examples/sentences.txt, from 1."""
    return (PROJECT / "examples" / "sentences.txt").read_text().splitlines()[number - 1]


async def _until_question(application: Application, sentence: str) -> tuple[str, list[StoredEvent], float]:
    """Submit, wait for the approval question; the task, its events, and the wall time in seconds."""
    began = time.perf_counter()
    task = await application.commands.submit(TaskRequest(task_description=sentence))
    events: list[StoredEvent] = []
    async with asyncio.timeout(LIMIT_S):
        async for stored in application.api.events.subscribe(task_id=task.task_id, after=0):
            if stored.position:
                events.append(stored)
            if isinstance(stored.event, InterruptOpened):
                break
            if (await application.commands.get(task.task_id)).status.final:
                raise RuntimeError(
                    f"the build ended before the question: {(await application.commands.get(task.task_id)).error}"
                )
    return task.task_id, events, time.perf_counter() - began


async def _checks_alone(application: Application, task_id: str) -> float:
    """Wall time of nothing but the checks, on the tree that the build made, in the same sandbox."""
    workspace = await application.api.workspaces.open(task_id)
    files = await workspace.read()
    plan, contract = read_plan(files[PLAN_PATH]), read_contract(files[CONTRACT_PATH])
    began = time.perf_counter()
    report = await run_qa(application.api.sandbox, f"{task_id}-bench", plan, contract, files, tracing=Untraced())
    if not report.passed:
        raise RuntimeError("the checks failed on a tree that the build had passed")
    return time.perf_counter() - began


async def build_against_checks() -> Sequence[Figure]:
    """Example 1 from submission to the approval question, over the checks of the same tree run by hand."""
    builds, alone = [], []
    with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as folder:
        async with open_application(Settings(data_dir=Path(folder), autonomy_offline=True)) as application:
            for _ in range(RUNS):
                task_id, _, seconds = await _until_question(application, example(1))
                builds.append(seconds)
                alone.append(await _checks_alone(application, task_id))
    ratio = median([build / checks for build, checks in zip(builds, alone, strict=True)])
    how = f"wall, median of {RUNS} pairs: {median(builds):.1f} s for the build, {median(alone):.1f} s for its checks alone"
    return (
        Figure("build of example 1 over its checks", ratio, "times", 1.3, how),
        Figure("build of example 1 to the approval question", median(builds), "s", 30.0, f"wall, median of {RUNS}"),
    )


async def builders_in_parallel() -> Sequence[Figure]:
    """Makespan of the three builders over the longest one, with a model that takes a second per call."""
    ratios = []
    with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as folder:
        settings = Settings(data_dir=Path(folder), autonomy_offline=True)
        async with open_application(settings, offline=SlowModel(MODEL_DELAY_S)) as application:
            for _ in range(RUNS):
                _, events, _ = await _until_question(application, example(2))
                ratios.append(_makespan_ratio(events))
    how = f"blog example, {MODEL_DELAY_S:g} s per model call, median of {RUNS}"
    return (Figure("makespan of the three builders over the longest", median(ratios), "times", 1.15, how),)


def _makespan_ratio(events: Sequence[StoredEvent]) -> float:
    began: dict[AgentName, float] = {}
    ended: dict[AgentName, float] = {}
    for entry in events:
        event = entry.event
        if isinstance(event, AgentStarted | AgentFinished) and event.agent in BUILDERS and event.iteration == 0:
            (began if isinstance(event, AgentStarted) else ended)[event.agent] = entry.ts
    makespan = max(ended.values()) - min(began.values())
    return makespan / max(ended[agent] - began[agent] for agent in began)
