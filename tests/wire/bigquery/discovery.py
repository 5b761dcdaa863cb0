"""BigQuery's published description (Apache-2.0; only what the service may call is kept): methods, parameters, names of fields.

Of revision 20261009. `int64` values are strings in it, and may be numbers in a request.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

FILE = Path(__file__).parents[2] / "data" / "bigquery" / "discovery.json"
_API: Any = json.loads(FILE.read_text())
_UNDESCRIBED = frozenset({"projection"})
"""Sent by Google's own client, and not in the description."""
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float), "object": (dict,), "array": (list,),
}  # fmt: skip


@dataclass(frozen=True)
class Method:
    """`values` are those of the path."""

    name: str
    values: Mapping[str, str]

    @property
    def described(self) -> Any:
        return _API["methods"][self.name]


def find(method: str, path: str) -> Method | None:
    for name, described in _API["methods"].items():
        found = re.fullmatch(re.sub(r"\{\+(\w+)}", r"(?P<\1>[^/]+)", described["path"]), path)
        if found and described["method"] == method:
            return Method(name, {key: unquote(value) for key, value in found.groupdict().items()})
    return None


def request_problems(of: Method, query: Mapping[str, str], body: Any) -> list[str]:
    known = {*of.described["parameters"], *_API["parameters"], *_UNDESCRIBED}
    problems = [f'Invalid parameter "{name}"' for name in query if name not in known]
    if "request" not in of.described:
        return problems
    return problems + list(_problems({"$ref": of.described["request"]}, body, ""))


def answer_problems(of: Method, body: Any) -> list[str]:
    return list(_problems({"$ref": of.described["response"]}, body, ""))


def _problems(schema: Any, value: Any, where: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = _API["schemas"][schema["$ref"]]
    kind = schema.get("type", "any")
    if value is None or kind == "any":
        return
    wanted = _TYPES[kind]
    if kind == "string" and schema.get("format", "").endswith("int64"):
        wanted = (str, int)
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        yield f"Invalid value at '{where}' ({kind}), {json.dumps(value)[:80]}"
    elif kind == "array":
        for index, each in enumerate(value):
            yield from _problems(schema["items"], each, f"{where}[{index}]")
    elif kind == "object":
        for name, each in value.items():
            found = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
            if found is None:
                yield f"Invalid JSON payload received. Unknown name \"{name}\" at '{where}': Cannot find field."
            else:
                yield from _problems(found, each, f"{where}.{name}".lstrip("."))
