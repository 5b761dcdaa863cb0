"""Secrets in code, weak hashes, passwords in the clear, tokens that nobody checks, debug switches."""

import ast
import re
from collections.abc import Iterator

from llm.offline.review.model import AUTH, CONFIG, CRYPTO, Note, PythonFile, calls, last_name, mentions, name_of

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:secret|secret_key|passwd|password|api_?key|private_key|jwt_key|signing_key|auth_token|access_token|jwt_secret)$",
    re.I,
)
_HARMLESS = re.compile(r"^$|^(?:bearer|basic|password|token|\*+)$|^[/{<$]|\s", re.I)
_WEAK = frozenset({"md5", "sha1"})


def secret_notes(source: PythonFile) -> Iterator[Note]:
    """Look at assignments, defaults and calls."""
    for node in ast.walk(source.tree):
        yield from _assigned_secret(source, node)
    for call in calls(source.tree):
        yield from _call_notes(source, call)


def _assigned_secret(source: PythonFile, node: ast.AST) -> Iterator[Note]:
    pairs: list[tuple[str, ast.expr | None]] = []
    if isinstance(node, ast.Assign):
        pairs = [(last_name(target), node.value) for target in node.targets]
    elif isinstance(node, ast.AnnAssign):
        pairs = [(last_name(node.target), node.value)]
    elif isinstance(node, ast.keyword) and node.arg:
        pairs = [(node.arg, node.value)]
    for name, value in pairs:
        if _SECRET_NAME.search(name) and _is_secret(value):
            line = getattr(value, "lineno", 1)
            yield Note(
                source.path,
                line,
                "critical",
                CRYPTO,
                f"`{name}` holds a secret in the code: read it from the environment",
            )


def _is_secret(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call) and last_name(value) in ("Field", "SecretStr", "getenv", "get") and value.args:
        return _is_secret(value.args[-1])
    text = value.value if isinstance(value, ast.Constant) else None
    return isinstance(text, str) and len(text) >= 4 and not _HARMLESS.search(text)


def _call_notes(source: PythonFile, call: ast.Call) -> Iterator[Note]:
    name, short = name_of(call.func), last_name(call)
    if name in {f"hashlib.{weak}" for weak in _WEAK} or (
        name == "hashlib.new" and call.args and _text(call.args[0]) in _WEAK
    ):
        yield Note(source.path, call.lineno, "high", CRYPTO, f"{name}() is a weak hash")
    elif name.startswith("hashlib.") and any(mentions(argument, r"(?i)password") for argument in call.args):
        yield Note(source.path, call.lineno, "critical", CRYPTO, f"{name}() is too fast for passwords: use argon2")
    if name.endswith("jwt.decode") and _unchecked_token(call):
        yield Note(
            source.path,
            call.lineno,
            "critical",
            AUTH,
            "the token's signature is not checked, or any algorithm is accepted",
        )
    if name.endswith("jwt.encode") and len(call.args) > 1 and _is_secret(call.args[1]):
        yield Note(
            source.path, call.lineno, "critical", CRYPTO, "the token is signed with a secret that stands in the code"
        )
    if short in ("FastAPI", "run", "create_engine") and _is_true(call, "debug"):
        yield Note(source.path, call.lineno, "high", CONFIG, "debug is switched on: it shows internals to everybody")
    if _has_star_origin(call) and _is_true(call, "allow_credentials"):
        yield Note(
            source.path, call.lineno, "high", CONFIG, "any origin may send credentials: name the allowed origins"
        )
    for keyword in call.keywords:
        plain = isinstance(keyword.value, ast.Attribute) and keyword.value.attr == "password"
        if keyword.arg in ("password_hash", "hashed_password") and plain:
            yield Note(
                source.path, call.lineno, "critical", CRYPTO, "the password is stored in the clear: hash it with argon2"
            )


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _is_true(call: ast.Call, keyword_name: str) -> bool:
    return any(
        keyword.arg == keyword_name and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in call.keywords
    )


def _has_star_origin(call: ast.Call) -> bool:
    return any(
        keyword.arg == "allow_origins"
        and isinstance(keyword.value, ast.List)
        and any(_text(item) == "*" for item in keyword.value.elts)
        for keyword in call.keywords
    )


def _unchecked_token(call: ast.Call) -> bool:
    options = next((keyword.value for keyword in call.keywords if keyword.arg == "options"), None)
    if isinstance(options, ast.Dict):
        pairs = zip(options.keys, options.values, strict=True)
        if any(
            key is not None and _text(key) == "verify_signature" and _text(value) == "False" for key, value in pairs
        ):
            return True
    return not any(keyword.arg == "algorithms" for keyword in call.keywords) and len(call.args) < 3
