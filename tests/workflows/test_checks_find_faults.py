"""Each class of fault, planted by hand in an application that no generator wrote, is found by name; the clean one is clean."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.findings import CheckStatus
from core.ports import SandboxProvider
from tests.workflows.checking import Application, check, check_alone, handmade, local_sandbox, result
from tests.workflows.faults import FAULTS, Fault
from tools.routing import assign_owners

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[SandboxProvider]:
    async with local_sandbox(tmp_path) as provider:
        yield provider


def planted(fault: Fault) -> Application:
    application = handmade()
    for old, new in fault.edits:
        application = application.with_fault(fault.path, old, new)
    return application


async def test_the_clean_application_passes_every_check_without_a_finding(sandbox: SandboxProvider) -> None:
    report = await check(sandbox, handmade())
    assert [finding.message for finding in report.findings] == []
    skipped = {one.name for one in report.checks if one.status is CheckStatus.NOT_EXECUTED}
    assert skipped <= {"browser"}, "only the browser may be missing on a machine"
    assert report.coverage.missing == ()
    assert result(report, "pytest").tests_run == 12
    assert result(report, "vitest").tests_run == 2


@pytest.mark.parametrize("name", FAULTS)
async def test_a_planted_fault_is_found_and_named(name: str, sandbox: SandboxProvider) -> None:
    fault = FAULTS[name]
    application = planted(fault)
    found = await check_alone(sandbox, application, fault.check)
    assert found.status is CheckStatus.FAILED
    findings = assign_owners(application.plan, found.findings)
    named = [one for one in findings if one.file == fault.file and all(word in one.message for word in fault.words)]
    assert named, [(one.file, one.message, one.evidence[-800:]) for one in findings]
    assert {one.owner for one in named} == {fault.owner}


async def test_fuzzing_finds_an_unhandled_exception_with_a_request_to_repeat_it(sandbox: SandboxProvider) -> None:
    found = await check_alone(sandbox, planted(FAULTS["unhandled exception"]), "schemathesis")
    finding = next(one for one in found.findings if "KeyError" in one.message)
    assert finding.file == "backend/app/services/notes.py"
    assert "curl -X" in finding.evidence


async def test_what_a_page_shows_is_told_without_colours(sandbox: SandboxProvider) -> None:
    found = await check_alone(sandbox, planted(FAULTS["page that shows nothing"]), "vitest")
    told = "".join(finding.message + finding.evidence for finding in found.findings)
    assert "<body>" in told
    assert "[36m" not in told


async def test_after_a_failed_import_only_the_import_is_blamed(sandbox: SandboxProvider) -> None:
    fault = FAULTS["broken import"]
    report = await check(sandbox, planted(fault).without("frontend/", "e2e/"))
    blamed = {finding.check for finding in report.findings} - {"tsc", "vitest", "build"}
    assert blamed == {"imports"}
    for name in ("migrations", "contract", "behaviour", "queries", "pytest", "schemathesis", "browser"):
        assert result(report, name).status is CheckStatus.NOT_EXECUTED
        assert result(report, name).detail == "the application does not import"
    assert not report.passed


async def test_deleting_the_tests_does_not_make_them_pass(sandbox: SandboxProvider) -> None:
    found = await check_alone(sandbox, handmade().without("backend/tests/test_"), "pytest")
    assert (found.status, found.tests_run) == (CheckStatus.FAILED, 0)
    assert "no test" in found.findings[0].message
