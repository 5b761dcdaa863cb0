"""The workflows, compiled once over one store of checkpoints: what runs and what looks back work with the same threads."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Self, TypeAlias

from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph

from core.errors import Conflict
from core.tasks import Task
from graph.checkpoints import Checkpoints
from graph.context import GraphContext
from graph.state import AgentState
from graph.workflow import Graph, Workflow

Compiled: TypeAlias = CompiledStateGraph[AgentState, GraphContext, AgentState, AgentState]


@dataclass(frozen=True)
class Threads:
    """A task's thread has the task's id."""

    workflows: Mapping[str, Workflow]
    graphs: Mapping[str, Compiled]
    checkpoints: Checkpoints

    @classmethod
    def over(cls, workflows: Mapping[str, Workflow], checkpoints: Checkpoints) -> Self:
        graphs = {name: copy.copy(_compiled(flow.make)) for name, flow in workflows.items()}
        for graph in graphs.values():
            graph.checkpointer = checkpoints.saver
        return cls(workflows, graphs, checkpoints)

    def flow_of(self, task: Task) -> Workflow:
        """Raises Conflict when the task was begun with another version of its workflow's graph."""
        flow = self.workflows[task.request.workflow]
        if task.graph_version != flow.version:
            raise Conflict(
                f"task {task.task_id} was begun with graph {task.graph_version}, but this service runs {flow.version}: "
                "finish it with the release that began it, or cancel it and submit it again"
            )
        return flow

    def graph_of(self, task: Task) -> Compiled:
        return self.graphs[task.request.workflow]


@cache
def _compiled(make: Callable[[], Graph]) -> Compiled:
    """Made once in a process, whatever the stores of checkpoints: LangGraph reads the code of every node for it."""
    return make().compile()


def thread_config(task_id: str, **configurable: object) -> RunnableConfig:
    return {"configurable": {"thread_id": task_id, **configurable}}
