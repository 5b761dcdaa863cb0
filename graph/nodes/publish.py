"""Outside effects, a node each: every one looks for what it is about to make, and makes it only when it is not there."""

from langgraph.runtime import Runtime

from core.errors import Conflict
from core.events import Published
from core.types import JsonObject
from graph.context import GraphContext
from graph.effects import Done, effect_key, once
from graph.reports import read_draft
from graph.state import AgentState


async def publish_branch(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """Put exactly the approved tree on the branch of the code host."""
    context, approved = runtime.context, state["approved"]
    workspace = await context.workspace(state["task_id"])
    draft = await read_draft(workspace, state)

    async def act() -> Done:
        commit = await context.code_host.publish(workspace, approved, draft)
        event = Published(kind="branch", reference=draft.branch, commit=commit)
        return Done({"commit": commit, "branch": draft.branch, "approved": approved}, (event,))

    key = effect_key(state, "publish_branch", "branch")
    return {"published": await once(context, key, {"branch": draft.branch, "approved": approved}, act)}


async def open_pull_request(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    context, published = runtime.context, state["published"]
    commit = str(published["commit"])

    async def act() -> Done:
        workspace = await context.workspace(state["task_id"])
        request = await context.code_host.open_pull_request(await read_draft(workspace, state), commit)
        approved_tree = await workspace.tree(str(published["approved"]))
        if request.tree != approved_tree:
            raise Conflict(f"the pull request holds tree {request.tree}, but {approved_tree} was approved")
        event = Published(kind="pull_request", reference=request.url, commit=request.commit)
        made: JsonObject = {"number": request.number, "url": request.url, "tree": request.tree}
        return Done(made, (event,), {"pr_url": request.url})

    key = effect_key(state, "open_pull_request", "pull_request")
    made = await once(context, key, {"branch": published["branch"], "commit": commit}, act)
    return {"published": {**published, **made}}


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
