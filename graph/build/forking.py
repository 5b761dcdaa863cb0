"""Where a fork of a build begins: at the checkpoint itself, or at the node that takes what is to be different."""

from collections.abc import Sequence

from core.tasks import Action, InterruptKind
from core.types import AgentName, JsonObject
from graph.nodes.human import blocked_nodes
from graph.redirect import FROM_THE_START, Redirect
from graph.state import AgentState

LEAVING = frozenset(
    {
        InterruptKind.APPROVAL.value,
        AgentName.GIT.value,
        "publish_branch",
        "open_pull_request",
        "write_output",
        "deliver",
    }
)
"""Nodes at or behind the approval. An approval is for one task: a fork from behind it asks again."""


def redirect(state: AgentState, pending: Sequence[str], feedback: str) -> Redirect | None:
    """None where the fork simply goes on with what was pending. `feedback` is a person's wish, or empty."""
    if not state.get("head"):
        return _before_the_plan(state, pending, feedback)
    if feedback:
        fresh: AgentState = {"decision": _changes(), "feedback": feedback, "rounds": 0, "history": [], "again": []}
        return Redirect(_unblocked(state, fresh), as_node=InterruptKind.APPROVAL.value)
    if not pending or LEAVING.intersection(pending):
        return Redirect(_unblocked(state, {"verdict": "approve"}), as_node="feedback")
    if state.get("blocked"):
        return _again(state)
    if InterruptKind.ESCALATION.value in pending:
        return Redirect({"verdict": "escalate"}, as_node="route")
    return None


def _changes() -> JsonObject:
    return {"kind": InterruptKind.APPROVAL.value, "action": Action.CHANGES.value}


def _before_the_plan(state: AgentState, pending: Sequence[str], feedback: str) -> Redirect | None:
    """Before there is a plan a wish is simply part of the sentence."""
    if feedback or not pending:
        sentence = "\n\n".join(filter(None, (state["sentence"], feedback)))
        return Redirect(_unblocked(state, {"sentence": sentence}), as_node=FROM_THE_START)
    return _again(state) if state.get("blocked") else None


def _again(state: AgentState) -> Redirect:
    """Run what was blocked, as if a person had said so: the fork has a budget of its own."""
    values: AgentState = {"decision": {"action": Action.RETRY.value}, "again": blocked_nodes(state)}
    return Redirect(_unblocked(state, values), as_node=InterruptKind.BUDGET.value)


def _unblocked(state: AgentState, values: AgentState) -> AgentState:
    cleared = dict.fromkeys(state.get("blocked", {}))
    return {**values, "blocked": cleared, "outcome": "", "reason": ""}  # type: ignore[typeddict-item]  # None takes a key away in the reducer
