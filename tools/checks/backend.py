"""Fuzzing by Schemathesis, and the linters: what needs the backend alone and none of its own tests."""

from core.findings import CheckResult
from core.sandboxes import Limits
from tools.boxes import Subject, check_results, part, read_report, run_inside

FUZZ = ("schemathesis",)
LINTERS = ("ruff", "bandit")
LIMITS = Limits(wall_s=75.0, cpu_s=60)


async def check_fuzz(subject: Subject) -> list[CheckResult]:
    """Generated requests from the contract, valid and invalid, against the application in the sandbox."""
    return await _run(subject, "fuzz", "fuzz", FUZZ)


async def check_lint(subject: Subject) -> list[CheckResult]:
    """ruff and bandit; their lesser remarks are in `detail`, as evidence for the reviewer."""
    return await _run(subject, "lint_run", "lint", LINTERS)


async def _run(subject: Subject, program: str, report: str, names: tuple[str, ...]) -> list[CheckResult]:
    files = part(subject.files, "backend/")
    outcome = await run_inside(subject, ["python", "-m", f"inside.{program}"], files, limits=LIMITS)
    return check_results(outcome, read_report(outcome, report), names)
