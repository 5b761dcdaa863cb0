"""Who owns a path."""

import pytest

from core.ownership import CI_PATHS, matches, owner_of, usual_ownership, with_ci_of
from core.types import AgentName
from tests.plans import OWNERSHIP


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("backend/app/**", "backend/app/main.py", True),
        ("backend/app/**", "backend/app/db/models.py", True),
        ("backend/app/**", "backend/application.py", False),
        ("frontend/src/**/*.test.tsx", "frontend/src/app.test.tsx", True),
        ("frontend/src/**/*.test.tsx", "frontend/src/pages/a/b.test.tsx", True),
        ("frontend/src/**/*.test.tsx", "frontend/src/app.tsx", False),
        ("*.py", "a/b.py", False),
        ("a?.py", "ab.py", True),
        ("a.py", "axpy", False),
    ],
)
def test_globs_match_as_in_the_plan_schema(glob: str, path: str, expected: bool) -> None:
    assert matches(glob, path) is expected


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("backend/app/main.py", AgentName.BACKEND),
        ("backend/app/db/models.py", AgentName.DATABASE),
        ("backend/tests/test_api.py", AgentName.QA),
        ("frontend/src/App.tsx", AgentName.FRONTEND),
        ("frontend/src/App.test.tsx", AgentName.QA),
        ("frontend/src/api/schema.d.ts", AgentName.PLANNER),
        ("contract/openapi.json", AgentName.PLANNER),
        ("Dockerfile", AgentName.DEVOPS),
        ("elsewhere.txt", None),
    ],
)
def test_the_most_exact_glob_decides(path: str, owner: AgentName | None) -> None:
    assert owner_of(OWNERSHIP, path) is owner


def test_the_ci_files_of_the_chosen_code_host_are_owned_and_those_of_others_are_not() -> None:
    files = {"github": ".github/workflows/ci.yml", "gitlab": ".gitlab-ci.yml", "bitbucket": "bitbucket-pipelines.yml"}
    usual = usual_ownership(list(AgentName))
    for host in CI_PATHS:
        ownership = with_ci_of(host, usual)
        owned = {name for name, path in files.items() if owner_of(ownership, path) is AgentName.DEVOPS}
        assert owned == {host}
        assert with_ci_of("github", ownership) == usual
