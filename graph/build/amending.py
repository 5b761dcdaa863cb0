"""What agents want changed in the contract goes to the planner, once a round, before the round's work is checked."""

from langgraph.runtime import Runtime

from core.contract_changes import contract_changes
from core.events import ContractAmended, Notice, Routed
from core.plan import Plan
from core.types import AgentName, JsonObject
from graph.context import GraphContext
from graph.reports import FINDINGS, write_report
from graph.state import AgentState, amends_for_agents


async def propose(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """Put the wishes of a round before the planner together; a second time in a round they are only told of."""
    context, iteration, wanted = runtime.context, state.get("iteration", 0), state.get("wanted", [])
    if state.get("amended") == iteration:
        text = f"the contract changes once a round, so this was not asked of the planner: {_text(wanted)}"
        await context.emit(state["task_id"], Notice(level="warning", text=text[:1000]))
        return {"wanted": [], "verdict": "unamended"}
    why = f"{', '.join(askers(wanted))} asked, and the answers want the contract changed"
    await context.emit(state["task_id"], Routed(iteration=iteration, to=(AgentName.PLANNER,), reason=why))
    new: AgentState = {"step": "amend", "verdict": "amend", "feedback": _text(wanted), "amended": iteration}
    if state.get("report"):  # what was found before is repaired by now; the checks say whether it is
        workspace = await context.workspace(state["task_id"])
        new["report"] = await write_report(workspace, state, FINDINGS, [])
    return new


def amended(
    state: AgentState, before: tuple[Plan | None, JsonObject | None], after: tuple[Plan, JsonObject]
) -> ContractAmended:
    """The event that shows what the planner changed."""
    return ContractAmended(
        iteration=state.get("iteration", 0),
        wanted_by=askers(state.get("wanted", [])) if amends_for_agents(state) else (),
        changes=contract_changes(before, after),
    )


def refused(state: AgentState, reason: str) -> ContractAmended:
    """The event that says why the planner changed nothing."""
    wanted_by = askers(state.get("wanted", []))
    return ContractAmended(iteration=state.get("iteration", 0), wanted_by=wanted_by, refused=reason[:1000])


def askers(wanted: list[JsonObject]) -> tuple[AgentName, ...]:
    """The agents whose questions led to it, in the order of the registry."""
    found = {str(wish.get("asker")) for wish in wanted}
    return tuple(agent for agent in AgentName if agent in found)


def _text(wanted: list[JsonObject]) -> str:
    """A line for each wish; what several want in the same words is said once."""
    return "\n".join(dict.fromkeys(str(wish.get("wanted", "")) for wish in wanted))
