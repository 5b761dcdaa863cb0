"""What a person is shown at the end of a round, and what their answer sets in motion."""

from langgraph.runtime import Runtime

from agents.planner import PLAN_PATH, read_plan
from core.errors import Conflict
from core.events import AgentFinished, AgentStarted, Notice, Routed
from core.findings import CheckStatus, Finding, QaReport, Review
from core.loops import find_loops
from core.ownership import owner_of
from core.plan import Plan
from core.ports import Workspace
from core.types import AgentName, Json, JsonObject
from core.workspaces import Diff, FileChange, PullRequestDraft
from graph.build.judging import describe_qa
from graph.context import GraphContext
from graph.nodes.agent import make_brief, take_turn
from graph.reports import DRAFT, FINDINGS, QUESTION, read_findings, read_qa, read_review, write_report
from graph.rounds import read_rounds
from graph.state import AgentState
from tools.routing import assign_owners


async def pose_approval(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """Collect the evidence for the approval question. What is shown here is what will leave, byte for byte."""
    workspace = await runtime.context.workspace(state["task_id"])
    plan = await _plan(workspace)
    payload = await _evidence(state, runtime.context, workspace, plan)
    tests = str(payload["qa"])
    notice = f" {state['reason']}" if state.get("verdict") == "nothing_to_do" else ""
    prompt = (
        f"{plan.title} is ready: {tests}. Publish it as branch {branch_name(plan, state)} with a pull request?{notice}"
    )
    return {**await _posed(workspace, state, prompt, payload), "approved": str(payload["head"])}


async def pose_escalation(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """Say what is still wrong, why the workflow does not go on by itself, and what repeats, with the evidence."""
    workspace = await runtime.context.workspace(state["task_id"])
    plan = await _plan(workspace)
    payload = await _evidence(state, runtime.context, workspace, plan)
    findings = await read_findings(workspace, state)
    payload["findings"] = [_short(finding) for finding in findings[:12]]
    payload["reason"] = state.get("reason", "")
    payload["objections"] = [{"agent": agent, "says": said} for agent, said in state.get("objections", {}).items()]
    loops = find_loops(await read_rounds(workspace, plan, state.get("history", [])))
    payload["loops"] = [loop.model_dump(mode="json") for loop in loops]
    prompt = (
        f"{plan.title} is not finished: {state.get('reason', '')}. {len(findings)} findings are open; "
        f"{payload['calls']} calls have cost ${float(str(payload['cost_usd'])):.4f} so far. "
        "Retry with a hint, ask for a change, accept it as it is, or abort?"
    )
    return {**await _posed(workspace, state, prompt, payload), "approved": str(payload["head"])}


async def _posed(workspace: Workspace, state: AgentState, prompt: str, payload: JsonObject) -> AgentState:
    return {"report": await write_report(workspace, state, QUESTION, {"prompt": prompt, "payload": payload})}


async def _plan(workspace: Workspace) -> Plan:
    return read_plan((await workspace.read([PLAN_PATH]))[PLAN_PATH])


def branch_name(plan: Plan, state: AgentState) -> str:
    """Deterministic, so that a repeated publication finds its own branch."""
    return f"autonomy/{plan.slug}-{state['task_id']}"


async def _evidence(state: AgentState, context: GraphContext, workspace: Workspace, plan: Plan) -> JsonObject:
    head = await workspace.head()
    qa, judged = await read_qa(workspace, state), await read_review(workspace, state)
    diff = await workspace.diff(None, head, max_bytes=0)
    spend = await context.ledger.spend(state["task_id"])
    task = await context.tasks.get(state["task_id"])
    stats: dict[str, Json] = {
        agent.value: f"{entry.status}, {entry.files} files" for agent, entry in task.agent_stats.items()
    }
    return {
        "title": plan.title,
        "summary": plan.summary,
        "head": head,
        "tree": await workspace.tree(head),
        "branch": branch_name(plan, state),
        "files": len(diff.files),
        "additions": diff.additions,
        "agents": stats,
        "qa": describe_qa(qa) if qa else "no check was run",
        "checks": []
        if qa is None
        else [f"{check.name}: {check.status}{_why(check.detail, check.status)}" for check in qa.checks],
        "operations_covered": len(qa.coverage.covered) if qa else 0,
        "operations_promised": len(qa.coverage.promised) if qa else 0,
        "review": None if judged is None else judged.scores.model_dump(mode="json"),
        "review_findings": [_short(finding) for finding in judged.findings[:12]] if judged else [],
        "covered": list(plan.covered),
        "not_covered": list(plan.not_covered),
        "calls": sum(entry.calls for entry in task.agent_stats.values()),
        "cost_usd": spend.spent_usd,
        "cap_usd": spend.cap_usd,
        "iteration": state.get("iteration", 0),
    }


def _why(detail: str, status: CheckStatus) -> str:
    return f" ({detail[:160]})" if detail and status is CheckStatus.NOT_EXECUTED else ""


def _short(finding: Finding) -> JsonObject:
    return {
        "check": finding.check,
        "severity": finding.severity,
        "file": finding.file,
        "line": finding.line,
        "owner": finding.owner.value if finding.owner else None,
        "message": finding.message[:300],
    }


async def read_feedback(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """orchestrator: turn a person's wish into a contract change, or into findings for their owners."""
    context, name, task_id = runtime.context, AgentName.ORCHESTRATOR, state["task_id"]
    workspace = await context.workspace(task_id)
    plan = await _plan(workspace)
    paths: list[Json] = list(await workspace.files())
    turn = await take_turn(context, name, await make_brief(state, workspace, name, "feedback", files=paths))
    if turn.result is None:
        return {"blocked": {name.value: turn.blocked or {}}}
    data = turn.result.data
    findings = assign_owners(plan, _wishes(data))
    iteration = state.get("iteration", 0) + 1
    amend = data.get("amend_contract") is True
    owners = tuple(agent for agent in AgentName if any(finding.owner is agent for finding in findings))
    cannot = str(data.get("cannot") or "")
    notes = (Notice(level="warning", text=cannot[:500]),) if cannot else ()
    to = (AgentName.PLANNER,) if amend else owners
    await context.emit(
        task_id,
        Routed(iteration=iteration, to=to, findings=findings[:20], reason="a person asked"),
        *notes,
        iteration=iteration,
    )
    commit = await write_report(workspace, state, FINDINGS, [finding.model_dump(mode="json") for finding in findings])
    new: AgentState = {"report": commit, "iteration": iteration, "blocked": {name.value: None}}  # type: ignore[dict-item]  # the reducer takes None away
    if amend:
        return {**new, "step": "amend", "verdict": "amend"}
    if owners:
        return {**new, "step": "fix", "verdict": "retry", "dispatch": [agent.value for agent in owners]}
    return {**new, "verdict": "nothing_to_do", "reason": cannot or "nothing in that wish could be given to an agent"}


def _wishes(data: JsonObject) -> tuple[Finding, ...]:
    raw = data.get("findings")
    entries = raw if isinstance(raw, list) else []
    known = {agent.value for agent in AgentName}
    return tuple(
        Finding(
            check="person",
            severity="high",
            message=str(entry.get("message", ""))[:1000] or "see the feedback",
            file=str(entry["file"]) if entry.get("file") else None,
            owner=AgentName(str(entry["owner"])) if str(entry.get("owner")) in known else None,
        )
        for entry in entries[:30]
        if isinstance(entry, dict)
    )


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
    plan = await _plan(workspace)
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
    data = turn.result.data
    title = " ".join(str(data.get("title") or f"Add {plan.title}").split())[:72]
    draft = PullRequestDraft(
        key=state["task_id"],
        branch=branch_name(plan, state),
        title=title,
        body=str(data.get("body") or plan.summary)[:20_000],
        commit_message=str(data.get("commit_message") or title)[:4_000],
    )
    commit = await write_report(workspace, state, DRAFT, draft.model_dump(mode="json"))
    return {"report": commit, "blocked": {name.value: None}}  # type: ignore[dict-item]  # the reducer takes None away


def _publication_summary(qa: QaReport | None, judged: Review | None, open_findings: tuple[Finding, ...]) -> JsonObject:
    """What was found out about the application; what it is stands at the beginning of the conversation."""
    return {
        "checks": describe_qa(qa) if qa else "no check was run",
        "review": judged.model_dump(mode="json", include={"scores", "summary"}) if judged else None,
        "open_findings": [_short(finding) for finding in open_findings[:12]],
    }


async def verify_delivery(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """devops_agent's part after the approval: what was drafted and approved is what now stands on the code host."""
    context, task_id, name = runtime.context, state["task_id"], AgentName.DEVOPS
    iteration = state.get("iteration", 0)
    await context.emit(task_id, AgentStarted(agent=name, step="deliver", iteration=iteration), current_agent=name)
    request = await context.code_host.find(task_id)
    workspace = await context.workspace(task_id)
    approved = await workspace.tree(str(state["published"]["approved"]))
    if request is None or request.tree != approved:
        raise Conflict(f"the code host does not hold the approved tree {approved} for task {task_id}")
    files = await workspace.files(str(state["published"]["approved"]))
    ownership = (await _plan(workspace)).ownership
    shipped = tuple(path for path in files if owner_of(ownership, path) is name)
    summary = f"pull request {request.number} holds the approved tree {approved[:12]}"
    await context.emit(
        task_id, AgentFinished(agent=name, step="deliver", iteration=iteration, summary=summary, files=shipped)
    )
    return {"outcome": "completed"}
