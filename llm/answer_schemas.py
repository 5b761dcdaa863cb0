"""JSON Schemas as providers take them that hold a model to a schema to the letter."""

from core.types import Json, JsonObject

_SAYS_WHAT_IT_IS = frozenset({"type", "$ref", "anyOf", "oneOf", "enum", "const"})
_CANNOT_BE_HELD = ("allOf", "not", "if", "patternProperties", "prefixItems", "dependentRequired", "dependentSchemas")


class _OpenObject(Exception):
    """The schema has something in it that nobody can be held to, such as an object with any members."""


def closed(schema: JsonObject) -> JsonObject | None:
    """The same schema with every object closed and every member required; None where that cannot be.

    OpenAI's strict mode and Anthropic's structured outputs take nothing else
    (https://platform.openai.com/docs/guides/structured-outputs#supported-schemas,
    https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations). A member that may be
    left out is asked for all the same, which those who read the answer do not mind; its default says nothing then.
    """
    if schema.get("type") != "object":
        return None
    try:
        return _closed(schema)
    except _OpenObject:
        return None


def _closed(node: JsonObject) -> JsonObject:
    if any(keyword in node for keyword in _CANNOT_BE_HELD) or (node.get("type") == "array" and "items" not in node):
        raise _OpenObject
    if "$ref" in node:
        return {"$ref": node["$ref"]}
    found: JsonObject = {}
    for keyword, value in node.items():
        match keyword:
            case "default" | "discriminator":
                continue
            case "properties" | "$defs" | "definitions" if isinstance(value, dict):
                found[keyword] = {name: _inner(inner) for name, inner in value.items()}
            case "oneOf" | "anyOf" if isinstance(value, list):
                found["anyOf"] = [_inner(inner) for inner in value]
            case "items":
                found[keyword] = _inner(value)
            case _:
                found[keyword] = value
    if _is_object(node):
        members = node.get("properties")
        if not isinstance(members, dict) or not members or node.get("additionalProperties") not in (None, False):
            raise _OpenObject
        found |= {"required": list(members), "additionalProperties": False}
    return found


def _inner(node: Json) -> Json:
    if not isinstance(node, dict) or not _SAYS_WHAT_IT_IS & node.keys():  # `true` and `{}` take anything
        raise _OpenObject
    return _closed(node)


def _is_object(node: JsonObject) -> bool:
    kind = node.get("type")
    return kind == "object" or (isinstance(kind, list) and "object" in kind)
