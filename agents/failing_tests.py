"""The text of a test that failed, for those who are to repair the code that it tests and do not see the file."""

import ast
import re
from collections.abc import Mapping

from core.findings import Finding

_PYTEST = re.compile(r"Test (tests/[\w/]+\.py)::(?:\w+::)?(\w+)")
_BROWSER = re.compile(r"Browser test (\w+)")
_VITEST = re.compile(r"Test (src/[\w./-]+) › (.+?) failed: ")
_LINES = 40


def failing_test(finding: Finding, files: Mapping[str, str]) -> str:
    """Its function or block, at most forty lines; empty where it cannot be told which one it is."""
    if found := _PYTEST.search(finding.message):
        return _function(files.get(f"backend/{found[1]}", ""), found[2])
    if found := _BROWSER.search(finding.message):
        texts = (_function(text, found[1]) for path, text in files.items() if path.startswith("e2e/"))
        return next((text for text in texts if text), "")
    if found := _VITEST.search(finding.message):
        return _block(files.get(f"frontend/{found[1]}", ""), found[2].rsplit(" > ", 1)[-1])
    return ""


def _function(text: str, name: str) -> str:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            begin = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            return _bounded(text.split("\n")[begin - 1 : node.end_lineno])
    return ""


def _block(text: str, title: str) -> str:
    """From the line with the title to the one that closes what it opens, which has its indentation."""
    lines = text.split("\n")
    begin = next((number for number, line in enumerate(lines) if title in line), None)
    if begin is None:
        return ""
    indent = re.match(r"\s*", lines[begin])
    closing = f"{indent[0] if indent else ''}}})"
    end = next((number for number in range(begin + 1, len(lines)) if lines[number].startswith(closing)), begin)
    return _bounded(lines[begin : end + 1])


def _bounded(lines: list[str]) -> str:
    return "\n".join([*lines[:_LINES], *(["..."] if len(lines) > _LINES else [])])
