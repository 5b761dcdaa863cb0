"""SQL made of strings, code made of strings, shells and unsafe loaders."""

import ast
from collections.abc import Iterator

from llm.offline.review.model import INJECTION, Function, Note, PythonFile, calls, last_name, name_of

_SQL_CALLS = frozenset(
    {"text", "execute", "executemany", "exec_driver_sql", "literal_column", "scalar", "scalars", "executescript"}
)
_CODE_CALLS = frozenset({"eval", "exec", "compile", "__import__"})
_UNSAFE_LOADERS = frozenset(
    {"pickle.loads", "pickle.load", "marshal.loads", "shelve.open", "dill.loads", "jsonpickle.decode"}
)
_SHELLS = frozenset({"os.system", "os.popen", "subprocess.getoutput", "commands.getoutput"})


def injection_notes(source: PythonFile) -> Iterator[Note]:
    """Look at every call of the file."""
    for function in source.functions():
        built = _names_built_of_strings(function)
        for call in calls(function):
            if last_name(call) in _SQL_CALLS and call.args and _is_built(call.args[0], built):
                message = "SQL is built from strings with values in it: pass them as bound parameters or use select()"
                yield Note(source.path, call.lineno, "critical", INJECTION, message)
    for call in calls(source.tree):
        if problem := _code_execution(call):
            yield Note(source.path, call.lineno, "critical", INJECTION, problem)


def _names_built_of_strings(function: Function) -> frozenset[str]:
    """Names that are given a string with values in it anywhere in the function."""
    names: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value is not None:
            grows = isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and _holds_text(node.value)
            if grows or _is_built(node.value, frozenset(names)):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return frozenset(names)


def _is_built(node: ast.AST, built: frozenset[str]) -> bool:
    """True for an f-string with values, `+` or `%` on text, `.format()`, and names that hold such a string."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return _holds_text(node) and not _all_constant(node)
    if isinstance(node, ast.Call):
        formats = isinstance(node.func, ast.Attribute) and node.func.attr == "format" and _holds_text(node.func.value)
        return formats or (last_name(node) == "text" and bool(node.args) and _is_built(node.args[0], built))
    return isinstance(node, ast.Name) and node.id in built


def _holds_text(node: ast.AST) -> bool:
    return any(
        (isinstance(part, ast.Constant) and isinstance(part.value, str)) or isinstance(part, ast.JoinedStr)
        for part in ast.walk(node)
    )


def _all_constant(node: ast.AST) -> bool:
    return all(isinstance(part, ast.BinOp | ast.Constant | ast.operator) for part in ast.walk(node))


def _code_execution(call: ast.Call) -> str | None:
    name = name_of(call.func)
    if name in _CODE_CALLS:
        return f"{name}() runs text as code"
    if name in _UNSAFE_LOADERS:
        return f"{name}() runs code that stands in its input"
    if (
        name == "yaml.load"
        and not any("Safe" in name_of(keyword.value) for keyword in call.keywords)
        and len(call.args) < 2
    ):
        return "yaml.load() without SafeLoader builds any object that its input names"
    shell = any(
        keyword.arg == "shell" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in call.keywords
    )
    if name in _SHELLS or (name.startswith("subprocess.") and shell):
        return f"{name}() gives text to a shell"
    return None
