"""Outside effects of nodes, each once: what is written as done is not done again, whatever kills the process where."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import orjson

from core.effects import EffectKey, EffectStatus
from core.events import Artifact, Event
from core.ports import Workspace
from core.types import AgentName, JsonObject
from core.workspaces import Change, Committed
from graph.context import GraphContext
from graph.state import AgentState


@dataclass(frozen=True)
class Done:
    """What came of an effect, the events that tell of it, and the fields of the task that change with it."""

    result: JsonObject
    events: tuple[Event, ...] = ()
    changes: dict[str, object] = field(default_factory=dict)


def effect_key(state: AgentState, node: str, kind: str) -> EffectKey:
    """The key of what a node does in this round; the same for every run of the node."""
    return EffectKey(task_id=state["task_id"], node=node, iteration=state.get("iteration", 0), kind=kind)


async def once(
    context: GraphContext, key: EffectKey, intent: JsonObject, act: Callable[[], Awaitable[Done]]
) -> JsonObject:
    """Do it, write down what came of it and tell of it in one transaction; or return what is written already.

    `intent` must follow from the state alone. `act` must look for what it is about to make, because a kill between
    its end and the record has it run again. Raises Conflict when the key was begun with another intent.
    """
    effect = await context.effects.begin(key, intent)
    if effect.status is EffectStatus.DONE:
        return effect.result or {}
    done = await act()
    await context.effects.finish(key, done.result, done.events, **done.changes)
    return done.result


async def commit_once(
    context: GraphContext, state: AgentState, workspace: Workspace, agent: AgentName, change: Change, *events: Event
) -> Committed:
    """Commit an agent's files on head, and say so with `events` behind; the state's head is what they were made against."""
    content = orjson.dumps([state.get("head"), change.files, change.deletes], option=orjson.OPT_SORT_KEYS)
    digest = hashlib.sha256(content).hexdigest()

    async def act() -> Done:
        made = await workspace.commit(change)
        refused = {file.path: file.reason for file in made.refused}
        artifact = Artifact(agent=agent, commit=made.commit, paths=(*made.written, *made.deleted), refused=refused)
        return Done(made.model_dump(mode="json"), (artifact, *events), {"head": made.commit})

    key = effect_key(state, agent.value, f"commit:{digest[:16]}")
    title = change.message.splitlines()[0]
    return Committed.model_validate(await once(context, key, {"message": title, "content": digest}, act))
