"""Errors that are swallowed: whoever is called at night finds nothing."""

import ast
from collections.abc import Iterator

from llm.offline.reviewing.codebase import Module, dotted, last_name
from llm.offline.reviewing.notes import QUALITY, Note

_BROAD = frozenset({"Exception", "BaseException"})
_TELLS = frozenset({"exception", "error", "critical", "warning", "print_exc", "capture_exception", "warn"})


def error_notes(module: Module) -> Iterator[Note]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            yield from _handler(module, node)
        suppresses = isinstance(node, ast.Call) and dotted(module, node.func) == "contextlib.suppress"
        if suppresses and isinstance(node, ast.Call) and any(last_name(argument) in _BROAD for argument in node.args):
            yield _note(module, node.lineno, "suppress(Exception)")


def _handler(module: Module, handler: ast.ExceptHandler) -> Iterator[Note]:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
    broad = not caught or any(last_name(one) in _BROAD for one in caught)
    if broad and not _acts(handler):
        yield _note(module, handler.lineno, f"except {last_name(handler.type) if handler.type else ''}".strip())


def _acts(handler: ast.ExceptHandler) -> bool:
    """True when the handler raises, tells somebody, or uses the error that it caught."""
    for node in (child for line in handler.body for child in ast.walk(line)):
        if isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and last_name(node) in _TELLS):
            return True
        if handler.name and isinstance(node, ast.Name) and node.id == handler.name:
            return True
    return False


def _note(module: Module, line: int, what: str) -> Note:
    message = f"`{what}` swallows every error: catch the narrow type that can be handled here, and let the rest be seen"
    return Note(module.path, line, "medium", QUALITY, message)
