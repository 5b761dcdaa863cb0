"""Routes of the code beside operations of the contract, and what each depends on."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from core.types import Json, JsonObject
from llm.offline.reviewing.codebase import Class, Codebase, Function, Module, Value, dotted, last_name, unquoted

_METHODS = ("get", "post", "put", "patch", "delete")
_DEPENDS = ("Depends", "Security")
_DEPTH = 5


@dataclass(frozen=True)
class Promise:
    """One operation of the contract."""

    operation_id: str
    method: str
    path: str
    secured: bool
    statuses: frozenset[str]

    @property
    def shown(self) -> str:
        return f"{self.method.upper()} {self.path}"


@dataclass(frozen=True, eq=False)
class Route:
    """One route: `guards` are dependencies of its decorator, its router and what includes that. `promise` is None if unknown."""

    function: Function
    method: str
    path: str
    decorator: ast.Call
    guards: tuple[tuple[Module, ast.expr], ...]
    certain: bool
    promise: Promise | None = None

    @property
    def shown(self) -> str:
        return self.promise.shown if self.promise else f"{self.method.upper()} {self.path}"

    @property
    def line(self) -> int:
        return self.function.node.lineno

    @property
    def answer(self) -> ast.expr | None:
        """The schema of the answer: `response_model`, else the annotation."""
        given = next((one.value for one in self.decorator.keywords if one.arg == "response_model"), None)
        return given if given is not None else self.function.node.returns


def promises(contract: JsonObject | None) -> list[Promise]:
    """Operations of an OpenAPI document."""
    found = []
    for path, item in _entries((contract or {}).get("paths")):
        for method, operation in _entries(item):
            if method in _METHODS and isinstance(operation, dict):
                secured = bool(operation.get("security", (contract or {}).get("security")))
                statuses = frozenset(status for status, _ in _entries(operation.get("responses")))
                found.append(Promise(str(operation.get("operationId") or ""), method, path, secured, statuses))
    return found


def _entries(value: Json) -> list[tuple[str, Json]]:
    return list(value.items()) if isinstance(value, dict) else []


@dataclass(frozen=True)
class _Inclusion:
    prefix: str
    guards: tuple[tuple[Module, ast.expr], ...]
    certain: bool


@dataclass(eq=False)
class RouteTable:
    code: Codebase
    contract: JsonObject | None

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        return tuple(route for function in self.code.functions for route in self._routes(function))

    def _routes(self, function: Function) -> Iterator[Route]:
        for decorator in function.node.decorator_list:
            if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
                continue
            method, path = decorator.func.attr, _text(_argument(decorator, 0, "path"))
            if method not in _METHODS or path is None:
                continue
            around = self._router(function.module, decorator.func.value)
            guards = (*around.guards, *((function.module, one) for one in _dependencies(decorator)))
            route = Route(function, method, around.prefix + path, decorator, guards, around.certain)
            promise = self._promise(route)
            yield Route(function, method, route.path, decorator, guards, around.certain, promise)

    def _promise(self, route: Route) -> Promise | None:
        known = promises(self.contract)
        wanted = _text(next((one.value for one in route.decorator.keywords if one.arg == "operation_id"), None))
        by_id = [one for one in known if wanted and one.operation_id == wanted]
        same = [one for one in known if one.method == route.method and _plain(one.path) == _plain(route.path)]
        ends = [one for one in known if one.method == route.method and _plain(one.path).endswith(_plain(route.path))]
        for found in (by_id, same, ends if not route.certain and _plain(route.path) else []):
            if len(found) == 1:
                return found[0]
        return None

    def _router(self, module: Module, router: ast.expr, depth: int = 0) -> _Inclusion:
        """Prefix and guards that reach the routes of a router, through everything that includes it."""
        made = self.code.resolve(module, router)
        constructor = made.node if isinstance(made, Value) else _local_value(module, router)
        prefix, guards, certain = "", list[tuple[Module, ast.expr]](), isinstance(constructor, ast.Call)
        where = made.module if isinstance(made, Value) else module
        if isinstance(constructor, ast.Call):
            prefix = _text(_keyword(constructor, "prefix")) or ""
            guards += [(where, one) for one in _dependencies(constructor)]
            if last_name(constructor) == "FastAPI":
                return _Inclusion(prefix, tuple(guards), True)
        included = [] if depth > _DEPTH else list(self._inclusions(where, router))
        for parent, call in included[:1]:
            above = self._router(parent, call.func.value, depth + 1) if isinstance(call.func, ast.Attribute) else None
            own = _text(_keyword(call, "prefix"))
            certain = (
                certain
                and (above is None or above.certain)
                and not (own is None and _keyword(call, "prefix") is not None)
            )
            prefix = (above.prefix if above else "") + (own or "") + prefix
            guards += [*(above.guards if above else ()), *((parent, one) for one in _dependencies(call))]
        return _Inclusion(prefix, tuple(guards), certain and bool(included))

    def _inclusions(self, module: Module, router: ast.expr) -> Iterator[tuple[Module, ast.Call]]:
        """Calls of include_router() that take this router; in a loop over modules every one of these is taken."""
        wanted = f"{module.name}.{last_name(router)}"
        for parent, call, names in self._every_inclusion:
            if wanted in names:
                yield parent, call

    @cached_property
    def _every_inclusion(self) -> list[tuple[Module, ast.Call, set[str]]]:
        """Calls of include_router() with the full names of the routers that they take."""
        return [
            (parent, call, self._router_names(parent, call.args[0]))
            for parent in self.code.modules.values()
            for call in ast.walk(parent.tree)
            if isinstance(call, ast.Call) and last_name(call) == "include_router" and call.args
        ]

    def _router_names(self, module: Module, given: ast.expr) -> set[str]:
        found = self.code.resolve(module, given)
        names = (
            {f"{found.module.name}.{last_name(given)}", *_value_name(found)}
            if isinstance(found, Value)
            else {dotted(module, given)}
        )
        looped = given.value if isinstance(given, ast.Attribute) else given
        for loop in (node for node in ast.walk(module.tree) if isinstance(node, ast.For)):
            if isinstance(looped, ast.Name) and last_name(loop.target) == looped.id:
                items = _local_value(module, loop.iter) if isinstance(loop.iter, ast.Name) else loop.iter
                for item in items.elts if isinstance(items, ast.Tuple | ast.List) else ():
                    whole = (
                        f"{dotted(module, item)}.{given.attr}"
                        if isinstance(given, ast.Attribute)
                        else dotted(module, item)
                    )
                    names.add(whole)
        return names

    def dependencies(self, route: Route) -> list[Function]:
        """Functions of this code that run before the route, through every level of Depends()."""
        found: list[Function] = []
        waiting = [*route.guards, *_asked_by(self.code, route.function)]
        while waiting:
            module, expression = waiting.pop()
            target = self.code.resolve(module, expression)
            if isinstance(target, Class):
                target = self.code.method(target, "__init__") or self.code.method(target, "__call__")
            elif isinstance(target, Value) and isinstance(target.node, ast.Call):
                made = self.code.resolve(target.module, target.node.func)
                target = self.code.method(made, "__call__") if isinstance(made, Class) else None
            if isinstance(target, Function) and target not in found:
                found.append(target)
                waiting += _asked_by(self.code, target)
        return found

    def depended(self, route: Route) -> list[tuple[Module, ast.expr]]:
        """Every expression that stands in a Depends() before the route, resolved or not."""
        own = [*route.guards, *_asked_by(self.code, route.function)]
        return own + [one for function in self.dependencies(route) for one in _asked_by(self.code, function)]


def _asked_by(code: Codebase, function: Function) -> list[tuple[Module, ast.expr]]:
    """What the parameters of a function ask for by Depends() or Security()."""
    found: list[tuple[Module, ast.expr]] = []
    for parameter in function.parameters:
        default = function.defaults.get(parameter.arg)
        annotated = [(function.module, parameter.annotation)] if parameter.annotation is not None else []
        for module, expression in [*annotated, *([(function.module, default)] if default is not None else [])]:
            found += _depends_in(code, module, expression, parameter)
    return found


def _depends_in(
    code: Codebase, module: Module, expression: ast.expr, parameter: ast.arg, depth: int = 0
) -> list[tuple[Module, ast.expr]]:
    expression = unquoted(expression)
    found: list[tuple[Module, ast.expr]] = []
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and last_name(node) in _DEPENDS:
            given = _argument(node, 0, "dependency") or parameter.annotation
            found += [(module, given)] if given is not None else []
        elif isinstance(node, ast.Name | ast.Attribute) and depth < _DEPTH:
            alias = code.resolve(module, node)
            if isinstance(alias, Value) and isinstance(alias.node, ast.Subscript | ast.Name | ast.Attribute):
                found += _depends_in(code, alias.module, alias.node, parameter, depth + 1)
    return found


def _dependencies(call: ast.Call) -> list[ast.expr]:
    given = _keyword(call, "dependencies")
    items = given.elts if isinstance(given, ast.List | ast.Tuple) else []
    inner = [_argument(one, 0, "dependency") for one in items if isinstance(one, ast.Call)]
    return [one for one in inner if one is not None] or ([given] if isinstance(given, ast.Name) else [])


def _local_value(module: Module, expression: ast.expr) -> ast.expr | None:
    """What a name is given anywhere in the module, as `app` in `create_app`."""
    for node in ast.walk(module.tree):
        targets = node.targets if isinstance(node, ast.Assign) and isinstance(expression, ast.Name) else []
        if any(isinstance(target, ast.Name) and target.id == last_name(expression) for target in targets):
            return node.value if isinstance(node, ast.Assign) else None
    return None


def _value_name(found: Value) -> set[str]:
    return {f"{found.module.name}.{name}" for name, node in found.module.values.items() if node is found.node}


def _argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    return call.args[position] if len(call.args) > position else _keyword(call, name)


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _plain(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")
