"""Figures of what people wait for: the next step after their answer, and a live demo after they asked for it."""

import asyncio
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from agents.planner import CONTRACT_PATH, PLAN_PATH, read_contract, read_plan
from benchmarks.figures import Figure, median
from benchmarks.models import RememberingModel
from benchmarks.paused import REQUEST
from benchmarks.servers import free_port
from config import Settings
from core.access import Actor
from core.events import AgentStarted, InterruptOpened
from core.sandboxes import Probe
from core.tasks import Action, Decision, InterruptFilter
from sandbox.toolchain import default_home, locate
from tools.boxes import Subject, inside_files, part
from tools.demo import is_well, serve_application
from wiring import Application, make_sandbox, open_application

WAITING = 60
CALM_S, HURRY_S = 0.5, 0.05
"""Between two answers: people who work through a list, and all of them at once."""
RUNS = 7
LIMIT_S = 120.0
ASKED_RESUMED_MS, ASKED_DEMO = 300.0, 1.5
LOOK_S = 0.01


async def people_wait() -> Sequence[Figure]:
    """Both figures, from one service."""
    with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as name:
        settings = Settings(data_dir=Path(name), autonomy_offline=True, max_concurrent_tasks=WAITING, live_demo=False)
        async with open_application(settings, offline=RememberingModel()) as application:
            task_ids = await _until_all_ask(application)
            calm, hurry = task_ids[: WAITING // 2], task_ids[WAITING // 2 :]
            resumed = await _answer_all(application, calm, CALM_S, ASKED_RESUMED_MS)
            hurried = await _answer_all(application, hurry, HURRY_S, None)
            files = dict(await (await application.api.workspaces.open(task_ids[0])).read())
        demos = await _demo_starts(settings, files)
    return (resumed, hurried, demos)


async def _until_all_ask(application: Application) -> list[str]:
    asked: list[str] = []
    told = application.api.events.subscribe()
    submitting = asyncio.gather(*(application.commands.submit(REQUEST) for _ in range(WAITING)))
    async with asyncio.timeout(LIMIT_S):
        async for stored in told:
            if isinstance(stored.event, InterruptOpened):
                asked.append(stored.task_id)
            if len(asked) == WAITING:
                break
    await submitting
    return asked


async def _answer_all(
    application: Application, task_ids: Sequence[str], pause_s: float, asked_ms: float | None
) -> Figure:
    """Approve them in random order, one each `pause_s`; until the next agent of each has begun."""
    answered: dict[str, float] = {}
    took: list[float] = []
    told = application.api.events.subscribe()

    async def answer() -> None:
        for task_id in random.Random(5).sample(task_ids, len(task_ids)):
            (question,) = await application.commands.interrupts(
                InterruptFilter(task_ids=(task_id,), status="pending", payload=False)
            )
            answered[task_id] = time.time()
            await application.commands.decide(
                task_id, question.interrupt_id, Decision(action=Action.APPROVE), Actor(via="bench")
            )
            await asyncio.sleep(pause_s)

    answering = asyncio.create_task(answer())
    waiting = set(task_ids)
    async with asyncio.timeout(LIMIT_S):
        async for stored in told:
            if isinstance(stored.event, AgentStarted) and stored.task_id in waiting and stored.task_id in answered:
                took.append((stored.ts - answered[stored.task_id]) * 1000)
                waiting.discard(stored.task_id)
            if not waiting:
                break
    await answering
    p95 = sorted(took)[int(len(took) * 0.95)]
    how = (
        f"{len(task_ids)} tasks that wait, approved in random order, one each {pause_s * 1000:.0f} ms: from the call of "
        f"`decide` until the next agent has begun, while those before are published; median {median(took):.0f} ms"
    )
    return Figure(f"approval to the resumed node, p95, {1 / pause_s:.0f} a second", p95, "ms", asked_ms, how)


async def _demo_starts(settings: Settings, files: Mapping[str, str]) -> Figure:
    """A demo in the sandbox, until it is well, over the same program on the machine itself, interleaved."""
    sandbox = make_sandbox(settings)
    probe: Probe = await sandbox.probe()
    if not probe.ok:
        raise RuntimeError(probe.reason)
    subject = Subject(sandbox, "bench", read_plan(files[PLAN_PATH]), read_contract(files[CONTRACT_PATH]), files)
    ours, plain = [], []
    for _ in range(RUNS):
        began = time.perf_counter()
        served = await serve_application(subject, {}, 60.0)
        ours.append(time.perf_counter() - began)
        await served.sandbox.close()
        plain.append(await asyncio.to_thread(_plain_start, files))
    await sandbox.close()
    ratio = median([mine / theirs for mine, theirs in zip(ours, plain, strict=True)])
    how = (
        f"{RUNS} interleaved pairs: migrations and uvicorn until /health says 200, in the sandbox behind its front "
        f"({median(ours):.2f} s) and as a plain process with the same Python ({median(plain):.2f} s)"
    )
    return Figure("demo start to its first response over a plain uvicorn", ratio, "times", ASKED_DEMO, how)


def _plain_start(files: Mapping[str, str]) -> float:
    python = locate(default_home(os.getuid(), Path.home()) / "toolchains").python
    if python is None:
        raise RuntimeError("the sandbox's Python is not there")
    with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as name:
        folder, port = Path(name), free_port()
        for path, text in {**part(files, "backend/"), **inside_files()}.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        database = Path("/tmp/demo.db")  # where the program inside keeps it
        database.unlink(missing_ok=True)
        environment = {"PATH": f"{python}/bin:{os.defpath}", "PYTHONPATH": str(folder / ".autonomy"), "HOME": name}
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        began = time.perf_counter()
        command = [str(python / "bin" / "python"), "-m", "inside.demo_run", str(port)]
        with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL) as process:
            try:
                while not asyncio.run(is_well(f"http://127.0.0.1:{port}")):
                    if time.perf_counter() - began > LIMIT_S:
                        raise RuntimeError("the plain server does not answer")
                    time.sleep(LOOK_S)
                return time.perf_counter() - began
            finally:
                process.terminate()
                database.unlink(missing_ok=True)
