"""Commits what parallel agents staged, one commit each, in the order of the registry."""

from collections.abc import Iterator

from langgraph.runtime import Runtime

from core.events import Notice
from core.types import AgentName, Json, JsonObject
from core.workspaces import Author, Change
from graph.context import GraphContext
from graph.effects import commit_once
from graph.state import AgentState, amends_for_agents


async def join(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """Bring every staged result onto head. Repeating it after a crash adds nothing, and tells of nothing twice."""
    context = runtime.context
    workspace = await context.workspace(state["task_id"])
    staged = state.get("staged", {})
    for agent in AgentName:
        entry = staged.get(agent)
        if entry is None:
            continue
        notices = tuple(Notice(level="warning", text=text[:1000]) for text in _to_tell(agent, entry))
        change = await _staged_change(context, state, agent, entry)
        await commit_once(context, state, workspace, agent, change, *notices)
    cleared: dict[str, JsonObject | None] = dict.fromkeys(staged)
    objections = {agent: said for agent, entry in staged.items() if (said := str(entry.get("objection", "")))}
    if amends_for_agents(state):  # the round goes on, and what was said in it still holds
        objections = state.get("objections", {}) | objections
    wanted = [*state.get("wanted", []), *_wanted(staged)]
    return {"staged": cleared, "objections": objections, "wanted": wanted, "head": await workspace.head()}  # type: ignore[typeddict-item]  # None takes a key away in the reducer


async def _staged_change(context: GraphContext, state: AgentState, agent: AgentName, entry: JsonObject) -> Change:
    """The difference that an agent staged against the head its round began with."""
    workspace = await context.workspace(state["task_id"])
    commit = str(entry["commit"])
    base = await workspace.files(state["head"])
    mine = await workspace.files(commit)
    written = [path for path, blob in mine.items() if base.get(path) != blob]
    return Change(
        author=Author(name=agent.value, email=f"{agent.value}@autonomy.invalid"),
        message=str(entry["message"]),
        files=dict(await workspace.read(written, commit)),
        deletes=tuple(path for path in base if path not in mine),
        trailers={name: str(value) for name, value in _object(entry["trailers"]).items()},
    )


def _wanted(staged: dict[str, JsonObject]) -> Iterator[JsonObject]:
    """What agents want changed in the contract, in the order of the registry."""
    for agent in AgentName:
        given = staged.get(agent, {}).get("amendments")
        yield from (wish for wish in (given if isinstance(given, list) else ()) if isinstance(wish, dict))


def _to_tell(agent: AgentName, entry: JsonObject) -> Iterator[str]:
    left, objection = _left(entry), entry.get("objection")
    if left:
        yield f"{agent} left undone: {left}"
    if objection:
        yield f"{agent} left its files as they are: {objection}"


def _left(entry: JsonObject) -> str:
    """What the path guard refused, and what the agent could not get right by itself."""
    refused = [f"{path} ({reason})" for path, reason in _object(entry["refused"]).items()]
    left = entry.get("left")
    return "; ".join([*refused, *(map(str, left) if isinstance(left, list) else ())])


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}
