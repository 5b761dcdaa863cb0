"""Lists without an end: whole tables that are read at once, and limits that have no upper bound."""

import ast
import re
from collections.abc import Iterator

from llm.offline.reviewing.codebase import Class, Codebase, Function, Value, last_name, unquoted
from llm.offline.reviewing.loops import eager_names, lazy_note
from llm.offline.reviewing.notes import PERFORMANCE, Note
from llm.offline.reviewing.routes import Route, RouteTable
from llm.offline.reviewing.schemas import fields_of, row_schemas
from llm.offline.reviewing.sites import Database, Site

_LIMITERS = ("limit", "fetch", "slice", "fetchmany", "yield_per", "partitions", "paginate")
_BOUNDS = (*_LIMITERS, "in_", "group_by", "count", "exists")
_NARROWS = ("where", "filter", "filter_by", "join")
_LIMITS = frozenset({"limit", "page_size", "per_page", "size", "take", "count"})


def list_notes(database: Database, table: RouteTable, functions: tuple[Function, ...]) -> Iterator[Note]:
    listed = {one for route in table.routes if _is_list(route) for one in database.code.reach(route.function)}
    for function in functions:
        for site in database.sites[function]:
            if site.reads_many and _has_no_end(database, site, function in listed):
                place = _runs_at(database, site)
                yield Note(
                    place.function.module.path, place.line, "high", PERFORMANCE,
                    "missing limit: the whole table is read at once; give the statement a limit and an offset",
                )  # fmt: skip
    for route in table.routes:
        yield from _limit_without_bound(database, route)
        yield from _lazy_answer(database, route)


def _is_list(route: Route) -> bool:
    path = route.promise.path if route.promise else route.path
    return route.method == "get" and not path.rstrip("/").endswith("}")


def _has_no_end(database: Database, site: Site, listed: bool) -> bool:
    if not database.models_in(site) or site.mentions(*_BOUNDS):
        return False
    callee = database.code.callee(site.function, site.call)
    for reached in database.code.reach(callee) if callee is not None else ():
        if any(last_name(call) in _LIMITERS for call in reached.calls):
            return False
    return listed or not site.mentions(*_NARROWS)


def _runs_at(database: Database, site: Site) -> Site:
    """Where the statement really runs, when it is handed to a function for that."""
    callee = database.code.callee(site.function, site.call)
    inner = [one for one in database.sites.get(callee, []) if one.reads_many] if callee else []
    return inner[0] if inner else site


def _limit_without_bound(database: Database, route: Route) -> Iterator[Note]:
    code, function = database.code, route.function
    for parameter in function.parameters:
        default = function.defaults.get(parameter.arg)
        if (
            parameter.arg in _LIMITS
            and parameter.annotation is not None
            and _is_number(code, function, parameter.annotation)
        ):
            given = [parameter.annotation, *([default] if default is not None else [])]
            if not _is_bounded(code, function, given) and not _is_cut(database, function):
                yield _unbounded(function.module.path, parameter.lineno, parameter.arg)
        asked = code.annotated_class(function.module, parameter.annotation)
        for name, line in fields_of(code, asked).items() if asked is not None and route.method == "get" else ():
            given = [line.annotation, *([line.value] if line.value is not None else [])]
            if name in _LIMITS and _is_number(code, function, line.annotation) and asked is not None:
                owner = next((one for one in code.functions if one.module is asked.module), function)
                if not _is_bounded(code, owner, given) and not _is_cut(database, function):
                    yield _unbounded(asked.module.path, line.lineno, name)


def _unbounded(path: str, line: int, name: str) -> Note:
    message = f"missing limit: `{name}` has no upper bound, so one request can ask for the whole table; give it le=100"
    return Note(path, line, "medium", PERFORMANCE, message)


def _is_number(code: Codebase, function: Function, annotation: ast.expr) -> bool:
    whole = ast.unparse(unquoted(annotation))
    found = code.resolve(function.module, annotation)
    return "int" in whole or (isinstance(found, Value) and "int" in ast.unparse(found.node))


def _is_bounded(code: Codebase, function: Function, given: list[ast.expr]) -> bool:
    for expression in given:
        for node in ast.walk(expression):
            if isinstance(node, ast.keyword) and node.arg in ("le", "lt"):
                return True
            found = code.resolve(function.module, node) if isinstance(node, ast.Name | ast.Attribute) else None
            if isinstance(found, Value) and re.search(
                r"\b(?:le=|lt=|Literal|Le\(|Interval\()", ast.unparse(found.node)
            ):
                return True
            if last_name(node) in ("Literal", "Le", "Interval", "conint"):
                return True
    return False


def _is_cut(database: Database, function: Function) -> bool:
    """True for `min(limit, 100)` anywhere on the way."""
    return any(last_name(call) == "min" for one in database.code.reach(function) for call in one.calls)


def _lazy_answer(database: Database, route: Route) -> Iterator[Note]:
    """Rows of a list whose schema reads attributes that load with a query each."""
    reached = database.code.reach(route.function)
    eager = {name for function in reached for name in eager_names(database.code, function)}
    sites = [site for function in reached for site in database.sites[function] if site.reads_many]
    for schema in row_schemas(database.code, route.function.module, route.answer):
        for site in sites:
            for model in sorted(database.models_in(site)):
                yield from _lazy_fields(database, site, schema, model, eager)


def _lazy_fields(database: Database, site: Site, schema: Class, model: str, eager: set[str]) -> Iterator[Note]:
    table = database.tables.get(model)
    if table is None or not schema.node.name.startswith(model):
        return
    for name in fields_of(database.code, schema):
        if name in table.lazy and table.lazy[name] not in eager:
            yield lazy_note(site.function.module.path, site.line, model, name, table.lazy[name])
