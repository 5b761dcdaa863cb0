"""Questions to a person. A node that asks does nothing else before its interrupt, because it is run again from its top."""

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from core.tasks import Action, Decision, InterruptKind
from core.types import AgentName, JsonObject
from graph.context import GraphContext
from graph.nodes.agent import Node
from graph.nodes.money import budget_question, take_word
from graph.reports import QUESTION, read_question, write_report
from graph.state import AgentState


def ask(kind: InterruptKind) -> Node:
    """The node of one kind of question: the round's report holds what is shown, the answer is a Decision."""

    async def node(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
        workspace = await runtime.context.workspace(state["task_id"])
        question = await read_question(workspace, state)
        answer = interrupt({"kind": kind.value, **question})
        decision = Decision.model_validate(answer)
        return await _after(state, runtime.context, kind, decision, question)

    return node


async def _after(
    state: AgentState, context: GraphContext, kind: InterruptKind, decision: Decision, question: JsonObject
) -> AgentState:
    blocked = state.get("blocked", {})
    new: AgentState = {"decision": {"kind": kind.value, "action": decision.action.value}, "again": []}
    if decision.action in (Action.RETRY, Action.RAISE_BUDGET) and blocked:
        new |= {"again": blocked_nodes(state), "blocked": dict.fromkeys(blocked)}  # type: ignore[typeddict-item]  # None takes a key away in the reducer
    if kind is InterruptKind.BUDGET and decision.action in (Action.RAISE_BUDGET, Action.RETRY):
        await take_word(context, state["task_id"], question, decision)
    match decision.action:
        case Action.RETRY if blocked:
            # A new iteration, so that the journal does not give the same unusable answer again.
            if any(entry.get("kind") == "model" for entry in blocked.values()):
                new["iteration"] = state.get("iteration", 0) + 1
        case Action.RETRY | Action.CHANGES:
            again = 1 if decision.action is Action.RETRY else 0
            new |= {
                "rounds": 0,
                "history": [],
                "feedback": decision.message,
                "iteration": state.get("iteration", 0) + again,
            }
        case Action.ABORT:
            new["outcome"] = "aborted"
            new["reason"] = decision.message or f"a person ended the task at the {kind.value} question"
        case Action.RAISE_BUDGET | Action.APPROVE:
            pass
    return new


async def pose_blocked(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """Prepare the question for agents that could not finish: the cap is reached, or their model failed for good."""
    workspace = await runtime.context.workspace(state["task_id"])
    if blocked_kind(state) is InterruptKind.BUDGET:
        question = await budget_question(state, runtime.context)
    else:
        question = await _trouble_question(state, runtime.context)
    return {"report": await write_report(workspace, state, QUESTION, question)}


async def _trouble_question(state: AgentState, context: GraphContext) -> JsonObject:
    blocked = state.get("blocked", {})
    spend = await context.ledger.spend(state["task_id"])
    reasons: JsonObject = {agent: entry.get("message") for agent, entry in blocked.items()}
    said = "; ".join(f"{agent}: {reason}" for agent, reason in reasons.items())
    payload: JsonObject = {
        "actions": [Action.RETRY.value, Action.ABORT.value],
        "agents": list(blocked),
        "reasons": reasons,
        "cap_usd": spend.cap_usd,
        "spent_usd": spend.spent_usd,
        "reserved_usd": spend.reserved_usd,
    }
    return {"prompt": f"The task cannot go on by itself. {said}. Retry, or abort?", "payload": payload}


def blocked_kind(state: AgentState) -> InterruptKind:
    """Money is asked for when money alone is missing; everything else is an escalation."""
    only_money = all(entry.get("kind") == "budget" for entry in state.get("blocked", {}).values())
    return InterruptKind.BUDGET if only_money else InterruptKind.ESCALATION


def blocked_nodes(state: AgentState) -> list[str]:
    """The nodes to run again: agents in the order of the registry, named as they are but for `feedback`, then others."""
    blocked = state.get("blocked", {})
    agents = [agent.value for agent in AgentName if agent.value in blocked]
    nodes = ["feedback" if blocked[name].get("step") == "feedback" else name for name in agents]
    return [*nodes, *(str(entry.get("resume") or name) for name, entry in blocked.items() if name not in agents)]
