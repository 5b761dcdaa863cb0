"""What the offline model says as git_agent: title, commit message and the text of the pull request."""

from core.plan import Plan
from core.types import Json, JsonObject
from llm.offline.operations import operations
from llm.offline.prompt_view import PromptView

MAX_TITLE = 72


def describe(prompt: PromptView) -> JsonObject:
    """Words for the publication, from the plan, the summary of the checks, and the diff stat."""
    plan, summary = prompt.plan, prompt.object("summary")
    title = f"Add {plan.title[:1].lower()}{plan.title[1:]}"[:MAX_TITLE]
    if plan.title.split(" ")[0].isupper():
        title = f"Add {plan.title}"[:MAX_TITLE]
    return {
        "title": title,
        "commit_message": _commit_message(plan, title, summary),
        "body": _body(plan, summary, prompt.text("diff_stat")),
    }


def _commit_message(plan: Plan, title: str, summary: JsonObject) -> str:
    rules = "\n".join(f"- {rule.statement}" for rule in plan.rules)
    subject = f"feat: {title[:1].lower()}{title[1:]}"[:MAX_TITLE]
    parts = [subject, plan.summary, rules, f"Checks: {summary.get('checks') or 'not recorded'}"]
    return "\n\n".join(part for part in parts if part)


def _body(plan: Plan, summary: JsonObject, diff_stat: str) -> str:
    served = [f"- `{one.method.upper()} {one.path}` ({one.operation_id})" for one in operations(plan)]
    sections = [
        ("What it is", [plan.summary]),
        ("Rules", [f"- {rule.statement}" for rule in plan.rules]),
        ("Operations", served),
        ("Checks", [str(summary.get("checks") or "No result was recorded.")]),
        ("Review", _review(summary.get("review"))),
        ("Known problems", _lines(summary.get("open_findings"))),
        ("Not covered", [f"- {line}" for line in plan.not_covered]),
        ("Files", [f"```\n{diff_stat.strip()}\n```"] if diff_stat.strip() else []),
    ]
    return "\n\n".join(f"## {title}\n\n" + "\n".join(lines) for title, lines in sections if lines)


def _review(review: Json) -> list[str]:
    if not isinstance(review, dict) or not isinstance(review.get("scores"), dict):
        return []
    scores = review["scores"]
    assert isinstance(scores, dict)
    shown = ", ".join(f"{name} {value}" for name, value in scores.items())
    return [f"Scores of 10: {shown}. {review.get('summary') or ''}".strip()]


def _lines(entries: Json) -> list[str]:
    if not isinstance(entries, list):
        return []
    return [
        f"- {entry if isinstance(entry, str) else (entry.get('message') if isinstance(entry, dict) else entry)}"
        for entry in entries
    ]
