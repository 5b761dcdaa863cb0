"""HistoryService: the one implementation of core.ports.TaskHistory."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import Conflict
from core.events import LlmEnd
from core.history import CheckpointView, ForkRequest
from core.ports import Clock, EventLog, TaskStore
from core.reading import read_events
from core.tasks import ForkOrigin, Task
from core.types import Json, JsonObject, TaskStatus
from graph.history import History
from graph.workflow import Workflow
from tasks.admission import Admission


@dataclass(frozen=True)
class Past:
    """What looking back needs: the threads, the rows, the log."""

    threads: History
    tasks: TaskStore
    events: EventLog
    clock: Clock


class HistoryService:
    """Lists checkpoints, and begins new tasks at them."""

    def __init__(self, past: Past, workflows: Mapping[str, Workflow], admission: Admission) -> None:
        self._past = past
        self._workflows = workflows
        self._admission = admission

    async def checkpoints(self, task_id: str) -> Sequence[CheckpointView]:
        """Oldest first, each with what was spent behind it. Raises NotFound, Damaged."""
        task = await self._past.tasks.get(task_id)
        views = await self._past.threads.checkpoints(task)
        spent = await self._spent(task_id)
        return [
            view.model_copy(update={"spent_after_usd": sum(usd for ts, usd in spent if ts >= view.created_at)})
            for view in views
        ]

    async def fork(
        self, task_id: str, request: ForkRequest, *, idempotency_key: str | None = None, caller: str = "local"
    ) -> Task:
        """Raises NotFound, Damaged, Conflict, and what the admission of any task raises."""
        source = await self._past.tasks.get(task_id)
        self._check_version(source)
        checkpoint_id, state = await self._past.threads.state(source, request.checkpoint_id)
        if request.continue_request and not (state.get("published") or {}):
            raise Conflict(f"task {task_id} has no pull request to go on with at that checkpoint")
        now = self._past.clock.now()
        budget = source.request.budget_usd if request.budget_usd is None else request.budget_usd
        changes = {"budget_usd": budget, "max_iterations": request.max_iterations or source.request.max_iterations}
        task = Task(
            task_id=secrets.token_hex(8),
            request=source.request.model_copy(update=changes),
            status=TaskStatus.QUEUED,
            caller=caller,
            forked_from=ForkOrigin(
                task_id=task_id,
                checkpoint_id=checkpoint_id,
                feedback=request.feedback.strip(),
                continues=request.continue_request,
            ),
            graph_version=source.graph_version,
            created_at=now,
            updated_at=now,
            budget_usd=budget,
        ).model_copy(update=_shown(source, state))
        return await self._admission.admit(task, idempotency_key=idempotency_key)

    def _check_version(self, source: Task) -> None:
        version = self._workflows[source.request.workflow].version
        if source.graph_version != version:
            raise Conflict(
                f"task {source.task_id} ran on graph {source.graph_version}, but this service runs {version}: "
                "its checkpoints can be gone on from with the release that made them"
            )

    async def _spent(self, task_id: str) -> list[tuple[float, float]]:
        """(when, how many dollars) of every call."""
        ended = await read_events(self._past.events, task_id, ("llm_end",))
        return [(stored.ts, stored.event.cost_usd) for stored in ended if isinstance(stored.event, LlmEnd)]


def _shown(source: Task, state: JsonObject) -> dict[str, object]:
    """What the new task shows of the time before it."""
    if not state.get("head"):
        return {}
    plan: dict[str, Json] = {"plan": source.summary["plan"]} if "plan" in source.summary else {}
    return {"pipeline": source.pipeline, "head": state["head"], "iteration": state.get("iteration", 0), "summary": plan}
