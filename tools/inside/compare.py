"""The application's own OpenAPI document against the contract, structurally: what a client would miss."""

from collections.abc import Callable, Iterator
from typing import Any

from .contract import Contract, Operation

Note = Callable[[str, Operation], None]
"""Takes one difference as a sentence, and the operation of the contract (or the extra one) that it is about."""


def compare(contract: Contract, actual: Contract, note: Note) -> None:
    """Call `note` for every difference that breaks a promise; wording, titles and order are nobody's business."""
    for promised in contract.operations:
        found = actual.find(promised.shape)
        if found is None:
            note(f"{promised.name}: the contract promises this operation, the application does not have it", promised)
            continue
        for difference in _operation(contract, promised, actual, found):
            note(f"{promised.name}: {difference}", promised)
    for extra in actual.operations:
        if contract.find(extra.shape) is None:
            note(f"{extra.name}: the application has this operation, the contract does not know it", extra)


def _operation(contract: Contract, promised: Operation, actual: Contract, found: Operation) -> Iterator[str]:
    yield from _parameters(contract, promised, actual, found)
    if contract.secured(promised) and not actual.secured(found):
        yield "the contract requires a bearer token, the application declares no security for it"
    if actual.secured(found) and not contract.secured(promised):
        yield "the contract lets it be called without a token, the application requires one"
    yield from _body(contract, promised, actual, found)
    for status in promised.statuses:
        if status.startswith(("2", "3")) and not found.allows(int(status)):
            yield f"the contract promises status {status}, the application documents {found.documented}"
        elif status.startswith(("2", "3")):
            yield from _answer(contract, promised, actual, found, int(status))
    for status in found.statuses:
        if status.isdigit() and status != "422" and not promised.allows(int(status)):
            yield f"the application documents status {status}, the contract does not (it documents {promised.documented})"


def _parameters(contract: Contract, promised: Operation, actual: Contract, found: Operation) -> Iterator[str]:
    wanted = {(one["name"], one["in"]): one for one in promised.parameters if one["in"] in ("query", "header")}
    given = {(one["name"], one["in"]): one for one in found.parameters if one["in"] in ("query", "header")}
    for (name, place), parameter in wanted.items():
        other = given.get((name, place))
        if other is None:
            yield f"{place} parameter `{name}` is missing"
            continue
        if other.get("required") and not parameter.get("required"):
            yield f"{place} parameter `{name}` is optional in the contract, the application requires it"
        accepted = types(actual, other.get("schema", {}))
        refused = types(contract, parameter.get("schema", {})) - accepted - {"null"}
        if accepted and refused and not (refused == {"integer"} and "number" in accepted):
            yield f"{place} parameter `{name}` is {_words(refused)} in the contract, the application takes {_words(accepted)}"
    for (name, place), parameter in given.items():
        if (name, place) not in wanted and (place == "query" or parameter.get("required")):
            yield f"{place} parameter `{name}` is not in the contract"


def _body(contract: Contract, promised: Operation, actual: Contract, found: Operation) -> Iterator[str]:
    wanted, given = contract.body_schema(promised), actual.body_schema(found)
    if wanted is None or given is None:
        if wanted is not None:
            yield "the contract has a JSON request body, the application takes none"
        elif given is not None:
            yield "the contract has no request body, the application takes one"
        return
    yield from _Shapes(contract, actual, request=True).differences(wanted, given, "request body", 0)


def _answer(contract: Contract, promised: Operation, actual: Contract, found: Operation, status: int) -> Iterator[str]:
    wanted, given = contract.answer_schema(promised, status), actual.answer_schema(found, status)
    if wanted is not None and given is not None:
        yield from _Shapes(contract, actual, request=False).differences(wanted, given, f"response {status}", 0)


