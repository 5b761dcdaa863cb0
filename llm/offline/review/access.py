"""Routes that the contract secures and the code does not, and rows of one user that another can reach."""

import ast
from collections.abc import Iterator

from core.types import Json, JsonObject
from llm.offline.review.model import ACCESS, Function, Note, PythonFile, calls, last_name, mentions

_ROUTE_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_ACCOUNT = r"(?i)user|account|auth|principal|token|identity|login|credential"


def access_notes(sources: list[PythonFile], contract: JsonObject, owned: frozenset[str]) -> Iterator[Note]:
    """`owned` are class names of models whose rows belong to one user."""
    secured = secured_operations(contract)
    guarded = _guarded_routers(sources)
    for source in sources:
        for function in source.functions():
            yield from _route_note(source, function, secured, guarded)
            if owned:
                yield from _owner_note(source, function, owned)


def secured_operations(contract: JsonObject) -> dict[str, tuple[str, str]]:
    """operationId -> (method, path) of operations that need a token."""
    found: dict[str, tuple[str, str]] = {}
    default = contract.get("security")
    paths = contract.get("paths")
    for path, item in (paths if isinstance(paths, dict) else {}).items():
        for method, operation in (item if isinstance(item, dict) else {}).items():
            if method in _ROUTE_METHODS and isinstance(operation, dict) and operation.get("security", default):
                found[str(operation.get("operationId") or f"{method} {path}")] = (method, path)
    return found


def _guarded_routers(sources: list[PythonFile]) -> bool:
    """True when a router or an include gives a dependency on the account to all its routes."""
    for source in sources:
        for call in calls(source.tree):
            if last_name(call) in ("APIRouter", "include_router", "FastAPI") and _has_guard(call):
                return True
    return False


def _has_guard(call: ast.Call) -> bool:
    return any(keyword.arg == "dependencies" and mentions(keyword.value, _ACCOUNT) for keyword in call.keywords)


def _route_note(
    source: PythonFile, function: Function, secured: dict[str, tuple[str, str]], guarded: bool
) -> Iterator[Note]:
    for decorator in function.decorator_list:
        if not (
            isinstance(decorator, ast.Call)
            and isinstance(decorator.func, ast.Attribute)
            and decorator.func.attr in _ROUTE_METHODS
        ):
            continue
        named = _operation(decorator, function, secured)
        if named is None or guarded or _has_guard(decorator) or _takes_account(function):
            continue
        method, path = secured[named]
        message = f"{method.upper()} {path} needs a signed-in user by the contract, but the route asks for none (missing authorisation check)"
        yield Note(source.path, function.lineno, "critical", ACCESS, message)


def _operation(decorator: ast.Call, function: Function, secured: dict[str, tuple[str, str]]) -> str | None:
    """The secured operation that a route serves, by its operation_id, else by its function's name."""
    for keyword in decorator.keywords:
        if keyword.arg == "operation_id" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value) if str(keyword.value.value) in secured else None
    return function.name if function.name in secured else None


def _takes_account(function: Function) -> bool:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    defaults: list[ast.expr | None] = [*function.args.defaults, *function.args.kw_defaults]
    annotated = any(
        argument.annotation is not None and mentions(argument.annotation, r"(?i)user|account|principal|auth|credential")
        for argument in arguments
    )
    return annotated or any(default is not None and mentions(default, _ACCOUNT) for default in defaults)


def _owner_note(source: PythonFile, function: Function, owned: frozenset[str]) -> Iterator[Note]:
    """Rows of an owned model that are read by id or listed, in a function that never looks at the owner."""
    if (
        mentions(function, r"^owner(?:_id)?$")
        or function.name.startswith("_check")
        or ("/services/" not in source.path
        and "/api/" not in source.path)
    ):
        return
    for call in calls(function):
        model = _read_model(call)
        if model in owned and not _only_counts(function, call):
            message = f"rows of {model} are read without looking at their owner: one user reaches rows of another (missing authorisation check)"
            yield Note(source.path, call.lineno, "critical", ACCESS, message)
            return


def _read_model(call: ast.Call) -> str:
    """`X` of `db.get(X, id)`, `select(X)`, `db.query(X)`."""
    reads = last_name(call) in ("select", "query") or (last_name(call) == "get" and len(call.args) >= 2)
    return last_name(call.args[0]) if reads and call.args and not isinstance(call.args[0], ast.Call) else ""


def _only_counts(function: Function, call: ast.Call) -> bool:
    return mentions(function, r"^(?:count|exists|sum|avg)$") and not any(
        last_name(inner) in ("all", "first", "one") for inner in calls(function)
    )


def owned_models(plan: Json) -> frozenset[str]:
    """Names of the plan's entities whose rows belong to a user."""
    entities = plan.get("entities") if isinstance(plan, dict) else None
    found = [entity for entity in (entities if isinstance(entities, list) else []) if isinstance(entity, dict)]
    return frozenset(str(entity.get("name")) for entity in found if entity.get("access") == "owner")
