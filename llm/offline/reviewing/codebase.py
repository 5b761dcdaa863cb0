"""The code under review as one body: modules that parse, names followed through imports, and who calls whom."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Target = "Function | Class | Value"
_DEPTH = 6


@dataclass(frozen=True, eq=False)
class Module:
    """One file. `imports` maps a local name to the dotted name that it stands for."""

    path: str
    name: str
    tree: ast.Module
    imports: Mapping[str, str]
    values: Mapping[str, ast.expr]

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        return {child: parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)}


@dataclass(frozen=True, eq=False)
class Class:
    module: Module
    node: ast.ClassDef


@dataclass(frozen=True, eq=False)
class Value:
    """What a module gives a name at its top level."""

    module: Module
    node: ast.expr


@dataclass(frozen=True, eq=False)
class Function:
    """A function, method or nested function. `owner` is the class of a method."""

    module: Module
    node: FunctionNode
    owner: Class | None = None

    @property
    def name(self) -> str:
        return self.node.name

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Everything in the body and the defaults, but not the bodies of functions inside."""
        return tuple(_own_nodes(self.node))

    @cached_property
    def calls(self) -> tuple[ast.Call, ...]:
        return tuple(node for node in self.nodes if isinstance(node, ast.Call))

    @cached_property
    def parameters(self) -> tuple[ast.arg, ...]:
        given = self.node.args
        extra = [one for one in (given.vararg, given.kwarg) if one is not None]
        return (*given.posonlyargs, *given.args, *given.kwonlyargs, *extra)

    @cached_property
    def defaults(self) -> dict[str, ast.expr]:
        given = self.node.args
        positional = [*given.posonlyargs, *given.args]
        late = positional[len(positional) - len(given.defaults) :]
        found = {argument.arg: value for argument, value in zip(late, given.defaults, strict=True)}
        keyword = zip(given.kwonlyargs, given.kw_defaults, strict=True)
        return found | {argument.arg: value for argument, value in keyword if value is not None}

    @cached_property
    def assigned(self) -> dict[str, list[ast.expr]]:
        """Every value that a local name is given or grows by."""
        found: dict[str, list[ast.expr]] = {}
        for node in self.nodes:
            for name, value in _assignments(node):
                found.setdefault(name, []).append(value)
        return found


