"""Reports of a round: kept in the task's workspace under a branch of their own, so that the state stays small."""

import json

from core.findings import Finding, QaReport, Review
from core.ports import Workspace
from core.types import Json
from core.workspaces import Author, Change
from graph.state import AgentState

QA, REVIEW, FINDINGS = ".autonomy/qa.json", ".autonomy/review.json", ".autonomy/findings.json"
BRANCH = "report"


async def write_report(
    workspace: Workspace, state: AgentState, path: str, document: Json, *, fresh: bool = False
) -> str:
    """Store one report and return the commit that holds it, with the round's earlier ones unless `fresh`."""
    kept = [other for other in (QA, REVIEW, FINDINGS) if other != path]
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
