"""Planted mistakes: where they have a place, what they change, and which findings name them."""

import ast
from collections.abc import Callable, Mapping

import pytest

from core.findings import Finding
from core.plan import Plan
from core.types import AgentName
from llm.offline.faults import FAULTS, Fault, find
from tests import plans
from tests.generated import backend_files, backend_tests, database_files, devops_files, frontend_files
from tests.unit.llm.offline.rare_rules import studio_plan

PLANS = (*plans.ALL, studio_plan)
GENERATE: Mapping[AgentName, Callable[[Plan], dict[str, str]]] = {
    AgentName.BACKEND: backend_files,
    AgentName.DATABASE: database_files,
    AgentName.FRONTEND: frontend_files,
    AgentName.QA: backend_tests,
    AgentName.DEVOPS: devops_files,
}
EVERYWHERE = {"missing_404", "wrong_status_code", "renamed_field", "n_plus_one", "broken_import", "failing_migration",
              "broken_test", "missing_validation", "unbounded_list", "unknown_fields", "wrong_total",
              "boundless_page", "open_origins", "nullable_column", "wrong_refusal", "root_image", "unwatched_image",
              "moving_base"}  # fmt: skip
NAMED = {
    "missing_404": "Test tests/test_todos.py::test_reading_an_unknown_todo_is_404 failed: AttributeError",
    "wrong_status_code": "POST /api/todos: the contract promises status 201, the application documents 200, 401, 422",
    "renamed_field": "GET /api/todos/{todo_id}: response 200 lacks `title` of the contract",
    "sql_by_string": "S608: Possible SQL injection vector through string-based query construction",
    "missing_authorization": "GET /api/todos/{todo_id}: another user's row was answered 200, expected 404",
    "n_plus_one": "N+1 queries in GET /api/todos: 5 SQL statements for 2 rows, 15 for 12",
    "broken_import": "ModuleNotFoundError: No module named 'app.service'",
    "failing_migration": "OperationalError: no such column: todo_name",
    "typescript_error": "TS2322: Type 'string' is not assignable to type 'number'.",
    "broken_test": "it expects 200 of DELETE /api/todos/{todo_id}, which answered 204 as the contract says",
    "missing_validation": "POST /api/todos {'title': 'xxx'} answered 201 instead of 422",
    "unbounded_list": "GET /api/todos: limit=1 gave 5 items",
    "secret_in_code": "S105: Possible hardcoded password assigned to: \"SECRET_KEY\"; read secrets from the settings",
    "wrong_default": "Test tests/test_todos.py::test_what_is_left_out_gets_its_default failed: assert True is False",
    "lost_filter": "GET /api/todos: completed=True gives a row with completed=False",
    "forgotten_rule": "POST /api/bookings answered 201 instead of 409",
    "unchecked_reference": "POST /api/bookings: `event_id` with an id that does not exist (9) was answered 409, expected 422",
    "unknown_fields": "POST /api/todos: a body with the unknown field `no_such_field` was answered 201, expected 400",
    "wrong_total": "Test tests/test_todos.py::test_a_list_is_cut_into_pages failed: AssertionError: assert (2, 2) == (3, 2)",
    "ignored_sort": "GET /api/todos: sort=-title does not sort by `title` downwards",
    "boundless_page": "GET /api/todos: limit=101 was answered 200, expected 400",
    "open_origins": "Test tests/test_service.py::test_only_the_configured_origins_may_read_answers failed: AssertionError",
    "forgotten_index": "The migrations do not make the tables of the models; to do: add index ix_todos_owner_id on todos",
    "lost_column": "The migrations do not make the tables of the models; to do: add column todos.title",
    "nullable_column": "The migrations do not make the tables of the models; to do: modify nullable of todos.created_at",
    "missing_unique": "The migrations do not make the tables of the models; to do: add constraint uq_users_email on users",
    "half_downgrade": "downgrade to base leaves the tables users",
    "unsaid_error": 'Test src/app.test.tsx › Todos > are not sent while something is missing failed: Unable to find role="alert"',
    "unlabelled_field": "Found a label with the text of: Title, however no form control was found associated to that label.",
    "delete_unasked": "Test src/app.test.tsx › Todos > are deleted only after a confirmation failed: Unable to find role",
    "whole_row_sent": "Test src/app.test.tsx › Todos > are changed, and only the change is sent failed: expected [ 'title' ]",
    "html_injection": "dangerouslySetInnerHTML puts text into the page as HTML: render it as text",
    "wrong_refusal": "it expects 400 of POST /api/todos, which answered 422 as the contract says",
    "root_image": "The final stage runs as root; add a USER that is not root",
    "unwatched_image": "There is no HEALTHCHECK",
    "moving_base": "The base image is `latest`; name a version",
}  # fmt: skip


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest) -> Fault:
    return FAULTS[request.param]


def finding(message: str) -> Finding:
    return Finding(check="pytest", message=message)


@pytest.mark.parametrize("make", PLANS, ids=lambda make: make.__name__)
def test_a_mistake_changes_its_agents_files_and_is_no_nonsense(fault: Fault, make: Callable[[], Plan]) -> None:
    plan = make()
    if fault.agent is AgentName.FRONTEND and not plan.has_frontend:
        return
    clean = GENERATE[fault.agent](plan)
    faulty = fault.inject(dict(clean), plan)
    changed = {path for path in clean if faulty[path] != clean[path]}
    assert set(faulty) == set(clean)
    assert bool(changed) is fault.applies(clean, plan)
    assert len(changed) <= 1
    for path in changed:
        if path.endswith(".py"):
            ast.parse(faulty[path])
    if fault.name in EVERYWHERE:
        assert changed, f"{fault.name} has no place in {plan.title}"


def test_every_mistake_has_a_place_in_some_plan(fault: Fault) -> None:
    assert any(fault.applies(GENERATE[fault.agent](make()), make()) for make in PLANS)


def test_a_finding_that_says_what_is_wrong_names_it(fault: Fault) -> None:
    assert fault.named_by([finding("Something else entirely"), finding(NAMED[fault.name])])


def test_a_finding_that_only_says_that_something_is_wrong_does_not(fault: Fault) -> None:
    vague = [
        "The application does not work",
        "Test tests/test_todos.py::test_a failed: AssertionError",
        "Please improve the code",
    ]
    assert not fault.named_by([finding(message) for message in vague])
    assert not fault.named_by([])


def test_what_names_one_mistake_of_an_agent_names_few_others() -> None:
    """`answered 201 instead of 422` fits a missing validation and a forgotten rule alike; nothing else is ambiguous."""
    alike = {frozenset({"missing_validation", "forgotten_rule"})}
    alike |= {frozenset({"unchecked_reference", other}) for other in ("missing_validation", "forgotten_rule")}
    for name, message in NAMED.items():
        others = {other for other, fault in FAULTS.items() if other != name and fault.named_by([finding(message)])}
        assert all(frozenset({name, other}) in alike for other in others), (name, others)


def test_a_mistake_is_found_by_its_name_with_hyphens_or_underscores() -> None:
    assert find("missing-404") is find("missing_404") is FAULTS["missing_404"]
    assert find("no such fault") is None
