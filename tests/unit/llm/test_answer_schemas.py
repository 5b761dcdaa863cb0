"""Schemas that providers can hold a model to, checked by the rules of the counterpart."""

from typing import Literal

import pytest
from pydantic import BaseModel, Field

from core.types import Json, JsonObject
from llm.answer_schemas import closed
from tests.wire.schema_rules import openai_fault


class Finding(BaseModel):
    file: str
    line: int | None = Field(default=None, ge=1, description="where")
    severity: Literal["high", "low"] = "low"


class Note(BaseModel):
    kind: Literal["note"]


class Review(BaseModel):
    """The members of a model as pydantic writes them: references, defaults, unions."""

    first: Finding = Field(default=Finding(file="x"), description="the worst")
    findings: tuple[Finding, ...] = ()
    notes: list[Finding | Note] = Field(default_factory=list)
    enum: Literal[1, 2] = 1
    summary: str = Field(default="", max_length=300)


class WithMap(BaseModel):
    files: dict[str, str]


class WithAnything(BaseModel):
    value: object


def test_a_schema_of_a_model_becomes_one_that_strict_mode_takes() -> None:
    found = closed(Review.model_json_schema())
    assert found is not None
    assert openai_fault(found) == ""
    assert found["required"] == ["first", "findings", "notes", "enum", "summary"]
    properties = found["properties"]
    assert isinstance(properties, dict)
    assert properties["first"] == {"$ref": "#/$defs/Finding"}
    assert "'default'" not in str(found)
    assert "'title': 'Enum'" in str(properties["enum"]), "a member may be called like a keyword"


@pytest.mark.parametrize("model", [WithMap, WithAnything])
def test_an_object_with_any_members_cannot_be_closed(model: type[BaseModel]) -> None:
    assert closed(model.model_json_schema()) is None


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"type": "string"}},
        {"type": "object"},
        {"type": "object", "properties": {"a": {}}},
        {"type": "object", "properties": {"a": True}},
        {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True},
        {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "object"}}}},
        {"type": "object", "properties": {"a": {"type": ["object", "null"]}}},
        {"type": "object", "properties": {"a": {"type": "array"}}},
        {"type": "object", "properties": {"a": {"type": "array", "prefixItems": [{"type": "string"}]}}},
        {"type": "object", "properties": {"a": {"allOf": [{"type": "string"}]}}},
        {"anyOf": [{"type": "object", "properties": {"a": {"type": "string"}}}]},
    ],
)
def test_nor_can_these(schema: JsonObject) -> None:
    assert closed(schema) is None


def test_what_is_closed_stays_as_it_is() -> None:
    inner: Json = {
        "type": "object",
        "properties": {"b": {"enum": [{}, 1]}},
        "required": ["b"],
        "additionalProperties": False,
    }
    schema: JsonObject = {
        "type": "object",
        "properties": {"a": inner},
        "required": ["a"],
        "additionalProperties": False,
    }
    assert closed(schema) == schema
