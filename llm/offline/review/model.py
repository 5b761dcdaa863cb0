"""What a review works on: parsed sources, the contract, and the notes it makes."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.types import JsonObject

Severity = Literal["critical", "high", "medium", "low"]
INJECTION, ACCESS, CRYPTO, DESIGN, CONFIG, AUTH = "A03:2021", "A01:2021", "A02:2021", "A04:2021", "A05:2021", "A07:2021"
PERFORMANCE, QUALITY = "performance", "quality"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Note:
    """One thing that is wrong in a line of a file."""

    file: str
    line: int
    severity: Severity
    category: str
    message: str

    def as_json(self) -> JsonObject:
        return {
            "file": self.file, "line": self.line, "severity": self.severity, "category": self.category,
            "message": f"{self.message} ({self.file}:{self.line})",
        }  # fmt: skip


@dataclass(frozen=True)
class PythonFile:
    path: str
    text: str
    tree: ast.Module

    def functions(self) -> Iterator[Function]:
        """Every function of the file, methods and nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node


def python_files(files: dict[str, str]) -> tuple[list[PythonFile], list[Note]]:
    """Application sources that parse, and a note for each that does not. Tests and migrations are not reviewed here."""
    found, broken = list[PythonFile](), list[Note]()
    for path in sorted(files):
        if not path.endswith(".py") or is_test(path):
            continue
        try:
            found.append(PythonFile(path, files[path], ast.parse(files[path])))
        except SyntaxError as error:
            broken.append(Note(path, error.lineno or 1, "critical", QUALITY, f"the file does not parse: {error.msg}"))
    return found, broken


def is_test(path: str) -> bool:
    return "/tests/" in path or path.startswith(("e2e/", "tests/")) or ".test." in path


def name_of(node: ast.AST) -> str:
    """Dotted name of a name, attribute or call target: `sa.text`, `db.scalar`; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}".lstrip(".")
    return name_of(node.func) if isinstance(node, ast.Call) else ""


def last_name(node: ast.AST) -> str:
    return name_of(node).rsplit(".", 1)[-1]


def calls(node: ast.AST) -> Iterator[ast.Call]:
    return (child for child in ast.walk(node) if isinstance(child, ast.Call))


def mentions(node: ast.AST, pattern: str) -> bool:
    """True when a name, attribute, argument or keyword in the node fits the pattern."""
    rule = re.compile(pattern)
    for child in ast.walk(node):
        label = getattr(child, "id", None) or getattr(child, "attr", None) or getattr(child, "arg", None)
        if isinstance(label, str) and rule.search(label):
            return True
    return False
