"""Which operations a plan promises: the one place where paths, operation ids and statuses are derived from it."""

import re
from dataclasses import dataclass
from typing import Literal

from core.plan import EntitySpec, Plan, RuleSpec

Kind = Literal[
    "health", "register", "login", "me",
    "list", "create", "read", "update", "delete",
    "return", "follow", "totals", "summary", "export", "low_stock",
]  # fmt: skip

Method = Literal["get", "post", "patch", "delete"]


@dataclass(frozen=True)
class Operation:
    """One operation. `errors` are the documented error statuses; `rule` is set for operations that a rule brings."""

    operation_id: str
    method: Method
    path: str
    kind: Kind
    success: int
    errors: tuple[int, ...] = ()
    entity: EntitySpec | None = None
    rule: RuleSpec | None = None
    secured: bool = False


def snake(name: str) -> str:
    """`BlogPost` -> `blog_post`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def rules_for(plan: Plan, entity: EntitySpec, kind: str) -> tuple[RuleSpec, ...]:
    return tuple(rule for rule in plan.rules if rule.entity == entity.name and rule.kind == kind)


def operations(plan: Plan) -> tuple[Operation, ...]:
    """Every operation of the plan in contract order: health, auth, then per entity CRUD and what its rules bring."""
    found = [Operation("health", "get", "/health", "health", 200)]
    if plan.auth:
        found += [
            Operation("register", "post", "/api/auth/register", "register", 201, (409, 422)),
            Operation("login", "post", "/api/auth/login", "login", 200, (401, 422)),
            Operation("me", "get", "/api/auth/me", "me", 200, (401,), secured=True),
        ]
    for entity in plan.entities:
        # fixed segments first: /api/employees/export.csv must not be read as an id
        found += _collection_rule_operations(plan, entity)
        found += _crud(plan, entity)
        found += _item_rule_operations(plan, entity)
    return tuple(found)


def _secured(entity: EntitySpec) -> bool:
    return entity.access != "public"


def _errors(entity: EntitySpec, *statuses: int) -> tuple[int, ...]:
    return tuple(sorted({*statuses, *((401,) if _secured(entity) else ())}))


def may_conflict(plan: Plan, entity: EntitySpec) -> bool:
    """True when creating or changing a row can break a uniqueness or a business rule (409)."""
    conflicting = {"capacity", "unique_per", "status_flow", "single_active", "no_overlap"}
    unique = any(field.unique for field in entity.fields) or bool(entity.unique_together)
    return unique or any(rule.entity == entity.name and rule.kind in conflicting for rule in plan.rules)


def is_referenced(plan: Plan, entity: EntitySpec) -> bool:
    """True when rows of another entity (or of itself) point at this one, so that deleting may be refused (409)."""
    return any(
        field.type == "reference" and field.references == entity.name
        for other in plan.entities
        for field in other.fields
    )


def _crud(plan: Plan, entity: EntitySpec) -> list[Operation]:
    one, many, base = snake(entity.name), entity.table, f"/api/{entity.path}"
    item = f"{base}/{{{one}_id}}"
    conflict = (409,) if may_conflict(plan, entity) else ()
    used = (409,) if is_referenced(plan, entity) else ()
    seen = (403,) if entity.access == "owner" and {"list", "read"} & set(entity.public_operations) else ()
    every = (
        _on_rows(entity, f"list_{many}", "get", base, "list", 200),
        _on_rows(entity, f"create_{one}", "post", base, "create", 201, *conflict),
        _on_rows(entity, f"read_{one}", "get", item, "read", 200, 404),
        _on_rows(entity, f"update_{one}", "patch", item, "update", 200, 404, *conflict, *seen),
        _on_rows(entity, f"delete_{one}", "delete", item, "delete", 204, 404, *used, *seen),
    )
    return [operation for operation in every if operation.kind in entity.operations]


def _on_rows(
    entity: EntitySpec, name: str, method: Method, path: str, kind: Kind, success: int, *errors: int
) -> Operation:
    secured = _secured(entity) and kind not in entity.public_operations
    statuses = {422, *errors, *((401,) if secured else ())}
    return Operation(name, method, path, kind, success, tuple(sorted(statuses)), entity, secured=secured)


def _collection_rule_operations(plan: Plan, entity: EntitySpec) -> list[Operation]:
    base, secured = f"/api/{entity.path}", _secured(entity)
    found: list[Operation] = []
    for rule in rules_for(plan, entity, "totals"):
        found.append(
            Operation(
                f"total_{entity.table}",
                "get",
                f"{base}/totals",
                "totals",
                200,
                _errors(entity, 422),
                entity,
                rule,
                secured,
            )
        )
    for rule in rules_for(plan, entity, "csv_export"):
        found.append(
            Operation(
                f"export_{entity.table}",
                "get",
                f"{base}/export.csv",
                "export",
                200,
                _errors(entity),
                entity,
                rule,
                secured,
            )
        )
    for rule in rules_for(plan, entity, "low_stock"):
        found.append(
            Operation(
                f"list_low_stock_{entity.table}", "get", f"{base}/low-stock", "low_stock", 200, _errors(entity, 422),
                entity, rule, secured,
            )
        )  # fmt: skip
    return found


def _item_rule_operations(plan: Plan, entity: EntitySpec) -> list[Operation]:
    one, secured = snake(entity.name), _secured(entity)
    item = f"/api/{entity.path}/{{{one}_id}}"
    found: list[Operation] = []
    for rule in rules_for(plan, entity, "single_active"):
        errors = _errors(entity, 404, 409, 422)
        found.append(Operation(f"return_{one}", "post", f"{item}/return", "return", 200, errors, entity, rule, secured))
    for rule in rules_for(plan, entity, "child_summary"):
        name = f"summarize_{one}_{snake(str(rule.params['child']))}s"
        path = f"{item}/{snake(str(rule.params['child'])).replace('_', '-')}-summary"
        found.append(Operation(name, "get", path, "summary", 200, _errors(entity, 404, 422), entity, rule, secured))
    for rule in rules_for(plan, entity, "counter_redirect"):
        key = str(rule.params["key_field"])
        found.append(
            Operation(f"follow_{one}", "get", f"/r/{{{key}}}", "follow", 307, (404, 422), entity, rule, secured=False)
        )
    return found
