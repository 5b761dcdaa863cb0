"""The list of workflows: name, version, what their requests hold, how their graph is made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from langgraph.graph import StateGraph
from pydantic import BaseModel

from core.task_views import NodeKind
from core.types import JsonObject
from graph.build.forking import redirect as redirect_build
from graph.build.request import BuildOptions
from graph.build.workflow import NODE_KINDS as BUILD_NODES
from graph.build.workflow import VERSION as BUILD_VERSION
from graph.build.workflow import build_graph
from graph.context import GraphContext
from graph.redirect import Redirect
from graph.state import AgentState

Graph = StateGraph[AgentState, GraphContext, AgentState, AgentState]


@dataclass(frozen=True)
class Workflow:
    """`version` changes whenever paused work of an older graph could not go on in the new one.

    `gate` is a node after which a run that is `blocked` asks a person, by the node `asks`. `redirect` says where a fork
    goes on, given the state it begins with, the nodes that were pending there, and what is to be different.
    `node_kinds` are for those who look at a run: what its nodes are that are neither agents nor questions, nor mere steps.
    """

    name: str
    version: str
    title: str
    options: type[BaseModel]
    make: Callable[[], Graph]
    gate: str
    asks: str
    redirect: Callable[[AgentState, Sequence[str], str], Redirect | None]
    node_kinds: Mapping[str, NodeKind] = field(default_factory=dict)

    def describe(self) -> JsonObject:
        """What `GET /workflows` shows."""
        return {
            "name": self.name,
            "version": self.version,
            "title": self.title,
            "options_schema": self.options.model_json_schema(),
        }


WORKFLOWS: Mapping[str, Workflow] = {
    "build": Workflow(
        "build",
        BUILD_VERSION,
        "Build an application from one sentence",
        BuildOptions,
        build_graph,
        gate="join",
        asks="pose_blocked",
        redirect=redirect_build,
        node_kinds=BUILD_NODES,
    ),
}
