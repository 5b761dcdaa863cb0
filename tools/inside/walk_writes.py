"""What creating, changing and deleting must do: keep what was sent, refuse what the contract refuses, and really delete."""

from collections.abc import Iterable, Iterator
from typing import Any

from .asgi import Answer
from .contract import Operation
from .samples import UNKNOWN_FIELD, UNKNOWN_ID, refused_values, same
from .walker import Entity, Impossible, Walker, shorten

UNPROCESSABLE = (422, 400)


def check_create(walker: Walker, entity: Entity) -> None:
    """Whole and smallest bodies are stored as sent; every refused value is 422."""
    operation = entity.create
    if operation is None:
        return
    whole = walker.body(entity)
    answer = walker.call(operation, body=whole)
    if not _created(walker, entity, operation, answer, whole):
        raise Impossible
    _echo(walker, operation, whole, answer.json())
    smallest = walker.body(entity, optional=False)
    _created(walker, entity, operation, walker.call(operation, body=smallest), smallest)
    if entity.read is not None:
        row = answer.json()
        again = walker.call(entity.read, row["id"])
        if walker.expect(entity.read, again, 200, "a row just created", "read"):
            _echo(walker, entity.read, row, again.json())
    for body, what in _refused_bodies(walker, entity, operation, walker.body(entity)):
        walker.expect(operation, walker.call(operation, body=body), _refusals(operation), what, "validation")


def _created(walker: Walker, entity: Entity, operation: Operation, answer: Answer, body: Any) -> bool:
    made = answer.json()
    if answer.status == 201:
        return isinstance(made, dict) and "id" in made
    if entity.predictable or answer.status not in (409, 422):
        walker.expect(operation, answer, 201, f"the valid body {shorten(body)}", "valid")
    return False


def check_update(walker: Walker, entity: Entity) -> None:
    """A change of everything, a change of one field that leaves the others, and what must be refused."""
    operation = entity.update
    if operation is None:
        return
    row = walker.row(entity)
    changes = _changes(walker, entity, operation)
    answer = walker.call(operation, row["id"], body=changes)
    if not walker.expect(operation, answer, 200, f"the valid change {shorten(changes)}", "update"):
        return
    _echo(walker, operation, changes, answer.json())
    name = next((key for key in changes if not key.endswith(("_id", "_ids")) and not _paired(entity, key)), None)
    if name is not None:
        one = {name: _changes(walker, entity, operation)[name]}
        after = walker.call(operation, row["id"], body=one)
        if walker.expect(operation, after, 200, f"a change of `{name}` alone", "update"):
            _echo(walker, operation, {**changes, **one}, after.json())
    for body, what in _refused_bodies(walker, entity, operation, {}):
        walker.expect(operation, walker.call(operation, row["id"], body=body), _refusals(operation), what, "validation")


def _paired(entity: Entity, name: str) -> bool:
    """Whether a rule ties this field to another one."""
    rules = (entity.rule("ordered_fields"), entity.rule("no_overlap"))
    return any(rule and name in (rule["start"], rule["end"]) for rule in rules)


def _changes(walker: Walker, entity: Entity, operation: Operation) -> dict[str, Any]:
    schema = walker.object_schema(walker.contract.body_schema(operation))
    flow = entity.rule("status_flow") or {}
    fresh = walker.body(entity)
    return {name: fresh[name] for name in schema.get("properties", {}) if name in fresh and name != flow.get("field")}


def check_unique(walker: Walker, entity: Entity) -> None:
    """A second row with a value that must be unique is 409."""
    operation = entity.create
    if operation is None or not operation.allows(409):
        return
    groups = [(name,) for name, field in entity.fields.items() if field.get("unique")]
    groups += [tuple(group) for group in entity.spec.get("unique_together", [])]
    for group in groups:
        body = walker.body(entity)
        sent = [name for name in group if name in body]
        if not sent or any(name not in body and name != "owner_id" for name in group):
            continue
        first = walker.call(operation, body=body)
        if first.status != 201:
            continue
        kept = [name for name in (*sent, *_settled_by(entity, sent)) if name in body]
        again = walker.call(operation, body=walker.body(entity, **{name: body[name] for name in kept}))
        walker.expect(operation, again, 409, f"a second row with the same {' and '.join(group)}", "unique")


