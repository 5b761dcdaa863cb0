"""The record that loops are looked for in: each round is the commit of its report, which holds files and findings."""

from collections.abc import Mapping

from core.loops import Round, digest
from core.ownership import owner_of
from core.plan import Plan
from core.ports import Workspace
from core.types import AgentName, JsonObject
from graph.reports import DOCUMENTS, read_findings
from graph.state import AgentState

MAX_ROUNDS = 12
"""Rounds that are remembered; the state holds an id of each."""


def remembered(state: AgentState, report: str) -> list[JsonObject]:
    """The state's `history` with the present round, whose findings stand in `report`."""
    entry: JsonObject = {"iteration": state.get("iteration", 0), "report": report}
    return [*state.get("history", []), entry][-MAX_ROUNDS:]


async def read_rounds(workspace: Workspace, plan: Plan, history: list[JsonObject]) -> tuple[Round, ...]:
    """Rounds since a person last spoke, oldest first. Whose a file is follows from the plan as it is now."""
    return tuple([await _round(workspace, plan, entry) for entry in history if "report" in entry])


async def _round(workspace: Workspace, plan: Plan, entry: JsonObject) -> Round:
    report = str(entry["report"])
    held = await workspace.files(report)
    files = {path: blob for path, blob in held.items() if path not in DOCUMENTS}
    return Round(
        iteration=int(str(entry["iteration"])),
        findings=await read_findings(workspace, {"report": report}),
        files=files,
        work=_work(plan, files),
    )


def _work(plan: Plan, files: Mapping[str, str]) -> dict[AgentName, str]:
    """A digest of each agent's files."""
    whose: dict[AgentName, dict[str, str]] = {}
    for path, blob in files.items():
        owner = owner_of(plan.ownership, path)
        if owner is not None:
            whose.setdefault(owner, {})[path] = blob
    return {agent: digest(mine) for agent, mine in whose.items()}
