"""Reports of a round: kept in the task's workspace under a branch of their own, so that the state stays small."""

import json

from pydantic import TypeAdapter

from core.findings import Finding, QaReport, Review
from core.ports import Workspace
from core.publication import PullRequestDraft
from core.types import Json, JsonObject
from core.workspaces import Author, Change
from graph.state import AgentState

QA, REVIEW, FINDINGS = ".autonomy/qa.json", ".autonomy/review.json", ".autonomy/findings.json"
QUESTION, DRAFT = ".autonomy/question.json", ".autonomy/draft.json"
DOCUMENTS = (QA, REVIEW, FINDINGS, QUESTION, DRAFT)
BRANCH = "report"
_OBJECT: TypeAdapter[JsonObject] = TypeAdapter(JsonObject)


async def write_report(
    workspace: Workspace, state: AgentState, path: str, document: Json, *, fresh: bool = False
) -> str:
    """Store one report and return the commit that holds it, with the round's earlier ones unless `fresh`."""
    kept = [other for other in DOCUMENTS if other != path]
    earlier = await workspace.read(kept, state["report"]) if state.get("report") and not fresh else {}
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    change = Change(
        author=Author(name="autonomy", email="autonomy@autonomy.invalid"),
        message=f"report: iteration {state.get('iteration', 0)}",
        files={**earlier, path: text},
    )
    return (await workspace.commit(change, branch=BRANCH)).commit


async def _read(workspace: Workspace, state: AgentState, path: str) -> str | None:
    if not state.get("report"):
        return None
    return (await workspace.read([path], state["report"])).get(path)


async def read_findings(workspace: Workspace, state: AgentState) -> tuple[Finding, ...]:
    """Findings that the present round is to repair, with their owners."""
    text = await _read(workspace, state, FINDINGS)
    return tuple(Finding.model_validate(entry) for entry in json.loads(text)) if text else ()


async def read_qa(workspace: Workspace, state: AgentState) -> QaReport | None:
    text = await _read(workspace, state, QA)
    return QaReport.model_validate_json(text) if text else None


async def read_review(workspace: Workspace, state: AgentState) -> Review | None:
    text = await _read(workspace, state, REVIEW)
    return Review.model_validate_json(text) if text else None


async def read_question(workspace: Workspace, state: AgentState) -> JsonObject:
    """What a person is to be shown: `prompt` and `payload`."""
    text = await _read(workspace, state, QUESTION)
    assert text is not None, "a question is posed before it is asked"
    return _OBJECT.validate_json(text)


async def read_draft(workspace: Workspace, state: AgentState) -> PullRequestDraft:
    """The words of the publication."""
    text = await _read(workspace, state, DRAFT)
    assert text is not None, "a publication is described before it is made"
    return PullRequestDraft.model_validate_json(text)
