"""A plan's standard contract and what goes beyond it: joined to the whole document, and told apart again (ADR 18)."""

import re
from collections.abc import Iterator

from core.contract_text import operations_of
from core.plan import Plan
from core.standard.document import openapi
from core.types import Json, JsonObject

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SCHEMAS = "#/components/schemas/"


def complete(plan: Plan, given: JsonObject) -> JsonObject:
    """The whole contract. Operations and schemas of `given`, an OpenAPI document or parts of one, replace the standard ones.

    A path is the same when only the names of its parameters differ; those of `given` are taken. Standard schemas that nothing
    refers to any more are left out.
    """
    made = _spelled_as(given, openapi(plan))
    if not given:
        return made
    paths = dict(_object(made.get("paths")))
    for path, item in _object(given.get("paths")).items():
        paths[path] = {**_object(paths.get(path)), **item} if isinstance(item, dict) else item
    components = {**_object(made.get("components")), **_object(given.get("components"))}
    standard = schemas_of(made)
    own = _differing(schemas_of(given), standard)
    schemas = {**standard, **own}
    joined = {**made, **given, "paths": paths, "components": {**components, "schemas": schemas}}
    used = _reached(joined, schemas, own)
    joined["components"] = {**components, "schemas": {name: one for name, one in schemas.items() if name in used}}
    return {**joined, "tags": _tags(joined, given)}


def beyond(plan: Plan, contract: JsonObject) -> JsonObject:
    """What of a whole contract the plan does not say: `complete(plan, beyond(plan, contract))` is the contract again.

    Empty when all of it follows from the plan.
    """
    made = _spelled_as(contract, openapi(plan))
    left: JsonObject = {
        name: one
        for name, one in contract.items()
        if name not in ("paths", "components", "tags") and one != made.get(name)
    }
    paths = _differing(contract.get("paths"), made.get("paths"), deep=True)
    components = _object(contract.get("components"))
    schemas = _differing(schemas_of(contract), schemas_of(made))
    rest = _differing({**components, "schemas": {}}, {**_object(made.get("components")), "schemas": {}})
    said = _described(contract)
    left |= {"paths": paths} if paths else {}
    left |= {"components": {**rest, **({"schemas": schemas} if schemas else {})}} if rest or schemas else {}
    return {**left, **({"tags": list[Json](said)} if said else {})}


def schemas_of(document: JsonObject) -> JsonObject:
    """The schemas under its components, by name."""
    return _object(_object(document.get("components")).get("schemas"))


def _spelled_as(given: JsonObject, made: JsonObject) -> JsonObject:
    """The standard document with the names that `given` has for the parameters of the same paths.

    What everybody may do stays so where `given` asks for a token in general.
    """
    spellings = {_anonymous(path): path for path in _object(given.get("paths"))}
    public: JsonObject = {"security": []} if "security" in given else {}
    paths: JsonObject = {}
    for path, item in _object(made.get("paths")).items():
        spelled = spellings.get(_anonymous(path), path)
        names = dict(zip(_PLACEHOLDER.findall(path), _PLACEHOLDER.findall(spelled), strict=True))
        paths[spelled] = {
            method: {**public, **_renamed(_object(operation), names)} for method, operation in _object(item).items()
        }
    return {**made, "paths": paths}


def _anonymous(path: str) -> str:
    return _PLACEHOLDER.sub("{}", path)


def _renamed(operation: JsonObject, names: dict[str, str]) -> JsonObject:
    if "parameters" not in operation:
        return operation
    return {**operation, "parameters": [_in_path(_object(each), names) for each in _list(operation["parameters"])]}


def _in_path(parameter: JsonObject, names: dict[str, str]) -> JsonObject:
    name = str(parameter.get("name"))
    return {**parameter, "name": names.get(name, name)} if parameter.get("in") == "path" else parameter


def _reached(document: JsonObject, schemas: JsonObject, own: JsonObject) -> set[str]:
    """Names of the schemas that operations and other components refer to, directly or not, and of those that were given."""
    components = {name: one for name, one in _object(document.get("components")).items() if name != "schemas"}
    found: set[str] = set()
    waiting = [*own, *_references([document.get("paths"), components])]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(schemas.get(name))
    return found


def _references(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and reference.startswith(_SCHEMAS):
            yield reference.removeprefix(_SCHEMAS).partition("/")[0]
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _references(inner)


def _tags(joined: JsonObject, given: JsonObject) -> list[Json]:
    """Of every operation, each once; as `given` describes them, if it does."""
    said = {str(tag.get("name")): tag for tag in _described(given)}
    used = [str(tag) for *_, operation in operations_of(joined) for tag in _list(operation.get("tags"))]
    return [said.get(name, {"name": name}) for name in dict.fromkeys([*used, *said])]


def _described(contract: JsonObject) -> list[JsonObject]:
    """Tags of which more is said than the name."""
    return [tag for tag in _list(contract.get("tags")) if isinstance(tag, dict) and len(tag) > 1]


def _differing(mine: Json, theirs: Json, *, deep: bool = False) -> JsonObject:
    """Members of `mine` that `theirs` does not have in the same way; with `deep`, of their members only those."""
    other = _object(theirs)
    found: JsonObject = {}
    for name, one in _object(mine).items():
        if name in other and one == other[name]:
            continue
        beside = deep and isinstance(one, dict) and name in other
        found[name] = _differing(one, other[name]) if beside else one
    return found


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
