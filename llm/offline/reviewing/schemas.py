"""Schemas as the code declares them: fields with those of the bases, and which schema stands for the rows of a list."""

import ast

from llm.offline.reviewing.codebase import Class, Codebase, Module, Value, last_name, unquoted

_MANY = frozenset({"list", "List", "Sequence", "Iterable", "tuple", "set", "Page", "LimitOffsetPage"})
_DEPTH = 5


def fields_of(code: Codebase, schema: Class, depth: int = 0) -> dict[str, ast.AnnAssign]:
    """Annotated fields of a class and of its bases in this code."""
    found: dict[str, ast.AnnAssign] = {}
    for base in schema.node.bases if depth < _DEPTH else ():
        above = code.resolve(schema.module, base.value if isinstance(base, ast.Subscript) else base)
        if isinstance(above, Class):
            found |= fields_of(code, above, depth + 1)
    for line in schema.node.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            found[line.target.id] = line
    return found


def row_schemas(code: Codebase, module: Module, answer: ast.expr | None, depth: int = 0) -> list[Class]:
    """Schemas of which an answer holds many: `NoteRead` of `list[NoteRead]`, of `Page[NoteRead]` and of `NotePage`."""
    if answer is None or depth > _DEPTH:
        return []
    answer = unquoted(answer)
    if isinstance(answer, ast.BinOp):
        return row_schemas(code, module, answer.left, depth + 1) + row_schemas(code, module, answer.right, depth + 1)
    if isinstance(answer, ast.Subscript):
        inside = answer.slice.elts if isinstance(answer.slice, ast.Tuple) else [answer.slice]
        if last_name(answer.value) in _MANY or isinstance(code.resolve(module, answer.value), Class):
            rows = [code.resolve(module, unquoted(one)) for one in inside]
            return [one for one in rows if isinstance(one, Class)]
        return [schema for one in inside for schema in row_schemas(code, module, one, depth + 1)]
    found = code.resolve(module, answer)
    if isinstance(found, Value):
        return row_schemas(code, found.module, found.node, depth + 1)
    if not isinstance(found, Class):
        return []
    parts = [base for base in found.node.bases if isinstance(base, ast.Subscript)]
    lists = [line.annotation for line in found.node.body if isinstance(line, ast.AnnAssign)]
    rows_of_lists = [
        schema
        for part in [*parts, *(one for one in lists if isinstance(one, ast.Subscript))]
        for schema in row_schemas(code, found.module, part, depth + 1)
    ]
    return list({schema.node: schema for schema in rows_of_lists}.values())