class _Shapes:
    """Compares two schemas by properties, required ones, types and enum values, to the depth that bodies have."""

    MAX_DEPTH = 6

    def __init__(self, contract: Contract, actual: Contract, *, request: bool) -> None:
        self._contract, self._actual, self._request = contract, actual, request

    def differences(self, wanted: Any, given: Any, where: str, depth: int) -> Iterator[str]:
        if depth > self.MAX_DEPTH:
            return
        want, have = plain(self._contract, wanted), plain(self._actual, given)
        yield from self._types(wanted, given, where)
        if "properties" in want and "properties" in have:
            yield from self._properties(want, have, where, depth)
        if "items" in want and "items" in have:
            yield from self.differences(want["items"], have["items"], f"{where}[]", depth + 1)

    def _types(self, wanted: Any, given: Any, where: str) -> Iterator[str]:
        want, have = types(self._contract, wanted), types(self._actual, given)
        if not want or not have:
            return
        allowed, used = (have, want) if self._request else (want, have)
        missing = {kind for kind in used - allowed if not (kind == "integer" and "number" in allowed)}
        if missing:
            yield f"{where} is {_words(want)} in the contract, {_words(have)} in the application"
            return
        wanted_values, given_values = _enum(self._contract, wanted), _enum(self._actual, given)
        outer, inner = (given_values, wanted_values) if self._request else (wanted_values, given_values)
        if outer and inner and not inner <= outer:
            yield f"{where} has the values {sorted(wanted_values)} in the contract, {sorted(given_values)} in the application"

    def _properties(self, want: dict[str, Any], have: dict[str, Any], where: str, depth: int) -> Iterator[str]:
        wanted, given = want["properties"], have["properties"]
        for name in wanted:
            if name not in given:
                extra = [other for other in given if other not in wanted]
                instead = f" (it has `{extra[0]}`, which the contract does not know)" if len(extra) == 1 else ""
                yield f"{where} lacks `{name}` of the contract{instead}"
            else:
                yield from self.differences(wanted[name], given[name], f"{where} `{name}`", depth + 1)
        for name in given:
            if name not in wanted:
                yield f"{where} has `{name}`, which is not in the contract"
        must, does = set(want.get("required", [])), set(have.get("required", []))
        for name in sorted((does - must) & set(wanted)) if self._request else ():
            yield f"{where} `{name}` is optional in the contract, the application requires it"


def plain(document: Contract, schema: Any) -> dict[str, Any]:
    """The schema without references, `allOf` merged and the null branch of a union dropped."""
    node = document.resolve(schema)
    if not isinstance(node, dict):
        return {}
    for key in ("anyOf", "oneOf"):
        branches = [branch for branch in node.get(key, []) if document.resolve(branch).get("type") != "null"]
        if len(branches) == 1:
            return plain(document, branches[0])
    merged: dict[str, Any] = {key: value for key, value in node.items() if key != "allOf"}
    for part in node.get("allOf", []):
        inner = plain(document, part)
        for key, value in inner.items():
            if key == "properties":
                merged["properties"] = {**value, **merged.get("properties", {})}
            elif key == "required":
                merged["required"] = [*merged.get("required", []), *value]
            else:
                merged.setdefault(key, value)
    return merged


def types(document: Contract, schema: Any, depth: int = 0) -> set[str]:
    """JSON types that the schema allows; empty when it says nothing."""
    node = document.resolve(schema)
    if not isinstance(node, dict) or depth > _Shapes.MAX_DEPTH:
        return set()
    for key in ("anyOf", "oneOf"):
        if key in node:
            found = [types(document, branch, depth + 1) for branch in node[key]]
            return set().union(*found) if all(found) else set()
    if "type" in node:
        return {node["type"]} if isinstance(node["type"], str) else set(node["type"])
    if "allOf" in node:
        return set().union(*(types(document, part, depth + 1) for part in node["allOf"]))
    values = node.get("enum", [node["const"]] if "const" in node else [])
    return {_type_of(value) for value in values}


def _type_of(value: Any) -> str:
    named = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null", list: "array"}
    return named.get(type(value), "object")


def _enum(document: Contract, schema: Any) -> set[str]:
    node = plain(document, schema)
    values = node.get("enum", [node["const"]] if "const" in node else [])
    return {str(value) for value in values if value is not None}


def _words(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds))