@dataclass(eq=False)
class Codebase:
    """Python modules by dotted name."""

    modules: dict[str, Module] = field(default_factory=dict)
    broken: list[tuple[str, int, str]] = field(default_factory=list)

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        return tuple(function for module in self.modules.values() for function in _functions(module))

    @cached_property
    def classes(self) -> tuple[Class, ...]:
        return tuple(
            Class(module, node)
            for module in self.modules.values()
            for node in ast.walk(module.tree)
            if isinstance(node, ast.ClassDef)
        )

    @cached_property
    def _by_name(self) -> "dict[str, Function | Class]":
        found: dict[str, Function | Class] = {}
        for one in self.classes:
            found[f"{one.module.name}.{one.node.name}"] = one
        for function in self.functions:
            owner = f"{function.owner.node.name}." if function.owner else ""
            found.setdefault(f"{function.module.name}.{owner}{function.name}", function)
        return found

    @cached_property
    def _methods(self) -> dict[str, list[Function]]:
        found: dict[str, list[Function]] = {}
        for function in self.functions:
            if function.owner:
                found.setdefault(function.name, []).append(function)
        return found

    def lookup(self, dotted: str, depth: int = 0) -> "Function | Class | Value | None":
        """What a dotted name stands for in this code, through re-exports; None when it comes from elsewhere."""
        if dotted in self._by_name:
            return self._by_name[dotted]
        if depth > _DEPTH or "." not in dotted:
            return None
        parts = dotted.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            module = self.modules.get(".".join(parts[:cut]))
            if module is None:
                continue
            if cut == len(parts) - 1 and parts[-1] in module.values:
                return Value(module, module.values[parts[-1]])
            if parts[cut] in module.imports:
                return self.lookup(".".join([module.imports[parts[cut]], *parts[cut + 1 :]]), depth + 1)
            return None
        return None

    def resolve(self, module: Module, expression: ast.expr) -> "Function | Class | Value | None":
        return self.lookup(dotted(module, expression))

    def callee(self, function: Function, call: ast.Call) -> Function | None:
        """The function of this code that a call runs, as far as names tell."""
        found = self.resolve(function.module, call.func)
        if isinstance(found, Function):
            return found
        if isinstance(found, Class):
            return self.method(found, "__init__")
        if not isinstance(call.func, ast.Attribute):
            return None
        owner = self._type_of(function, call.func.value)
        if owner is not None:
            return self.method(owner, call.func.attr)
        return None if _is_known_foreign(call.func) else self._only_method(call.func.attr)

    def method(self, owner: Class, name: str, depth: int = 0) -> Function | None:
        for function in self._methods.get(name, ()):
            if function.owner is not None and function.owner.node is owner.node:
                return function
        for base in owner.node.bases if depth < _DEPTH else ():
            found = self.resolve(owner.module, base)
            if isinstance(found, Class) and (method := self.method(found, name, depth + 1)):
                return method
        return None

    def annotated_class(self, module: Module, annotation: ast.expr | None, depth: int = 0) -> Class | None:
        """The class of this code that an annotation names, through aliases, `Annotated` and `| None`."""
        if annotation is None or depth > _DEPTH:
            return None
        annotation = unquoted(annotation)
        if isinstance(annotation, ast.BinOp):
            left = self.annotated_class(module, annotation.left, depth + 1)
            return left or self.annotated_class(module, annotation.right, depth + 1)
        if isinstance(annotation, ast.Subscript):
            inside = annotation.slice
            first = inside.elts[0] if isinstance(inside, ast.Tuple) and inside.elts else inside
            wrapper = last_name(annotation.value)
            return self.annotated_class(module, first, depth + 1) if wrapper in ("Annotated", "Optional") else None
        found = self.resolve(module, annotation)
        if isinstance(found, Value):
            return self.annotated_class(found.module, found.node, depth + 1)
        return found if isinstance(found, Class) else None

    def callees(self, function: Function) -> list[Function]:
        return self._edges.get(function, [])

    def callers(self, function: Function) -> list[Function]:
        return [one for one, called in self._edges.items() if function in called]

    @cached_property
    def _edges(self) -> dict[Function, list[Function]]:
        edges: dict[Function, list[Function]] = {}
        for function in self.functions:
            called = (self.callee(function, call) for call in function.calls)
            edges[function] = list(dict.fromkeys(one for one in called if one is not None and one is not function))
        return edges

    def reach(self, function: Function) -> tuple[Function, ...]:
        """The function and all that it calls, directly or not."""
        found, waiting = [function], [function]
        while waiting:
            for called in self.callees(waiting.pop()):
                if called not in found:
                    found.append(called)
                    waiting.append(called)
        return tuple(found)

    def _type_of(self, function: Function, expression: ast.expr) -> Class | None:
        if not isinstance(expression, ast.Name):
            return None
        if expression.id in ("self", "cls") and function.owner is not None:
            return function.owner
        for parameter in function.parameters:
            if parameter.arg == expression.id and parameter.annotation is not None:
                return self.annotated_class(function.module, parameter.annotation)
        for value in function.assigned.get(expression.id, ()):
            made = self.resolve(function.module, value.func) if isinstance(value, ast.Call) else None
            if isinstance(made, Class):
                return made
        return None

    def _only_method(self, name: str) -> Function | None:
        """The one method of this code with that name, when no common type has one of the same name."""
        found = self._methods.get(name, [])
        return found[0] if len(found) == 1 and not _is_common(name) else None


def read_code(files: Mapping[str, str]) -> Codebase:
    """Parse every Python file; what does not parse is in `broken` as path, line and reason."""
    code = Codebase()
    for path in sorted(path for path in files if path.endswith(".py")):
        try:
            tree = ast.parse(files[path])
        except (SyntaxError, ValueError) as error:
            line = error.lineno if isinstance(error, SyntaxError) else None
            code.broken.append((path, line or 1, error.msg if isinstance(error, SyntaxError) else str(error)))
            continue
        name = module_name(path)
        package = name if path.endswith("/__init__.py") else name.rpartition(".")[0]
        values = {key: value for node in tree.body for key, value in _assignments(node)}
        code.modules[name] = Module(path, name, tree, _imports(tree, package), values)
    return code


