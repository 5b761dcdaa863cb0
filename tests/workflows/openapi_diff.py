"""Differences between two OpenAPI documents that a client could notice."""

from collections.abc import Iterator

from core.types import Json, JsonObject

_WORDS = frozenset({"title", "description", "summary", "tags", "examples"})
_METHODS = ("get", "post", "patch", "put", "delete")


def differences(promised: JsonObject, documented: JsonObject) -> list[str]:
    """One line per difference; words for people, the order of things and where a schema is written down do not count."""
    return list(_differing(_operations(promised), _operations(documented), ""))


def _operations(document: JsonObject) -> dict[str, Json]:
    paths = document["paths"]
    assert isinstance(paths, dict)
    return {
        f"{method.upper()} {path}": _operation(document, item[method])
        for path, item in paths.items()
        if isinstance(item, dict)
        for method in _METHODS
        if method in item
    }


def _operation(document: JsonObject, operation: Json) -> Json:
    found = _resolved(document, operation, ())
    assert isinstance(found, dict)
    parameters = found.get("parameters", [])
    assert isinstance(parameters, list)
    found["parameters"] = {str(one["name"]): one for one in parameters if isinstance(one, dict)}
    responses = found["responses"]
    assert isinstance(responses, dict)
    for response in responses.values():
        if isinstance(response, dict):
            response.pop("headers", None)
    return found


def _resolved(document: JsonObject, node: Json, within: tuple[str, ...]) -> Json:
    if isinstance(node, list):
        return [_resolved(document, part, within) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = str(node["$ref"]).rsplit("/", 1)[1]
        return name if name in within else _resolved(document, _schema(document, name), (*within, name))
    found: dict[str, Json] = {}
    for key, value in node.items():
        if key == "properties" and isinstance(value, dict):
            found[key] = {name: _resolved(document, one, within) for name, one in value.items()}
        elif key == "const":
            found["enum"] = [value]
        elif key in ("required", "enum") and isinstance(value, list):
            found[key] = sorted(value, key=str)
        elif key not in _WORDS:
            found[key] = _resolved(document, value, within)
    return found


def _schema(document: JsonObject, name: str) -> Json:
    components = document["components"]
    schemas = components["schemas"] if isinstance(components, dict) else None
    assert isinstance(schemas, dict)
    return schemas[name]


def _differing(promised: Json, documented: Json, where: str) -> Iterator[str]:
    if isinstance(promised, dict) and isinstance(documented, dict):
        for key in sorted({*promised, *documented}):
            if key not in documented:
                yield f"{where}.{key} is only promised"
            elif key not in promised:
                yield f"{where}.{key} is only documented"
            else:
                yield from _differing(promised[key], documented[key], f"{where}.{key}")
    elif promised != documented:
        yield f"{where}: promised {promised}, documented {documented}"
