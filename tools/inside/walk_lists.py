"""What a list must do: bounds of its page, filters, search and order."""

from typing import Any

from .compare import plain, types
from .contract import Operation
from .walker import Entity, Walker, pairs

NONSENSE = "zzq no row holds this qzz"


def check_list(walker: Walker, entity: Entity) -> None:
    if entity.list is None:
        return
    rows = [walker.row(entity), walker.row(entity), walker.row(entity)]
    _page(walker, entity.list, rows)
    _bounds(walker, entity.list)
    _search(walker, entity, entity.list, rows[0])
    _filters(walker, entity, entity.list, rows[0])
    _order(walker, entity, entity.list)


def _items(walker: Walker, operation: Operation, query: dict[str, Any], what: str) -> list[dict[str, Any]]:
    answer = walker.call(operation, query=query)
    if not walker.expect(operation, answer, 200, what, "list"):
        return []
    document = answer.json()
    items = document.get("items", []) if isinstance(document, dict) else []
    return [item for item in items if isinstance(item, dict)]


def _page(walker: Walker, operation: Operation, rows: list[dict[str, Any]]) -> None:
    names = {one["name"] for one in operation.parameters}
    if not {"limit", "offset"} <= names:
        return
    most = _most(walker, operation)
    every = {item.get("id") for item in _items(walker, operation, {"limit": most}, f"limit={most}")}
    missing = [row["id"] for row in rows if row["id"] not in every]
    if missing and len(every) < most:
        walker.note(operation, f"the row {missing[0]}, just created, is not in the list", "list")
    first = _items(walker, operation, {"limit": 1}, "limit=1")
    second = _items(walker, operation, {"limit": 1, "offset": 1}, "limit=1&offset=1")
    if len(first) != 1:
        walker.note(operation, f"limit=1 gave {len(first)} items", "list")
    elif second and first[0].get("id") == second[0].get("id"):
        walker.note(operation, "offset=1 gives the same row as offset=0", "list")


def _most(walker: Walker, operation: Operation) -> int:
    """The largest page that the contract allows."""
    for one in operation.parameters:
        if one["name"] == "limit":
            return int(plain(walker.contract, one.get("schema", {})).get("maximum", 100))
    return 100


def _bounds(walker: Walker, operation: Operation) -> None:
    """Query parameters outside what the contract allows are 422."""
    if not operation.allows(422):
        return
    for one in operation.parameters:
        if one["in"] != "query":
            continue
        node, kinds = plain(walker.contract, one.get("schema", {})), types(walker.contract, one.get("schema", {}))
        tries: list[Any] = []
        if kinds & {"integer", "number"}:
            tries = [node[key] + step for key, step in (("minimum", -1), ("maximum", 1)) if key in node] + ["many"]
        elif "enum" in node:
            tries = ["no-such-value"]
        elif "boolean" in kinds:
            tries = ["perhaps"]
        for value in tries:
            answer = walker.call(operation, query={one["name"]: value})
            walker.expect(operation, answer, 422, f"{one['name']}={value}", "validation")


def _search(walker: Walker, entity: Entity, operation: Operation, row: dict[str, Any]) -> None:
    if not any(one["name"] == "q" for one in operation.parameters):
        return
    for name in entity.spec.get("search", []):
        value = row.get(name)
        if isinstance(value, str) and value:
            found = _items(walker, operation, {"q": value, "limit": _most(walker, operation)}, f"q={value}")
            if not any(item.get("id") == row["id"] for item in found):
                walker.note(operation, f"q={value!r} does not find the row whose `{name}` is that", "search")
    if _items(walker, operation, {"q": NONSENSE}, "a search for nonsense"):
        walker.note(operation, f"q={NONSENSE!r} finds rows that do not hold it", "search")


def _filters(walker: Walker, entity: Entity, operation: Operation, row: dict[str, Any]) -> None:
    names = {one["name"] for one in operation.parameters}
    for name in entity.spec.get("filters", []):
        value = row.get(name)
        if value is None or name not in names or isinstance(value, list | dict):
            continue
        found = _items(walker, operation, {name: value, "limit": _most(walker, operation)}, f"{name}={value}")
        wrong = [item for item in found if name in item and item[name] != value]
        if wrong:
            walker.note(operation, f"{name}={value!r} gives a row with {name}={wrong[0][name]!r}", "filter")
        elif not any(item.get("id") == row["id"] for item in found):
            walker.note(operation, f"{name}={value!r} does not give the row that has it", "filter")


def _order(walker: Walker, entity: Entity, operation: Operation) -> None:
    if not any(one["name"] == "sort" for one in operation.parameters):
        return
    for name in entity.spec.get("sort", []):
        up = _column(_items(walker, operation, {"sort": name, "limit": _most(walker, operation)}, f"sort={name}"), name)
        down = _column(
            _items(walker, operation, {"sort": f"-{name}", "limit": _most(walker, operation)}, f"sort=-{name}"), name
        )
        if any(_key(one) > _key(two) for one, two in pairs(up)):
            walker.note(operation, f"sort={name} does not sort by `{name}`", "sort")
        elif any(_key(one) < _key(two) for one, two in pairs(down)):
            walker.note(operation, f"sort=-{name} does not sort by `{name}` downwards", "sort")


def _column(items: list[dict[str, Any]], name: str) -> list[Any]:
    return [item[name] for item in items if item.get(name) is not None]


def _key(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
