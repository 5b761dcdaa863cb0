"""A document that is no OpenAPI is told what is wrong with it; nothing outside of it is ever read."""

import socket
from pathlib import Path
from typing import Any

import pytest

from agents.openapi_check import find_errors
from core.types import JsonObject

NODE: JsonObject = {
    "type": "object",
    "properties": {"below": {"type": "array", "items": {"$ref": "#/components/schemas/X"}}},
}


def document(schema: Any, **members: Any) -> JsonObject:
    content = {"application/json": {"schema": schema}}
    operation = {"operationId": "a", "responses": {"200": {"description": "d", "content": content}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "1"},
        "paths": {"/a": {"get": operation}},
        **members,
    }


def with_x(schema: JsonObject) -> JsonObject:
    return document({"$ref": "#/components/schemas/X"}, components={"schemas": {"X": schema}})


def test_a_document_that_refers_to_itself_is_valid() -> None:
    assert find_errors(with_x(NODE)) == []


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (document({"$ref": "#/components/schemas/Lost"}), "the reference /components/schemas/Lost does not resolve"),
        (with_x({"$ref": "#/components/schemas/X"}), "references lead in a circle"),
        (document({"type": "string"}, paths={"/a": None}), "it cannot be read as OpenAPI (KeyError: '/a')"),
        (document({"type": "string"}, paths=[1]), "it cannot be read as OpenAPI (AssertionError: )"),
        (document({"type": "string", "pattern": "("}), "at pattern: '(' is not a 'regex'"),
        (document({"$ref": "other.json"}), "the reference other.json leads out of the document"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(wrong: JsonObject, problem: str) -> None:
    assert find_errors(wrong) == [problem]


def test_no_address_and_no_file_is_read_for_a_reference(tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    file.write_text('{"type": "string"}')
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/schema.json"
        item = document({"type": "string"}, paths={"/a": {"$ref": address}})
        for wrong, named in (
            (document({"$ref": address}), address),
            (item, address),
            (document({"$ref": file.as_uri()}), "file"),
        ):
            (problem,) = find_errors(wrong)
            assert named in problem
            assert problem.endswith("leads out of the document")
        with pytest.raises(BlockingIOError):
            server.accept()
