"""The application's own pytest suite, with every exchange recorded and judged."""

from pydantic import TypeAdapter, ValidationError

from core.findings import CheckResult, CheckStatus, Finding
from core.sandboxes import Limits
from core.types import Json
from starter import files as starter_files
from tools.blame import Failure, blame
from tools.boxes import Outcome, Subject, clean, part, read_report, run_inside, unreported
from tools.checks.application import strings
from tools.junit import BadReport, Case, read_junit

LIMITS = Limits(wall_s=115.0, cpu_s=110)
MAX_FINDINGS = 30
_FAILURES = TypeAdapter(list[Failure])


async def check_tests(subject: Subject) -> tuple[CheckResult, list[Finding], tuple[str, ...]]:
    """The result of `pytest`, answers that broke the contract (as findings of `contract`), operations covered."""
    files = part(subject.files, "backend/")
    given = starter_files(subject.plan)
    written = [path for path, text in files.items() if given.get(path) != text]
    if not any(path.startswith("backend/tests/") and "/test_" in path for path in written):
        what = "There is no test under backend/tests/ but those that every application starts with"
        finding = Finding(check="pytest", message=what, file="backend/tests/conftest.py")
        return CheckResult(name="pytest", status=CheckStatus.FAILED, detail="no tests", findings=(finding,)), [], ()
    outcome = await run_inside(subject, ["python", "-m", "inside.tests_run"], files, limits=LIMITS)
    report = read_report(outcome, "pytest")
    if report is None:
        return unreported("pytest", outcome), [], ()
    return _result(outcome, report.extra), _broken(report.extra.get("broken")), strings(report.extra.get("covered"))


def _result(outcome: Outcome, extra: dict[str, Json]) -> CheckResult:
    seconds = outcome.result.seconds if outcome.result else 0.0
    try:
        cases = read_junit(outcome.file("pytest.xml"))
        failures = _FAILURES.validate_python(extra.get("failures", []))
    except (BadReport, ValidationError) as error:
        finding = Finding(check="pytest", message=f"The test run cannot be believed: {error}", evidence=outcome.tail)
        return CheckResult(name="pytest", status=CheckStatus.FAILED, detail=str(error)[:300], findings=(finding,))
    findings = [_finding(failure) for failure in failures]
    run = [case for case in cases if not case.skipped]
    bad = [case for case in run if case.problem]
    if not findings:
        findings = [_from_case(case) for case in bad]
    why = _suspicious(len(run), extra.get("exit_code"))
    if why and not findings:
        findings = [Finding(check="pytest", message=why, file="backend/tests/conftest.py", evidence=outcome.tail)]
    return CheckResult(
        name="pytest", status=CheckStatus.FAILED if findings else CheckStatus.PASSED, tests_run=len(run),
        tests_failed=len(bad), detail=f"{len(run) - len(bad)} of {len(run)} tests passed",
        findings=tuple(findings[:MAX_FINDINGS]), seconds=seconds,
    )  # fmt: skip


def _suspicious(run: int, exit_code: Json) -> str:
    if run == 0:
        return "The test run executed no test"
    return "" if exit_code == 0 else f"pytest ended with exit code {exit_code} though every test passed"


def _finding(failure: Failure) -> Finding:
    verdict = blame(failure)
    what = clean(failure.message).strip().splitlines()
    message = f"Test {clean(failure.test)[:200]} failed: {failure.type[:60]}: {' '.join(what)[:600]}"
    last = failure.exchanges[-1] if failure.exchanges else None
    why = f" ({verdict.reason})" if verdict.reason else ""
    crash = f"\n{last.operation} raised {last.crash}" if last and last.crash else ""
    return Finding(
        check="pytest", message=clean(message + why)[:2000], file=verdict.file, line=verdict.line or None,
        category="test" if verdict.in_test else "source", evidence=clean(failure.text + crash)[:4000],
    )  # fmt: skip


def _from_case(case: Case) -> Finding:
    file = "backend/" + case.suite.replace(".", "/") + ".py" if case.suite.startswith("tests") else None
    return Finding(
        check="pytest", message=f"Test {case.name} failed: {case.problem}"[:2000], file=file, evidence=case.text
    )


def _broken(claimed: Json) -> list[Finding]:
    """Answers that no test complained of, though they break the contract."""
    found = []
    for one in claimed[:60] if isinstance(claimed, list) else ():
        if isinstance(one, dict) and isinstance(one.get("operation"), str) and isinstance(one.get("problem"), str):
            file, line = one.get("file"), one.get("line")
            found.append(
                Finding(
                    check="contract", message=clean(f"{one['operation']}: {one['problem']}")[:2000], category="exchange",
                    file=file if isinstance(file, str) else None, line=line if isinstance(line, int) and line > 0 else None,
                )
            )  # fmt: skip
    return found