def missing_imports(code: Codebase, module: Module) -> dict[int, str]:
    """Modules of this application that a module imports and that are not there, by line."""
    packages = {name.partition(".")[0] for name in code.modules}
    lost: dict[int, str] = {}
    for node in ast.walk(module.tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in names:
            known = any(other == name or other.startswith(f"{name}.") for other in code.modules)
            if name.partition(".")[0] in packages and not known and isinstance(node, ast.Import | ast.ImportFrom):
                lost[node.lineno] = name
    return lost


def module_name(path: str) -> str:
    """`backend/app/api/notes.py` is imported as `app.api.notes`."""
    for root in ("backend/", "src/", "server/"):
        path = path.removeprefix(root)
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def dotted(module: Module, expression: ast.AST) -> str:
    """The full name of a name or attribute: `sa.text` is `sqlalchemy.text`; empty for anything else."""
    if isinstance(expression, ast.Name):
        return module.imports.get(expression.id, f"{module.name}.{expression.id}")
    if isinstance(expression, ast.Attribute):
        owner = dotted(module, expression.value)
        return f"{owner}.{expression.attr}" if owner else ""
    return ""


def last_name(expression: ast.AST) -> str:
    """`text` of `sa.text` and of `sa.text(...)`."""
    if isinstance(expression, ast.Call):
        return last_name(expression.func)
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""


def unquoted(annotation: ast.expr) -> ast.expr:
    """An annotation written as a string, parsed."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return annotation
    return annotation


def names_in(node: ast.AST) -> Iterator[str]:
    """Names, attributes and keywords anywhere in a node."""
    for child in ast.walk(node):
        if isinstance(child, ast.Name):
            yield child.id
        elif isinstance(child, ast.Attribute):
            yield child.attr
        elif isinstance(child, ast.keyword) and child.arg:
            yield child.arg


def _functions(module: Module) -> Iterator[Function]:
    for node in ast.walk(module.tree):
        if isinstance(node, FunctionNode):
            parent = module.parents[node]
            yield Function(module, node, Class(module, parent) if isinstance(parent, ast.ClassDef) else None)


def _own_nodes(root: FunctionNode) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = [*root.body, root.args]
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, FunctionNode | ast.ClassDef):
            waiting[0:0] = list(ast.iter_child_nodes(node))


def _assignments(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names and their values; of a tuple every name has the whole value."""
    if isinstance(node, ast.Assign):
        targets: list[ast.expr] = list(node.targets)
        value: ast.expr | None = node.value
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
        targets, value = [node.target], node.value
    else:
        return
    for target in targets:
        for name in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
            if isinstance(name, ast.Name) and value is not None:
                yield name.id, value


def _imports(tree: ast.Module, package: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                top = name.name.partition(".")[0]
                found[name.asname or top] = name.name if name.asname else top
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {name.asname or name.name: f"{base}.{name.name}" for name in node.names}
    return found


def _is_known_foreign(func: ast.Attribute) -> bool:
    """True for methods of sessions and statements, whatever else in the code has a method of that name."""
    return last_name(func.value) in {"db", "session", "_session", "_db", "conn", "connection", "cursor"}


_COMMON = frozenset(name for kind in (str, bytes, list, dict, set, int, float) for name in dir(kind)) | {
    "all", "first", "one", "one_or_none", "scalar", "scalars", "execute", "where", "filter", "filter_by", "limit", "offset",
    "order_by", "options", "model_dump", "model_validate", "commit", "rollback", "flush", "refresh", "delete", "query",
    "close", "dict", "json", "result", "submit", "of", "read", "write", "run", "send", "put", "post", "patch",
}  # fmt: skip


def _is_common(name: str) -> bool:
    return name in _COMMON
