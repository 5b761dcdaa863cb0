"""Routes that let in everybody although the contract secures them, and rows of one user that reach another."""

import ast
import re
from collections.abc import Iterator

from core.plan import Plan
from llm.offline.reviewing.codebase import Codebase, Function, Value, dotted, last_name, names_in
from llm.offline.reviewing.notes import ACCESS, Note
from llm.offline.reviewing.routes import Route, RouteTable
from llm.offline.reviewing.sites import Database, Site

_SCHEMES = re.compile(r"^(?:HTTPBearer|HTTPBasic|HTTPDigest|OAuth2\w*|APIKey\w+|OpenIdConnect)$")
_CREDENTIALS = re.compile(
    r"(?i)^(?:authorization|credentials?|token|cookies|headers|api_?key|x_api_key|bearer)$|jwt|decode"
)
_REFUSES = re.compile(
    r"(?i)unauthori[sz]ed|forbidden|credentials?_exception|not_?signed|not_?authenticated|sign_?in|login_?required|authentication"
)
_FILTERS = frozenset({"where", "filter", "filter_by", "having", "join"})


def route_notes(table: RouteTable) -> Iterator[Note]:
    """Secured operations whose routes never ask who calls."""
    if _has_guarding_middleware(table.code):
        return
    for route in table.routes:
        if route.promise is not None and route.promise.secured and not _is_guarded(table, route):
            yield Note(
                route.function.module.path, route.line, "critical", ACCESS,
                f"no authorisation: {route.shown} needs a signed-in user by the contract, but nothing in this route checks "
                "the token; let it depend on the current user (missing authorisation check)",
            )  # fmt: skip


def _is_guarded(table: RouteTable, route: Route) -> bool:
    before = table.dependencies(route)
    for module, expression in table.depended(route):
        known = table.code.resolve(module, expression)
        if known is None and not dotted(module, expression).startswith(tuple(table.code.modules)):
            return True  # made elsewhere: what it does cannot be read here
        if isinstance(known, Value) and _is_strict_scheme(known.node):
            return True
    reached = [one for function in [route.function, *before] for one in table.code.reach(function)]
    asks = any(_looks_at_credentials(function) for function in reached)
    return asks and any(_refuses(function) for function in reached if function is not route.function or not before)


def _is_strict_scheme(node: ast.expr) -> bool:
    """`HTTPBearer()` refuses by itself, `HTTPBearer(auto_error=False)` does not."""
    if not isinstance(node, ast.Call) or not _SCHEMES.search(last_name(node)):
        return False
    return not any(
        keyword.arg == "auto_error" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        for keyword in node.keywords
    )


def _looks_at_credentials(function: Function) -> bool:
    named = any(_CREDENTIALS.search(name) for node in function.nodes for name in _own_names(node))
    return named or any(_CREDENTIALS.search(parameter.arg) for parameter in function.parameters)


def _own_names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name | ast.Attribute):
        yield last_name(node)


def _refuses(function: Function) -> bool:
    for node in function.nodes:
        if isinstance(node, ast.Constant) and node.value in (401, 403):
            return True
        if isinstance(node, ast.Attribute) and node.attr in (
            "HTTP_401_UNAUTHORIZED",
            "HTTP_403_FORBIDDEN",
            "UNAUTHORIZED",
            "FORBIDDEN",
        ):
            return True
        if isinstance(node, ast.Raise) and node.exc is not None and _REFUSES.search(last_name(node.exc)):
            return True
    return False


def _has_guarding_middleware(code: Codebase) -> bool:
    for function in code.functions:
        decorated = any(last_name(one) == "middleware" for one in function.node.decorator_list)
        if (decorated or function.name == "dispatch") and _looks_at_credentials(function) and _refuses(function):
            return True
    return False


def owner_notes(database: Database, plan: Plan | None, functions: tuple[Function, ...]) -> Iterator[Note]:
    """Statements on models whose rows belong to one user, that never say whose."""
    owned = {entity.name for entity in plan.entities if entity.access == "owner"} if plan else set[str]()
    if not owned:
        return
    for function in functions:
        for site in database.sites[function]:
            models = sorted(database.models_in(site) & owned) or _counted(database, site, owned)
            if models and not _says_whose(database, site):
                yield Note(
                    function.module.path, site.line, "critical", ACCESS,
                    f"owner filter is missing: rows of {models[0]} are reached without comparing owner_id, so one user sees "
                    "or changes rows of another (missing authorisation check)",
                )  # fmt: skip
        yield from _chosen_owner(function, owned)


def _counted(database: Database, site: Site, owned: set[str]) -> list[str]:
    """Models of which a statement counts every row, whoever owns it."""
    if site.mentions("where", "filter", "filter_by") or not site.mentions("count", "sum", "avg"):
        return []
    return sorted({name for _, node in site.family for name in names_in(node) if name in owned})[:1]


def _says_whose(database: Database, site: Site) -> bool:
    if any(_compares_owner(function, node) for function, node in site.family):
        return True
    if any(_scopes(database, function, node) for function, node in site.family if isinstance(node, ast.Call)):
        return True
    if _checked_after(site.function):
        return True
    callers = database.code.callers(site.function)
    return bool(callers) and all(_checked_after(caller) for caller in callers)


def _compares_owner(function: Function, node: ast.AST) -> bool:
    """`Note.owner_id == user.id`, `filter_by(owner_id=...)`, `Note.owner == user`, `.has(id=...)` and the like."""
    if isinstance(node, ast.Compare):
        return any(_names_owner(function, side) for side in [node.left, *node.comparators])
    if isinstance(node, ast.Call):
        if any(keyword.arg in ("owner_id", "owner", "user_id") for keyword in node.keywords):
            return last_name(node) in _FILTERS or "filter" in last_name(node)
        by_owner = last_name(node) in ("has", "any", "is_", "in_", "with_parent", "join")
        return by_owner and any(
            _names_owner(function, inner) for inner in ast.walk(node) if isinstance(inner, ast.expr)
        )
    return False


def _names_owner(function: Function, expression: ast.expr) -> bool:
    if isinstance(expression, ast.Attribute):
        return expression.attr in ("owner_id", "owner") and last_name(expression.value) not in (
            "self",
            "body",
            "payload",
            "data",
        )
    return False


def _scopes(database: Database, function: Function, call: ast.Call) -> bool:
    """True for a call through a function that itself compares the owner, or a foreign one whose name says so."""
    callee = database.code.callee(function, call)
    if callee is not None:
        return any(_compares_owner(callee, node) for node in callee.nodes)
    return isinstance(call.func, ast.Name) and bool(re.search(r"(?i)own|mine|visible|scope|for_user", call.func.id))


def _checked_after(function: Function) -> bool:
    """True when a function compares the owner of a row that it has."""
    for node in function.nodes:
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            rows = [side for side in sides if isinstance(side, ast.Attribute) and side.attr in ("owner_id", "owner")]
            if any(isinstance(side.value, ast.Name) and side.value.id[:1].islower() for side in rows):
                return True
    return False


def _chosen_owner(function: Function, owned: set[str]) -> Iterator[Note]:
    """A body that says whose the new row is."""
    for call in function.calls:
        given = (
            next((one.value for one in call.keywords if one.arg == "owner_id"), None)
            if last_name(call) in owned
            else None
        )
        from_body = isinstance(given, ast.Attribute) and last_name(given.value) in ("body", "payload", "data", "wanted")
        if from_body and last_name(given or call) == "owner_id":
            yield Note(
                function.module.path, call.lineno, "critical", ACCESS,
                "the client chooses the owner: set owner_id from the signed-in user, not from the body",
            )  # fmt: skip
