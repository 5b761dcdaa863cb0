"""The body of a pull request: git_agent's words, then what was checked, what the reviewer says, and where it comes from.

All but the words is set by rules, so that no model can claim a test that did not pass.
"""

import re
from dataclasses import dataclass

from core.findings import CheckResult, QaReport, Review
from core.tasks import Action, Interrupt, InterruptFilter
from graph.build.judging import describe_qa
from graph.context import GraphContext
from graph.state import AgentState

_LIVE = re.compile(r"(?<![\w`])([@#])(?=[\w])|\b(GH-)(?=\d)", re.IGNORECASE)
INVISIBLE = "\u200b"
MOST_DETAIL = 160


@dataclass(frozen=True)
class Evidence:
    """What QA and the reviewer found out about the tree that is published; None where they were not asked."""

    qa: QaReport | None
    review: Review | None


def without_effect(text: str) -> str:
    """The same text to the eye, but it mentions nobody and closes no issue on a code host."""
    return _LIVE.sub(lambda found: f"{found[0]}{INVISIBLE}", text)


async def request_body(context: GraphContext, state: AgentState, words: str, evidence: Evidence) -> str:
    """Markdown of at most some 40,000 characters."""
    parts = [without_effect(words.strip()), _checked(evidence.qa), _reviewed(evidence.review)]
    parts.append(await _origin(context, state))
    return "\n\n".join(part for part in parts if part)


def _checked(qa: QaReport | None) -> str:
    if qa is None:
        return "## What was checked\n\nNo check was run."
    rows = [f"| {check.name} | {check.status} | {_detail(check)} |" for check in qa.checks]
    return "\n".join(
        ["## What was checked", "", f"{describe_qa(qa)}.", "", "| check | result | |", "|---|---|---|", *rows]
    )


def _detail(check: CheckResult) -> str:
    if check.tests_run or check.tests_failed:
        return f"{check.tests_run} run, {check.tests_failed} failed"
    line = " ".join(check.detail.split())[:MOST_DETAIL]
    return without_effect(line).replace("|", "\\|")


def _reviewed(review: Review | None) -> str:
    if review is None:
        return ""
    scores = review.scores.model_dump(mode="json")
    lines = [f"- {name}: {score}" for name, score in scores.items()]
    lines += [
        f"- {finding.severity}: {without_effect(finding.message[:300])} ({finding.file or 'no file'})"
        for finding in review.findings[:12]
    ]
    return "\n".join(["## Review", "", *lines])


async def _origin(context: GraphContext, state: AgentState) -> str:
    task_id, approved = state["task_id"], state["approved"]
    spend = await context.ledger.spend(task_id)
    tree = await (await context.workspace(task_id)).tree(approved)
    task = await context.tasks.get(task_id)
    models = sorted({context.thinking.models[agent] for agent in task.pipeline if agent in context.thinking.models})
    lines = [
        f"- Asked for: {_quoted(state['sentence'])}",
        f"- Task `{task_id}`, {state.get('iteration', 0) + 1} rounds, ${spend.spent_usd:.4f} spent",
        f"- Models: {', '.join(f'`{model}`' for model in models)}",
        f"- Approved tree: `{tree}`{await _approval(context, task_id)}",
    ]
    if task.demo_url:
        lines.append(f"- Live demo: {task.demo_url}")
    return "\n".join(["## Where it comes from", "", *lines])


def _quoted(sentence: str) -> str:
    """The sentence as inline code, whatever it holds."""
    line = " ".join(sentence.split())[:500]
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", line)), default=0))
    return f"{fence} {line} {fence}" if "`" in line else f"`{line}`"


async def _approval(context: GraphContext, task_id: str) -> str:
    decided = await context.interrupts.list(
        InterruptFilter(task_ids=(task_id,), status="decided", newest_first=True, payload=False)
    )
    approvals = [question for question in decided if question.decision and question.decision.action is Action.APPROVE]
    return f", approved {_who(approvals[0])}" if approvals else ""


def _who(question: Interrupt) -> str:
    by = f"by {question.decided_by} " if question.decided_by else ""
    return without_effect(f"{by}via {question.decided_via}")
