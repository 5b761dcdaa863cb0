"""404: rows that may not be there and are used as if they were, and routes that cannot say that nothing is there."""

import ast
import re
from collections.abc import Iterator

from llm.offline.reviewing.codebase import Class, Codebase, Function, dotted, last_name, missing_imports, names_in
from llm.offline.reviewing.notes import DESIGN, Note
from llm.offline.reviewing.routes import Route, RouteTable
from llm.offline.reviewing.sites import Database, Site, returned

_MAYBE = frozenset({"first", "one_or_none", "scalar_one_or_none", "get"})
_CERTAIN = frozenset({"one", "scalar_one", "get_one"})
_USES = frozenset(
    {"delete", "refresh", "setattr", "model_validate", "from_orm", "expunge", "vars", "len", "jsonable_encoder"}
)
_MISSING = re.compile(r"(?i)not_?found|missing|unknown|no_?such|absent|does_?not_?exist|gone")
_BODIES = frozenset({"body", "payload", "data", "request", "item", "wanted", "new"})
_GUARD = re.compile(r"(?i)404|require|ensure|found|exist")
_DEPTH = 4


def row_notes(database: Database, table: RouteTable, functions: tuple[Function, ...]) -> Iterator[Note]:
    """Everything about rows that may be missing; `functions` are those whose own lines are looked at."""
    rows = _Rows(database, table)
    found = [note for function in functions for note in rows.in_function(function)]
    yield from found
    told = {note.file: note for note in found}
    for route in table.routes:
        reached = [
            one for function in [route.function, *table.dependencies(route)] for one in database.code.reach(function)
        ]
        readable = not any(
            function.module.path in told or code_is_missing(database.code, function) for function in reached
        )
        if readable:
            yield from rows.in_route(route, reached)


def code_is_missing(code: Codebase, function: Function) -> bool:
    """True when a function calls what its module imports from this application, and that is not there to be read."""
    missing = set(missing_imports(code, function.module).values())
    return (
        any(dotted(function.module, call.func).startswith(tuple(missing)) for call in function.calls)
        if missing
        else False
    )


