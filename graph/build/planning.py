"""The first nodes of a build: is it an application, what is its contract, and what it starts with."""

import json
from collections.abc import Mapping

from langgraph.runtime import Runtime

from agents.context import AgentResult
from agents.planner import CONTRACT_PATH, PLAN_PATH, read_contract, read_plan
from core.computing import compute
from core.events import Event, Notice
from core.plan import Plan
from core.types import BUILDERS, AgentName, JsonObject
from core.workspaces import Author, Change
from graph.build.amending import amended, refused
from graph.context import GraphContext
from graph.effects import commit_once
from graph.nodes.agent import change_of, make_brief, take_turn
from graph.state import AgentState, amends_for_agents
from starter import files as starter_files
from tools.checks.types import generate_schema_types

SCHEMA_TYPES_PATH = "frontend/src/api/schema.d.ts"
PLANNER = Author(name=AgentName.PLANNER.value, email="planner@autonomy.invalid")


async def classify(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """orchestrator: build it, or say in a sentence why not."""
    context, name = runtime.context, AgentName.ORCHESTRATOR
    workspace = await context.workspace(state["task_id"])
    turn = await take_turn(context, name, await make_brief(state, workspace, name, "classify"))
    if turn.result is None:
        return {"blocked": {name.value: turn.blocked or {}}}
    data = turn.result.data
    new: AgentState = {"blocked": {name.value: None}, "criteria": _criteria(data)}  # type: ignore[dict-item]  # the reducer takes None away
    if str(data.get("decision")) != "build":
        return {
            **new,
            "outcome": "refused",
            "reason": str(data.get("reason") or "this is not an application that can be built"),
        }
    return new


def _criteria(data: JsonObject) -> list[str]:
    raw = data.get("criteria")
    return [str(entry)[:200] for entry in raw[:8]] if isinstance(raw, list) else []


async def plan(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """planner: write (or amend) plan and contract, and say who works next."""
    context, name = runtime.context, AgentName.PLANNER
    workspace = await context.workspace(state["task_id"])
    step = "amend" if state.get("step") == "amend" else "plan"
    brief = await make_brief(state, workspace, name, step, code_host=context.ci)
    turn = await take_turn(context, name, brief)
    if turn.result is None:
        return {"blocked": {name.value: turn.blocked or {}}}
    cleared: AgentState = {"blocked": {name.value: None}, "wanted": []}  # type: ignore[dict-item]  # the reducer takes None away
    if not turn.result.files:
        reason = turn.result.summary or "the planner sees nothing to change"
        return {**cleared, **await _unchanged(state, context, reason), "head": await workspace.head()}
    made = read_plan(turn.result.files[PLAN_PATH])
    told: tuple[Event, ...] = ()
    if step == "amend":
        after = made, read_contract(turn.result.files[CONTRACT_PATH])
        told = (await compute(amended, state, (brief.plan, brief.contract), after),)
    await commit_once(context, state, workspace, name, change_of(turn.result, brief), *told)
    await _write_starter(context, state, made)
    await _write_schema_types(context, state, made, turn.result)
    dispatch = [entry.agent.value for entry in made.agents if entry.agent in _writers(made)]
    pipeline = tuple(agent for agent in AgentName if agent in {entry.agent for entry in made.agents} | _always())
    summary: JsonObject = {"title": made.title, "covered": list(made.covered), "not_covered": list(made.not_covered)}
    await context.emit(state["task_id"], pipeline=pipeline)
    await context.summarize(state["task_id"], plan=summary)
    next_step = "amend" if step == "amend" else "build"
    return {**cleared, "dispatch": dispatch, "step": next_step, "verdict": "", "head": await workspace.head()}


async def _unchanged(state: AgentState, context: GraphContext, reason: str) -> AgentState:
    """A person is asked what to do now; agents work by the contract already, so that their round goes on."""
    if not amends_for_agents(state):
        return {"verdict": "nothing_to_do", "reason": reason}
    await context.emit(state["task_id"], refused(state, reason))
    return {"verdict": "unamended"}


def _writers(made: Plan) -> set[AgentName]:
    return {agent for agent in (*BUILDERS, AgentName.QA, AgentName.DEVOPS) if made.ownership.get(agent)}


def _always() -> set[AgentName]:
    return {AgentName.ORCHESTRATOR, AgentName.PLANNER, AgentName.REVIEWER, AgentName.GIT}


async def _write_starter(context: GraphContext, state: AgentState, made: Plan) -> None:
    """The files that no agent writes anew, as they have to be beside what the state's head has."""
    workspace = await context.workspace(state["task_id"])
    head = state.get("head")
    files, deletes = starter_changes(await workspace.read(ref=head) if head else {}, made)
    if not files and not deletes:
        return
    change = Change(
        author=PLANNER,
        message="planner: starter\n\nFiles that are the same in every application; agents change them where this one needs it.",
        files=files,
        deletes=deletes,
        trailers={"Task": state["task_id"], "Generated-By": "autonomy starter"},
    )
    await commit_once(context, state, workspace, AgentName.PLANNER, change)


def starter_changes(before: Mapping[str, str], made: Plan) -> tuple[dict[str, str], tuple[str, ...]]:
    """What to write and to delete of the starter: all of it at first, then what the new plan changes.

    `before` are the files of the application. One that is not as the starter made it is an agent's by now, and stays.
    """
    old = starter_files(read_plan(before[PLAN_PATH])) if PLAN_PATH in before else {}
    new = starter_files(made)
    untouched = {path for path in {*old, *new} if before.get(path) == old.get(path)}
    files = {path: text for path, text in new.items() if path in untouched and text != old.get(path)}
    return files, tuple(path for path in old if path in untouched and path not in new)


async def _write_schema_types(context: GraphContext, state: AgentState, made: Plan, result: AgentResult) -> None:
    """Types for the frontend, generated from the contract in the sandbox; left out, with a notice, where nothing may run."""
    if not made.has_frontend:
        return
    if not state["use_sandbox"]:
        text = f"{SCHEMA_TYPES_PATH} was not generated, because this task runs nothing (use_sandbox is false)"
        await context.emit(state["task_id"], Notice(level="warning", text=text))
        return
    contract = read_contract(result.files[CONTRACT_PATH])
    types = await generate_schema_types(context.sandbox, state["task_id"], json.dumps(contract))
    workspace = await context.workspace(state["task_id"])
    change = Change(
        author=PLANNER,
        message="planner: TypeScript types of the contract",
        files={SCHEMA_TYPES_PATH: types},
        trailers={"Task": state["task_id"], "Generated-By": "openapi-typescript"},
    )
    await commit_once(context, state, workspace, AgentName.PLANNER, change)
