"""The generated frontend with its backend in the real sandbox: a real browser makes, changes and deletes every kind of row."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.findings import CheckStatus
from core.plan import Plan
from tests.generated import backend_files, database_files
from tests.plans import booking_plan
from tests.unit.llm.offline.awkward import awkward_plan
from tests.workflows.checking import local_sandbox
from tests.workflows.frontends import subject_of
from tools.checks import frontend
from tools.checks.browser import check_browser

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain, pytest.mark.browser]


@pytest.mark.parametrize("make_plan", [booking_plan, awkward_plan])
async def test_every_row_lives_its_life_in_a_real_browser(tmp_path: Path, make_plan: Callable[[], Plan]) -> None:
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        pytest.skip("missing: chromium")
    async with local_sandbox(tmp_path) as sandbox:
        subject = await subject_of(sandbox, make_plan())
        build, built = await frontend.check_build(subject, subject.files)
        assert build.status is CheckStatus.PASSED, build.findings
        whole = {**subject.files, **database_files(subject.plan), **backend_files(subject.plan)}
        result = await check_browser(replace(subject, files=whole), built)
    assert [finding.message for finding in result.findings] == []
    assert result.status is CheckStatus.PASSED, result.detail
    with_page = [entity for entity in subject.plan.entities if "list" in entity.operations]
    assert result.tests_run == len(with_page) + (subject.plan.auth is not None)
