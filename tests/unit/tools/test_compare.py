"""The application's own OpenAPI document against the contract."""

import copy
import json
from typing import Any

import pytest

from tests.workflows.checking import handmade
from tools.inside.compare import compare
from tools.inside.contract import Contract


def differences(actual: dict[str, Any], contract: dict[str, Any] | None = None) -> list[str]:
    found: list[str] = []
    compare(Contract(contract or document()), Contract(actual), lambda message, _operation: found.append(message))
    return found


def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(handmade().files["contract/openapi.json"])
    return loaded


@pytest.fixture
def actual() -> dict[str, Any]:
    return copy.deepcopy(document())


def test_the_same_document_has_no_differences(actual: dict[str, Any]) -> None:
    assert differences(actual) == []


def test_names_of_path_parameters_do_not_matter(actual: dict[str, Any]) -> None:
    actual["paths"]["/api/notes/{id}"] = actual["paths"].pop("/api/notes/{note_id}")
    assert differences(actual) == []


def test_null_may_be_written_as_a_union(actual: dict[str, Any]) -> None:
    union = {"anyOf": [{"type": "string", "maxLength": 10000}, {"type": "null"}]}
    actual["components"]["schemas"]["NoteCreate"]["properties"]["body"] = union
    assert differences(actual) == []


def test_what_pydantic_accepts_beside_a_number_does_not_matter(actual: dict[str, Any]) -> None:
    contract = document()
    contract["components"]["schemas"]["NoteCreate"]["properties"]["price"] = {"type": "number"}
    lax = {"anyOf": [{"type": "number"}, {"type": "string"}]}
    actual["components"]["schemas"]["NoteCreate"]["properties"]["price"] = lax
    assert differences(actual, contract) == []


def test_missing_and_extra_operations_are_named(actual: dict[str, Any]) -> None:
    actual["paths"]["/api/labels"] = {"get": actual["paths"]["/api/tags"].pop("get")}
    assert differences(actual) == [
        "GET /api/tags: the contract promises this operation, the application does not have it",
        "GET /api/labels: the application has this operation, the contract does not know it",
    ]


def test_a_renamed_property_is_named_with_its_new_name(actual: dict[str, Any]) -> None:
    properties = actual["components"]["schemas"]["TagRead"]["properties"]
    properties["label"] = properties.pop("name")
    assert (
        "GET /api/tags/{tag_id}: response 200 lacks `name` of the contract (it has `label`, which the contract does not know)"
        in (differences(actual))
    )


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("paths", "/api/notes", "get", "security"), [], "declares no security"),
        (("paths", "/health", "get", "security"), [{"bearer": []}], "without a token"),
        (("paths", "/api/notes", "post", "responses"), {"200": {"description": ""}}, "promises status 201"),
        (("paths", "/api/notes", "get", "parameters"), [], "query parameter `limit` is missing"),
        (("components", "schemas", "NoteCreate", "required"), ["title", "pinned"], "the application requires it"),
        (("components", "schemas", "NoteRead", "properties", "pinned"), {"type": "string"}, "is boolean in the contract, string"),
        (("components", "schemas", "NoteCreate", "properties", "title"), {"type": "integer"}, "is string in the contract"),
        (("components", "schemas", "NoteRead", "properties", "secret"), {"type": "string"}, "has `secret`, which is not"),
    ],
)  # fmt: skip
def test_a_broken_promise_is_said(actual: dict[str, Any], path: tuple[str, ...], value: object, words: str) -> None:
    node = actual
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = value
    assert any(words in one for one in differences(actual)), differences(actual)


def test_schemas_that_contain_themselves_end(actual: dict[str, Any]) -> None:
    tree = {
        "type": "object",
        "properties": {"child": {"$ref": "#/components/schemas/NoteRead"}, "x": {"type": "string"}},
    }
    for one in (contract := document(), actual):
        one["components"]["schemas"]["NoteRead"] = tree
    assert differences(actual, contract) == []
