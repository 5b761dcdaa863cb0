"""SQL made of strings, text that is run as code, shells, and loaders that build whatever their input names."""

import ast
from collections.abc import Iterator

from llm.offline.reviewing.codebase import Codebase, Function, Module, Value, dotted, last_name
from llm.offline.reviewing.notes import INJECTION, INTEGRITY, Note
from llm.offline.reviewing.sites import returned

_SQL_CALLS = frozenset(
    {"text", "execute", "executemany", "executescript", "exec_driver_sql", "literal_column", "scalar", "scalars", "exec",
     "read_sql", "fetch", "fetchrow", "fetchval", "fetch_all", "fetch_one", "raw"}
)  # fmt: skip
_CODE = frozenset({"eval", "exec"})
_LOADERS = frozenset(
    {"pickle.load", "pickle.loads", "cPickle.loads", "marshal.load", "marshal.loads", "dill.load", "dill.loads", "shelve.open",
     "jsonpickle.decode", "joblib.load", "pandas.read_pickle", "yaml.unsafe_load", "yaml.full_load"}
)  # fmt: skip
_SHELLS = frozenset(
    {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "asyncio.create_subprocess_shell"}
)
_DEPTH = 4


def injection_notes(code: Codebase, module: Module) -> Iterator[Note]:
    enclosing = {
        id(call): function for function in code.functions if function.module is module for call in function.calls
    }
    for call in (node for node in ast.walk(module.tree) if isinstance(node, ast.Call)):
        function = enclosing.get(id(call))
        ran = dotted(module, call.func).rpartition(".")[2] or last_name(call)
        if ran in _SQL_CALLS and call.args and _Text(code, module, function).is_built(call.args[0]):
            yield Note(
                module.path, call.lineno, "critical", INJECTION,
                "SQL is built by string formatting, so values can change the statement: "
                "use select(), or text() with bound parameters",
            )  # fmt: skip
        if said := _runs_text(module, call):
            category = INTEGRITY if "its input" in said else INJECTION
            yield Note(module.path, call.lineno, "critical", category, said)


class _Text:
    """Whether an expression is text with values in it, where it stands."""

    def __init__(self, code: Codebase, module: Module, function: Function | None) -> None:
        self._code, self._module, self._function = code, module, function

    def is_built(self, node: ast.AST, depth: int = 0) -> bool:
        if depth > _DEPTH:
            return False
        if isinstance(node, ast.JoinedStr):
            return any(isinstance(part, ast.FormattedValue) and not self._is_fixed(part.value) for part in node.values)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            if any(self.is_built(side, depth + 1) for side in (node.left, node.right)):
                return True
            return self._is_text(node, depth) and not self._is_fixed(node)
        if isinstance(node, ast.Call):
            return self._call_builds(node, depth)
        if isinstance(node, ast.Name):
            values = self._function.assigned.get(node.id, ()) if self._function else ()
            grown = len(values) > 1 and any(self._is_text(value, depth) for value in values)
            return any(self.is_built(value, depth + 1) for value in values) or (
                grown and not all(self._is_fixed(value) for value in values) and self._grows(node.id)
            )
        return False

    def _call_builds(self, call: ast.Call, depth: int) -> bool:
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("format", "replace", "join", "format_map"):
            if call.func.attr == "join":
                return self._is_text(call.func.value, depth) and any(self._joins_built(one, depth) for one in call.args)
            fixed = all(self._is_fixed(one) for one in [*call.args, *(keyword.value for keyword in call.keywords)])
            return self._is_text(call.func.value, depth) and not fixed
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("strip", "lower", "upper", "rstrip"):
            return self.is_built(call.func.value, depth + 1)
        if dotted(self._module, call.func) == "sqlalchemy.text" and call.args:
            return self.is_built(call.args[0], depth + 1)
        callee = self._code.callee(self._function, call) if self._function else None
        if callee is None:
            return False
        return any(_Text(self._code, callee.module, callee).is_built(value, depth + 1) for value in returned(callee))

    def _joins_built(self, argument: ast.AST, depth: int) -> bool:
        return any(
            self.is_built(node, depth + 1) for node in ast.walk(argument) if isinstance(node, ast.JoinedStr | ast.BinOp)
        )

    def _grows(self, name: str) -> bool:
        nodes = self._function.nodes if self._function else ()
        return any(isinstance(node, ast.AugAssign) and last_name(node.target) == name for node in nodes)

    def _is_text(self, node: ast.AST, depth: int) -> bool:
        if isinstance(node, ast.Constant):
            return isinstance(node.value, str)
        if isinstance(node, ast.Name) and depth < _DEPTH:
            values = self._function.assigned.get(node.id, ()) if self._function else ()
            shared = self._module.values.get(node.id)
            return any(self._is_text(value, depth + 1) for value in (*values, *([shared] if shared else ())))
        if isinstance(node, ast.BinOp):
            return self._is_text(node.left, depth) or self._is_text(node.right, depth)
        return isinstance(node, ast.JoinedStr)

    def _is_fixed(self, node: ast.AST) -> bool:
        """Constants, names of constants of a module in upper case, and what is made of these alone."""
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Name | ast.Attribute):
            found = self._code.lookup(dotted(self._module, node))
            named = isinstance(found, Value) and self._is_fixed(found.node)
            return named or last_name(node) in ("__tablename__", "__name__") or _is_table_name(node)
        if isinstance(node, ast.BinOp):
            return self._is_fixed(node.left) and self._is_fixed(node.right)
        if isinstance(node, ast.JoinedStr):
            return all(self._is_fixed(part.value) for part in node.values if isinstance(part, ast.FormattedValue))
        return False


def _is_table_name(node: ast.AST) -> bool:
    """`Note.__table__.name` comes from the code, not from a caller."""
    return isinstance(node, ast.Attribute) and node.attr == "name" and last_name(node.value) == "__table__"


def _runs_text(module: Module, call: ast.Call) -> str:
    """What a call does to text that it should not do; empty when nothing."""
    name = dotted(module, call.func)
    plain = call.func.id if isinstance(call.func, ast.Name) else ""
    if (plain in _CODE and plain not in module.imports and not _is_constant(call)) or name == "builtins.eval":
        return f"{plain or name}() runs text as code: parse the text instead"
    if name in _LOADERS or (name == "yaml.load" and not _has_safe_loader(call)):
        return f"{name}() runs whatever its input names: use json, or yaml.safe_load"
    shell = any(keyword.arg == "shell" and _is_true(keyword.value) for keyword in call.keywords)
    if (name in _SHELLS and not _is_constant(call)) or (name.startswith("subprocess.") and shell):
        return f"{name}() gives text to a shell: pass a list of arguments without a shell"
    return ""


def _is_constant(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant)


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _has_safe_loader(call: ast.Call) -> bool:
    given = [*call.args[1:], *(keyword.value for keyword in call.keywords if keyword.arg == "Loader")]
    return any(last_name(loader) in ("SafeLoader", "CSafeLoader", "BaseLoader") for loader in given)
