"""Renders a pydantic model as the few lines that a reader needs to write JSON by it; made from the model, never copied.

One line per member: `name: type` where it must be there, `name?: type` where it may be left out, then what bounds it.
"""

import functools
import json
from collections.abc import Iterator

from pydantic import BaseModel

from core.plan import RULE_KINDS
from core.types import Json, JsonObject

_BOUNDS = {
    "maxLength": "at most {} characters",
    "minimum": "from {}",
    "maximum": "to {}",
    "minItems": "at least {}",
}
_ANYTHING = "any"


@functools.cache
def compact_schema(model: type[BaseModel]) -> str:
    """The model first, then every type that it names, each once. Members that are not named are refused."""
    schema = model.model_json_schema()
    types = {model.__name__: schema, **_objects(schema.get("$defs"))}
    types.pop("Json", None)  # any JSON value: `any` says it
    return "\n".join(line for name, one in types.items() for line in _type(name, one))


def rule_kinds() -> str:
    """One line per known kind of rule: its params, then what it means."""
    return "\n".join(
        f"{name} {{{', '.join(_param(kind.optional, *item) for item in kind.params.items())}}}: {kind.meaning}"
        for name, kind in RULE_KINDS.items()
    )


def _param(optional: tuple[str, ...], name: str, text: str) -> str:
    shown = f"{name}?" if name in optional else name
    return f"{shown}: {text}" if text else shown


def _type(name: str, schema: JsonObject) -> Iterator[str]:
    if schema.get("type") != "object":
        yield f"{name} = {_shape(schema)}{_remarks(schema, told=False)}"
        return
    required = schema.get("required")
    needed = required if isinstance(required, list) else []
    about = " ".join(str(schema.get("description", "")).split())
    yield f"{name} = {{  # {about}" if about else f"{name} = {{"
    for member, one in _objects(schema.get("properties")).items():
        shape = _shape(one) if member in needed else _shape(one).removesuffix(" | null")
        yield f"  {member}{'' if member in needed else '?'}: {shape}{_remarks(one)}"
    yield "}"


def _shape(schema: Json) -> str:
    """The type alone: `Snake`, `[FieldSpec]`, `{AgentName: [string]}`, `"asc" | "desc"`, `integer | null`, `any`."""
    if not isinstance(schema, dict):
        return _ANYTHING
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        return _ANYTHING if name == "Json" else name
    for choice in ("anyOf", "oneOf"):
        options = schema.get(choice)
        if isinstance(options, list):
            return " | ".join(dict.fromkeys(_shape(option) for option in options))
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return " | ".join(f'"{value}"' for value in values) if isinstance(values, list) else _ANYTHING
    match schema.get("type"):
        case "array":
            return f"[{_shape(schema.get('items'))}]"
        case "object":
            names = schema.get("propertyNames")
            return f"{{{_shape(names) if names else 'string'}: {_shape(schema.get('additionalProperties'))}}}"
        case str(name):
            return name
    return _ANYTHING


def _remarks(schema: JsonObject, *, told: bool = True) -> str:
    """Pattern, bounds, default and description, each where there is one."""
    said = [f"matches {schema['pattern']}"] if "pattern" in schema and told else []
    said += ["not empty"] if schema.get("minLength") == 1 else []
    for part in (schema, *_options(schema)):
        said += [
            words.format(f"{part[key]:g}") for key, words in _BOUNDS.items() if isinstance(part.get(key), int | float)
        ]
    default, items = schema.get("default"), schema.get("items")
    if default and isinstance(items, dict) and default == items.get("enum"):
        said.append("default all")
    elif default not in (None, "", [], {}) and not isinstance(default, dict):
        said.append(f"default {json.dumps(default)}")
    if "description" in schema and (told or "pattern" in schema):
        said.append(str(schema["description"]))
    return f"  # {'; '.join(said)}" if said else ""


def _options(schema: JsonObject) -> list[JsonObject]:
    """What is one of several types keeps its bounds inside of them."""
    options = schema.get("anyOf")
    return [option for option in options if isinstance(option, dict)] if isinstance(options, list) else []


def _objects(value: Json) -> dict[str, JsonObject]:
    return {name: one for name, one in value.items() if isinstance(one, dict)} if isinstance(value, dict) else {}
