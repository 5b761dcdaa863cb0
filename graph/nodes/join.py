"""Commits what parallel agents staged, one commit each, in the order of the registry."""

from langgraph.runtime import Runtime

from core.events import Notice
from core.types import AgentName, JsonObject
from core.workspaces import Author, Change
from graph.context import GraphContext
from graph.nodes.agent import announce
from graph.state import AgentState


async def join(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """Bring every staged result onto head. Repeating it after a crash adds nothing: the tree is already there."""
    context = runtime.context
    task_id = state["task_id"]
    workspace = await context.workspace(task_id)
    staged = state.get("staged", {})
    for agent in AgentName:
        entry = staged.get(agent)
        if entry is None:
            continue
        change = await _staged_change(context, state, agent, str(entry["commit"]))
        committed = await workspace.commit(change)
        await announce(context, task_id, agent, committed)
        if committed.refused:
            reasons = "; ".join(f"{file.path}: {file.reason}" for file in committed.refused)
            await context.emit(task_id, Notice(level="warning", text=f"{agent}: refused {reasons}"))
    cleared: dict[str, JsonObject | None] = dict.fromkeys(staged)
    return {"staged": cleared, "head": await workspace.head()}  # type: ignore[typeddict-item]  # None takes a key away in the reducer


async def _staged_change(context: GraphContext, state: AgentState, agent: AgentName, commit: str) -> Change:
    """The difference that an agent staged against the head its round began with."""
    workspace = await context.workspace(state["task_id"])
    base = await workspace.files(state["head"])
    mine = await workspace.files(commit)
    written = [path for path, blob in mine.items() if base.get(path) != blob]
    return Change(
        author=Author(name=agent.value, email=f"{agent.value}@autonomy.invalid"),
        message=f"{agent.value}: {state['step']}",
        files=dict(await workspace.read(written, commit)),
        deletes=tuple(path for path in base if path not in mine),
        trailers={
            "Task": state["task_id"],
            "Iteration": str(state.get("iteration", 0)),
            "Staged-As": commit,
            "Model": context.thinking.models[agent],
        },
    )
