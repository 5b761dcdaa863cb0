"""The shipping files: valid by real schemas and linters, without secrets, and telling what the application is and is not."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from core.findings import CheckStatus
from core.ownership import ShippedBy
from core.plan import Plan
from core.types import AgentName
from llm.offline.builders import whole_part
from tests.generated import devops_files
from tests.plans import ALL, blog_plan, booking_plan, expense_plan, todo_plan
from tests.unit.llm.offline.awkward import awkward_plan
from tests.unit.tools.shipping_apps import application
from tests.workflows.checking import local_sandbox
from tools.checks.devops import check_devops

PLANS = (*ALL, awkward_plan)


@pytest.mark.sandbox
@pytest.mark.toolchain
@pytest.mark.parametrize("host", ["github", "gitlab", "bitbucket"])
@pytest.mark.parametrize("make_plan", [todo_plan, awkward_plan])
async def test_real_checkers_find_nothing(tmp_path: Path, make_plan: Callable[[], Plan], host: ShippedBy) -> None:
    async with local_sandbox(tmp_path) as sandbox:
        result = await check_devops(sandbox, "devops", application(make_plan().shipped_by(host)))
    assert [finding.message for finding in result.findings] == []
    assert result.status is CheckStatus.PASSED


@pytest.mark.parametrize("make_plan", PLANS)
def test_the_same_plan_gives_the_same_bytes(make_plan: Callable[[], Plan]) -> None:
    assert whole_part(AgentName.DEVOPS, make_plan()) == whole_part(AgentName.DEVOPS, make_plan())


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


@pytest.mark.parametrize("make_plan", [todo_plan, blog_plan])
def test_every_code_host_gets_the_same_checks_and_a_deployment_that_a_person_starts(
    make_plan: Callable[[], Plan],
) -> None:
    plan = make_plan()
    github = devops_files(plan.shipped_by("github"))
    gitlab = devops_files(plan.shipped_by("gitlab"))[".gitlab-ci.yml"]
    bitbucket = devops_files(plan.shipped_by("bitbucket"))["bitbucket-pipelines.yml"]
    deployment = yaml.safe_load(github[".github/workflows/deploy.yml"])
    assert set(deployment[True]) == {"workflow_dispatch", "push"}  # `on` is true in YAML 1.1
    assert set(deployment[True]["push"]) == {"tags"}
    assert deployment["permissions"] == {"contents": "read", "id-token": "write"}
    assert yaml.safe_load(gitlab)["deploy"]["rules"][0]["when"] == "manual"
    steps = yaml.safe_load(bitbucket)["pipelines"]["branches"]["main"]
    assert steps[-1]["step"]["trigger"] == "manual"
    for text in (github[".github/workflows/ci.yml"], gitlab, bitbucket):
        for command in ("ruff check .", "alembic upgrade head", "pytest", f"docker build --tag {plan.slug} ."):
            assert command in text
        assert ("npm run build" in text) is plan.has_frontend
        assert not re.search(r"key\.json|credentials_json", text)


@pytest.mark.parametrize("host", ["github", "gitlab", "bitbucket"])
def test_only_the_chosen_code_host_is_spoken_of(host: ShippedBy) -> None:
    files = devops_files(todo_plan().shipped_by(host))
    names = {"github": ".github/", "gitlab": ".gitlab-ci.yml", "bitbucket": "bitbucket-pipelines.yml"}
    assert {name for name, path in names.items() if any(one.startswith(path) for one in files)} == {host}
    assert [name for name in names.values() if name in files["deploy/README.md"]] == [names[host]]


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
