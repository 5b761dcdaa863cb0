"""Outside effects, a node each: every one looks for what it is about to make, and makes it only when it is not there."""

from langgraph.runtime import Runtime

from core.errors import CodeHostRefused, Conflict
from core.events import Published
from core.types import JsonObject
from graph.context import GraphContext
from graph.effects import Done, effect_key, once
from graph.reports import read_draft
from graph.state import AgentState

APPROVE_AGAIN = "pose_approval"


async def publish_branch(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """Put exactly the approved work on the branch of the code host; where it is refused a person is asked."""
    context, approved = runtime.context, state["approved"]
    workspace = await context.workspace(state["task_id"])
    draft = await read_draft(workspace, state)

    async def act() -> Done:
        made = await context.code_host.publish(workspace, approved, draft)
        event = Published(kind="branch", reference=draft.branch, commit=made.commit)
        return Done({**made.model_dump(mode="json"), "branch": draft.branch, "approved": approved}, (event,))

    key = effect_key(state, "publish_branch", "branch")
    try:
        published = await once(context, key, {"branch": draft.branch, "approved": approved}, act)
    except CodeHostRefused as error:
        return refused("publish_branch", error)
    return {"published": published, "blocked": {"publish_branch": None}}  # type: ignore[dict-item]  # the reducer takes None away


async def open_pull_request(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    context, published = runtime.context, state["published"]
    commit = str(published["commit"])

    async def act() -> Done:
        workspace = await context.workspace(state["task_id"])
        request = await context.code_host.open_pull_request(await read_draft(workspace, state), commit)
        if request.commit != commit:
            raise Conflict(f"the pull request holds commit {request.commit}, but {commit} was published")
        event = Published(kind="pull_request", reference=request.url, commit=request.commit)
        made: JsonObject = {"number": request.number, "url": request.url}
        return Done(made, (event,), {"pr_url": request.url})

    key = effect_key(state, "open_pull_request", "pull_request")
    try:
        made = await once(context, key, {"branch": published["branch"], "commit": commit}, act)
    except CodeHostRefused as error:
        return refused("open_pull_request", error)
    return {"published": {**published, **made}, "blocked": {"open_pull_request": None}}  # type: ignore[dict-item]  # the reducer takes None away


def refused(node: str, error: CodeHostRefused) -> AgentState:
    """A person is asked; where the base has moved under the work they are to see what it replaces now, and approve again."""
    moved = error.fields.get("reason") == "conflict"
    entry: JsonObject = {"kind": "code_host", "message": str(error)[:500], "step": "publish", **error.fields}
    return {"blocked": {node: {**entry, "resume": APPROVE_AGAIN if moved else node}}}


async def write_output(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """Write the approved files to the directory that was asked for, if one was."""
    context, approved = runtime.context, str(state["published"]["approved"])
    directory = state.get("output_directory")
    if not directory:
        return {}

    async def act() -> Done:
        workspace = await context.workspace(state["task_id"])
        files = await workspace.read(None, approved)
        path = await context.write_output(directory, state["task_id"], files)
        return Done({"path": path}, (Published(kind="output", reference=path),), {"output_path": path})

    await once(
        context, effect_key(state, "write_output", "output"), {"directory": directory, "approved": approved}, act
    )
    return {}
