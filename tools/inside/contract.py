"""The contract as the checks use it: its operations, which one a request is, and whether an answer keeps its word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .box import library

METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True)
class Operation:
    """One operation; `name` is `GET /api/notes/{note_id}`, `shape` the same without names of parameters."""

    method: str
    path: str
    spec: dict[str, Any] = field(hash=False, compare=False)
    parameters: tuple[dict[str, Any], ...] = field(hash=False, compare=False)

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def shape(self) -> str:
        return f"{self.method.upper()} {path_shape(self.path)}"

    @property
    def statuses(self) -> tuple[str, ...]:
        return tuple(str(status) for status in self.spec.get("responses", {}))

    @property
    def documented(self) -> str:
        return ", ".join(sorted(self.statuses))

    def allows(self, status: int) -> bool:
        return self.response(status) is not None

    def response(self, status: int) -> dict[str, Any] | None:
        responses = {str(key).upper(): value for key, value in self.spec.get("responses", {}).items()}
        found: dict[str, Any] | None = (
            responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("DEFAULT")
        )
        return found


def path_shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/") or "/"


class Contract:
    """Wraps an OpenAPI document, the contract or the application's own."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.operations = tuple(self._read_operations())
        self._routes = [(_route(operation.path), operation) for operation in self.operations]
        self._validators: dict[tuple[str, str], Any] = {}

    def find(self, shape: str) -> Operation | None:
        return next((operation for operation in self.operations if operation.shape == shape), None)

    def match(self, method: str, path: str) -> Operation | None:
        """The operation of a concrete request; fixed segments win over parameters."""
        found = [
            operation
            for route, operation in self._routes
            if operation.method == method.lower() and route.fullmatch(path)
        ]
        return min(found, key=lambda operation: operation.path.count("{"), default=None)

    def resolve(self, node: Any) -> Any:
        """Follow `$ref`s of the document until there is none; an unknown one is an empty schema."""
        for _ in range(50):
            if not isinstance(node, dict) or "$ref" not in node:
                return node
            target: Any = self.document
            for part in str(node["$ref"]).removeprefix("#/").split("/"):
                target = target.get(part.replace("~1", "/").replace("~0", "~"), {}) if isinstance(target, dict) else {}
            node = target
        return {}

    def secured(self, operation: Operation) -> bool:
        security = operation.spec.get("security", self.document.get("security", []))
        return bool(security) and {} not in security

    def body_schema(self, operation: Operation) -> dict[str, Any] | None:
        """Schema of the JSON request body, not resolved; None when the operation takes none."""
        body = self.resolve(operation.spec.get("requestBody"))
        return _json_schema(body.get("content", {})) if isinstance(body, dict) else None

    def answer_schema(self, operation: Operation, status: int) -> dict[str, Any] | None:
        response = self.resolve(operation.response(status))
        return _json_schema(response.get("content", {})) if isinstance(response, dict) else None

    def problem(self, operation: Operation, status: int, content_type: str, body: bytes, value: Any) -> str | None:
        """Why an answer breaks the contract, None when it keeps it. `value` is the body as JSON."""
        response = self.resolve(operation.response(status))
        if response is None:
            return f"answered {status}, which the contract does not document (it documents {operation.documented})"
        content = response.get("content") or {}
        if not content:
            return f"answered {status} with a body, but the contract has none" if status == 204 and body else None
        if content_type not in content and not any("*" in kind for kind in content):
            return f"answered {status} as {content_type or 'no content type'}, the contract says {', '.join(content)}"
        schema = _json_schema({content_type: content.get(content_type, {})})
        return self._invalid(operation, status, schema, value) if schema is not None else None

    def _invalid(self, operation: Operation, status: int, schema: dict[str, Any], value: Any) -> str | None:
        key = (operation.name, str(status))
        if key not in self._validators:
            self._validators[key] = self.validator(schema)
        error = next(self._validators[key].iter_errors(value), None)
        if error is None:
            return None
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path).lstrip(
            "."
        )
        place = f" at `{where}`" if where else ""
        return f"answered {status} with a body that breaks the contract{place}: {error.message[:300]}"

    def validator(self, schema: dict[str, Any]) -> Any:
        """A validator of JSON values for a schema that may refer to the document's components."""
        rooted = {**schema, "components": self.document.get("components", {})}
        return library("jsonschema_rs").Draft202012Validator(rooted, validate_formats=True)

    def _read_operations(self) -> Iterator[Operation]:
        for path, item in self.document.get("paths", {}).items():
            for method in METHODS:
                if method in item:
                    spec = item[method]
                    given = [self.resolve(one) for one in [*item.get("parameters", []), *spec.get("parameters", [])]]
                    merged = {(one.get("name"), one.get("in")): one for one in given}
                    yield Operation(method, path, spec, tuple(merged.values()))


def _route(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", path)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


def _json_schema(content: dict[str, Any]) -> dict[str, Any] | None:
    for kind, media in content.items():
        if kind.split(";")[0] in ("application/json", "application/problem+json") or kind.endswith("+json"):
            schema = media.get("schema", {})
            return schema if isinstance(schema, dict) else {}
    return None
