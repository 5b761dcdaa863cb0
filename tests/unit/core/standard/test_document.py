"""The contract of a plan is valid OpenAPI 3.1 and says all that the operations promise."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from core.plan import Plan, RuleSpec
from core.standard.document import openapi
from core.standard.operations import operations
from tests import plans

PlanMaker = Callable[[], Plan]


@pytest.mark.parametrize("make", plans.ALL)
def test_every_sample_plan_gives_a_valid_document(make: PlanMaker) -> None:
    OpenAPIV31SpecValidator(openapi(make())).validate()


@pytest.mark.parametrize("make", plans.ALL)
def test_every_operation_documents_its_success_and_all_its_errors(make: PlanMaker) -> None:
    plan = make()
    document = openapi(plan)
    for operation in operations(plan):
        found = at(document, "paths", operation.path, operation.method)
        assert at(found, "operationId") == operation.operation_id
        assert set(at(found, "responses")) == {str(status) for status in (operation.success, *operation.errors)}
        assert ("security" in found) is operation.secured


@pytest.mark.parametrize("make", plans.ALL)
def test_every_example_fits_its_own_schema(make: PlanMaker) -> None:
    document = openapi(make())
    checked = 0
    for schema in walk(document):
        for example in schema.get("examples", []):
            Draft202012Validator(schema).validate(example)
            checked += 1
    schemas = document["components"]["schemas"]
    sent = [schema for schema in schemas.values() if schema.get("additionalProperties") is False]
    assert sent
    assert all("examples" in member for schema in sent for member in schema["properties"].values())
    assert checked >= sum(len(schema["properties"]) for schema in sent)


def test_create_closes_the_body_and_bounds_every_string() -> None:
    create = at(openapi(plans.library_plan()), "components", "schemas", "BookCreate")
    assert create["additionalProperties"] is False
    assert create["required"] == ["title", "isbn", "author_id"]
    assert create["properties"]["title"]["maxLength"] == 200
    assert create["properties"]["published_year"]["anyOf"][0]["maximum"] == 9999


@pytest.mark.parametrize(
    ("text", "accepted"), [("Dune", True), ("", False), ("   ", False), ("a\x00b", False), (" x\n y", True)]
)
def test_a_required_string_must_hold_something_and_no_nul(text: str, accepted: bool) -> None:
    create = at(openapi(plans.library_plan()), "components", "schemas", "BookCreate")
    assert Draft202012Validator(create["properties"]["title"]).is_valid(text) is accepted


def test_an_update_takes_null_only_for_fields_that_may_be_null() -> None:
    update = at(openapi(plans.todo_plan()), "components", "schemas", "TodoUpdate")
    validator = Draft202012Validator(update)
    assert validator.is_valid({})
    assert validator.is_valid({"due_date": None})
    assert not validator.is_valid({"title": None})
    assert not validator.is_valid({"completed": None})
    assert not validator.is_valid({"owner_id": 1})


def test_an_answer_holds_every_field_and_what_the_server_sets() -> None:
    read = at(openapi(plans.library_plan()), "components", "schemas", "LoanRead")
    assert read["required"] == ["id", "book_id", "member_id", "due_on", "returned_at", "created_at", "updated_at"]


def test_the_key_of_a_link_can_stand_in_a_path_and_is_never_null() -> None:
    schemas = at(openapi(plans.links_plan()), "components", "schemas")
    code = Draft202012Validator(schemas["LinkCreate"]["properties"]["code"])
    assert code.is_valid("a-b_9")
    assert not code.is_valid("a/b")
    assert not code.is_valid(None)
    assert "clicks" not in schemas["LinkCreate"]["properties"]
    assert schemas["LinkRead"]["properties"]["code"]["type"] == "string"


def test_a_page_size_rule_changes_the_limits_of_the_list() -> None:
    rule = RuleSpec(
        id="pages", kind="page_size", entity="Post", statement="Short pages.", params={"default": 10, "maximum": 50}
    )
    plan = plans.blog_plan().model_copy(update={"rules": (rule,)})
    (limit, *_) = at(openapi(plan), "paths", "/api/posts", "get", "parameters")
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 50, "default": 10}


def test_totals_summary_export_and_low_stock_have_their_answers() -> None:
    document = openapi(plans.issue_plan())
    summary = at(document, "paths", "/api/projects/{project_id}/issue-summary", "get", "responses", "200")
    assert at(summary, "content", "application/json", "schema", "$ref").endswith("/ProjectIssueSummary")
    assert "text/csv" in at(document, "paths", "/api/issues/export.csv", "get", "responses", "200", "content")
    assert at(document, "paths", "/api/issues/low-stock", "get", "parameters")[0]["schema"]["default"] == 3
    expenses = openapi(plans.expense_plan())
    by, year = at(expenses, "paths", "/api/expenses/totals", "get", "parameters")
    assert by["schema"] == {"type": "string", "enum": ["month", "category_id"], "default": "month"}
    assert year["name"] == "year"


def test_the_same_plan_gives_the_same_document() -> None:
    first, second = (json.dumps(openapi(plans.issue_plan())) for _ in range(2))
    assert first == second


def at(document: Any, *keys: str) -> Any:
    """The part of a JSON document under `keys`."""
    for key in keys:
        document = document[key]
    return document


def walk(document: Any) -> Iterator[dict[str, Any]]:
    """Every schema in a JSON document."""
    if isinstance(document, dict):
        if "type" in document or "anyOf" in document:
            yield document
        for value in document.values():
            yield from walk(value)
    elif isinstance(document, list):
        for value in document:
            yield from walk(value)


def test_reading_may_be_for_everybody_where_changing_is_not() -> None:
    plan = plans.todo_plan()
    todo = plan.entities[0].model_copy(update={"public_operations": ("list", "read")})
    document = openapi(plan.model_copy(update={"entities": (todo,)}))
    rows, row = at(document, "paths", "/api/todos"), at(document, "paths", "/api/todos/{todo_id}")
    assert {name for name, one in {"list": rows["get"], "read": row["get"]}.items() if "security" in one} == set()
    assert set(row["get"]["responses"]) == {"200", "404", "422"}
    for operation in (rows["post"], row["patch"], row["delete"]):
        assert operation["security"] == [{"HTTPBearer": []}]
        assert "401" in operation["responses"]
    assert "403" in row["patch"]["responses"], "others' rows are seen, so that they are not simply missing"
    assert "403" in row["delete"]["responses"]
    assert "403" not in rows["post"]["responses"]
