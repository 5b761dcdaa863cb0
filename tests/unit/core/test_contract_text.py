"""The contract as prompts show it: short, and nothing of it is lost."""

import copy
import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.contract_text import contract_operations, contract_schemas
from core.plan import Plan
from core.standard.document import openapi
from core.types import Json, JsonObject
from tests.plans import ALL, blog_plan

ODD: JsonObject = {
    "openapi": "3.1.0",
    "info": {"title": "Odd", "version": "1"},
    "paths": {
        "/a": {
            "summary": "about both",
            "get": {
                "operationId": "get_a",
                "parameters": [
                    {"$ref": "#/components/parameters/Limit"},
                    {"name": "x", "in": "header", "style": "simple"},
                ],
                "responses": {
                    "200": {
                        "description": "it",
                        "content": {"text/csv": {"schema": {"type": "string"}}},
                        "headers": {"X": {}},
                    },
                    "4XX": {"$ref": "#/components/responses/Bad"},
                    "404": {
                        "description": "no",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/E"}}},
                    },
                },
                "deprecated": True,
            },
            "post": {
                "operationId": "post_a",
                "security": [{"a": ["scope"]}, {}],
                "tags": ["one", "two"],
                "requestBody": {"content": {"multipart/form-data": {"schema": {"type": "object"}, "encoding": {}}}},
                "responses": {"404": {"description": "no"}, "200": {"content": {"application/json": {}}}},
                "callbacks": {"on": {}},
            },
        }
    },
    "components": {
        "parameters": {"Limit": {"name": "limit", "in": "query", "schema": {"type": "integer", "exclusiveMinimum": 0}}},
        "schemas": {
            "E": {"type": "object", "properties": {"a": {"type": ["string", "null"]}}, "required": ["a", "b"]},
            "F": {"type": "object", "properties": {"a": {"type": ["string", "null"]}}, "minProperties": 1},
            "G": {
                "allOf": [{"$ref": "#/components/schemas/E"}, {"oneOf": [{"type": "number", "multipleOf": 0.5}, True]}]
            },
            "H": {"type": "array", "prefixItems": [{"type": "string"}], "items": False, "uniqueItems": True},
            "I": {"enum": ["a", 1, None], "discriminator": {"propertyName": "k"}},
        },
    },
}


def text_of(contract: JsonObject) -> str:
    return f"{contract_schemas(contract)}\n\n{contract_operations(contract)}"


def places(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every member and every entry."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in entries:
        yield (*path, name)
        yield from places(inner, (*path, name))


def value_at(value: Json, path: tuple[str | int, ...]) -> Json:
    for name in path:
        value = value[name]  # type: ignore[index,call-overload]  # the way to a place goes through objects and lists
    return value


def another(value: Json) -> Json:
    """Another value of the same kind."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return f"{value}2"
        case list():
            return [*value, "more"]
        case dict():
            return {**value, "x-more": 1}
    return "something"


def changed(contract: JsonObject, path: tuple[str | int, ...], value: Json | None) -> JsonObject:
    """A copy in which the place holds `value`, or is gone when that is None."""
    whole = copy.deepcopy(contract)
    inner: Json = whole
    for name in path[:-1]:
        inner = inner[name]  # type: ignore[index,call-overload]  # the way to a place goes through objects and lists
    if value is None:
        del inner[path[-1]]  # type: ignore[union-attr,index,arg-type]  # see above
    else:
        inner[path[-1]] = value  # type: ignore[index,call-overload]  # see above
    return whole


@pytest.mark.parametrize("make", ALL, ids=lambda make: make.__name__)
def test_it_is_less_than_half_as_long(make: object) -> None:
    plan: Plan = make()  # type: ignore[operator]  # a function of tests.plans
    contract = openapi(plan)
    assert len(text_of(contract)) * 2 < len(json.dumps(contract, separators=(",", ":")))


@pytest.mark.parametrize("contract", [openapi(blog_plan()), ODD], ids=["blog", "odd"])
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_whatever_is_taken_away_or_said_differently_shows(contract: JsonObject, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(list(places(contract))))
    other = changed(contract, path, data.draw(st.sampled_from([None, another(value_at(contract, path))])))
    if other != contract:
        assert text_of(other) != text_of(contract), path


def test_what_is_the_same_everywhere_is_said_once() -> None:
    lines = contract_operations(openapi(blog_plan())).splitlines()
    assert sum("How many rows to skip" in line for line in lines) == 1
    assert sum("Not there" in line for line in lines) == 1
    assert 'DELETE /api/tags/{tag_id} delete_tag "Delete one tag" #Tags (tag_id) -> 204; 404; 422' in lines


def test_a_schema_with_the_members_of_another_one_refers_to_it() -> None:
    lines = contract_schemas(openapi(blog_plan())).splitlines()
    assert "TagUpdate = closed the members of TagCreate, none required" in lines
    assert lines[-1] == "TagPage = {items: [TagRead], total: integer, limit: integer, offset: integer}"


def test_shared_parameters_and_answers_stand_where_they_are_used() -> None:
    lines = contract_operations(ODD).splitlines()
    (get,) = [line for line in lines if line.startswith("GET /a")]
    assert "limit?: integer" in get or "limit~: integer" in get
    assert "#/components/parameters" not in get


def test_what_may_be_null_says_so_in_words() -> None:
    schemas: JsonObject = {"components": {"schemas": {"A": {"type": ["string", "null"], "maxLength": 5}}}}
    assert contract_schemas(schemas) == "A = string or null ..5"