def _settled_by(entity: Entity, names: Iterable[str]) -> list[str]:
    """Fields whose value follows from these: the row that a `same_parent` rule refers to belongs to one parent alone."""
    open_, settled = list(names), list[str]()
    while open_:
        rule = entity.belonging(open_.pop())
        if rule and rule["same"] not in settled:  # a plan may tie fields in a circle
            settled.append(rule["same"])
            open_.append(rule["same"])
    return settled


def check_delete(walker: Walker, entity: Entity) -> None:
    """204, then nothing there; 409 while rows of others refer to it."""
    operation = entity.delete
    if operation is None:
        return
    row = walker.row(entity)
    if walker.expect(operation, walker.call(operation, row["id"]), 204, "a row that nothing refers to", "delete"):
        for then in (entity.read, operation):
            if then is not None:
                walker.expect(then, walker.call(then, row["id"]), 404, "a row that was deleted", "not_found")
    for child, name in _children(walker, entity):
        if operation.allows(409):
            try:
                made = walker.row(child)
            except Impossible:
                continue
            if isinstance(made.get(name), int):
                answer = walker.call(operation, made[name])
                walker.expect(operation, answer, 409, f"a row that a {child.name} refers to", "referenced")


def _children(walker: Walker, entity: Entity) -> Iterator[tuple[Entity, str]]:
    for child in walker.entities.values():
        for name, field in child.fields.items():
            if field["type"] == "reference" and field.get("references") == entity.name and not field.get("server_set"):
                yield child, name


def _refused_bodies(
    walker: Walker, entity: Entity, operation: Operation, valid: dict[str, Any]
) -> Iterator[tuple[Any, str]]:
    """Bodies made from a valid one, each with one thing that the contract or the house refuses."""
    schema = walker.object_schema(walker.contract.body_schema(operation))
    for name in schema.get("required", []):
        yield {key: value for key, value in valid.items() if key != name}, f"a body without `{name}`"
    if schema.get("additionalProperties") is False:
        yield {**valid, UNKNOWN_FIELD: 1}, f"a body with the unknown field `{UNKNOWN_FIELD}`"
    for name, part in schema.get("properties", {}).items():
        for value, what in refused_values(walker.contract, part, name):
            yield {**valid, name: value}, what
        kind = entity.fields.get(name, {}).get("type")
        if kind in ("reference", "reference_list"):
            unknown: Any = UNKNOWN_ID if kind == "reference" else [UNKNOWN_ID]
            yield {**valid, name: unknown}, f"`{name}` with an id that does not exist ({UNKNOWN_ID})"
    yield [], "a list instead of an object"


def _refusals(operation: Operation) -> list[int]:
    documented = [status for status in UNPROCESSABLE if operation.allows(status)]
    return documented or [422]


def _alike(sent: Any, got: Any) -> bool:
    """Whether one can be held against the other: what is sent as a text may be answered as a row, if the contract says so."""
    if isinstance(sent, list) and isinstance(got, list):
        return all(_alike(one, other) for one, other in zip(sent, got, strict=False))
    return isinstance(sent, dict) == isinstance(got, dict)


def _echo(walker: Walker, operation: Operation, sent: dict[str, Any], got: Any) -> None:
    if not isinstance(got, dict):
        return
    for name, value in sent.items():
        if name in got and name != "updated_at" and _alike(value, got[name]) and not same(value, got[name]):
            walker.note(operation, f"`{name}` is {got[name]!r} in the answer, expected {value!r}", "value")
