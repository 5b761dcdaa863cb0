"""Places where the code talks to the database, and everything that takes part in the statement that runs there."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from llm.offline.reviewing.codebase import Class, Codebase, Function, Value, last_name
from llm.offline.reviewing.tables import Table, read_tables

RUNS = frozenset({"execute", "scalar", "scalars", "stream", "stream_scalars", "query", "exec"})
LOADS = frozenset({"get", "get_one"})
OTHER = frozenset({"refresh", "merge"})
BUILDERS = frozenset({"select", "query", "update", "delete", "get", "get_one", "exists"})
_SESSIONS = frozenset(
    {"db", "session", "conn", "connection", "s", "sess", "dbsession", "database", "tx", "transaction"}
)
_ONE = frozenset(
    {"first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none", "get", "get_one", "refresh", "merge"}
)
_MODEL_NAMES = frozenset({"model", "entity", "table", "cls", "model_class", "_model", "kind"})
_DEPTH = 4


@dataclass(frozen=True, eq=False)
class Site:
    """One statement that runs: `call` runs it, `outer` is the call with what is done to its result, named in `fetched`."""

    function: Function
    call: ast.Call
    outer: ast.expr
    fetched: tuple[str, ...]
    family: tuple[tuple[Function, ast.AST], ...]

    @property
    def line(self) -> int:
        return self.call.lineno

    def mentions(self, *names: str) -> bool:
        """True when a function, method, attribute or keyword of these names takes part in the statement."""
        return any(
            (node.arg if isinstance(node, ast.keyword) else last_name(node)) in names
            for _, node in self.family
            if isinstance(node, ast.Call | ast.Attribute | ast.keyword)
        )

    @property
    def reads_many(self) -> bool:
        """False for statements that change rows, or of which one row or value is taken."""
        changes = self.mentions("update", "insert", "values", "returning")
        deletes = any(isinstance(node, ast.Call) and last_name(node) == "delete" for _, node in self.family)
        return self.fetched[-1] not in _ONE and not changes and not deletes


@dataclass(eq=False)
class Database:
    """The codebase seen from its database."""

    code: Codebase

    @cached_property
    def tables(self) -> dict[str, Table]:
        return read_tables(self.code)

    @cached_property
    def querying(self) -> frozenset[Function]:
        """Functions that run a statement, themselves or through what they call."""
        found = {
            function for function in self.code.functions if any(is_query(function, call) for call in function.calls)
        }
        waiting = list(found)
        callers: dict[Function, list[Function]] = {}
        for function in self.code.functions:
            for called in self.code.callees(function):
                callers.setdefault(called, []).append(function)
        while waiting:
            fresh = [one for one in callers.get(waiting.pop(), ()) if one not in found]
            found.update(fresh)
            waiting += fresh
        return frozenset(found)

    @cached_property
    def sites(self) -> dict[Function, list[Site]]:
        return {function: list(self._sites(function)) for function in self.code.functions}

    def _sites(self, function: Function) -> Iterator[Site]:
        for call in function.calls:
            if is_query(function, call) or self._takes_statement(function, call):
                outer, fetched = _outwards(function, call)
                yield Site(function, call, outer, fetched, tuple(self.family(function, outer)))

    def _takes_statement(self, function: Function, call: ast.Call) -> bool:
        """True for `fetch_page(db, statement)`: a function of this code that runs what it is given."""
        callee = self.code.callee(function, call)
        if callee is None or callee not in self.querying:
            return False
        return any(
            self._is_statement(function, argument)
            for argument in [*call.args, *(keyword.value for keyword in call.keywords)]
        )

    def _is_statement(self, function: Function, expression: ast.expr, depth: int = 0) -> bool:
        while isinstance(expression, ast.Call):
            if last_name(expression) in ("select", "update", "delete") and not is_session(function, expression.func):
                return True
            if callee := self.code.callee(function, expression):
                return depth < _DEPTH and any(self._is_statement(callee, one, depth + 1) for one in returned(callee))
            if not isinstance(expression.func, ast.Attribute):
                return False
            expression = expression.func.value
        if isinstance(expression, ast.Name) and depth < _DEPTH:
            values = function.assigned.get(expression.id, ())
            return any(self._is_statement(function, value, depth + 1) for value in values)
        return False

    def family(
        self, function: Function, expression: ast.AST, *, rows: bool = False
    ) -> Iterator[tuple[Function, ast.AST]]:
        """Nodes of an expression, of what its names were given, and of statements that functions in it return.

        With `rows` also through names that hold what a statement found.
        """
        yield from self._family(function, expression, set(), 0, rows)

    def _family(
        self, function: Function, expression: ast.AST, seen: set[object], depth: int, rows: bool
    ) -> Iterator[tuple[Function, ast.AST]]:
        for node in ast.walk(expression):
            yield function, node
            if depth > _DEPTH:
                continue
            if isinstance(node, ast.Name) and (function, node.id) not in seen:
                seen.add((function, node.id))
                for where, value in self._behind(function, node):
                    if rows or not _has_query(where, value):
                        yield from self._family(where, value, seen, depth + 1, rows)
            callee = self.code.callee(function, node) if isinstance(node, ast.Call) else None
            if callee is not None and callee not in seen and self._builds(callee):
                seen.add(callee)
                for part in callee.node.body:
                    yield from self._family(callee, part, seen, depth + 1, rows)

    def _behind(self, function: Function, name: ast.Name) -> Iterator[tuple[Function, ast.expr]]:
        """Values of a local name, or of a name of a module."""
        values = [*function.assigned.get(name.id, ()), *_grown(function, name.id)]
        yield from ((function, value) for value in values)
        shared = self.code.resolve(function.module, name)
        if isinstance(shared, Value) and not values:
            yield function, shared.node

    def _builds(self, function: Function) -> bool:
        """True for a function that returns a statement or conditions rather than rows."""
        return not any(is_query(function, call) for call in function.calls)

    def models_in(self, site: Site) -> set[str]:
        """Models whose rows (not only ids or aggregates) the statement reads or changes."""
        found: set[str] = set()
        for function, node in site.family:
            if isinstance(node, ast.Call) and last_name(node) in BUILDERS:
                found |= set(self._entities(function, node))
        return found

    def _entities(self, function: Function, call: ast.Call) -> Iterator[str]:
        session = is_session(function, call.func)
        if last_name(call) in ("get", "get_one", "query") and not session:
            return
        if last_name(call) == "delete" and session:
            return
        for argument in call.args[:1] if last_name(call) in ("get", "get_one") else call.args:
            name = self.model_named(function, argument)
            if name:
                yield name

    def model_named(self, function: Function, expression: ast.expr) -> str:
        """The model that `models.Note`, `Note`, an alias of it or `Note.title` names; empty for ids and aggregates."""
        if isinstance(expression, ast.Attribute) and last_name(expression.value) in self.tables:
            return last_name(expression.value) if expression.attr not in ("id", "owner_id") else ""
        name = last_name(expression) if isinstance(expression, ast.Name | ast.Attribute) else ""
        if name in self.tables:
            return name
        found = self.code.resolve(function.module, expression)
        if isinstance(found, Class) and found.node.name in self.tables:
            return found.node.name
        for value in function.assigned.get(name, ()) if isinstance(expression, ast.Name) else ():
            if isinstance(value, ast.Name | ast.Attribute) and last_name(value) in self.tables:
                return last_name(value)
        return ""


def is_session(function: Function, func: ast.expr) -> bool:
    """True for a method of a session or connection: `db.execute`, `self._session.get`, `uow.session.scalar`."""
    if not isinstance(func, ast.Attribute):
        return False
    owner = last_name(func.value).lower().strip("_")
    if owner in _SESSIONS or owner.endswith(("session", "_db", "connection", "cursor")):
        return True
    if isinstance(func.value, ast.Name):
        for parameter in function.parameters:
            if parameter.arg == func.value.id and parameter.annotation is not None:
                return last_name(parameter.annotation) in ("Session", "AsyncSession", "Connection", "scoped_session")
    return False


def is_query(function: Function, call: ast.Call) -> bool:
    """True for a call that runs a statement on a session."""
    if not is_session(function, call.func):
        return False
    name = last_name(call)
    return name in RUNS or name in OTHER or (name in LOADS and _names_a_model(call))


def _has_query(function: Function, value: ast.expr) -> bool:
    return any(isinstance(node, ast.Call) and is_query(function, node) for node in ast.walk(value))


def _names_a_model(call: ast.Call) -> bool:
    """Tells `session.get(Note, id)` from `request.session.get("key", default)`."""
    name = last_name(call.args[0]) if call.args else ""
    return len(call.args) + len(call.keywords) >= 2 and (name[:1].isupper() or name in _MODEL_NAMES)


def returned(function: Function) -> list[ast.expr]:
    return [node.value for node in function.nodes if isinstance(node, ast.Return) and node.value is not None]


def _outwards(function: Function, call: ast.Call) -> tuple[ast.expr, tuple[str, ...]]:
    """From `session.scalars(x)` out to `session.scalars(x).unique().all()`, with the names on the way."""
    parents = function.module.parents
    fetched = [last_name(call)]
    node: ast.AST = call
    while True:
        parent = parents.get(node)
        if isinstance(parent, ast.Await):
            node = parent
        elif isinstance(parent, ast.Attribute) and isinstance(parents.get(parent), ast.Call):
            above = parents[parent]
            if not isinstance(above, ast.Call) or above.func is not parent:
                break
            fetched.append(parent.attr)
            node = above
        else:
            break
    return node if isinstance(node, ast.expr) else call, tuple(fetched)


def _grown(function: Function, name: str) -> Iterator[ast.expr]:
    """What is appended to a list, as conditions often are."""
    for call in function.calls:
        grows = isinstance(call.func, ast.Attribute) and call.func.attr in ("append", "extend", "insert")
        if grows and isinstance(call.func, ast.Attribute) and last_name(call.func.value) == name:
            yield from call.args
