"""Which JSON Schemas the two services take for structured answers."""

from collections.abc import Iterator, Mapping
from typing import Any

_ANTHROPIC_REFUSES = {
    "array": ("maxItems", "uniqueItems", "contains", "prefixItems"),
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("minLength", "maxLength"),
    "object": ("minProperties", "maxProperties", "patternProperties", "propertyNames"),
}
_OPENAI_REFUSES = (
    "oneOf",
    "default",
    "allOf",
    "not",
    "dependentRequired",
    "dependentSchemas",
    "if",
    "then",
    "else",
    "patternProperties",
)

Path = tuple[str, ...]


def anthropic_fault(schema: Mapping[str, Any]) -> str:
    """Why Anthropic refuses it; empty when it does not.

    https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
    """
    for _, node in _nodes(schema):
        kinds = _kinds(node)
        if "oneOf" in node:
            return "Schema type 'oneOf' is not supported"
        if str(node.get("$ref", "#")).startswith("#") is False:
            return "External $ref is not supported"
        if "object" in kinds and node.get("additionalProperties") is not False:
            return "For 'object' type, 'additionalProperties' must be explicitly set to false"
        for kind in kinds:
            for keyword in _ANTHROPIC_REFUSES.get(kind, ()):
                if keyword in node:
                    return f"For '{kind}' type, property '{keyword}' is not supported"
    return ""


def openai_fault(schema: Mapping[str, Any]) -> str:
    """Why OpenAI refuses it with `strict`; empty when it does not.

    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    if "object" not in _kinds(schema):
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{schema.get('type')}\"'."
    for path, node in _nodes(schema):
        context = f"In context={path!r}"
        for keyword in _OPENAI_REFUSES:
            if keyword in node:
                return f"{context}, '{keyword}' is not permitted."
        if "$ref" in node and len(node) > 1:
            return f"{context}, $ref cannot have keywords {set(node) - {'$ref'}}."
        if not {"type", "$ref", "anyOf"} & node.keys():
            return f"{context}, schema must have a 'type' key."
        if "object" not in _kinds(node):
            continue
        if node.get("additionalProperties") is not False:
            return f"{context}, 'additionalProperties' is required to be supplied and to be false."
        missing = [name for name in node.get("properties", {}) if name not in node.get("required", [])]
        if missing:
            return (
                f"{context}, 'required' is required to be supplied and to be an array including every key in properties. "
                f"Missing '{missing[0]}'."
            )
    return ""


def _kinds(node: Mapping[str, Any]) -> tuple[str, ...]:
    kind = node.get("type", ())
    return (kind,) if isinstance(kind, str) else tuple(kind)


def _nodes(schema: Any, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every schema in a schema, with where it stands."""
    if not isinstance(schema, dict):
        return
    yield path, schema
    for keyword in ("properties", "$defs", "definitions"):
        for name, inner in schema.get(keyword, {}).items():
            yield from _nodes(inner, (*path, keyword, name))
    if "items" in schema:
        yield from _nodes(schema["items"], (*path, "items"))
    for keyword in ("anyOf", "oneOf", "allOf"):
        for number, inner in enumerate(schema.get(keyword, [])):
            yield from _nodes(inner, (*path, keyword, str(number)))
