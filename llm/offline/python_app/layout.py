"""Python text laid out as `ruff format` would: literals, imports, and brackets that fit a line or are exploded."""

import re
import textwrap
from collections.abc import Iterable, Sequence

LINE = 120


def literal(text: str) -> str:
    """`text` as a Python string literal in the quotes that the formatter prefers."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    escaped = text.encode("unicode_escape").decode() if not text.isprintable() else text.replace("\\", "\\\\")
    return quote + escaped.replace(quote, "\\" + quote) + quote


def clean(text: str) -> str:
    """Free text made safe for a docstring or a comment: one line, no quotes or backslashes that could end it."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.replace("\\", "/").replace('"', "'").split())


def docstring(text: str, indent: int = 4) -> str:
    """`text` as a docstring, wrapped where it is too long; the first line carries no indent of its own."""
    pad = " " * indent
    safe = clean(text)
    if len(pad) + len(safe) + 6 <= LINE:
        return f'"""{safe}"""'
    first, *rest = textwrap.wrap(safe, LINE - indent - 6)
    return "\n".join([f'"""{first}', *(f"{pad}{line}" for line in rest), f'{pad}"""'])


def fit(head: str, items: Sequence[str], tail: str, indent: int = 0) -> str:
    """`head` items `tail` on one line, or one item per line with a trailing comma; no indent before the first line."""
    line = f"{head}{', '.join(items)}{tail}"
    pad = " " * indent
    if indent + len(line) <= LINE and "\n" not in line:
        return line
    body = "".join(f"{pad}    {item},\n" for item in items)
    return f"{head}\n{body}{pad}{tail}"


def explode(head: str, items: Sequence[str], tail: str, indent: int = 0) -> str:
    """`head` items `tail` with one item per line, also where they would fit."""
    pad = " " * indent
    return f"{head}\n" + "".join(f"{pad}    {item},\n" for item in items) + f"{pad}{tail}"


def sentence(head: str, text: str, tail: str = "", indent: int = 0) -> str:
    """`head` "text" `tail`, with a text that is too long cut into literals that Python joins."""
    line = f"{head}{literal(text)}{tail}"
    if indent + len(line) <= LINE:
        return line
    pad = " " * (indent + 4)
    opened, closed = (head, tail) if head.endswith("(") else (f"{head}(", f"){tail}")
    return "\n".join([opened, *(f"{pad}{part}" for part in _cut(text, indent)), " " * indent + closed])


def text_call(head: str, text: str, rest: str, indent: int = 0) -> str:
    """`head("text", rest)`, on as many lines as it takes."""
    line = f"{literal(text)}, {rest}"
    if indent + len(head) + len(line) + 2 <= LINE:
        return f"{head}({line})"
    pad = " " * (indent + 4)
    if len(pad) + len(line) <= LINE:
        return f"{head}(\n{pad}{line}\n{' ' * indent})"
    parts = [literal(text)] if len(pad) + len(literal(text)) < LINE else _cut(text, indent)
    return "\n".join([f"{head}(", *(f"{pad}{part}" for part in parts)]) + f",\n{pad}{rest},\n{' ' * indent})"


def _cut(text: str, indent: int) -> list[str]:
    return [literal(part) for part in textwrap.wrap(text, LINE - indent - 12, drop_whitespace=False)]


def test(name: str) -> str:
    """The head of a test function; a name that would fill the line is cut."""
    return f"def test_{name[:80].rstrip('_')}"


def import_from(module: str, names: Iterable[str]) -> str:
    """A sorted `from module import names` line, exploded where it is too long."""
    ordered = sorted(set(names), key=_member_order)
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= LINE:
        return line
    return explode(f"from {module} import (", ordered, ")")


def _member_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, as isort has it."""
    if len(name) > 1 and name.isupper():
        return 0, name
    return (1 if name[0].isupper() else 2), re.sub(r"\d+", lambda found: found[0].zfill(8), name)
