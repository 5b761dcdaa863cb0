"""One agent's turn as a node: brief from state and workspace, run, stage the files, say what came of it."""

from dataclasses import dataclass
from typing import Protocol

from langgraph.runtime import Runtime

from agents.context import AgentResult, Brief
from agents.planner import CONTRACT_PATH, PLAN_PATH, read_contract, read_plan
from core.errors import BudgetExceeded, ModelError
from core.events import AgentFinished, AgentStarted
from core.ports import Workspace
from core.types import AgentName, Json, JsonObject
from core.workspaces import Author, Change
from graph.context import GraphContext
from graph.reports import read_findings
from graph.state import AgentState, amends_for_agents


class Node(Protocol):
    """A node of a graph: reads the state, answers with the keys it changes."""

    async def __call__(self, state: AgentState, runtime: Runtime[GraphContext]) -> AgentState: ...


@dataclass(frozen=True)
class Turn:
    """What a finished turn gave, or why the agent could not finish it."""

    result: AgentResult | None
    blocked: JsonObject | None = None


def agent_node(name: AgentName) -> Node:
    """The node of an agent that writes files: works on `state["step"]`, stages its files for the join."""

    async def node(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
        context = runtime.context
        workspace = await context.workspace(state["task_id"])
        brief = await make_brief(state, workspace, name, step_of(state, name))
        turn = await take_turn(context, name, brief)
        if turn.result is None:
            return {"blocked": {name.value: turn.blocked or {}}}
        change = change_of(turn.result, brief)
        committed = await workspace.commit(change, branch=f"stage/{name}")
        entry: JsonObject = {
            "commit": committed.commit,
            "message": change.message,
            "trailers": dict(change.trailers),
            "refused": {file.path: file.reason for file in committed.refused},
            "left": _left(turn.result),
            "objection": turn.result.objection,
            "amendments": [
                {"asker": wish.asker.value, "asked": wish.asked.value, "wanted": wish.wanted}
                for wish in turn.result.amendments
            ],
        }
        return {"staged": {name.value: entry}, "blocked": {name.value: None}}  # type: ignore[dict-item]  # the reducer takes None away

    return node


def _left(result: AgentResult) -> list[Json]:
    """What the agent could not get right by itself, and why it did not go on trying."""
    found: list[Json] = [f"{finding.check}: {finding.message}"[:300] for finding in result.findings[:10]]
    return [result.repeats.says, *found] if result.repeats else found


def step_of(state: AgentState, name: AgentName) -> str:
    """qa_agent's first step has a name of its own; everybody else builds."""
    step = state["step"]
    return "tests" if step == "build" and name is AgentName.QA else step


async def make_brief(state: AgentState, workspace: Workspace, name: AgentName, step: str, **extra: Json) -> Brief:
    """Collect what an agent is to know: the whole workspace, the contract, and the findings that are its own."""
    files = await workspace.read()
    plan = read_plan(files[PLAN_PATH]) if PLAN_PATH in files else None
    contract = read_contract(files[CONTRACT_PATH]) if CONTRACT_PATH in files else None
    findings = await read_findings(workspace, state) if step in ("fix", "amend") else ()
    mine = tuple(finding for finding in findings if finding.owner is name)
    return Brief(
        task_id=state["task_id"],
        step=step,
        sentence=state["sentence"],
        iteration=state.get("iteration", 0),
        use_sandbox=state["use_sandbox"],
        plan=plan,
        contract=contract,
        files=files,
        findings=mine,
        feedback=state.get("feedback", ""),
        criteria=tuple(state.get("criteria", ())),
        by_agents=amends_for_agents(state),
        extra=dict(extra),
    )


async def take_turn(context: GraphContext, name: AgentName, brief: Brief) -> Turn:
    """Run the agent. A cap that is reached or a model that fails for good blocks the turn; a person decides."""
    started = AgentStarted(agent=name, step=brief.step, iteration=brief.iteration)
    await context.emit(brief.task_id, started, current_agent=name)
    try:
        with context.thinking.tracing.turn(brief.task_id, name, brief.step, brief.iteration):
            result = await context.agents[name].run(brief, context.thinking)
    except BudgetExceeded as error:
        return await _blocked(context, name, brief, "budget", str(error), error.fields)
    except ModelError as error:
        return await _blocked(context, name, brief, "model", str(error), {})
    finished = AgentFinished(
        agent=name, step=brief.step, iteration=brief.iteration, summary=result.summary, files=tuple(result.files)
    )
    await context.emit(brief.task_id, finished)
    return Turn(result)


async def _blocked(
    context: GraphContext, name: AgentName, brief: Brief, kind: str, message: str, fields: JsonObject
) -> Turn:
    finished = AgentFinished(
        agent=name, step=brief.step, iteration=brief.iteration, success=False, summary=message[:300]
    )
    await context.emit(brief.task_id, finished)
    return Turn(None, {"kind": kind, "message": message[:500], "step": brief.step, **fields})


def change_of(result: AgentResult, brief: Brief) -> Change:
    """The commit of an agent's work, with where it came from in the trailers."""
    return Change(
        author=Author(name=result.agent.value, email=f"{result.agent.value}@autonomy.invalid"),
        message=f"{result.agent.value}: {brief.step}\n\n{result.summary}".strip(),
        files=dict(result.files),
        deletes=result.deletes,
        trailers={
            "Task": brief.task_id,
            "Iteration": str(brief.iteration),
            "Model": result.model,
            "Prompt": result.prompt,
            "Cost-USD": f"{result.cost_usd:.6f}",
        },
    )
