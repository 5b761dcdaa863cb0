"""The walk through the contract: what every operation must do whoever wrote the application, tried with real rows."""

from typing import Any

from . import walk_access, walk_auth, walk_lists, walk_writes
from .contract import Operation
from .samples import UNKNOWN_ID
from .walker import Entity, Impossible, Walker


def walk(walker: Walker) -> None:
    """Walk through every entity of the plan and every operation that is left; what is wrong is in the walker's report."""
    walk_auth.sign_in(walker)
    if walker.plan.get("auth"):
        walk_auth.check_accounts(walker)
    for entity in walker.entities.values():
        try:
            _entity(walker, entity)
        except Impossible:
            continue
    _rest(walker)
    unknown_ids(walker)
    promised = len(walker.contract.operations)
    walker.report.finish(f"{walker.requests} requests, {len(walker.covered)} of {promised} operations succeeded")


def _entity(walker: Walker, entity: Entity) -> None:
    walk_writes.check_create(walker, entity)
    walk_lists.check_list(walker, entity)
    walk_access.check_tokens(walker, entity)
    walk_access.check_owner(walker, entity)
    walk_writes.check_update(walker, entity)
    walk_writes.check_unique(walker, entity)
    walk_writes.check_delete(walker, entity)


def _rest(walker: Walker) -> None:
    """Operations that no entity's walk has called: with valid values they must at least keep the contract."""
    for operation in walker.contract.operations:
        if operation.name in walker.covered or operation.path.startswith("/api/auth/"):
            continue
        try:
            ids = _ids(walker, operation)
        except Impossible:
            continue
        query = {
            one["name"]: walker.samples.value(one.get("schema", {}), one["name"])
            for one in operation.parameters
            if one["in"] == "query" and one.get("required")
        }
        body = walker.contract.body_schema(operation)
        walker.call(operation, *ids, query=query, body=None if body is None else walker.samples.value(body))


def _ids(walker: Walker, operation: Operation) -> list[Any]:
    """Values for the path: the id of a fresh row of the entity whose collection the path starts with, or a rule's key."""
    if "{" not in operation.path:
        return []
    for entity in walker.entities.values():
        if operation.path.startswith(f"/api/{entity.spec['path']}/{{"):
            return [walker.row(entity)["id"]]
        follow = entity.rule("counter_redirect")
        if follow and operation.path.startswith("/r/"):
            return [walker.row(entity)[follow["key_field"]]]
    raise Impossible


def unknown_ids(walker: Walker) -> None:
    """Every operation on one thing that documents 404 answers it when there is no such thing."""
    for operation in walker.contract.operations:
        if operation.path.count("{") != 1 or not operation.allows(404):
            continue
        schema: Any = next((one.get("schema") for one in operation.parameters if one["in"] == "path"), None)
        numeric = walker.object_schema(schema).get("type") in ("integer", "number")
        value: Any = UNKNOWN_ID if numeric else "no-such-thing"
        body = walker.contract.body_schema(operation)
        sent = _harmless(walker, operation) if body is not None else None
        answer = walker.call(operation, value, body=sent)
        walker.expect(operation, answer, 404, f"an id that does not exist ({value})", "not_found")


def _harmless(walker: Walker, operation: Operation) -> dict[str, Any]:
    """A valid body without references, since those of an update are all optional."""
    schema = walker.object_schema(walker.contract.body_schema(operation))
    required = schema.get("required", [])
    plain = {
        name: part
        for name, part in schema.get("properties", {}).items()
        if name in required or not name.endswith(("_id", "_ids"))
    }
    name, part = next(iter(plain.items()), ("", None))
    return {name: walker.samples.value(part, name)} if name else {}
