"""What a report holds, and what is not run."""

import json

from core.findings import CheckResult, CheckStatus
from core.standard.document import openapi
from observability.untraced import Untraced
from tests.plans import blog_plan, todo_plan
from tests.unit.tools.canned import CannedProvider, ran
from tools.qa import promised_operations, run_qa

FILES = dict.fromkeys(
    (
        "backend/tests/test_a.py",
        "backend/app/main.py",
        "frontend/src/a.test.tsx",
        "e2e/test_a.py",
        "compose.yaml",
        "Dockerfile",
    ),
    "",
)
BACKEND = ("imports", "migrations", "contract", "behaviour", "queries", "pytest", "schemathesis", "ruff", "bandit")
FRONTEND = ("tsc", "vitest", "build", "browser")
SHIPPING = ("devops", "image")


def broken_import(_argv: object, _files: object) -> object:
    checks = [
        {"name": "imports", "status": "failed", "findings": [{"message": "No module named 'app.x'"}]},
        *(
            {"name": name, "status": "not executed", "detail": "the application does not import"}
            for name in BACKEND[1:5]
        ),
    ]
    return ran({".autonomy/out/app.json": json.dumps({"checks": checks}).encode()})


async def test_without_a_sandbox_nothing_runs_and_nothing_passes() -> None:
    provider = CannedProvider()
    report = await run_qa(
        provider, "task", blog_plan(), openapi(blog_plan()), FILES, use_sandbox=False, tracing=Untraced()
    )
    assert tuple(check.name for check in report.checks) == (*BACKEND, *FRONTEND, *SHIPPING)
    assert {check.status for check in report.checks} == {CheckStatus.NOT_EXECUTED}
    assert provider.opened == 0


async def test_where_the_sandbox_refuses_every_check_says_why() -> None:
    report = await run_qa(
        CannedProvider(refusal="no isolation"), "task", blog_plan(), openapi(blog_plan()), FILES, tracing=Untraced()
    )
    assert tuple(check.name for check in report.checks) == (*BACKEND, *FRONTEND, *SHIPPING)
    assert {check.status for check in report.checks} == {CheckStatus.NOT_EXECUTED}
    assert {check.detail for check in report.checks} == {"no isolation"}
    assert report.coverage.covered == ()
    assert len(report.coverage.promised) == 16


async def test_a_plan_without_a_frontend_has_no_frontend_checks() -> None:
    files = {path: text for path, text in FILES.items() if path not in ("compose.yaml", "Dockerfile")}
    report = await run_qa(
        CannedProvider(refusal="no"), "task", todo_plan(), openapi(todo_plan()), files, tracing=Untraced()
    )
    assert tuple(check.name for check in report.checks) == BACKEND


async def test_what_needs_a_running_application_is_not_tried_when_it_does_not_import() -> None:
    provider = CannedProvider(broken_import)  # type: ignore[arg-type]  # answers every run alike
    seen: list[CheckResult] = []

    async def tell(result: CheckResult) -> None:
        seen.append(result)

    report = await run_qa(
        provider, "task", todo_plan(), openapi(todo_plan()), FILES, on_result=tell, tracing=Untraced()
    )
    status = {check.name: (check.status, check.detail) for check in report.checks}
    for name in ("pytest", "schemathesis"):
        assert status[name] == (CheckStatus.NOT_EXECUTED, "the application does not import")
    assert [finding.check for finding in report.findings if finding.message.startswith("No module")] == ["imports"]
    assert len(seen) == len(report.checks)
    assert not report.passed


def test_operations_are_promised_in_the_order_of_the_contract() -> None:
    promised = promised_operations(openapi(todo_plan()))
    assert promised[:2] == ("GET /health", "POST /api/auth/register")
    assert "DELETE /api/todos/{todo_id}" in promised
