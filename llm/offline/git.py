"""What the offline model says as git_agent: title, commit message and the text of the pull request."""

from core.errors import ModelError
from core.types import Json, JsonObject
from llm.offline.prompt_view import PromptView

MAX_TITLE = 72


def describe(prompt: PromptView) -> JsonObject:
    """Words for the publication, from the plan in short, the results of the checks, and the diff stat.

    Raises ModelError when the prompt holds no plan.
    """
    plan, results = prompt.object("plan_summary"), prompt.object("summary")
    name = str(plan.get("title") or "")
    if not name:
        raise ModelError("the offline model found no plan that it can read in the prompt of git_agent")
    keeps_case = name.split(" ")[0].isupper()
    title = f"Add {name if keeps_case else name[:1].lower() + name[1:]}"[:MAX_TITLE]
    return {
        "title": title,
        "commit_message": _commit_message(plan, title, results),
        "body": _body(plan, results, prompt.text("diff_stat")),
    }


def _commit_message(plan: JsonObject, title: str, results: JsonObject) -> str:
    subject = f"feat: {title[:1].lower()}{title[1:]}"[:MAX_TITLE]
    rules = "\n".join(_lines(plan.get("rules")))
    parts = [subject, str(plan.get("summary") or ""), rules, f"Checks: {results.get('checks') or 'not recorded'}"]
    return "\n\n".join(part for part in parts if part)


def _body(plan: JsonObject, results: JsonObject, diff_stat: str) -> str:
    sections = [
        ("What it is", [str(plan.get("summary") or "")]),
        ("Rules", _lines(plan.get("rules"))),
        ("Operations", _operations(plan.get("operations"))),
        ("Checks", [str(results.get("checks") or "No result was recorded.")]),
        ("Review", _review(results.get("review"))),
        ("Known problems", _lines(results.get("open_findings"))),
        ("Not covered", _lines(plan.get("not_covered"))),
        ("Files", [f"```\n{diff_stat.strip()}\n```"] if diff_stat.strip() else []),
    ]
    return "\n\n".join(f"## {title}\n\n" + "\n".join(lines) for title, lines in sections if lines)


def _operations(entries: Json) -> list[str]:
    """`GET /api/posts (list_posts)`, with the request as code."""
    named = [str(entry).rpartition(" (") for entry in entries] if isinstance(entries, list) else []
    return [f"- `{request}` ({operation}" for request, _, operation in named]


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