class _Rows:
    def __init__(self, database: Database, table: RouteTable) -> None:
        self._database, self._code = database, database.code
        self._routes = {route.function: route for route in table.routes}
        self._maybe: dict[Function, bool] = {}
        self._handles_missing = any("NoResultFound" in module.imports for module in self._code.modules.values())

    def in_function(self, function: Function) -> Iterator[Note]:
        yield from self._named(function)
        yield from self._at_once(function)

    def _named(self, function: Function) -> Iterator[Note]:
        """Rows that have a name: it is used without a check, or checked without a word."""
        for name, values in function.assigned.items():
            if not any(self.may_be_none(function, value) for value in values):
                continue
            checked = self._is_checked(function, name)
            if not checked and (used := self._use(function, name)):
                yield self._note(function, used, f"`{name}` may be None, and is used without asking")
            elif checked and (line := self._silent(function, name)):
                yield self._note(function, line, f"when `{name}` is None the route answers as if all were well")

    def _at_once(self, function: Function) -> Iterator[Note]:
        """Rows that are used where they are looked for."""
        for site in self._database.sites[function]:
            if self._is_used_at_once(function, site.outer) and self.may_be_none(function, site.outer):
                yield self._note(
                    function, site.line, "the row that is looked for may be None, and is used without asking"
                )
            elif self._raises_instead(function, site):
                yield self._note(
                    function,
                    site.line,
                    f"{site.fetched[-1]}() raises when the row is not there, and nothing catches it",
                )
        for call in function.calls:
            callee = self._code.callee(function, call)
            at_once = callee is not None and self.may_be_none(function, call) and self._is_used_at_once(function, call)
            if at_once and not any(site.call is call for site in self._database.sites[function]):
                yield self._note(
                    function, call.lineno, f"what {last_name(call)}() finds may be None, and is used without asking"
                )

    def in_route(self, route: Route, reached: list[Function]) -> Iterator[Note]:
        """A route whose contract has 404 while nothing that it reaches can answer so."""
        promised = route.promise is not None and "404" in route.promise.statuses and "{" in route.promise.path
        if promised and not any(self._answers_404(function) for function in reached):
            message = (
                f"404 is missing: {route.shown} promises it for a row that is not there, but nothing here answers 404"
            )
            yield Note(route.function.module.path, route.line, "high", DESIGN, message)

    def _note(self, function: Function, line: int, what: str) -> Note:
        return Note(
            function.module.path, line, "high", DESIGN, f"404 is missing: {what}; answer 404 when the row is not there"
        )

    def may_be_none(self, function: Function, expression: ast.expr) -> bool:
        """True for a row that is looked for by a key from outside, and may not be there."""
        while isinstance(expression, ast.Await | ast.NamedExpr):
            expression = expression.value
        if not isinstance(expression, ast.Call):
            return False
        for site in self._database.sites[function]:
            outer = site.outer.value if isinstance(site.outer, ast.Await) else site.outer
            if outer is expression:
                return self._finds_one(site)
        callee = self._code.callee(function, expression)
        return callee is not None and self._returns_none(callee)

    def _finds_one(self, site: Site) -> bool:
        last, models = site.fetched[-1], self._database.models_in(site)
        if site.mentions("update", "insert", "count", "exists"):
            return False
        if last == "get":
            return not _is_own_reference(site.call if site.fetched == ("get",) else site.outer)
        if site.fetched == ("scalar",) or last == "scalar":
            return bool(models)
        return last in _MAYBE and bool(models)

    def _returns_none(self, function: Function) -> bool:
        if function not in self._maybe:
            self._maybe[function] = False
            self._maybe[function] = self._finds_none(function)
        return self._maybe[function]

    def _finds_none(self, function: Function) -> bool:
        if function not in self._database.querying:
            return False
        annotation = function.node.returns
        if annotation is not None:
            whole = ast.unparse(annotation)
            return ("None" in whole or "Optional" in whole) and whole != "None" and "tuple" not in whole
        for value in returned(function):
            if self.may_be_none(function, value):
                return True
            values = function.assigned.get(value.id, ()) if isinstance(value, ast.Name) else ()
            maybe = any(self.may_be_none(function, one) for one in values)
            if maybe and isinstance(value, ast.Name) and not self._is_checked(function, value.id):
                return True
        return False

    def _is_checked(self, function: Function, name: str, depth: int = 0) -> bool:
        """True when a condition looks at the name, or a called function does so with the parameter that it becomes."""
        for node in function.nodes:
            if any(name in set(names_in(test)) for test in _tests(node)):
                return True
            if isinstance(node, ast.Call) and depth < _DEPTH and (parameter := self._parameter(function, node, name)):
                callee = self._code.callee(function, node)
                if callee is not None and self._is_checked(callee, parameter, depth + 1):
                    return True
            guards = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and _GUARD.search(node.func.id)
            if guards and isinstance(node, ast.Call) and name in {last_name(argument) for argument in node.args}:
                return True
        return False

    def _parameter(self, function: Function, call: ast.Call, name: str) -> str:
        """The parameter that a local name becomes in a called function of this code."""
        callee = self._code.callee(function, call)
        if callee is None:
            return ""
        names = [parameter.arg for parameter in callee.parameters if parameter.arg not in ("self", "cls")]
        for position, argument in enumerate(call.args):
            if isinstance(argument, ast.Name) and argument.id == name and position < len(names):
                return names[position]
        return next(
            (one.arg for one in call.keywords if one.arg and isinstance(one.value, ast.Name) and one.value.id == name),
            "",
        )

    def _use(self, function: Function, name: str, depth: int = 0) -> int:
        """Line where a name is used as a row that is there; 0 when nowhere."""
        for node in function.nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
                return node.lineno
            if isinstance(node, ast.Call) and any(isinstance(one, ast.Name) and one.id == name for one in node.args):
                parameter = self._parameter(function, node, name)
                callee = self._code.callee(function, node)
                inside = depth < _DEPTH and callee is not None and parameter and self._use(callee, parameter, depth + 1)
                if last_name(node) in _USES or inside:
                    return node.lineno
            handed_on = isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id == name
            if (
                handed_on
                and isinstance(node, ast.Return)
                and (function in self._routes or self._promises_a_row(function))
            ):
                return node.lineno
        return 0

    def _promises_a_row(self, function: Function) -> bool:
        returns = function.node.returns
        return returns is not None and last_name(returns) in self._database.tables

    def _is_used_at_once(self, function: Function, expression: ast.expr) -> bool:
        parents = function.module.parents
        parent = parents.get(expression)
        if isinstance(parent, ast.Await):
            expression, parent = parent, parents.get(parent)
        if isinstance(parent, ast.Attribute):
            return True
        if isinstance(parent, ast.Call) and expression in parent.args:
            if last_name(parent) in _USES:
                return True
            callee = self._code.callee(function, parent)
            names = [one.arg for one in callee.parameters if one.arg not in ("self", "cls")] if callee else []
            place = parent.args.index(expression)
            if callee is None or place >= len(names):
                return False
            return bool(self._use(callee, names[place])) and not self._is_checked(callee, names[place])
        return isinstance(parent, ast.Return) and (function in self._routes or self._promises_a_row(function))

    def _silent(self, function: Function, name: str) -> int:
        """Line of an `if row is None: return` in a route whose contract has 404."""
        route = self._routes.get(function)
        if route is None or route.promise is None or "404" not in route.promise.statuses:
            return 0
        for node in function.nodes:
            if isinstance(node, ast.If) and _asks_for_none(node.test, name) and _says_nothing(node.body[-1]):
                return node.lineno
        return 0

    def _raises_instead(self, function: Function, site: Site) -> bool:
        if site.fetched[-1] not in _CERTAIN or self._handles_missing or not self._database.models_in(site):
            return False
        by_key = site.mentions("where", "filter", "filter_by") or "get_one" in site.fetched
        if site.mentions("count", "insert", "returning", "exists") or not by_key:
            return False
        return not any(isinstance(node, ast.Try) for node in function.nodes)

    def _answers_404(self, function: Function) -> bool:
        for node in function.nodes:
            if isinstance(node, ast.Constant) and node.value == 404 and type(node.value) is int:
                return True
            if isinstance(node, ast.Attribute) and node.attr in ("HTTP_404_NOT_FOUND", "NOT_FOUND"):
                return True
            raised = node.exc if isinstance(node, ast.Raise) else None
            if raised is not None and (_MISSING.search(last_name(raised)) or self._means_404(function, raised)):
                return True
        return self._handles_missing and any(name in _CERTAIN for node in function.nodes for name in [last_name(node)])

    def _means_404(self, function: Function, raised: ast.expr) -> bool:
        """True for an error of this code whose class, or whose handler, speaks of 404."""
        named = raised.func if isinstance(raised, ast.Call) else raised
        found = self._code.resolve(function.module, named)
        if isinstance(found, Class) and re.search(r"\b404\b|NOT_FOUND", ast.unparse(found.node)):
            return True
        for handler in self._code.functions:
            for decorator in handler.node.decorator_list:
                handles = last_name(decorator) == "exception_handler" and last_name(named) in set(names_in(decorator))
                if handles and re.search(r"\b404\b|NOT_FOUND", ast.unparse(handler.node)):
                    return True
        return False


def _tests(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert):
        return [node.test]
    if isinstance(node, ast.BoolOp):
        return list(node.values)
    if isinstance(node, ast.comprehension):
        return list(node.ifs)
    return [node.subject] if isinstance(node, ast.Match) else [node] if isinstance(node, ast.Compare) else []


def _asks_for_none(test: ast.expr, name: str) -> bool:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return isinstance(test.operand, ast.Name) and test.operand.id == name
    plain = isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is) and isinstance(test.left, ast.Name)
    return plain and isinstance(test, ast.Compare) and last_name(test.left) == name


def _says_nothing(statement: ast.stmt) -> bool:
    """`pass`, and a `return` of nothing or of a constant."""
    if isinstance(statement, ast.Return):
        return statement.value is None or isinstance(statement.value, ast.Constant | ast.Dict)
    return isinstance(statement, ast.Pass)


def _is_own_reference(call: ast.expr) -> bool:
    """`session.get(User, note.owner_id)`: a foreign key of a row that is there leads to a row that is there."""
    key = call.args[-1] if isinstance(call, ast.Call) and call.args else None
    return isinstance(key, ast.Attribute) and key.attr.endswith("_id") and last_name(key.value) not in _BODIES
