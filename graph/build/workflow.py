"""Nodes and edges of the build workflow."""

from collections.abc import Mapping

from langgraph.graph import END, START, StateGraph

from core.task_views import NodeKind
from core.tasks import Action, InterruptKind
from core.types import BUILDERS, AgentName
from graph.build.amending import propose
from graph.build.deciding import pose_approval, pose_escalation, read_feedback
from graph.build.judging import check, review, route
from graph.build.planning import classify, plan
from graph.build.publishing import describe, verify_delivery
from graph.context import GraphContext
from graph.nodes.agent import Node, agent_node
from graph.nodes.human import ask, blocked_kind, pose_blocked
from graph.nodes.join import join
from graph.nodes.publish import open_pull_request, publish_branch, write_output
from graph.state import AgentState

VERSION = "build/2"
WRITERS = (*BUILDERS, AgentName.QA, AgentName.DEVOPS)
CALLERS: Mapping[str, Node] = {
    AgentName.ORCHESTRATOR.value: classify,
    AgentName.PLANNER.value: plan,
    AgentName.REVIEWER.value: review,
    AgentName.GIT.value: describe,
    "feedback": read_feedback,
}
"""Nodes of agents that work alone; each is run again by name when a person unblocks it."""
STEPS: Mapping[str, Node] = {
    "join": join,
    "propose": propose,
    "checks": check,
    "route": route,
    "pose_approval": pose_approval,
    "pose_escalation": pose_escalation,
    "publish_branch": publish_branch,
    "open_pull_request": open_pull_request,
    "write_output": write_output,
    "deliver": verify_delivery,
}
"""Nodes without an agent; a person unblocks them where they kept killing the service."""
NODE_KINDS: Mapping[str, NodeKind] = {
    "checks": "check",
    "publish_branch": "effect",
    "open_pull_request": "effect",
    "write_output": "effect",
    "deliver": "effect",
}


def build_graph() -> StateGraph[AgentState, GraphContext, AgentState, AgentState]:
    """The graph, not yet compiled: compile it once with a checkpointer."""
    graph = StateGraph(AgentState, context_schema=GraphContext)
    for name, node in CALLERS.items():
        graph.add_node(name, node)
    for writer in WRITERS:
        graph.add_node(writer.value, agent_node(writer))
        graph.add_edge(writer.value, "join")
    for name, node in STEPS.items():
        graph.add_node(name, node)
    graph.add_node("pose_blocked", pose_blocked)
    for kind in InterruptKind:
        graph.add_node(kind.value, ask(kind))
    _add_edges(graph)
    return graph


def _add_edges(graph: StateGraph[AgentState, GraphContext, AgentState, AgentState]) -> None:
    writers = [writer.value for writer in WRITERS]
    again = [*CALLERS, *writers, *STEPS]
    graph.add_edge(START, AgentName.ORCHESTRATOR.value)
    graph.add_conditional_edges(
        AgentName.ORCHESTRATOR.value, _after_classify, ["pose_blocked", AgentName.PLANNER.value, END]
    )
    graph.add_conditional_edges(
        AgentName.PLANNER.value, _after_plan, ["pose_blocked", "pose_approval", "checks", *writers]
    )
    graph.add_conditional_edges("join", _after_join, ["pose_blocked", "propose", "checks"])
    graph.add_conditional_edges("propose", _after_propose, [AgentName.PLANNER.value, "checks"])
    graph.add_conditional_edges("checks", _after_checks, [AgentName.REVIEWER.value, "route"])
    graph.add_conditional_edges(AgentName.REVIEWER.value, _after_review, ["pose_blocked", "route"])
    graph.add_conditional_edges("route", _after_route, ["pose_approval", "pose_escalation", *writers])
    graph.add_edge("pose_approval", InterruptKind.APPROVAL.value)
    graph.add_edge("pose_escalation", InterruptKind.ESCALATION.value)
    graph.add_conditional_edges(
        "pose_blocked", _after_pose_blocked, [InterruptKind.BUDGET.value, InterruptKind.ESCALATION.value]
    )
    for kind in InterruptKind:
        graph.add_conditional_edges(kind.value, _after_answer, [END, *again])
    graph.add_conditional_edges(
        "feedback", _after_feedback, ["pose_blocked", "pose_approval", AgentName.PLANNER.value, *writers]
    )
    graph.add_conditional_edges(AgentName.GIT.value, _after_describe, ["pose_blocked", "publish_branch"])
    graph.add_conditional_edges("publish_branch", _after_publish, ["pose_blocked", "open_pull_request"])
    graph.add_conditional_edges("open_pull_request", _after_request, ["pose_blocked", "write_output"])
    graph.add_edge("write_output", "deliver")
    graph.add_conditional_edges("deliver", _after_deliver, ["pose_blocked", END])


async def _after_classify(state: AgentState) -> str:
    if state.get("blocked"):
        return "pose_blocked"
    return END if state.get("outcome") == "refused" else AgentName.PLANNER.value


async def _after_plan(state: AgentState) -> list[str] | str:
    if state.get("blocked"):
        return "pose_blocked"
    match state.get("verdict"):
        case "nothing_to_do":
            return "pose_approval"
        case "unamended":
            return "checks"
        case _:
            return state["dispatch"]


async def _after_join(state: AgentState) -> str:
    if state.get("blocked"):
        return "pose_blocked"
    return "propose" if state.get("wanted") else "checks"


async def _after_propose(state: AgentState) -> str:
    return AgentName.PLANNER.value if state["verdict"] == "amend" else "checks"


async def _after_checks(state: AgentState) -> str:
    return AgentName.REVIEWER.value if state["verdict"] == "passed" else "route"


async def _after_review(state: AgentState) -> str:
    return "pose_blocked" if state.get("blocked") else "route"


async def _after_route(state: AgentState) -> list[str] | str:
    match state["verdict"]:
        case "approve":
            return "pose_approval"
        case "escalate":
            return "pose_escalation"
        case _:
            return state["dispatch"]


async def _after_pose_blocked(state: AgentState) -> str:
    return blocked_kind(state).value


async def _after_answer(state: AgentState) -> list[str] | str:
    match Action(str(state["decision"]["action"])):
        case Action.ABORT:
            return END
        case Action.APPROVE:
            return AgentName.GIT.value
        case Action.RETRY | Action.RAISE_BUDGET if state.get("again"):
            return state["again"]
        case Action.CHANGES:
            return "feedback"
        case _:
            return state["dispatch"]


async def _after_feedback(state: AgentState) -> list[str] | str:
    if state.get("blocked"):
        return "pose_blocked"
    match state["verdict"]:
        case "amend":
            return AgentName.PLANNER.value
        case "retry":
            return state["dispatch"]
        case _:
            return "pose_approval"


async def _after_publish(state: AgentState) -> str:
    return "pose_blocked" if state.get("blocked") else "open_pull_request"


async def _after_request(state: AgentState) -> str:
    return "pose_blocked" if state.get("blocked") else "write_output"


async def _after_deliver(state: AgentState) -> str:
    return "pose_blocked" if state.get("blocked") else END


async def _after_describe(state: AgentState) -> str:
    return "pose_blocked" if state.get("blocked") else "publish_branch"
