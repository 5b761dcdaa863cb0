"""Outside effects, a node each: every one looks for what it is about to make, and makes it only when it is not there."""

from langgraph.runtime import Runtime

from core.errors import Conflict
from core.events import Published
from core.types import JsonObject
from core.workspaces import PullRequestDraft
from graph.context import GraphContext
from graph.state import AgentState


def _draft(state: AgentState) -> PullRequestDraft:
    return PullRequestDraft.model_validate(state["draft"])


async def publish_branch(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """Put exactly the approved tree on the branch of the code host."""
    context = runtime.context
    workspace = await context.workspace(state["task_id"])
    draft = _draft(state)
    approved = str(state["question"]["payload"]["head"])  # type: ignore[index,call-overload]  # written by pose_approval
    commit = await context.code_host.publish(workspace, approved, draft)
    await context.emit(state["task_id"], Published(kind="branch", reference=draft.branch, commit=commit))
    return {"published": {"commit": commit, "branch": draft.branch, "approved": approved}}


async def open_pull_request(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    context = runtime.context
    published: JsonObject = dict(state["published"])
    request = await context.code_host.open_pull_request(_draft(state), str(published["commit"]))
    workspace = await context.workspace(state["task_id"])
    approved_tree = await workspace.tree(str(published["approved"]))
    if request.tree != approved_tree:
        raise Conflict(f"the pull request holds tree {request.tree}, but {approved_tree} was approved")
    published |= {"number": request.number, "url": request.url, "tree": request.tree}
    event = Published(kind="pull_request", reference=request.url, commit=request.commit)
    await context.emit(state["task_id"], event, pr_url=request.url)
    return {"published": published}


async def write_output(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """Write the approved files to the directory that was asked for, if one was."""
    context = runtime.context
    directory = state.get("output_directory")
    if not directory:
        return {}
    workspace = await context.workspace(state["task_id"])
    files = await workspace.read(None, str(state["published"]["approved"]))
    path = await context.write_output(directory, state["task_id"], files)
    await context.emit(state["task_id"], Published(kind="output", reference=path), output_path=path)
    return {}
