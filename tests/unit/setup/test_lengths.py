"""Files and functions are short enough to be read at once."""

import ast
import subprocess

from config import PROJECT

FILE, FUNCTION = 400, 50
"""Lines: a file has fewer, a function at most so many."""


def test_no_file_and_no_function_is_too_long() -> None:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=PROJECT, check=True, capture_output=True, text=True)
    paths = [path for path in listed.stdout.splitlines() if (PROJECT / path).exists()]
    assert len(paths) > 500
    found = []
    for path in paths:
        text = (PROJECT / path).read_text(encoding="utf-8")
        if (lines := len(text.splitlines())) >= FILE:
            found.append(f"{path}: {lines} lines")
        found += [f"{path}: {name} has {length} lines" for name, length in functions_of(text) if length > FUNCTION]
    assert found == []


def functions_of(text: str) -> list[tuple[str, int]]:
    """Names and lines of the functions of a module, decorators not counted."""
    return [
        (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_lengths_are_counted() -> None:
    text = "async def a():\n    pass\n\n\n@b\ndef c():\n    def d():\n        pass\n\n    return d\n"
    assert functions_of(text) == [("a", 2), ("c", 5), ("d", 2)]
