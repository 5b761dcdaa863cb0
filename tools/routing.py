"""Whose a finding is."""

from collections.abc import Collection, Iterable, Mapping

from core.findings import Finding
from core.loops import key
from core.ownership import owner_of
from core.plan import Plan
from core.types import BUILDERS, AgentName

_CHECK_OWNERS = {
    "pytest": AgentName.QA, "vitest": AgentName.FRONTEND, "browser": AgentName.FRONTEND, "tsc": AgentName.FRONTEND,
    "build": AgentName.FRONTEND, "migrations": AgentName.DATABASE, "devops": AgentName.DEVOPS,
    "image": AgentName.DEVOPS,
}  # fmt: skip
"""Who is asked when a finding names no file that anybody owns; the backend for every other check."""
_TESTS = frozenset({"pytest", "vitest", "browser"})
"""Checks that run what qa_agent wrote."""


def assign_owners(plan: Plan, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with `owner` set: whoever owns the file, else who answers for what the check looks at."""
    return tuple(
        finding if finding.owner else finding.model_copy(update={"owner": _owner(plan, finding)})
        for finding in findings
    )


def hand_over(
    findings: Iterable[Finding], objections: Mapping[str, str], before: Collection[str], tests: Collection[str]
) -> tuple[Finding, ...]:
    """Findings of failed tests whose owner was asked already, and says that the code is right, become qa_agent's.

    `before` are the keys (`core.loops.key`) of what owners were asked in the last round, `tests` the paths of qa_agent's files.
    """
    return tuple(_given(finding, objections, before, tests) for finding in findings)


def _given(finding: Finding, objections: Mapping[str, str], before: Collection[str], tests: Collection[str]) -> Finding:
    owner = finding.owner
    if owner is None or owner is AgentName.QA or finding.check not in _TESTS or key(finding) not in before:
        return finding
    return _to_qa(finding, objections[owner], tests) if owner in objections else finding


def _to_qa(finding: Finding, objection: str, tests: Collection[str]) -> Finding:
    """With the objection behind the evidence, at the test's file where the message names it."""
    named = [path for path in tests if path.partition("/")[2] in finding.message]
    said = f"{finding.owner} says that the test is wrong and not the code: {objection}"
    return finding.model_copy(
        update={
            "owner": AgentName.QA, "file": max(named, key=len, default=None), "line": None,
            "evidence": f"{finding.evidence}\n{said}".lstrip(),
        }
    )  # fmt: skip


def _owner(plan: Plan, finding: Finding) -> AgentName | None:
    owner = owner_of(plan.ownership, finding.file) if finding.file else None
    if owner is not None and owner is not AgentName.PLANNER:
        return owner
    fallback = _CHECK_OWNERS.get(finding.check, AgentName.BACKEND)
    if plan.ownership.get(fallback):
        return fallback
    return next((agent for agent in BUILDERS if plan.ownership.get(agent)), None)
