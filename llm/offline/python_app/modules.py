"""Puts a module together: a docstring, the imports that its body really uses, and the body."""

import ast
from collections.abc import Iterable, Mapping

from llm.offline.python_app.layout import docstring, import_from
from llm.offline.python_app.reflow import reflow

STANDARD = {
    **{name: f"import {name}" for name in ("csv", "io", "itertools", "re", "secrets")},
    "dt": "import datetime as dt",
    **dict.fromkeys(("Annotated", "Any", "Literal", "TYPE_CHECKING"), "typing"),
    **dict.fromkeys(("Iterator", "Sequence"), "collections.abc"),
    "Decimal": "decimal",
    "HTTPStatus": "http",
    "ThreadPoolExecutor": "concurrent.futures",
}
THIRD_PARTY = {
    "sa": "import sqlalchemy as sa",
    "pytest": "import pytest",
    **dict.fromkeys(("APIRouter", "Depends", "Path", "Query"), "fastapi"),
    "RedirectResponse": "fastapi.responses",
    **dict.fromkeys(("BaseModel", "Field", "MISSING", "StrictBool"), "pydantic"),
    **dict.fromkeys(
        ("Mapped", "Session", "mapped_column", "relationship", "selectinload"),
        "sqlalchemy.orm",
    ),
}  # fmt: skip


def assemble(doc: str, body: str, own: Mapping[str, str]) -> str:
    """The module's text. `own` maps names of the application itself to the module they come from."""
    used = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    sections = [_section(used, table) for table in (STANDARD, THIRD_PARTY, own)]
    imports = "\n\n".join(section for section in sections if section)
    # one blank line before a constant or a conditional import, two before a definition
    gap = "\n\n" if body.lstrip("\n").startswith(("def ", "class ", "@")) else "\n"
    head = f"{docstring(doc, 0)}\n\n{imports}\n" if imports else f"{docstring(doc, 0)}\n"
    return reflow(f"{head}{gap}{body.strip()}\n")


def _section(used: Iterable[str], table: Mapping[str, str]) -> str:
    """`import x` lines, then `from x import y` lines by module. A table entry is a module, or a whole statement."""
    plain, grouped, aliased = set[str](), dict[str, list[str]](), dict[str, str]()
    for name in used:
        source = table.get(name, "")
        if source.startswith("import "):
            plain.add(source)
        elif source.startswith("from "):
            aliased[source.split()[1]] = source
        elif source:
            grouped.setdefault(source, []).append(name)
    members = {module: import_from(module, names) for module, names in grouped.items()} | aliased
    return "\n".join([*sorted(plain), *(members[module] for module in sorted(members))])
