"""Around the publication: its words, written by git_agent, and the look at what then stands on the code host."""

from langgraph.runtime import Runtime

from core.errors import CodeHostRefused, Conflict
from core.events import AgentFinished, AgentStarted
from core.findings import Finding, QaReport, Review
from core.ownership import owner_of
from core.plan import Plan
from core.publication import PullRequestDraft
from core.types import AgentName, JsonObject
from core.workspaces import Diff, FileChange
from graph.build.deciding import branch_name, current_plan, request_key, short
from graph.build.judging import describe_qa
from graph.build.request_body import Evidence, request_body
from graph.context import GraphContext
from graph.nodes.agent import make_brief, take_turn
from graph.nodes.publish import refused
from graph.reports import DRAFT, read_findings, read_qa, read_review, write_report
from graph.state import AgentState

ACCEPTED = "accepted-with-findings"
"""Label of a request whose open findings a person has accepted."""


def _by_folder(diff: Diff) -> str:
    """`backend/app: 17 files, +567 -0` for the first two folders of every path."""
    folders: dict[str, list[FileChange]] = {}
    for file in diff.files:
        folders.setdefault("/".join(file.path.split("/")[:-1][:2]) or ".", []).append(file)
    return "\n".join(
        f"{folder}: {len(files)} files, +{sum(file.additions for file in files)} -{sum(file.deletions for file in files)}"
        for folder, files in folders.items()
    )


async def describe(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """git_agent: the words of the publication. Only words: the tree is the approved one."""
    context, name = runtime.context, AgentName.GIT
    workspace = await context.workspace(state["task_id"])
    plan = await current_plan(workspace)
    qa, judged = await read_qa(workspace, state), await read_review(workspace, state)
    diff = await workspace.diff(None, None, max_bytes=0)
    stat = _by_folder(diff)
    left = await read_findings(workspace, state) if state.get("verdict") == "escalate" else ()
    summary = _publication_summary(qa, judged, (*left, *(judged.findings if judged else ())))
    turn = await take_turn(
        context, name, await make_brief(state, workspace, name, "describe", summary=summary, diff_stat=stat)
    )
    if turn.result is None:
        return {"blocked": {name.value: turn.blocked or {}}}
    draft = await _draft(state, context, plan, turn.result.data, Evidence(qa, judged))
    commit = await write_report(workspace, state, DRAFT, draft.model_dump(mode="json"))
    return {"report": commit, "blocked": {name.value: None}}  # type: ignore[dict-item]  # the reducer takes None away


async def _draft(
    state: AgentState, context: GraphContext, plan: Plan, said: JsonObject, evidence: Evidence
) -> PullRequestDraft:
    title = " ".join(str(said.get("title") or f"Add {plan.title}").split())[:72]
    words = str(said.get("body") or plan.summary)[:20_000]
    accepted = state.get("verdict") == "escalate"
    target, defaults = state.get("target", {}), context.requests
    replaces = target.get("replaces")
    continued = state.get("continues", {})
    return PullRequestDraft(
        key=request_key(state),
        branch=branch_name(plan, state),
        base=str(target.get("base") or "main"),
        title=title,
        body=await request_body(context, state, words, evidence),
        commit_message=str(said.get("commit_message") or title)[:4_000],
        replaces={path: str(blob) for path, blob in replaces.items()} if isinstance(replaces, dict) else {},
        origin=str(continued["approved"]) if continued else None,
        continues=str(continued["commit"]) if continued else None,
        shown_base=str(target["commit"]) if target.get("commit") else None,
        labels=(*defaults.labels, ACCEPTED) if accepted else defaults.labels,
        reviewers=defaults.reviewers,
        draft=defaults.draft or accepted,
    )


def _publication_summary(qa: QaReport | None, judged: Review | None, open_findings: tuple[Finding, ...]) -> JsonObject:
    """What was found out about the application; what it is stands at the beginning of the conversation."""
    return {
        "checks": describe_qa(qa) if qa else "no check was run",
        "review": judged.model_dump(mode="json", include={"scores", "summary"}) if judged else None,
        "open_findings": [short(finding) for finding in open_findings[:12]],
    }


async def verify_delivery(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """devops_agent's part after the approval: what was drafted and approved is what now stands on the code host."""
    context, task_id, name = runtime.context, state["task_id"], AgentName.DEVOPS
    iteration = state.get("iteration", 0)
    await context.emit(task_id, AgentStarted(agent=name, step="deliver", iteration=iteration), current_agent=name)
    published = state["published"]
    try:
        request = await context.code_host.find(request_key(state))
    except CodeHostRefused as error:
        return refused("deliver", error)
    if request is None or request.commit != published["commit"]:
        raise Conflict(
            f"the code host does not hold the commit {published['commit']} that was published for task {task_id}"
        )
    workspace = await context.workspace(task_id)
    files = await workspace.files(str(published["approved"]))
    ownership = (await current_plan(workspace)).ownership
    shipped = tuple(path for path in files if owner_of(ownership, path) is name)
    tree = await workspace.tree(str(published["approved"]))
    summary = f"pull request {request.number} holds the approved tree {tree[:12]}"
    await context.emit(
        task_id, AgentFinished(agent=name, step="deliver", iteration=iteration, summary=summary, files=shipped)
    )
    return {"outcome": "completed", "blocked": {"deliver": None}}  # type: ignore[dict-item]  # the reducer takes None away
