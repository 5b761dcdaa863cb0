"""The shipping files: valid by real schemas and linters, without secrets, and telling what the application is and is not."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from core.findings import CheckStatus
from core.plan import Plan
from tests.generated import backend_files, database_files, devops_files, frontend_files
from tests.plans import ALL, blog_plan, booking_plan, expense_plan, todo_plan
from tests.unit.llm.offline.awkward import awkward_plan
from tests.workflows.checking import local_sandbox
from tools.checks.devops import check_devops

PLANS = (*ALL, awkward_plan)


@pytest.mark.sandbox
@pytest.mark.toolchain
@pytest.mark.parametrize("make_plan", [booking_plan, todo_plan, awkward_plan])
async def test_real_checkers_find_nothing(tmp_path: Path, make_plan: Callable[[], Plan]) -> None:
    plan = make_plan()
    files = {**devops_files(plan), **database_files(plan), **backend_files(plan)}
    if plan.has_frontend:
        files |= frontend_files(plan)
    async with local_sandbox(tmp_path) as sandbox:
        result = await check_devops(sandbox, "devops", files)
    assert [finding.message for finding in result.findings] == []
    assert result.status is CheckStatus.PASSED


@pytest.mark.parametrize("make_plan", PLANS)
def test_the_same_plan_gives_the_same_bytes(make_plan: Callable[[], Plan]) -> None:
    assert devops_files(make_plan()) == devops_files(make_plan())


@pytest.mark.parametrize("make_plan", PLANS)
def test_configuration_is_yaml(make_plan: Callable[[], Plan]) -> None:
    files = devops_files(make_plan())
    for path in ("compose.yaml", ".github/workflows/ci.yml", "deploy/cloudrun.yaml"):
        assert isinstance(yaml.safe_load(files[path]), dict)


def test_a_secret_key_is_asked_for_and_never_given() -> None:
    files = devops_files(booking_plan())
    service = yaml.safe_load(files["compose.yaml"])["services"]["app"]
    assert service["environment"]["SECRET_KEY"].startswith("${SECRET_KEY:?")
    assert re.search(r"^SECRET_KEY=$", files[".env.example"], re.M)
    assert "SECRET_KEY" not in "".join(devops_files(blog_plan()).values())


def test_an_api_alone_is_shipped_without_node() -> None:
    files = devops_files(todo_plan())
    assert "node" not in files["Dockerfile"]
    assert set(yaml.safe_load(files[".github/workflows/ci.yml"])["jobs"]) == {"backend", "image"}
    assert set(yaml.safe_load(devops_files(blog_plan())[".github/workflows/ci.yml"])["jobs"]) == {
        "backend", "frontend", "browser", "image",
    }  # fmt: skip


def test_base_images_have_versions_and_the_server_is_nobody() -> None:
    dockerfile = devops_files(blog_plan())["Dockerfile"]
    assert all(re.search(r":\d+\.\d+\.\d+-", line) for line in dockerfile.splitlines() if line.startswith("FROM"))
    assert "USER 10001" in dockerfile


def test_the_readme_tells_rules_operations_and_what_is_missing() -> None:
    readme = devops_files(expense_plan())["README.md"]
    assert "Expenses are totalled by month." in readme
    assert "| `GET /api/expenses/totals` |" in readme
    assert "Not covered" not in readme
    odd = devops_files(awkward_plan())["README.md"]
    assert "- payments: nothing here \\| \\<b\\>takes\\</b\\> money" in odd


def test_versions_of_test_tools_are_those_of_the_toolchain() -> None:
    assert re.search(r"pytest==\d", devops_files(blog_plan())[".github/workflows/ci.yml"])
