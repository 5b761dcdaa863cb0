"""Whose a finding is."""

from collections.abc import Iterable

from core.findings import Finding
from core.ownership import owner_of
from core.plan import Plan
from core.types import BUILDERS, AgentName

_CHECK_OWNERS = {
    "pytest": AgentName.QA, "vitest": AgentName.FRONTEND, "browser": AgentName.FRONTEND, "tsc": AgentName.FRONTEND,
    "build": AgentName.FRONTEND, "migrations": AgentName.DATABASE, "devops": AgentName.DEVOPS,
}  # fmt: skip
"""Who is asked when a finding names no file that anybody owns; the backend for every other check."""


def assign_owners(plan: Plan, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with `owner` set: whoever owns the file, else who answers for what the check looks at."""
    return tuple(
        finding if finding.owner else finding.model_copy(update={"owner": _owner(plan, finding)})
        for finding in findings
    )


def _owner(plan: Plan, finding: Finding) -> AgentName | None:
    owner = owner_of(plan.ownership, finding.file) if finding.file else None
    if owner is not None and owner is not AgentName.PLANNER:
        return owner
    fallback = _CHECK_OWNERS.get(finding.check, AgentName.BACKEND)
    if plan.ownership.get(fallback):
        return fallback
    return next((agent for agent in BUILDERS if plan.ownership.get(agent)), None)
