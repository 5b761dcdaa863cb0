"""Switches that open an application: debug mode, any origin with credentials, certificates that nobody checks."""

import ast
from collections.abc import Iterator

from llm.offline.reviewing.codebase import Codebase, Module, Value, dotted, last_name
from llm.offline.reviewing.notes import CONFIGURATION, CRYPTOGRAPHY, Note

_CLIENTS = ("httpx.", "requests.", "aiohttp.")


def setting_notes(code: Codebase, module: Module) -> Iterator[Note]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield from _call_notes(code, module, node)
        elif isinstance(node, ast.Assign) and _is_true(node.value):
            if any(isinstance(target, ast.Attribute) and target.attr == "debug" for target in node.targets):
                yield _debug(module, node)
        elif (
            isinstance(node, ast.AnnAssign)
            and last_name(node.target) == "debug"
            and node.value is not None
            and _is_true(node.value)
        ):
            yield _debug(module, node)


def _debug(module: Module, node: ast.stmt | ast.Call) -> Note:
    return Note(
        module.path, node.lineno, "high", CONFIGURATION, "debug is switched on: errors show internals to everybody"
    )


def _call_notes(code: Codebase, module: Module, call: ast.Call) -> Iterator[Note]:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if last_name(call) in ("FastAPI", "Starlette", "Flask", "run") and _is_true(given.get("debug")):
        yield _debug(module, call)
    origins = given.get("allow_origins") or given.get("allow_origin_regex")
    if origins is not None and _is_true(given.get("allow_credentials")) and _any_origin(code, module, origins):
        yield Note(
            module.path, call.lineno, "high", CONFIGURATION,
            "CORS lets any origin call with credentials: name the allowed origins, or leave credentials out",
        )  # fmt: skip
    unchecked = given.get("verify")
    if (
        dotted(module, call.func).startswith(_CLIENTS)
        and isinstance(unchecked, ast.Constant)
        and unchecked.value is False
    ):
        yield Note(module.path, call.lineno, "high", CRYPTOGRAPHY, "certificates are not verified: leave `verify` on")


def _any_origin(code: Codebase, module: Module, origins: ast.expr) -> bool:
    found = code.resolve(module, origins) if isinstance(origins, ast.Name | ast.Attribute) else None
    if isinstance(found, Value):
        return _any_origin(code, found.module, found.node)
    parts = origins.elts if isinstance(origins, ast.List | ast.Tuple | ast.Set) else [origins]
    return any(isinstance(part, ast.Constant) and part.value in ("*", ".*", "^.*$") for part in parts)


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
