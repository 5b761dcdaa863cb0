"""Owners of findings."""

import pytest

from core.findings import Finding
from core.types import AgentName
from tests.plans import blog_plan, todo_plan
from tools.frozen import tests_digest as digest
from tools.routing import assign_owners


@pytest.mark.parametrize(
    ("check", "file", "owner"),
    [
        ("contract", "backend/app/api/posts.py", AgentName.BACKEND),
        ("migrations", "backend/migrations/versions/0001.py", AgentName.DATABASE),
        ("pytest", "backend/tests/test_posts.py", AgentName.QA),
        ("vitest", "frontend/src/app.test.tsx", AgentName.QA),
        ("tsc", "frontend/src/App.tsx", AgentName.FRONTEND),
        ("devops", "compose.yaml", AgentName.DEVOPS),
        ("migrations", None, AgentName.DATABASE),
        ("behaviour", None, AgentName.BACKEND),
        ("browser", None, AgentName.FRONTEND),
        ("contract", "contract/openapi.json", AgentName.BACKEND),
    ],
)
def test_a_finding_goes_to_who_can_repair_it(check: str, file: str | None, owner: AgentName) -> None:
    (found,) = assign_owners(blog_plan(), [Finding(check=check, message="wrong", file=file)])
    assert found.owner is owner


def test_an_owner_that_is_known_stays() -> None:
    given = Finding(check="review", message="wrong", file="backend/app/main.py", owner=AgentName.QA)
    assert assign_owners(blog_plan(), [given]) == (given,)


def test_without_a_frontend_nobody_is_asked_who_is_not_there() -> None:
    (found,) = assign_owners(todo_plan(), [Finding(check="browser", message="wrong")])
    assert found.owner is AgentName.BACKEND


def test_the_digest_of_the_tests_moves_with_tests_alone() -> None:
    plan = blog_plan()
    files = {"backend/tests/test_a.py": "1", "frontend/src/a.test.tsx": "2", "backend/app/main.py": "3"}
    same = digest(plan, {**files, "backend/app/main.py": "4"})
    assert digest(plan, files) == same
    assert digest(plan, {**files, "frontend/src/a.test.tsx": ""}) != same
