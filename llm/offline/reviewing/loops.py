"""N+1: queries that run for every row of a loop, directly, through a function, or by touching a lazy relationship."""

import ast
from collections.abc import Iterator

from llm.offline.reviewing.codebase import Class, Codebase, Function, Value, last_name, names_in
from llm.offline.reviewing.notes import PERFORMANCE, Note
from llm.offline.reviewing.schemas import fields_of
from llm.offline.reviewing.sites import Database, Site, is_query, is_session

Loop = ast.For | ast.AsyncFor | ast.While | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_LOADERS = frozenset(
    {"selectinload", "joinedload", "subqueryload", "contains_eager", "immediateload", "selectin_polymorphic"}
)
_READERS = frozenset({"model_validate", "from_orm", "validate", "parse_obj"})
_DEPTH = 3


def loop_notes(database: Database, functions: tuple[Function, ...]) -> Iterator[Note]:
    for function in functions:
        for node in function.nodes:
            if isinstance(node, Loop) and not _is_small(database.code, function, node):
                yield from _queries(database, function, node)
                yield from _touched(database, function, node)


def _queries(database: Database, function: Function, loop: Loop) -> Iterator[Note]:
    for call in (node for node in _repeated(loop) if isinstance(node, ast.Call)):
        callee = database.code.callee(function, call)
        if is_query(function, call) or (callee is not None and callee is not function and callee in database.querying):
            what = "a query runs" if is_query(function, call) else f"{last_name(call)}() runs a query"
            yield Note(
                function.module.path, call.lineno, "high", PERFORMANCE,
                f"N+1: {what} for every row of the loop; load all of them in one query before it, with in_() or a join",
            )  # fmt: skip
        elif is_session(function, call.func) and last_name(call) in ("commit", "flush"):
            yield Note(
                function.module.path, call.lineno, "medium", PERFORMANCE,
                f"{last_name(call)}() runs for every row of the loop: do it once, after the loop",
            )  # fmt: skip


def _touched(database: Database, function: Function, loop: Loop) -> Iterator[Note]:
    source = _source(loop)
    if source is None:
        return
    models = rows_of(database, function, source)
    rows = _targets(loop)
    for model in sorted(models & set(database.tables)):
        lazy = database.tables[model].lazy
        for node in _repeated(loop):
            for name in _lazy_names(database, function, node, rows, lazy):
                if lazy[name] not in _eager_for(database, function, source):
                    place = (function.module.path, getattr(node, "lineno", function.node.lineno))
                    feed = _feed(database, function, source, model)
                    where = (feed.function.module.path, feed.line) if feed else place
                    yield lazy_note(
                        *where,
                        model,
                        name,
                        lazy[name],
                        "" if where == place else f" (touched at {place[0]}:{place[1]})",
                    )


def _feed(database: Database, function: Function, source: ast.expr, model: str) -> Site | None:
    """The statement that finds the rows of a loop, when it can be told."""
    for where, node in database.family(function, source, rows=True):
        callee = database.code.callee(where, node) if isinstance(node, ast.Call) else None
        for reached in [where, *(database.code.reach(callee) if callee else ())]:
            for site in database.sites[reached]:
                if (
                    (reached is not where or site.call is node)
                    and site.reads_many
                    and model in database.models_in(site)
                ):
                    return site
    return None


def lazy_note(path: str, line: int, model: str, name: str, relationship: str, touched: str = "") -> Note:
    return Note(
        path, line, "high", PERFORMANCE,
        f"N+1: `{name}` of {model} is loaded with a query for every row{touched}; "
        f"add selectinload({model}.{relationship}) to the query of the list",
    )  # fmt: skip


def _lazy_names(
    database: Database, function: Function, node: ast.AST, rows: set[str], lazy: dict[str, str]
) -> Iterator[str]:
    if (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in rows
        and node.attr in lazy
    ):
        yield node.attr
    if isinstance(node, ast.Call):
        for position, argument in enumerate(node.args):
            if isinstance(argument, ast.Name) and argument.id in rows:
                yield from _touched_inside(database, function, node, position, lazy, 0)


def _touched_inside(
    database: Database, function: Function, call: ast.Call, position: int, lazy: dict[str, str], depth: int
) -> Iterator[str]:
    """Lazy attributes that a called function, or a schema that reads attributes, touches of one argument."""
    if isinstance(call.func, ast.Attribute) and call.func.attr in _READERS:
        schema = database.code.resolve(function.module, call.func.value)
        if isinstance(schema, Class):
            yield from (name for name in fields_of(database.code, schema) if name in lazy)
        return
    callee = database.code.callee(function, call)
    if callee is None or depth > _DEPTH:
        return
    skipped = 1 if callee.parameters[:1] and callee.parameters[0].arg in ("self", "cls") else 0
    names = [parameter.arg for parameter in callee.parameters][skipped:]
    if position >= len(names):
        return
    for node in callee.nodes:
        if isinstance(node, ast.Attribute) and last_name(node.value) == names[position] and node.attr in lazy:
            yield node.attr
        if isinstance(node, ast.Call):
            for place, argument in enumerate(node.args):
                if isinstance(argument, ast.Name) and argument.id == names[position]:
                    yield from _touched_inside(database, callee, node, place, lazy, depth + 1)


