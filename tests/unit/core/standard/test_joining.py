"""What a planner adds to the contract of a plan is joined to it, and can be told apart again."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from core.contract_text import operations_of
from core.plan import Plan
from core.standard.document import openapi
from core.standard.joining import beyond, complete
from core.types import JsonObject
from tests import plans


def answer(name: str) -> JsonObject:
    schema: JsonObject = {"$ref": f"#/components/schemas/{name}"}
    return {"description": name, "content": {"application/json": {"schema": schema}}}


PlanMaker = Callable[[], Plan]
BLOG = plans.blog_plan()
ARCHIVE: JsonObject = {
    "operationId": "archive_post",
    "tags": ["Posts"],
    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
    "responses": {"200": answer("PostRead"), "409": answer("Problem")},
}


def operations(document: JsonObject) -> dict[tuple[str, str], JsonObject]:
    return {(path, method): operation for path, method, operation in operations_of(document)}


def schemas(document: Any) -> dict[str, Any]:
    return dict(document["components"]["schemas"])


@pytest.mark.parametrize("make", plans.ALL)
def test_without_anything_more_it_is_the_standard_contract_and_nothing_goes_beyond(make: PlanMaker) -> None:
    plan = make()
    assert complete(plan, {}) == openapi(plan)
    assert complete(plan, openapi(plan)) == openapi(plan)
    assert beyond(plan, openapi(plan)) == {}


def test_an_operation_is_added_and_the_parameters_of_its_path_keep_its_names() -> None:
    whole = complete(BLOG, {"paths": {"/api/posts/{id}/archive": {"post": ARCHIVE}}})
    OpenAPIV31SpecValidator(whole).validate()
    assert operations(whole) == {**operations(openapi(BLOG)), ("/api/posts/{id}/archive", "post"): ARCHIVE}
    assert whole["info"] == openapi(BLOG)["info"]


def test_an_operation_of_the_same_path_is_replaced_whatever_its_parameter_is_called() -> None:
    own = {**ARCHIVE, "operationId": "show_post"}
    whole = complete(BLOG, {"paths": {"/api/posts/{id}": {"get": own}}})
    OpenAPIV31SpecValidator(whole).validate()
    found = operations(whole)
    assert found["/api/posts/{id}", "get"] == own
    assert not any(path == "/api/posts/{post_id}" for path, _ in found)
    assert len(found) == len(operations(openapi(BLOG)))
    (parameter, *_) = found["/api/posts/{id}", "delete"]["parameters"]  # type: ignore[misc]  # a list
    assert parameter["name"] == "id"  # type: ignore[index,call-overload]  # an object


def test_a_schema_is_replaced_and_one_that_nothing_needs_any_more_is_left_out() -> None:
    title: JsonObject = {"type": "object", "properties": {"title": {"type": "string"}}}
    body: JsonObject = {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewPost"}}},
    }
    create = {**operations(openapi(BLOG))["/api/posts", "post"], "requestBody": body}
    given: JsonObject = {
        "paths": {"/api/posts": {"post": create}},
        "components": {"schemas": {"NewPost": title, "PostUpdate": title}},
    }
    whole = complete(BLOG, given)
    OpenAPIV31SpecValidator(whole).validate()
    assert schemas(whole)["PostUpdate"] == title
    assert set(schemas(openapi(BLOG))) - set(schemas(whole)) == {"PostCreate"}
    assert set(schemas(whole)) - set(schemas(openapi(BLOG))) == {"NewPost"}


def test_who_asks_for_a_token_in_general_does_not_close_what_is_public() -> None:
    found = operations(complete(plans.todo_plan(), {"security": [{"HTTPBearer": []}]}))
    assert found["/health", "get"]["security"] == []
    assert found["/api/auth/me", "get"]["security"] == [{"HTTPBearer": []}]


def test_tags_are_those_of_the_operations_as_they_were_described() -> None:
    described: JsonObject = {"name": "Archive", "description": "Old posts"}
    other = {**ARCHIVE, "tags": ["Archive"]}
    whole = complete(BLOG, {"paths": {"/api/archive/{id}": {"post": other}}, "tags": [described, {"name": "Nothing"}]})
    assert whole["tags"] == [*openapi(BLOG)["tags"], described]  # type: ignore[misc]  # a list


NAMES = st.sampled_from(
    ["paths", "schemas", "tags", "get", "/api/posts/{x}", "/health", "PostRead", "$ref", "parameters", "in", "security"]
)
CHANGES: dict[str, JsonObject] = {
    "added": {"paths": {"/api/posts/{id}/archive": {"post": ARCHIVE}}},
    "replaced": {"paths": {"/api/posts/{key}": {"get": {**ARCHIVE, "operationId": "show"}}}},
    "shared": {"components": {"parameters": {"Id": {"name": "id", "in": "query", "schema": {"type": "integer"}}}}},
    "schema": {
        "components": {"schemas": {"PostUpdate": {"type": "object"}, "Own": {"$ref": "#/components/schemas/PostRead"}}}
    },
    "info": {"info": {"title": "Another", "version": "2"}, "servers": [{"url": "/"}]},
    "closed": {"security": [{"HTTPBearer": []}]},
    "tags": {"tags": [{"name": "Posts", "description": "What is written"}]},
}


@given(st.lists(st.sampled_from(sorted(CHANGES)), unique=True))
def test_what_goes_beyond_the_plan_makes_the_same_contract_again(names: list[str]) -> None:
    more: dict[str, Any] = {}
    for name in names:
        for member, one in CHANGES[name].items():
            more[member] = {**more.get(member, {}), **one} if isinstance(one, dict) else one
    whole = complete(BLOG, more)
    left = beyond(BLOG, whole)
    assert complete(BLOG, left) == whole
    assert complete(BLOG, whole) == whole
    assert len(json.dumps(left)) <= len(json.dumps(whole))
    assert bool(left) is bool(names)


ANYTHING = st.recursive(
    st.none() | st.integers() | st.text(max_size=3), lambda one: st.lists(one) | st.dictionaries(NAMES, one)
)


@given(st.dictionaries(NAMES, ANYTHING, max_size=4), st.dictionaries(NAMES, ANYTHING), st.dictionaries(NAMES, ANYTHING))
def test_whatever_is_given_is_joined_and_kept(more: Any, paths: Any, components: Any) -> None:
    given_document = {**more, "paths": paths, "components": components}
    whole = complete(BLOG, given_document)
    for path, item in paths.items():
        assert whole["paths"][path] == item or isinstance(item, dict)  # type: ignore[index,call-overload]  # an object
    beyond(BLOG, whole)
