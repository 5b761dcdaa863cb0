"""QA, review and routing: what is wrong, whose it is, and whether another round can help."""

from langgraph.runtime import Runtime

from agents.deciders import read_review
from agents.planner import CONTRACT_PATH, PLAN_PATH, read_contract, read_plan
from core.events import AgentFinished, AgentStarted, CheckFinished, CoverageMeasured, ReviewFinished, Routed
from core.findings import BLOCKING, MINIMUM_SCORE, CheckResult, CheckStatus, Finding, QaReport, Review
from core.loops import Loop, find_loops
from core.ownership import owner_of
from core.plan import Plan
from core.ports import Workspace
from core.types import AgentName, JsonObject
from graph.context import GraphContext
from graph.nodes.agent import make_brief, take_turn
from graph.reports import FINDINGS, QA, REVIEW, read_qa, write_report
from graph.reports import read_review as stored_review
from graph.rounds import read_rounds, remembered
from graph.state import AgentState
from tools.qa import run_qa
from tools.routing import assign_owners, hand_over


async def check(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """Run every check on what is on head; qa_agent's name stands for it."""
    context, task_id = runtime.context, state["task_id"]
    workspace = await context.workspace(task_id)
    files = await workspace.read()
    iteration = state.get("iteration", 0)
    started = AgentStarted(agent=AgentName.QA, step="checks", iteration=iteration)
    await context.emit(task_id, started, current_agent=AgentName.QA)

    async def tell(result: CheckResult) -> None:
        short = result.model_copy(update={"findings": result.findings[:20]})
        await context.emit(task_id, CheckFinished(iteration=iteration, result=short))

    tracing = context.thinking.tracing
    with tracing.turn(task_id, AgentName.QA, "checks", iteration):
        report = await run_qa(
            context.sandbox,
            task_id,
            read_plan(files[PLAN_PATH]),
            read_contract(files[CONTRACT_PATH]),
            files,
            use_sandbox=state["use_sandbox"],
            on_result=tell,
            on_built=lambda built: context.demos.keep_built(files, built),
            tracing=tracing,
        )
    summary = describe_qa(report)
    finished = AgentFinished(
        agent=AgentName.QA, step="checks", iteration=iteration, success=report.passed, summary=summary
    )
    digest: JsonObject = {
        "line": summary,
        "checks": {check.name: check.status.value for check in report.checks},
        "tests_run": report.tests_run,
        "operations_covered": len(report.coverage.covered),
        "operations_promised": len(report.coverage.promised),
    }
    await context.summarize(
        task_id, CoverageMeasured(iteration=iteration, coverage=report.coverage), finished, qa=digest
    )
    commit = await write_report(workspace, state, QA, report.model_dump(mode="json"), fresh=True)
    return {"report": commit, "verdict": "passed" if report.passed else "failed"}


def describe_qa(report: QaReport) -> str:
    """One line: what passed, what failed, what was not executed."""
    count = {status: [check.name for check in report.checks if check.status is status] for status in CheckStatus}
    covered, promised = len(report.coverage.covered), len(report.coverage.promised)
    parts = [f"{len(count[CheckStatus.PASSED])} checks passed", f"{report.tests_run} tests run"]
    parts += [f"failed: {', '.join(count[CheckStatus.FAILED])}"] if count[CheckStatus.FAILED] else []
    skipped = count[CheckStatus.NOT_EXECUTED]
    parts += [f"not executed: {', '.join(skipped)}"] if skipped else []
    return "; ".join([*parts, f"{covered} of {promised} operations covered"])


async def review(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """code_reviewer: scores and findings, with the linters' results as evidence."""
    context, name, task_id = runtime.context, AgentName.REVIEWER, state["task_id"]
    workspace = await context.workspace(task_id)
    qa = await read_qa(workspace, state)
    evidence = "\n".join([describe_evidence(qa), *_objections(state)])
    brief = await make_brief(state, workspace, name, "review", evidence=evidence)
    turn = await take_turn(context, name, brief)
    if turn.result is None:
        return {"blocked": {name.value: turn.blocked or {}}}
    result = read_review(turn.result.data)
    iteration = state.get("iteration", 0)
    event = ReviewFinished(
        iteration=iteration, scores=result.scores, findings=result.findings[:20], summary=result.summary[:1000]
    )
    digest: JsonObject = {"scores": result.scores.model_dump(mode="json"), "summary": result.summary[:1000]}
    await context.summarize(task_id, event, review=digest)
    commit = await write_report(workspace, state, REVIEW, result.model_dump(mode="json"))
    return {"report": commit, "blocked": {name.value: None}}  # type: ignore[dict-item]  # the reducer takes None away


def describe_evidence(qa: QaReport | None) -> str:
    """What the checks said, for the reviewer: those that said the same together, counts and places where they are known."""
    if qa is None:
        return "No check was run."
    alike: dict[tuple[CheckStatus, str], list[str]] = {}
    for result in qa.checks:
        if not (result.tests_run or result.tests_failed or result.findings):
            alike.setdefault((result.status, result.detail[:1500]), []).append(result.name)
    lines = [f"{', '.join(names)}: {status} {detail}".rstrip() for (status, detail), names in alike.items()]
    for result in qa.checks:
        counted = result.tests_run or result.tests_failed
        if not counted and not result.findings:
            continue
        numbers = f" ({result.tests_run} run, {result.tests_failed} failed)" if counted else ""
        lines.append(f"{result.name}: {result.status}{numbers} {result.detail[:1500]}".rstrip())
        lines += [f"  {_place(finding)}{finding.message[:300]}" for finding in result.findings[:10]]
    return "\n".join(lines)[:12_000]


def _objections(state: AgentState) -> list[str]:
    return [
        f"{agent} changed nothing in answer to what was found, and says: {said}"
        for agent, said in state.get("objections", {}).items()
    ]


def _place(finding: Finding) -> str:
    if finding.file is None:
        return ""
    return f"{finding.file}:{finding.line} " if finding.line else f"{finding.file} "


async def route(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    """Decide: on to approval, back to the owners of what is wrong, or to a person when another round cannot help."""
    context, task_id = runtime.context, state["task_id"]
    workspace = await context.workspace(task_id)
    plan = read_plan((await workspace.read([PLAN_PATH]))[PLAN_PATH])
    qa, judged = await read_qa(workspace, state), await stored_review(workspace, state)
    still_open = open_findings(qa, judged)
    good_enough = judged is not None and judged.scores.lowest >= MINIMUM_SCORE
    if qa is not None and qa.passed and good_enough and not still_open:
        return {"verdict": "approve", "dispatch": []}
    owned = await _owned(state, workspace, plan, still_open)
    commit = await write_report(workspace, state, FINDINGS, [finding.model_dump(mode="json") for finding in owned])
    owners = tuple(agent for agent in AgentName if any(finding.owner is agent for finding in owned))
    history = remembered(state, commit)
    loops = find_loops(await read_rounds(workspace, plan, history))
    reason = _why_stop(state, loops, owners)
    iteration = state.get("iteration", 0)
    routed = Routed(iteration=iteration, to=() if reason else owners, findings=owned[:20], reason=reason, loops=loops)
    await context.emit(task_id, routed, iteration=iteration if reason else iteration + 1)
    dispatch = [agent.value for agent in owners]
    new: AgentState = {"report": commit, "history": history, "feedback": "", "dispatch": dispatch, "step": "fix"}
    if reason:
        return {**new, "verdict": "escalate", "reason": reason}
    return {**new, "verdict": "retry", "iteration": iteration + 1, "rounds": state.get("rounds", 0) + 1}


async def _owned(
    state: AgentState, workspace: Workspace, plan: Plan, findings: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    """Whose each finding is: the owner of its file, or qa_agent where the owner of the code says that a test is wrong."""
    owned, objections = assign_owners(plan, findings), state.get("objections", {})
    if not objections:
        return owned
    *_, last = (None, *await read_rounds(workspace, plan, state.get("history", [])[-1:]))
    tests = [path for path in await workspace.files() if owner_of(plan.ownership, path) is AgentName.QA]
    return hand_over(owned, objections, last.open if last else (), tests)


def open_findings(qa: QaReport | None, judged: Review | None) -> tuple[Finding, ...]:
    """What keeps an application from its approval, each once."""
    found = list(qa.findings) if qa and not qa.passed else []
    if judged is not None:
        below = judged.scores.lowest < MINIMUM_SCORE
        found += [
            finding
            for finding in judged.findings
            if finding.severity in BLOCKING[:2] or (below and finding.severity in BLOCKING)
        ]
    unique = {finding.fingerprint: finding for finding in found}
    return tuple(unique.values())


def _why_stop(state: AgentState, loops: tuple[Loop, ...], owners: tuple[AgentName, ...]) -> str:
    """Why another round would not help, or an empty string."""
    if not owners:
        return "nobody owns what is wrong"
    if loops:
        return loops[0].says
    if state.get("rounds", 0) + 1 >= state["max_iterations"]:
        given = state["max_iterations"]
        return "the only round is used" if given == 1 else f"all {given} rounds are used"
    return ""
