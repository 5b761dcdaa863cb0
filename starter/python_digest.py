"""What a Python module offers: its public names with their parameters and the first clause of their docstrings."""

import ast
import re
from collections.abc import Iterator

_CLAUSE = re.compile(r"[.;:](?:\s|$)")
SHORT = 48
"""Characters up to which entries share a line."""
_PLAIN = {"str": "str", "int": "int", "bool": "bool", "Mapping": "dict", "dict": "dict"}
_RECEIVERS = ("self", "cls")


def describe(module: str, text: str, unused: frozenset[str] = frozenset()) -> str:
    """The module's name with what it is for, and a line for each thing that it offers, but for those that are `unused`."""
    tree = ast.parse(text)
    doc = " ".join((ast.get_docstring(tree) or "").split("\n\n")[0].split())
    return "\n".join([f"{module}: {doc}", *(f"  {line}" for line in _offered(tree, unused))])


def _offered(tree: ast.Module, unused: frozenset[str]) -> Iterator[str]:
    listed = _listed(tree)

    def shown(name: str) -> bool:
        return name not in unused and (name in listed if listed is not None else not name.startswith("_"))

    plain: list[str] = []
    described: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            plain += [name for name in _assigned(node) if shown(name)]
        elif isinstance(node, ast.FunctionDef | ast.ClassDef) and shown(node.name):
            line = _function(node) if isinstance(node, ast.FunctionDef) else _class(node)
            (plain if len(line) <= SHORT else described).append(line)
    if plain:
        yield "; ".join(plain)
    yield from described


def _listed(tree: ast.Module) -> frozenset[str] | None:
    """What `__all__` names; None where there is no such list."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and _assigned(node) == ["__all__"]:
            return frozenset(ast.literal_eval(node.value))
    return None


def _assigned(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _function(node: ast.FunctionDef) -> str:
    if any("fixture" in ast.unparse(decorator) for decorator in node.decorator_list):
        return f"fixture {node.name}{_returned(node)}"
    signature = f"{node.name}({', '.join(_parameters(node.args))})"
    return _said(signature, node) if ast.get_docstring(node) else f"{signature}{_returned(node)}"


def _parameters(given: ast.arguments) -> list[str]:
    names = [_typed(argument) for argument in (*given.posonlyargs, *given.args) if argument.arg not in _RECEIVERS]
    names += [f"*{given.vararg.arg}"] if given.vararg else []
    names += [f"{argument.arg}=" for argument in given.kwonlyargs]
    return names + ([f"**{given.kwarg.arg}"] if given.kwarg else [])


def _typed(argument: ast.arg) -> str:
    """With its type, where that is a plain one that its name does not tell."""
    kind = ast.unparse(argument.annotation).split("[")[0] if argument.annotation else ""
    return f"{argument.arg}: {_PLAIN[kind]}" if kind in _PLAIN else argument.arg


def _returned(node: ast.FunctionDef) -> str:
    said = ast.unparse(node.returns).strip("'") if node.returns else "None"
    yielded = re.fullmatch(r"Iterator\[(.+)\]", said)
    return "" if said == "None" else f" -> {yielded[1] if yielded else said}"


def _class(node: ast.ClassDef) -> str:
    made = next((part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"), None)
    fields = [name for part in node.body if isinstance(part, ast.AnnAssign) for name in _assigned(part)]
    members = _parameters(made.args) if made else [name for name in fields if not name.startswith("_")]
    if made and any(_methods(node)):
        members = []  # what has methods is handed out by a fixture or a function, and made there
    said = _said(f"{node.name}({', '.join(members)})" if members else node.name, node)
    return " ".join([said, *_methods(node)])


def _methods(node: ast.ClassDef) -> Iterator[str]:
    """`.get(path, **query)`; what a library asks of its subclasses is for the library."""
    if any("." in ast.unparse(base) for base in node.bases):
        return
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and not part.name.startswith("_"):
            yield f".{part.name}({', '.join(_parameters(part.args))})"


def _said(signature: str, node: ast.FunctionDef | ast.ClassDef) -> str:
    first = _CLAUSE.split(" ".join((ast.get_docstring(node) or "").split()), maxsplit=1)[0]
    return f"{signature}: {first}" if first else signature
