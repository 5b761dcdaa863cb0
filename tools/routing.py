"""Whose a finding is, and whether another round can help."""

import hashlib
from collections.abc import Iterable, Sequence

from core.findings import Finding
from core.ownership import owner_of
from core.plan import Plan
from core.types import BUILDERS, AgentName, JsonObject

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


def no_progress(history: Sequence[JsonObject]) -> bool:
    """True when the last round ended where an earlier one did: the same findings as the round before, or a tree seen before.

    Each entry is `{"tree": id, "findings": fingerprint}`, oldest first.
    """
    if len(history) < 2:
        return False
    last, before = history[-1], history[:-1]
    same_tree = any(entry.get("tree") == last.get("tree") for entry in before)
    return same_tree or before[-1].get("findings") == last.get("findings")


def fingerprint(findings: Sequence[Finding]) -> str:
    """Equal for the same findings, in whatever order and however often they were found; short, since a state holds it."""
    lines = sorted({finding.fingerprint for finding in findings})
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]
