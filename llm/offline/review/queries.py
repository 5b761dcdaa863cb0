"""Queries per row, lists without a bound, and rows that are used without asking whether they are there."""

import ast
from collections.abc import Iterator

from llm.offline.review.model import (
    DESIGN,
    PERFORMANCE,
    Function,
    Note,
    PythonFile,
    calls,
    last_name,
    mentions,
    name_of,
)

_QUERY_CALLS = frozenset({"scalar", "scalars", "execute", "query", "scalar_one", "scalar_one_or_none"})
_SESSION_NAMES = frozenset({
    "db", "session", "self.db", "self.session", "self._session", "self._db", "s", "conn", "connection",
})  # fmt: skip
_EAGER = r"^(?:selectinload|joinedload|subqueryload|contains_eager|selectin|immediateload)$"
_BOUNDED = r"(?i)^(?:limit|page|page_size|slice|fetch_page|paginate|partitions|yield_per|stream|fetchmany)$|_limit$"
_MAYBE_CALLS = frozenset({"get", "scalar", "scalar_one_or_none", "first", "one_or_none"})
_USES = frozenset({"delete", "refresh", "setattr", "model_validate", "expunge"})
Loop = ast.For | ast.AsyncFor | ast.While | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def query_notes(source: PythonFile, relationships: frozenset[str]) -> Iterator[Note]:
    """`relationships` are the names of relationships of all models that load lazily."""
    querying = {function.name for function in source.functions() if any(_is_query(call) for call in calls(function))}
    for function in source.functions():
        yield from _per_row(source, function, querying, relationships)
        yield from _unbounded(source, function)
        yield from _unchecked(source, function)


def lazy_relationships(sources: list[PythonFile]) -> frozenset[str]:
    """Names of relationships without eager loading, as the models declare them."""
    names: set[str] = set()
    for source in sources:
        for node in ast.walk(source.tree):
            if (
                isinstance(node, ast.AnnAssign)
                and isinstance(node.value, ast.Call)
                and last_name(node.value) == "relationship"
            ):
                lazy = next((keyword.value for keyword in node.value.keywords if keyword.arg == "lazy"), None)
                eager = isinstance(lazy, ast.Constant) and lazy.value in ("selectin", "joined", "subquery", "immediate")
                if not eager:
                    names.add(last_name(node.target))
    return frozenset(names)


def _is_query(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    owner = name_of(call.func.value)
    on_session = owner in _SESSION_NAMES or owner.endswith((".db", ".session", "_session"))
    return on_session and (call.func.attr in _QUERY_CALLS or (call.func.attr == "get" and len(call.args) >= 2))


def _per_row(
    source: PythonFile, function: Function, querying: set[str], relationships: frozenset[str]
) -> Iterator[Note]:
    eager = mentions(function, _EAGER)
    for loop in (node for node in ast.walk(function) if isinstance(node, Loop)):
        for call in _repeated_calls(loop):
            called = name_of(call.func)
            if _is_query(call) or (called in querying and called != function.name):
                message = (
                    "a query runs for every row of a loop (N+1): load all rows in one query with in_() or eager loading"
                )
                yield Note(source.path, call.lineno, "high", PERFORMANCE, message)
        names = _loop_names(loop)
        for node in _repeated(loop):
            lazy = (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in names
                and node.attr in relationships
            )
            if lazy and not eager and isinstance(node, ast.Attribute):
                message = f"`{node.attr}` is loaded for every row of a loop (N+1): add selectinload() to the query"
                yield Note(source.path, node.lineno, "high", PERFORMANCE, message)


def _repeated(loop: Loop) -> Iterator[ast.AST]:
    """Nodes that run once per turn: not what is iterated over first."""
    if isinstance(loop, ast.For | ast.AsyncFor):
        parts: list[ast.AST] = list(loop.body)
    elif isinstance(loop, ast.While):
        parts = [loop.test, *loop.body]
    else:
        first, *others = loop.generators
        elements = [loop.key, loop.value] if isinstance(loop, ast.DictComp) else [loop.elt]
        parts = [*elements, *first.ifs, *others]
    for part in parts:
        yield from ast.walk(part)


def _repeated_calls(loop: Loop) -> Iterator[ast.Call]:
    return (node for node in _repeated(loop) if isinstance(node, ast.Call))


def _loop_names(loop: Loop) -> set[str]:
    targets = (
        [loop.target]
        if isinstance(loop, ast.For | ast.AsyncFor)
        else []
        if isinstance(loop, ast.While)
        else [one.target for one in loop.generators]
    )
    return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}


