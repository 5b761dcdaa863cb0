"""Beginning a thread in the midst of another one: a copy of its past, under the new task's name."""

import json
from typing import Any, Literal

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple

from core.errors import NotFound
from core.ports import WorkspaceProvider
from core.tasks import ForkOrigin, Task
from core.types import JsonObject
from graph.leases import Lease
from graph.state import AgentState
from graph.threads import Threads, thread_config

COPIED: Literal["fork"] = "fork"
"""LangGraph's source of a checkpoint that is a copy; while it is the newest of its thread, nothing has run from it."""


class Forks:
    """Makes threads of forked tasks. Each step can be repeated, so a kill between any two leaves nothing half done."""

    def __init__(self, threads: Threads, workspaces: WorkspaceProvider) -> None:
        self._threads = threads
        self._workspaces = workspaces

    async def begin(self, task: Task, origin: ForkOrigin, lease: Lease, config: RunnableConfig) -> None:
        """Copy thread and workspace and turn the copy to where the fork goes on; does nothing once that is done.

        Raises NotFound when the checkpoint is gone.
        """
        graph = self._threads.graph_of(task)
        snapshot = await graph.aget_state(config)
        if not snapshot.values:
            await self._copy(task, origin, lease)
            snapshot = await graph.aget_state(config)
        if (snapshot.metadata or {}).get("source") != COPIED:
            return
        state: AgentState = snapshot.values  # type: ignore[assignment]  # LangGraph types it as any mapping
        redirect = self._threads.flow_of(task).redirect(state, snapshot.next, origin.feedback)
        if redirect is not None:
            continued: AgentState = {"continues": _continued(await self._past(origin))} if origin.continues else {}
            await graph.aupdate_state(config, {**redirect.values, **continued}, as_node=redirect.as_node)

    async def _past(self, origin: ForkOrigin) -> CheckpointTuple:
        source = thread_config(origin.task_id, checkpoint_ns="", checkpoint_id=origin.checkpoint_id)
        past = await self._threads.checkpoints.saver.aget_tuple(source)
        if past is None:
            raise NotFound(f"checkpoint {origin.checkpoint_id} of task {origin.task_id} is not kept any more")
        return past

    async def _copy(self, task: Task, origin: ForkOrigin, lease: Lease) -> None:
        past = await self._past(origin)
        await self._workspaces.copy(origin.task_id, task.task_id, past.checkpoint["channel_values"].get("head"))
        await self._threads.checkpoints.saver.afork_thread(task.task_id, _renamed(past, task), lease.epoch)


def _renamed(past: CheckpointTuple, task: Task) -> CheckpointTuple:
    """The checkpoint as one of the new task: its id wherever the old one stood, and what its request says."""
    values: dict[str, Any] = past.checkpoint["channel_values"]
    # Ids of tasks are random: nothing else in the state can contain one by chance.
    values = json.loads(json.dumps(values).replace(values["task_id"], task.task_id))
    values |= {
        "max_iterations": task.request.max_iterations,
        "use_sandbox": task.request.use_sandbox,
        "output_directory": task.request.output_directory,
    }
    return past._replace(
        checkpoint={**past.checkpoint, "channel_values": values}, metadata={**past.metadata, "source": COPIED}
    )


def _continued(past: CheckpointTuple) -> JsonObject:
    """The request that is gone on with: its key, and what was published last, by the names of the task that did it."""
    values = past.checkpoint["channel_values"]
    published = values["published"]
    key = (values.get("continues") or {}).get("key") or values["task_id"]
    return {"key": key, **{name: published[name] for name in ("branch", "commit", "approved")}}
