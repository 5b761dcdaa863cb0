"""Looking back on a task's thread: its checkpoints, and what changed from one to the next."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from langgraph.types import StateSnapshot

from core.errors import Damaged, NotFound
from core.history import CheckpointView
from core.ports import Workspace, WorkspaceProvider
from core.tasks import Task
from core.types import Json, JsonObject
from graph.threads import Threads, thread_config

SHORT = 400
"""Characters of a value that are shown whole."""
MAX_PATHS = 200
INPUT = "input"
"""LangGraph's source of a checkpoint that holds nothing but what the thread was given."""


class History:
    """Reads threads; changes nothing."""

    def __init__(self, threads: Threads, workspaces: WorkspaceProvider) -> None:
        self._threads = threads
        self._workspaces = workspaces

    async def checkpoints(self, task: Task) -> tuple[CheckpointView, ...]:
        """Oldest first. Raises Damaged when one of them cannot be read."""
        snapshots = await self._snapshots(task)
        if not snapshots:
            return ()
        workspace = await self._workspaces.open(task.task_id)
        views: list[CheckpointView] = []
        before: StateSnapshot | None = None
        for snapshot in snapshots:
            views.append(await _view(len(views), snapshot, before, workspace))
            before = snapshot
        return tuple(views)

    async def state(self, task: Task, checkpoint_id: str | None) -> tuple[str, JsonObject]:
        """(id, state) of a checkpoint, of the newest when None. Raises NotFound, Damaged."""
        for snapshot in reversed(await self._snapshots(task)):
            if checkpoint_id in (None, _id(snapshot)):
                return _id(snapshot), dict(snapshot.values)
        raise NotFound(
            f"task {task.task_id} has no checkpoint {checkpoint_id or 'yet'}; it may have been pruned",
            field="checkpoint_id",
        )

    async def _snapshots(self, task: Task) -> list[StateSnapshot]:
        graph = self._threads.graph_of(task)
        try:
            found = [one async for one in graph.aget_state_history(thread_config(task.task_id))]
        except (ValueError, TypeError, KeyError, NotImplementedError) as error:
            raise Damaged(f"a checkpoint of task {task.task_id} cannot be read: {str(error)[:200]}") from error
        return [one for one in reversed(found) if (one.metadata or {}).get("source") != INPUT]


async def _view(
    number: int, snapshot: StateSnapshot, before: StateSnapshot | None, workspace: Workspace
) -> CheckpointView:
    old: Mapping[str, Any] = before.values if before else {}
    head, new = snapshot.values.get("head"), snapshot.values
    changed = (
        ()
        if head is None or head == old.get("head")
        else (await workspace.diff(old.get("head"), head, max_bytes=0)).files
    )
    source = str((snapshot.metadata or {}).get("source"))
    ran = before.next if before is not None else ()
    return CheckpointView(
        checkpoint_id=_id(snapshot),
        number=number,
        created_at=datetime.fromisoformat(snapshot.created_at or "").timestamp(),
        wrote=ran if source == "loop" else (source,),
        next=snapshot.next,
        iteration=new.get("iteration", 0),
        head=head,
        files_changed=tuple(file.path for file in changed[:MAX_PATHS]),
        changed={key: _short(value) for key, value in new.items() if old.get(key) != value},
    )


def _id(snapshot: StateSnapshot) -> str:
    return str(snapshot.config["configurable"]["checkpoint_id"])


def _short(value: Json) -> Json:
    text = json.dumps(value, ensure_ascii=False)
    return value if len(text) <= SHORT else f"{text[:SHORT]} ... ({len(text):,} characters)"
