"""GitHub's published description: which operations there are, and whether a request and its answer are as it says.

Strict where the description is not: fields and parameters that it does not name are a problem in a request.
"""

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator, oas30_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT4

FILE = Path(__file__).parents[2] / "data" / "github" / "api.json"
_UNDOCUMENTED = frozenset({301, 307, 401, 403, 404, 409, 422, 429, 500, 502, 503})
"""Any operation may answer with these, which its own description often leaves out."""
_API: Any = json.loads(FILE.read_text())
_REGISTRY: Any = Registry().with_resource("urn:github", DRAFT4.create_resource(_API))


@dataclass(frozen=True)
class Operation:
    method: str
    template: str
    values: Mapping[str, str]

    @property
    def described(self) -> Any:
        return _API["paths"][self.template][self.method]


def operation(method: str, path: str) -> Operation | None:
    """The operation that a path (without its query) names, with the values of its parts."""
    for template, methods in _API["paths"].items():
        found = _pattern(template).fullmatch(path)
        if found and method.lower() in methods:
            return Operation(
                method.lower(), template, {name: unquote(value) for name, value in found.groupdict().items()}
            )
    return None


def request_problems(of: Operation, query: Mapping[str, str], body: Any) -> list[str]:
    problems = [f"query: {problem}" for name, value in query.items() for problem in _query_problems(of, name, value)]
    described = of.described.get("requestBody")
    if described is None:
        return problems + (["a body where none is described"] if body is not None else [])
    where = f"/paths/{_escaped(of.template)}/{of.method}/requestBody/content/application~1json/schema"
    known = described["content"]["application/json"]["schema"].get("properties", {})
    unknown = [f"body: {name} is not described" for name in body if known and name not in known] if body else []
    return problems + unknown + _problems(OAS30WriteValidator, where, body)


def answer_problems(of: Operation, status: int, body: Any) -> list[str]:
    answers = of.described["responses"]
    if str(status) not in answers:
        if status not in _UNDOCUMENTED:
            return [f"status {status} is not described"]
        return _problems(OAS30ReadValidator, "/components/schemas/basic-error", body)
    found = answers[str(status)]
    where = f"/paths/{_escaped(of.template)}/{of.method}/responses/{status}"
    if "$ref" in found:
        where = found["$ref"].removeprefix("#")
        found = _API["components"]["responses"][where.rsplit("/", 1)[-1]]
    if "content" not in found:
        return []
    return _problems(OAS30ReadValidator, f"{where}/content/application~1json/schema", body)


def example(name: str) -> Any:
    """A copy of GitHub's own example of an answer."""
    return copy.deepcopy(_API["components"]["examples"][name]["value"])


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    several = ("ref", "branch", "tree_sha", "path")
    return re.compile(
        "".join(
            re.escape(part) if index % 2 == 0 else f"(?P<{part}>{'.+' if part in several else '[^/]+'})"
            for index, part in enumerate(parts)
        )
    )


def _query_problems(of: Operation, name: str, value: str) -> list[str]:
    for row in of.described["parameters"]:
        parameter = _API["components"]["parameters"][row["$ref"].rsplit("/", 1)[-1]] if "$ref" in row else row
        if parameter["in"] == "query" and parameter["name"] == name:
            schema = parameter["schema"]
            given = int(value) if schema["type"] == "integer" and value.isdecimal() else value
            return [error.message for error in OAS30WriteValidator(schema).iter_errors(given)]
    return [f"{name} is not described"]


def _problems(validator: Any, where: str, value: Any) -> list[str]:
    errors = _validator(validator, where).iter_errors(value)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in errors]


@cache
def _validator(validator: Any, where: str) -> Any:
    reference = {"$ref": f"urn:github#{quote(where, safe='/~')}"}
    return validator(reference, registry=_REGISTRY, format_checker=oas30_format_checker)


def _escaped(template: str) -> str:
    return template.replace("~", "~0").replace("/", "~1")