def rows_of(database: Database, function: Function, expression: ast.expr) -> set[str]:
    """Models whose rows an expression holds many of, as far as statements and annotations tell."""
    found: set[str] = set()
    inside = {id(node) for _, node in database.family(function, expression, rows=True)}
    for site in database.sites[function]:
        if id(site.call) in inside:
            found |= database.models_in(site)
    for _, node in database.family(function, expression, rows=True):
        callee = database.code.callee(function, node) if isinstance(node, ast.Call) else None
        if callee is not None and callee in database.querying and callee.node.returns is not None:
            found |= set(names_in(callee.node.returns)) & set(database.tables)
        elif callee is not None and callee in database.querying:
            found |= {model for site in database.sites[callee] for model in database.models_in(site)}
    for parameter in function.parameters:
        if isinstance(expression, ast.Name) and parameter.arg == expression.id and parameter.annotation is not None:
            found |= set(names_in(parameter.annotation)) & set(database.tables)
    return found


def _eager_for(database: Database, function: Function, source: ast.expr) -> set[str]:
    """Relationships that the statement behind the rows loads with them."""
    found = eager_names(database.code, function)
    for node in ast.walk(source):
        values = function.assigned.get(node.id, []) if isinstance(node, ast.Name) else []
        for call in (inner for value in [node, *values] for inner in ast.walk(value) if isinstance(inner, ast.Call)):
            if callee := database.code.callee(function, call):
                found |= {name for one in database.code.reach(callee) for name in eager_names(database.code, one)}
    if isinstance(source, ast.Name) and any(parameter.arg == source.id for parameter in function.parameters):
        for caller in database.code.callers(function):
            found |= {name for one in database.code.reach(caller) for name in eager_names(database.code, one)}
    return found


def eager_names(code: Codebase, function: Function) -> set[str]:
    """Relationships that loader options in a function, or in values of modules that it uses, name."""
    resolved = (
        code.resolve(function.module, node) for node in function.nodes if isinstance(node, ast.Name | ast.Attribute)
    )
    shared = [found.node for found in resolved if isinstance(found, Value)]
    names: set[str] = set()
    for node in [*function.nodes, *(inner for value in shared for inner in ast.walk(value))]:
        if isinstance(node, ast.Call) and last_name(node) in _LOADERS:
            for argument in node.args:
                names |= {inner.attr for inner in ast.walk(argument) if isinstance(inner, ast.Attribute)}
                names |= {str(argument.value)} if isinstance(argument, ast.Constant) else set()
    return names


def _source(loop: Loop) -> ast.expr | None:
    if isinstance(loop, ast.While):
        return None
    return loop.iter if isinstance(loop, ast.For | ast.AsyncFor) else loop.generators[0].iter


def _targets(loop: Loop) -> set[str]:
    if isinstance(loop, ast.While):
        return set()
    target = loop.target if isinstance(loop, ast.For | ast.AsyncFor) else loop.generators[0].target
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def _repeated(loop: Loop) -> Iterator[ast.AST]:
    """Nodes that run once per turn: not what is iterated over, and not what leaves the loop."""
    if isinstance(loop, ast.For | ast.AsyncFor):
        parts: list[ast.AST] = list(loop.body)
    elif isinstance(loop, ast.While):
        parts = list(loop.body)
    else:
        first, *others = loop.generators
        parts = [loop.key, loop.value] if isinstance(loop, ast.DictComp) else [loop.elt]
        parts += [*first.ifs, *others]
    for part in parts:
        yield from ast.walk(part)


def _is_small(code: Codebase, function: Function, loop: Loop) -> bool:
    """Loops whose turns the code fixes (literals, constants, enums, fields of a body, retries), not the data."""
    if isinstance(loop, ast.While):
        draws = any(isinstance(node, ast.Attribute) and node.attr in ("pop", "popleft") for node in ast.walk(loop))
        return not draws
    source = _source(loop)
    return source is not None and _is_fixed(code, function, source)


def _is_fixed(code: Codebase, function: Function, source: ast.expr) -> bool:
    if isinstance(source, ast.Tuple | ast.List | ast.Set | ast.Dict | ast.Constant):
        return True
    if isinstance(source, ast.Call) and last_name(source) in ("range", "enumerate", "zip", "reversed", "sorted"):
        return all(_is_fixed(code, function, argument) for argument in source.args)
    if (
        isinstance(source, ast.Call)
        and isinstance(source.func, ast.Attribute)
        and source.func.attr in ("items", "keys", "values")
    ):
        return _is_fixed(code, function, source.func.value) or _is_dump(function, source.func.value)
    if isinstance(source, ast.Name | ast.Attribute):
        vararg = function.node.args.vararg
        if isinstance(source, ast.Name) and vararg is not None and vararg.arg == source.id:
            return True
        return last_name(source).isupper() or isinstance(code.resolve(function.module, source), Class)
    return False


def _is_dump(function: Function, expression: ast.expr) -> bool:
    values = function.assigned.get(expression.id, []) if isinstance(expression, ast.Name) else [expression]
    return any(isinstance(value, ast.Call) and last_name(value) in ("model_dump", "dict") for value in values)
