"""The generated frontend in the real sandbox: it passes compiler and unit tests, and these notice faults."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.findings import CheckStatus
from core.plan import Plan
from core.ports import SandboxProvider
from tests.plans import blog_plan, booking_plan, issue_plan
from tests.unit.llm.offline.awkward import awkward_plan
from tests.unit.llm.offline.nasty import nasty_fields_plan
from tests.workflows.checking import local_sandbox
from tests.workflows.frontends import subject_of
from tools.boxes import Subject
from tools.checks import frontend

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[SandboxProvider]:
    async with local_sandbox(tmp_path) as provider:
        yield provider


def edited(subject: Subject, path: str, old: str, new: str) -> Subject:
    assert old in subject.files[path], f"{path} does not hold {old!r}"
    return replace(subject, files={**subject.files, path: subject.files[path].replace(old, new)})


@pytest.mark.parametrize("make_plan", [issue_plan, awkward_plan, nasty_fields_plan])
async def test_a_frontend_compiles_and_passes_its_own_tests(
    sandbox: SandboxProvider, make_plan: Callable[[], Plan]
) -> None:
    subject = await subject_of(sandbox, make_plan())
    types = await frontend.check_types(subject, subject.files)
    units = await frontend.check_units(subject, subject.files)
    assert [finding.message for finding in (*types.findings, *units.findings)] == []
    assert types.status is units.status is CheckStatus.PASSED
    assert units.tests_run >= 20


async def test_a_field_that_the_contract_renamed_does_not_compile(sandbox: SandboxProvider) -> None:
    subject = await subject_of(sandbox, blog_plan())
    renamed = json.dumps(subject.contract).replace('"author_name"', '"writer_name"')
    types = await frontend.with_types(
        replace(
            subject,
            files={path: text for path, text in subject.files.items() if not path.endswith("schema.d.ts")}
            | {"contract/openapi.json": renamed},
        )
    )
    result = await frontend.check_types(subject, types)
    named = {finding.file for finding in result.findings if "author_name" in finding.message}
    assert {"frontend/src/pages/comments/CommentForm.tsx", "frontend/src/pages/comments/CommentList.tsx"} <= named


FAULTS: tuple[tuple[tuple[str, str, str, str], ...], ...] = (
    (
        (
            "frontend/src/pages/events/EventForm.tsx",
            'name="capacity"',
            'name="other"',
            "Events > are created from every field of the form",
        ),
        (
            "frontend/src/components/ListPage.tsx",
            "onClick={() => setDoomed(row)}",
            "onClick={() => { setDoomed(row); void onDelete(row); }}",
            "Events > are deleted only after a confirmation",
        ),
        (
            "frontend/src/components/readForm.ts",
            "if (JSON.stringify(values[key]) !== JSON.stringify(row[key])) {",
            "if (row) {",
            "Events > are changed, and only the change is sent",
        ),
        ("frontend/src/pages/events/EventList.tsx", 'q: view.text("q"),', "", "Events > are searched"),
        ("frontend/src/components/useListView.ts", "(page - 1) * pageSize", "0", "the application > turns pages"),
        (
            "frontend/src/api/client.ts",
            "response.status === 401",
            "response.status === 499",
            "accounts > end when the token is refused",
        ),
    ),
    (
        (
            "frontend/src/api/client.ts",
            'request.headers.set("Authorization"',
            'request.headers.set("X-Other"',
            "Bookings > are listed under their heading",
        ),
        (
            "frontend/src/components/Form.tsx",
            "if (invalid[0]) {",
            "if (invalid[999]) {",
            "Events > are not sent while something is missing",
        ),
        (
            "frontend/src/components/Form.tsx",
            "setError(problem);",
            "void problem;",
            "accounts > stay signed out with a wrong password",
        ),
        (
            "frontend/src/auth/RequireSession.tsx",
            "if (!token) {",
            "if (token === undefined) {",
            "accounts > are asked for before anything is shown, and lead back to it",
        ),
    ),
)


@pytest.mark.parametrize("faults", FAULTS, ids=["forms and lists", "requests and accounts"])
async def test_each_fault_in_the_frontend_fails_the_test_that_covers_it(
    sandbox: SandboxProvider, faults: tuple[tuple[str, str, str, str], ...]
) -> None:
    subject = await subject_of(sandbox, booking_plan())
    for path, old, new, _ in faults:
        subject = edited(subject, path, old, new)
    units = await frontend.check_units(subject, subject.files)
    assert units.tests_failed < units.tests_run, units.detail
    messages = "\n".join(finding.message for finding in units.findings)
    assert [test for *_, test in faults if test not in messages] == []
