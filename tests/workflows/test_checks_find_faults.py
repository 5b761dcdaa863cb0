"""Each class of fault, planted by hand in an application that no generator wrote, is found by name; the clean one is clean."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.findings import CheckStatus
from core.ports import SandboxProvider
from core.types import AgentName
from tests.workflows.checking import Application, check, failed, handmade, local_sandbox, owned, result
from tests.workflows.faults import FAULTS

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[SandboxProvider]:
    async with local_sandbox(tmp_path) as provider:
        yield provider


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
    application = handmade()
    for old, new in fault.edits:
        application = application.with_fault(fault.path, old, new)
    in_frontend = fault.owner is AgentName.FRONTEND
    report = await check(sandbox, application.without("e2e/") if in_frontend else without_frontend(application))
    found = [
        finding
        for finding in owned(application, report, fault.owner)
        if finding.file == fault.file and all(word in finding.message for word in fault.words)
    ]
    assert found, (failed(report), [(one.check, one.file, one.message) for one in report.findings])


def without_frontend(application: Application) -> Application:
    """The backend alone, so that a fault in it costs no build of the frontend."""
    plan = application.plan
    kept = tuple(entry for entry in plan.agents if entry.agent is not AgentName.FRONTEND)
    text = plan.model_copy(update={"agents": kept}).model_dump_json()
    return Application({**application.without("frontend/", "e2e/").files, "contract/plan.json": text})
