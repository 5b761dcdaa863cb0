"""What checks and reviews say, as data that can be routed to the owner of a file."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from core.types import AgentName, Value

Severity = Literal["critical", "high", "medium", "low"]
BLOCKING: tuple[Severity, ...] = ("critical", "high", "medium")
"""Severities that can keep work from going on, the worst first."""


class Finding(Value):
    """One thing that is wrong, with where it is and who owns it.

    `check` names what found it (`pytest`, `contract`, `schemathesis`, `bandit`, `ruff`, `tsc`, `vitest`, `build`,
    `browser`, `migrations`, `queries`, `review`, `paths`, `answer`, `person`, `devops`,
    `image`).
    `owner` is None until routing assigned it by the ownership map.
    """

    check: str
    severity: Severity = "high"
    message: str
    file: str | None = None
    line: int | None = Field(default=None, ge=1)
    category: str = ""
    owner: AgentName | None = None
    evidence: str = ""

    @property
    def fingerprint(self) -> str:
        """Stable across rounds while the same thing is wrong (line numbers move, so they are left out)."""
        return f"{self.check}|{self.category}|{self.file or ''}|{self.message[:200]}"


class CheckStatus(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_EXECUTED = "not executed"


class CheckResult(Value):
    """Outcome of one check. A check that could not run is `not executed` with the reason, never passed."""

    name: str
    status: CheckStatus
    detail: str = ""
    tests_run: int = Field(default=0, ge=0)
    tests_failed: int = Field(default=0, ge=0)
    findings: tuple[Finding, ...] = ()
    seconds: float = Field(default=0.0, ge=0)


class Coverage(Value):
    """Operations of the contract that were exercised with a conforming success, of those promised."""

    covered: tuple[str, ...] = ()
    promised: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in self.promised if name not in set(self.covered))


class QaReport(Value):
    """Everything QA found in one iteration."""

    checks: tuple[CheckResult, ...] = ()
    coverage: Coverage = Coverage()

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for check in self.checks for finding in check.findings)

    @property
    def tests_run(self) -> int:
        return sum(check.tests_run for check in self.checks)

    @property
    def passed(self) -> bool:
        return all(check.status is not CheckStatus.FAILED for check in self.checks)


MINIMUM_SCORE = 7.0
"""What each of a reviewer's scores must reach for the workflow to go on. No model has a say in it."""


class ReviewScores(Value):
    """Scores of the reviewer, 0 to 10."""

    security: float = Field(ge=0, le=10)
    performance: float = Field(ge=0, le=10)
    quality: float = Field(ge=0, le=10)

    @property
    def lowest(self) -> float:
        return min(self.security, self.performance, self.quality)


class Review(Value):
    scores: ReviewScores
    summary: str = ""
    findings: tuple[Finding, ...] = ()