def _unbounded(source: PythonFile, function: Function) -> Iterator[Note]:
    """`.all()` on a whole table: no limit, no list of ids, no grouping."""
    if mentions(function, _BOUNDED) or mentions(function, r"^(?:in_|group_by|count|exists)$"):
        return
    for call in calls(function):
        everything = last_name(call) in ("all", "fetchall") and isinstance(call.func, ast.Attribute)
        if everything and any(last_name(inner) in ("select", "query") for inner in calls(function)):
            message = "the whole table is read: give the query a limit and the list a page"
            yield Note(source.path, call.lineno, "high", PERFORMANCE, message)
            return


def _unchecked(source: PythonFile, function: Function) -> Iterator[Note]:
    """A row that may be missing is used as if it were there: a 500 where a 404 belongs."""
    checked = _checked_names(function)
    for name, line in _maybe_missing(function):
        if name not in checked and _is_used(function, name):
            message = f"`{name}` may be None and is used without a check: answer 404 when the row is not there"
            yield Note(source.path, line, "high", DESIGN, message)
    for call in calls(function):
        for argument in call.args:
            if last_name(call) in _USES and isinstance(argument, ast.Call) and _may_be_missing(argument):
                message = "a row that may be missing is used at once: answer 404 when it is not there"
                yield Note(source.path, call.lineno, "high", DESIGN, message)
    returns = ast.unparse(function.returns) if function.returns else ""
    for node in ast.walk(function):
        direct = isinstance(node, ast.Return) and isinstance(node.value, ast.Call) and _may_be_missing(node.value)
        if direct and returns and "None" not in returns and "Optional" not in returns:
            message = "the row is returned without asking whether it is there: answer 404 when it is not"
            yield Note(source.path, node.lineno, "high", DESIGN, message)  # type: ignore[attr-defined]  # a Return has a line


def _maybe_missing(function: Function) -> Iterator[tuple[str, int]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            if isinstance(node.value, ast.Call) and _may_be_missing(node.value):
                yield node.targets[0].id, node.lineno


def _may_be_missing(call: ast.Call) -> bool:
    """`db.get(Model, id)`, `db.scalar(select(Model)...)`, `.first()`, `.scalar_one_or_none()`; not counts and aggregates."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _MAYBE_CALLS:
        return False
    if call.func.attr == "get":
        return len(call.args) >= 2 and last_name(call.args[0])[:1].isupper()
    whole = ast.dump(call)
    return not any(f"'{word}'" in whole for word in ("count", "func", "exists", "sum", "avg", "max", "min", "coalesce"))


def _checked_names(function: Function) -> set[str]:
    """Names that a condition looks at."""
    found: set[str] = set()
    for node in ast.walk(function):
        test = node.test if isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert) else None
        parts = [test] if test else list(node.values) if isinstance(node, ast.BoolOp) else list[ast.expr]()
        for part in parts:
            found |= {child.id for child in ast.walk(part) if isinstance(child, ast.Name)}
    return found


def _is_used(function: Function, name: str) -> bool:
    returns = ast.unparse(function.returns) if function.returns else ""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
            return True
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id == name:
            return bool(returns) and "None" not in returns and "Optional" not in returns
        if isinstance(node, ast.Call) and last_name(node) in _USES:
            if any(isinstance(argument, ast.Name) and argument.id == name for argument in node.args):
                return True
    return False
