"""Owners of findings."""

import pytest

from core.findings import Finding
from core.loops import key
from core.types import AgentName
from tests.plans import blog_plan, todo_plan
from tools.frozen import tests_digest as digest
from tools.routing import assign_owners, hand_over


@pytest.mark.parametrize(
    ("check", "file", "owner"),
    [
        ("contract", "backend/app/api/posts.py", AgentName.BACKEND),
        ("migrations", "backend/migrations/versions/0001.py", AgentName.DATABASE),
        ("pytest", "backend/tests/test_posts.py", AgentName.QA),
        ("vitest", "frontend/src/app.test.tsx", AgentName.QA),
        ("tsc", "frontend/src/App.tsx", AgentName.FRONTEND),
        ("devops", "compose.yaml", AgentName.DEVOPS),
        ("devops", ".github/workflows/deploy.yml", AgentName.DEVOPS),
        ("image", "Dockerfile", AgentName.DEVOPS),
        ("image", "backend/requirements.txt", AgentName.BACKEND),
        ("image", None, AgentName.DEVOPS),
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


FAILED = Finding(
    check="pytest", message="Test tests/test_posts.py::test_one failed: AssertionError: no", file="backend/app/api/posts.py",
    line=3, owner=AgentName.BACKEND, evidence="assert 1 == 2",
)  # fmt: skip
TESTS = ("backend/tests/test_posts.py", "backend/tests/conftest.py", "frontend/src/app.test.tsx")
SAYS = {"backend_agent": "It is as the contract says."}


def test_a_failed_test_goes_to_who_wrote_it_once_the_owner_of_the_code_objects() -> None:
    (found,) = hand_over([FAILED], SAYS, {key(FAILED)}, TESTS)
    assert (found.owner, found.file, found.line) == (AgentName.QA, "backend/tests/test_posts.py", None)
    assert found.evidence == (
        "assert 1 == 2\nbackend_agent says that the test is wrong and not the code: It is as the contract says."
    )
    assert found.message == FAILED.message


@pytest.mark.parametrize(
    ("finding", "objections", "asked"),
    [
        (FAILED, {}, True),
        (FAILED, {"frontend_agent": "Not mine."}, True),
        (FAILED, SAYS, False),
        (FAILED.model_copy(update={"check": "contract"}), SAYS, True),
        (FAILED.model_copy(update={"check": "review"}), SAYS, True),
        (FAILED.model_copy(update={"owner": AgentName.QA}), {"qa_agent": "It is right."}, True),
        (FAILED.model_copy(update={"owner": None}), SAYS, True),
    ],
    ids=["no words", "of another", "never asked", "the contract", "a review", "its own test", "nobody's"],
)
def test_any_other_finding_stays_where_it_is(finding: Finding, objections: dict[str, str], asked: bool) -> None:
    assert hand_over([finding], objections, {key(finding)} if asked else set(), TESTS) == (finding,)


def test_where_no_file_is_named_whoever_writes_tests_is_shown_all_of_them() -> None:
    nameless = FAILED.model_copy(update={"message": "pytest ended with exit code 2"})
    (found,) = hand_over([nameless], SAYS, {key(nameless)}, TESTS)
    assert (found.owner, found.file) == (AgentName.QA, None)


def test_the_digest_of_the_tests_moves_with_tests_alone() -> None:
    plan = blog_plan()
    files = {"backend/tests/test_a.py": "1", "frontend/src/a.test.tsx": "2", "backend/app/main.py": "3"}
    same = digest(plan, {**files, "backend/app/main.py": "4"})
    assert digest(plan, files) == same
    assert digest(plan, {**files, "frontend/src/a.test.tsx": ""}) != same
