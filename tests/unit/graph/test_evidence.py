"""What the reviewer is told of the checks: only what is true."""

from core.findings import CheckResult, CheckStatus, Finding, QaReport
from graph.build.judging import describe_evidence


def test_only_suites_that_ran_tests_have_counts() -> None:
    report = QaReport(
        checks=(
            CheckResult(name="pytest", status=CheckStatus.PASSED, tests_run=12),
            CheckResult(name="migrations", status=CheckStatus.PASSED),
            CheckResult(name="ruff", status=CheckStatus.PASSED),
            CheckResult(name="vitest", status=CheckStatus.NOT_EXECUTED, detail="no sandbox"),
        )
    )
    assert describe_evidence(report).splitlines() == [
        "migrations, ruff: passed",
        "vitest: not executed no sandbox",
        "pytest: passed (12 run, 0 failed)",
    ]


def test_findings_name_the_place_that_is_known_and_no_other() -> None:
    findings = (
        Finding(check="contract", message="500", file="backend/app/main.py", line=7),
        Finding(check="contract", message="no answer", file="backend/app/main.py"),
        Finding(check="contract", message="nothing listens"),
    )
    report = QaReport(checks=(CheckResult(name="contract", status=CheckStatus.FAILED, findings=findings),))
    assert describe_evidence(report).splitlines() == [
        "contract: failed",
        "  backend/app/main.py:7 500",
        "  backend/app/main.py no answer",
        "  nothing listens",
    ]


def test_without_a_report_no_check_was_run() -> None:
    assert describe_evidence(None) == "No check was run."
