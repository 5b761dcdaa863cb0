"""Who may do what: a token where the contract asks for one, and own rows only where the plan says so."""

from collections.abc import Iterator
from typing import Any

from .contract import Operation
from .walk_auth import sign_up
from .walker import Entity, Walker


def check_tokens(walker: Walker, entity: Entity) -> None:
    """Without a token, and with a made-up one, every secured operation on an existing row answers 401."""
    if walker.token is None:
        return
    row = walker.row(entity)
    for operation, ids, body in _operations(walker, entity, row):
        if not walker.contract.secured(operation):
            continue
        for token, what in ((None, "a request without a token"), ("no.such.token", "a token that is none")):
            answer = walker.call(operation, *ids, body=body, token=token)
            if not walker.expect(operation, answer, 401, what, "authorization"):
                row = walker.row(entity)


def check_owner(walker: Walker, entity: Entity) -> None:
    """Rows of one user are not there for another one, to read, change, delete or list, but for what everybody may see."""
    if entity.access != "owner" or walker.token is None:
        return
    other = sign_up(walker, f"other-{entity.spec['path']}@example.com")
    if other is None:
        return
    row = walker.row(entity)
    secured = walker.contract.secured
    seen = any(operation and not secured(operation) for operation in (entity.list, entity.read))
    for operation, ids, body in _operations(walker, entity, row):
        if ids and secured(operation):
            answer = walker.call(operation, *ids, body=body, token=other[0])
            walker.expect(operation, answer, (403, 404) if seen else 404, "another user's row", "ownership")
    if entity.list is not None and secured(entity.list):
        answer = walker.call(entity.list, token=other[0])
        document = answer.json()
        items = document.get("items", []) if isinstance(document, dict) else []
        if answer.status == 200 and any(isinstance(item, dict) and item.get("id") == row["id"] for item in items):
            walker.note(entity.list, "the list shows another user's rows", "ownership", answer)


def _operations(
    walker: Walker, entity: Entity, row: dict[str, Any]
) -> Iterator[tuple[Operation, tuple[Any, ...], dict[str, Any] | None]]:
    """Every operation of the entity, deletion last, with values for its path and a harmless body."""
    if entity.list is not None:
        yield entity.list, (), None
    if entity.create is not None:
        yield entity.create, (), walker.body(entity)
    base = f"/api/{entity.spec['path']}"
    known = {operation.name for operation in (entity.list, entity.create) if operation}
    others = [one for one in walker.contract.operations if one.path.startswith(f"{base}/") and one.name not in known]
    for operation in sorted(others, key=lambda one: one.method == "delete"):
        takes_body = walker.contract.body_schema(operation) is not None
        yield operation, (row["id"],) * operation.path.count("{"), {} if takes_body else None
