"""The whole application in a real browser: the built frontend, the API behind it, and the tests of e2e/."""

import re
from collections.abc import Mapping

from core.findings import CheckResult, CheckStatus, Finding
from core.sandboxes import Limits
from tools.boxes import Outcome, Subject, check_results, failed_or_passed, not_executed, part, read_report, run_inside
from tools.junit import BadReport, Case, read_junit

LIMITS = Limits(
    wall_s=200.0, cpu_s=200, memory=3072 << 20, processes=512, open_files=2048, tmp_size=256 << 20, shm_size=128 << 20
)

_RAISED = re.compile(r"[A-Z]\w*(?:Error|Exception)\b")
_OF_THE_PAGE = ("AssertionError", "TimeoutError", "ConnectionError")


async def check_browser(subject: Subject, built: Mapping[str, bytes]) -> CheckResult:
    """Run e2e/ with Playwright and Chromium; `built` is what `vite build` made, by path."""
    tests = part(subject.files, "e2e/")
    if not any("test_" in path for path in tests):
        return not_executed("browser", "there are no browser tests under e2e/")
    if not built:
        return not_executed("browser", "the frontend was not built")
    files: dict[str, str | bytes] = {**part(subject.files, "backend/"), **tests, **built}
    outcome = await run_inside(
        subject, ["python", "-m", "inside.browser_run"], files, toolchain="full", limits=LIMITS
    )  # fmt: skip
    report = read_report(outcome, "browser")
    claimed = check_results(outcome, report, ["browser"])[0]
    if report is None or claimed.status is not CheckStatus.PASSED:
        return claimed
    return _result(outcome, report.extra.get("exit_code"))


def _result(outcome: Outcome, exit_code: object) -> CheckResult:
    seconds = outcome.result.seconds if outcome.result else 0.0
    try:
        cases = [case for case in read_junit(outcome.file("browser.xml")) if not case.skipped]
    except BadReport as error:
        finding = Finding(
            check="browser", message=f"The browser run cannot be believed: {error}", evidence=outcome.tail
        )
        return failed_or_passed("browser", [finding], str(error)[:300], seconds=seconds)
    bad = [case for case in cases if case.problem]
    findings = [_finding(case) for case in bad]
    if not findings and (not cases or exit_code != 0):
        why = "The browser run executed no test" if not cases else f"pytest ended with exit code {exit_code}"
        findings = [Finding(check="browser", message=why, file="e2e/conftest.py", evidence=outcome.tail)]
    return failed_or_passed(
        "browser", findings, f"{len(cases) - len(bad)} of {len(cases)} tests passed",
        tests_run=len(cases), tests_failed=len(bad), seconds=seconds,
    )  # fmt: skip


def _finding(case: Case) -> Finding:
    """The page is at fault unless the test does not run, or raises what is neither an expectation's nor Playwright's."""
    test = case.suite.split(".")
    file = "/".join(test) + ".py" if test[0] == "e2e" else None
    raised = _RAISED.match(case.problem)
    broken = case.problem.startswith("collection failure") or (raised is not None and raised[0] not in _OF_THE_PAGE)
    message = f"Browser test {case.name} failed: {' '.join(case.problem.split())[:900]}"
    return Finding(
        check="browser", message=message, file=file if broken else None,
        category="test" if broken else "source", evidence=case.text,
    )  # fmt: skip
