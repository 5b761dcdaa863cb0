"""What the host believes of what a box says."""

import json

import pytest

from core.errors import SandboxError
from core.findings import CheckResult, CheckStatus
from core.sandboxes import RunReason, RunResult
from tests.unit.tools.canned import CannedProvider, ran
from tools.boxes import MAX_REPORT, check_results, clean, inside_files, read_report, run_box

PASSED = {"name": "imports", "status": "passed", "detail": "fine"}


async def believed(result: RunResult) -> CheckResult:
    outcome = await run_box(CannedProvider(result), "task", ["true"], {})
    return check_results(outcome, read_report(outcome, "app"), ["imports"])[0]


def report(*checks: object, **extra: object) -> RunResult:
    return ran({".autonomy/out/app.json": json.dumps({"checks": checks, **extra}).encode()})


async def test_a_report_becomes_a_result() -> None:
    result = await believed(report(PASSED))
    assert (result.status, result.detail) == (CheckStatus.PASSED, "fine")


async def test_a_check_with_findings_has_failed_whatever_it_says() -> None:
    result = await believed(report({**PASSED, "findings": [{"message": "wrong"}]}))
    assert result.status is CheckStatus.FAILED


@pytest.mark.parametrize(
    "result",
    [
        ran(),
        ran({".autonomy/out/app.json": b"not json"}),
        ran({".autonomy/out/app.json": b"[]"}),
        ran({".autonomy/out/app.json": b"[" * 100_000}),
        ran({".autonomy/out/app.json": b" " * (MAX_REPORT + 1)}),
        report(),
        report({"name": "imports", "status": "splendid"}),
        report({"name": "imports", "status": "passed", "seconds": -1}),
        report({"name": "migrations", "status": "passed"}),
        report(*[{"name": "imports", "status": "passed"}] * 21),
    ],
)
async def test_a_report_that_is_missing_forged_or_broken_never_reads_as_passed(result: RunResult) -> None:
    found = await believed(result)
    assert found.status is CheckStatus.FAILED
    assert "ended without a report" in found.detail


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (RunReason.TIMEOUT, "120 s"),
        (RunReason.MEMORY, "512 MB"),
        (RunReason.INODES, "files"),
        (RunReason.CPU, "processor"),
    ],
)
async def test_a_run_that_was_ended_has_failed_and_says_why(reason: RunReason, words: str) -> None:
    found = await believed(ran(reason=reason, code=137, output="last words"))
    assert found.status is CheckStatus.FAILED
    assert words in found.detail
    assert found.findings[0].evidence == "last words"


async def test_a_refused_sandbox_is_not_executed_with_the_reason() -> None:
    outcome = await run_box(CannedProvider(refusal="bubblewrap is missing"), "task", ["true"], {})
    (result,) = check_results(outcome, None, ["imports"])
    assert (result.status, result.detail) == (CheckStatus.NOT_EXECUTED, "bubblewrap is missing")


async def test_a_sandbox_that_breaks_is_not_executed() -> None:
    def broken(*_given: object) -> RunResult:
        raise SandboxError("the box went away")

    outcome = await run_box(CannedProvider(broken), "task", ["true"], {})
    assert check_results(outcome, None, ["imports"])[0].status is CheckStatus.NOT_EXECUTED


@pytest.mark.parametrize("file", ["/etc/passwd", "../../x", "a\nb", "x" * 400, "", "a//b", "a/../b"])
async def test_a_path_that_cannot_be_one_is_dropped(file: str) -> None:
    result = await believed(report({**PASSED, "findings": [{"message": "wrong", "file": file, "line": 0}]}))
    assert (result.findings[0].file, result.findings[0].line) == (None, None)


async def test_long_and_coloured_messages_are_cut_and_cleaned() -> None:
    claimed = {"message": "\x1b[31mred\x1b[0m" + "x" * 9000, "file": "backend/app/main.py", "line": 3}
    (finding,) = (await believed(report({**PASSED, "findings": [claimed]}))).findings
    assert finding.message.startswith("redx")
    assert len(finding.message) == 2000
    assert finding.line == 3


def test_cleaning_leaves_lines_and_letters() -> None:
    assert clean("a\r\nb\tc\x1b]0;title\x07\x00\x9bd é") == "a\nb\tcd é"


def test_programs_for_the_box_do_not_import_the_host() -> None:
    for path, text in inside_files().items():
        assert "from tools" not in text, path
        assert "from core" not in text, path
