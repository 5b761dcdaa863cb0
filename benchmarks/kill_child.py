"""One process of the kill matrix: builds one sentence, and kills itself at the point whose number it was given.

`python -m benchmarks.kill_child DATA POINT` submits under an Idempotency-Key, approves, and prints what came of it. Points are
counted in the order in which they are passed: before and after each model call, record, checkpoint, set of writes, commit,
publication and change of the task. POINT -1 kills nowhere.
"""

import asyncio
import functools
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from code_host.local import LocalCodeHost
from config import Settings
from core.models import Interaction, ModelRequest, ModelResponse
from core.ports import OnDelta
from core.tasks import Action, Decision, InterruptFilter, InterruptKind, Task, TaskRequest
from core.types import JsonObject
from graph.saver import GroupCommitSaver
from llm.offline.client import OfflineModel
from llm.recorded import request_hash
from memory.tasks import SqliteTaskStore
from observability.interactions import SqliteInteractionLog
from wiring import Application, open_application
from workspace.git import GitWorkspace

SENTENCE = "Backend only: a blog with posts and comments; comments belong to a post"
LIMIT_S = 120.0
POINTS: tuple[tuple[type, str], ...] = (
    (SqliteTaskStore, "create"),
    (SqliteTaskStore, "update"),
    (SqliteTaskStore, "open_interrupt"),
    (SqliteTaskStore, "decide"),
    (SqliteInteractionLog, "record"),
    (GroupCommitSaver, "aput"),
    (GroupCommitSaver, "aput_writes"),
    (GitWorkspace, "commit"),
    (LocalCodeHost, "publish"),
    (LocalCodeHost, "open_pull_request"),
)


class Counting:
    """Counts the points that are passed, writes their names to DATA/points, and kills at the one that was asked for."""

    def __init__(self, data: Path, kill_at: int) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self._names = (data / "points").open("a")
        self._kill_at = kill_at
        self._passed = 0

    def passed(self, name: str) -> None:
        if self._passed == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self._passed += 1
        self._names.write(f"{name}\n")
        self._names.flush()

    def around(self, owner: type, name: str) -> None:
        """Count before and after every call of a method."""
        method: Callable[..., Awaitable[Any]] = getattr(owner, name)

        @functools.wraps(method)
        async def counted(*values: Any, **named: Any) -> Any:
            self.passed(f"before {owner.__name__}.{name}")
            result = await method(*values, **named)
            self.passed(f"after {owner.__name__}.{name}")
            return result

        setattr(owner, name, counted)


class CountedModel:
    """The offline model; which requests began is in DATA/calls, beyond the death of the process."""

    def __init__(self, data: Path, counting: Counting) -> None:
        self._calls = (data / "calls").open("a")
        self._inner = OfflineModel()
        self._counting = counting

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        self._counting.passed(f"before the model of {request.agent}")
        self._calls.write(f"{request_hash(request)}\n")
        self._calls.flush()
        response = await self._inner.complete(request, on_delta)
        self._counting.passed(f"after the model of {request.agent}")
        return response

    async def close(self) -> None:
        await self._inner.close()


def _keep_recorded(data: Path) -> None:
    """Write the hash of every call to DATA/recorded once it is in the journal: from then on it must not be made again."""
    file, record = (data / "recorded").open("a"), SqliteInteractionLog.record

    async def kept(self: SqliteInteractionLog, interaction: Interaction) -> None:
        await record(self, interaction)
        if interaction.success:
            calls = (data / "calls").read_text().split()
            file.write(f"{interaction.prompt_hash} {Counter(calls)[interaction.prompt_hash]}\n")
            file.flush()

    SqliteInteractionLog.record = kept  # type: ignore[method-assign]  # a measuring point in a process of its own


async def _finish(application: Application) -> Task:
    """Submit (or find) the task, approve what asks for approval, and wait for the end."""
    request = TaskRequest(task_description=SENTENCE, use_sandbox=False)
    task = await application.commands.submit(request, idempotency_key="the one")
    while not task.status.final:
        await asyncio.sleep(0.02)
        task = await application.commands.get(task.task_id)
        for asked in await application.commands.interrupts(InterruptFilter(task_ids=(task.task_id,), status="pending")):
            action = Action.APPROVE if asked.kind is InterruptKind.APPROVAL else Action.ABORT
            await application.commands.decide(task.task_id, asked.interrupt_id, Decision(action=action), "matrix")
    return task


async def _story(application: Application, task: Task, data: Path) -> JsonObject:
    """What the matrix compares."""
    request = await application.api.code_host.find(task.task_id)
    found: list[int] = []
    position = 0
    while page := await application.api.events.read(task_id=task.task_id, after=position):
        found += [entry.seq for entry in page]
        position = page[-1].position
    decided = await application.commands.interrupts(InterruptFilter(task_ids=(task.task_id,)))
    calls = Counter((data / "calls").read_text().split())
    recorded = dict(line.split() for line in (data / "recorded").read_text().splitlines())
    return {
        "status": task.status.value,
        "error": task.error,
        "tree": request.tree if request else None,
        "pull_requests": len(list((data / "data" / "code_host" / "pulls").glob("*.json"))),
        "iterations": task.iteration,
        "approvals": sum(entry.kind is InterruptKind.APPROVAL and entry.status == "decided" for entry in decided),
        "questions": len(decided),
        "seq_whole": found == list(range(1, len(found) + 1)),
        "calls": sum(calls.values()),
        "repeated_after_record": sum(calls[key] - int(then) for key, then in recorded.items()),
        "repeated_in_flight": sum(count - 1 for count in calls.values()),
    }


async def main(data: Path, kill_at: int) -> None:
    counting = Counting(data, kill_at)
    model = CountedModel(data, counting)
    _keep_recorded(data)
    for owner, name in POINTS:
        counting.around(owner, name)
    settings = Settings.model_validate(
        {
            "data_dir": data / "data",
            "autonomy_offline": True,
            "model_backend": "offline/scaffold?fault=sql_by_string",
        }
    )
    async with open_application(settings, offline=model) as application:
        async with asyncio.timeout(LIMIT_S):
            task = await _finish(application)
        print(json.dumps(await _story(application, task, data)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
