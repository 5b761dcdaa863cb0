"""Models as the code declares them: which attributes load rows of other tables, and only when they are touched."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from llm.offline.reviewing.codebase import Class, Codebase, FunctionNode, last_name

_EAGER = ("selectin", "joined", "subquery", "immediate", False)


@dataclass(frozen=True)
class Table:
    """One model. `lazy` maps an attribute to the relationship behind it: a property that reads `tags` is as lazy as `tags`."""

    name: str
    lazy: dict[str, str]
    columns: frozenset[str]


def read_tables(code: Codebase) -> dict[str, Table]:
    """Every model by class name."""
    found: dict[str, Table] = {}
    for one in code.classes:
        if _is_model(code, one):
            lazy = _lazy_relationships(one.node)
            properties = dict(_properties(one.node, frozenset(lazy)))
            found[one.node.name] = Table(one.node.name, {name: name for name in lazy} | properties, _columns(code, one))
    return found


def _is_model(code: Codebase, one: Class) -> bool:
    return any(
        isinstance(node, ast.Assign) and any(last_name(target) == "__tablename__" for target in node.targets)
        for node in one.node.body
    ) or any(
        keyword.arg == "table" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in one.node.keywords
    )


def _lazy_relationships(node: ast.ClassDef) -> list[str]:
    found = []
    for line in node.body:
        value = line.value if isinstance(line, ast.Assign | ast.AnnAssign) else None
        if (
            isinstance(value, ast.Call)
            and last_name(value) in ("relationship", "Relationship")
            and not _is_eager(value)
        ):
            targets = (
                line.targets
                if isinstance(line, ast.Assign)
                else [line.target]
                if isinstance(line, ast.AnnAssign)
                else []
            )
            found += [last_name(target) for target in targets]
    return found


def _is_eager(call: ast.Call) -> bool:
    return any(
        keyword.arg == "lazy" and isinstance(keyword.value, ast.Constant) and keyword.value.value in _EAGER
        for keyword in call.keywords
    )


def _properties(node: ast.ClassDef, lazy: frozenset[str]) -> Iterator[tuple[str, str]]:
    for method in node.body:
        decorated = isinstance(method, FunctionNode) and any(
            "property" in last_name(one) for one in method.decorator_list
        )
        for inner in ast.walk(method) if decorated else ():
            if isinstance(inner, ast.Attribute) and last_name(inner.value) == "self" and inner.attr in lazy:
                yield str(getattr(method, "name", "")), inner.attr


def _columns(code: Codebase, one: Class, depth: int = 0) -> frozenset[str]:
    own = {
        line.target.id
        for line in one.node.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
    }
    for base in one.node.bases if depth < 4 else ():
        above = code.resolve(one.module, base)
        if isinstance(above, Class):
            own |= _columns(code, above, depth + 1)
    return frozenset(own)
