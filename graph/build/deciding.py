"""What a person is shown at the end of a round, and what their answer sets in motion."""

from langgraph.runtime import Runtime

from agents.planner import PLAN_PATH, read_plan
from core.errors import AutonomyError
from core.events import Notice, Routed
from core.findings import CheckStatus, Finding, QaReport
from core.loops import find_loops
from core.plan import Plan
from core.ports import Workspace
from core.types import AgentName, Json, JsonObject
from graph.build.judging import describe_qa
from graph.build.target import describe_target, look_at_target
from graph.context import GraphContext
from graph.nodes.agent import make_brief, take_turn
from graph.reports import FINDINGS, QUESTION, read_findings, read_qa, read_review, write_report
from graph.rounds import read_rounds
from graph.state import AgentState
from tools.routing import assign_owners


async def pose_approval(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """Collect the evidence for the approval question. What is shown here is what will leave, byte for byte."""
    workspace = await runtime.context.workspace(state["task_id"])
    plan = await current_plan(workspace)
    payload = await _evidence(state, runtime.context, workspace, plan)
    tests = str(payload["qa"])
    notice = f" {state['reason']}" if state.get("verdict") == "nothing_to_do" else ""
    prompt = f"{plan.title} is ready: {tests}. {_publish(plan, state)}?{notice}"
    return await _posed(workspace, state, prompt, payload)


async def pose_escalation(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """Say what is still wrong, why the workflow does not go on by itself, and what repeats, with the evidence."""
    workspace = await runtime.context.workspace(state["task_id"])
    plan = await current_plan(workspace)
    payload = await _evidence(state, runtime.context, workspace, plan)
    findings = await read_findings(workspace, state)
    payload["findings"] = [short(finding) for finding in findings[:12]]
    payload["reason"] = state.get("reason", "")
    payload["objections"] = [{"agent": agent, "says": said} for agent, said in state.get("objections", {}).items()]
    loops = find_loops(await read_rounds(workspace, plan, state.get("history", [])))
    payload["loops"] = [loop.model_dump(mode="json") for loop in loops]
    still = "1 finding is" if len(findings) == 1 else f"{len(findings)} findings are"
    prompt = (
        f"{plan.title} is not finished: {state.get('reason', '')}. {still} open; "
        f"{payload['calls']} calls have cost ${float(str(payload['cost_usd'])):.4f} so far. "
        "Retry with a hint, ask for a change, accept it as it is, or abort?"
    )
    return await _posed(workspace, state, prompt, payload)


async def _posed(workspace: Workspace, state: AgentState, prompt: str, payload: JsonObject) -> AgentState:
    target = payload["target"]
    assert isinstance(target, dict), "the evidence holds where it goes"
    question: JsonObject = {"prompt": f"{prompt} {describe_target(target)}".strip(), "payload": payload}
    report = await write_report(workspace, state, QUESTION, question)
    return {"report": report, "approved": str(payload["head"]), "target": target}


async def current_plan(workspace: Workspace) -> Plan:
    return read_plan((await workspace.read([PLAN_PATH]))[PLAN_PATH])


def _publish(plan: Plan, state: AgentState) -> str:
    branch = branch_name(plan, state)
    if state.get("continues"):
        return f"Publish it as one more commit on the pull request of branch {branch}"
    return f"Publish it as branch {branch} with a pull request"


def request_key(state: AgentState) -> str:
    """What the code host knows the request by: the task that opened it."""
    return str(state.get("continues", {}).get("key") or state["task_id"])


def branch_name(plan: Plan, state: AgentState) -> str:
    """Deterministic, so that a repeated publication finds its own branch."""
    if continued := state.get("continues"):
        return str(continued["branch"])
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
        "target": await look_at_target(state, context, workspace, head),
        "demo": await _demo(state, context, head, qa),
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
        "review_findings": [short(finding) for finding in judged.findings[:12]] if judged else [],
        "covered": list(plan.covered),
        "not_covered": list(plan.not_covered),
        "calls": sum(entry.calls for entry in task.agent_stats.values()),
        "cost_usd": spend.spent_usd,
        "cap_usd": spend.cap_usd,
        "iteration": state.get("iteration", 0),
    }


async def _demo(state: AgentState, context: GraphContext, head: str, qa: QaReport | None) -> JsonObject:
    """Where the application can be tried while the question waits, or why it cannot."""
    if qa is None or not state["use_sandbox"]:
        return {"problem": "nothing of this task is run"}
    if not all(check.status is CheckStatus.PASSED for check in qa.checks if check.name in ("imports", "migrations")):
        return {"problem": "the application does not start"}
    try:
        demo = await context.demos.start(state["task_id"], head)
    except AutonomyError as error:
        return {"problem": str(error)[:500]}
    return {"url": demo.url, "expires_at": demo.expires_at}


def _why(detail: str, status: CheckStatus) -> str:
    return f" ({detail[:160]})" if detail and status is CheckStatus.NOT_EXECUTED else ""


def short(finding: Finding) -> JsonObject:
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
    plan = await current_plan(workspace)
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
