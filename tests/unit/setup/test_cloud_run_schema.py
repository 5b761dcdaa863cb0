"""The schema of a Cloud Run service: what the script makes of a discovery document, and what is shipped."""

import json

import jsonschema
import pytest
import yaml

import starter
from core.types import JsonObject
from scripts.cloud_run_schema import OUT, convert
from tests.plans import todo_plan

DOCUMENT = {
    "revision": "20260101",
    "schemas": {
        "Service": {
            "id": "Service", "type": "object",
            "properties": {
                "kind": {"type": "string", "description": "d"},
                "spec": {"$ref": "ServiceSpec"}, "status": {"$ref": "ServiceStatus"},
            },
        },
        "ServiceSpec": {
            "type": "object", "properties": {"traffic": {"type": "array", "items": {"$ref": "Target"}}},
        },
        "Target": {"type": "object", "properties": {"percent": {"format": "int32", "type": "integer"}}},
        "ServiceStatus": {"type": "object", "properties": {}},
        "Job": {"type": "object", "properties": {}},
    },
}  # fmt: skip


def service() -> JsonObject:
    loaded: JsonObject = yaml.safe_load(starter.files(todo_plan())["deploy/cloudrun.yaml"])
    return loaded


def test_the_schema_holds_what_a_service_refers_to_and_nothing_else() -> None:
    made = convert(DOCUMENT)
    assert list(made["$defs"]) == ["Service", "ServiceSpec", "Target"]
    assert made["$defs"]["Service"]["properties"]["kind"] == {"const": "Service"}
    assert made["$defs"]["ServiceSpec"]["properties"]["traffic"]["items"] == {"$ref": "#/$defs/Target"}
    assert made["$defs"]["Target"]["additionalProperties"] is False
    assert "Apache License 2.0" in made["$comment"]


def test_what_is_shipped_takes_the_starters_service() -> None:
    jsonschema.Draft202012Validator(json.loads(OUT.read_text())).validate(service())


@pytest.mark.parametrize("member", ["apiVersion", "spec"])
def test_what_is_shipped_refuses_a_service_without_a_member_that_it_needs(member: str) -> None:
    schema = json.loads(OUT.read_text())
    less = {name: value for name, value in service().items() if name != member}
    with pytest.raises(jsonschema.ValidationError, match=member):
        jsonschema.Draft202012Validator(schema).validate(less)
