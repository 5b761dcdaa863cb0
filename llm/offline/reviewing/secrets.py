"""Secrets in code, passwords that are kept or compared badly, and tokens that nobody checks."""

import ast
import re
from collections.abc import Iterator

from llm.offline.reviewing.codebase import Module, dotted, last_name, names_in
from llm.offline.reviewing.notes import AUTHENTICATION, CRYPTOGRAPHY, Note

_NAME = re.compile(
    r"(?:^|_)(?:secret|secret_?key|passwd|password|pwd|api_?key|private_?key|(?:jwt|signing|encryption|session)_?(?:key|secret)|"
    r"(?:auth|access|bearer|refresh|github|slack|bot)_token|client_secret|pepper|salt)$",
    re.I,
)
_KNOWN = re.compile(
    r"\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}|\bsk-[A-Za-z0-9_-]{20,}|\bxox[abp]-[A-Za-z0-9-]{10,}|"
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\."
)
_LOGIN_URL = re.compile(r"\b[a-z][a-z0-9+]*://[^/\s:@{}$]+:(?P<password>[^/\s:@{}$<]+)@", re.I)
_NO_SECRET = re.compile(
    r"\s|^[/{<$#^]|^(?:bearer|basic|password|passwd|token|secret|jwt|none|null|true|false|string|str|\*+|x-.*)$", re.I
)
_PASSWORD = re.compile(r"(?i)password|passwd|pwd|passphrase|secret|token")
_READERS = frozenset({"getenv", "get", "setdefault", "config", "env", "Field", "SecretStr", "str"})
_FAST = frozenset(
    {"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s", "crc32", "adler32"}
)
_RANDOM = frozenset({"choice", "choices", "randint", "random", "randrange", "getrandbits", "sample"})


def secret_notes(module: Module) -> Iterator[Note]:
    for node in ast.walk(module.tree):
        yield from _assigned(module, node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _recognised(module, node, node.value)
        elif isinstance(node, ast.Call):
            yield from _hashes(module, node)
            yield from _tokens(module, node)
        elif isinstance(node, ast.Compare):
            yield from _compared(module, node)


def _note(module: Module, node: ast.AST, message: str, category: str = CRYPTOGRAPHY) -> Note:
    return Note(module.path, getattr(node, "lineno", 1), "critical", category, message)


def _assigned(module: Module, node: ast.AST) -> Iterator[Note]:
    for name, value in _pairs(node):
        if _NAME.search(name) and value is not None and _is_secret(name, value):
            yield _note(
                module,
                value,
                f"a secret stands in the code: `{name}` must come from the environment, without a default",
            )


def _pairs(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Names and what they are given: assignments, keyword arguments, defaults of parameters, entries of dicts."""
    if isinstance(node, ast.Assign):
        yield from ((_label(target), node.value) for target in node.targets)
    elif isinstance(node, ast.AnnAssign):
        yield _label(node.target), node.value
    elif isinstance(node, ast.keyword) and node.arg:
        yield node.arg, node.value
    elif isinstance(node, ast.arguments):
        late = [*node.posonlyargs, *node.args][::-1]
        yield from ((argument.arg, value) for argument, value in zip(late, node.defaults[::-1], strict=False))
        yield from ((argument.arg, value) for argument, value in zip(node.kwonlyargs, node.kw_defaults, strict=True))
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value


def _label(target: ast.expr) -> str:
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return str(target.slice.value)
    return last_name(target)


def _is_secret(name: str, value: ast.expr) -> bool:
    if isinstance(value, ast.Call) and last_name(value) in _READERS:
        defaults = [*value.args[-1:], *(keyword.value for keyword in value.keywords if keyword.arg == "default")]
        reads_key = last_name(value) in ("getenv", "get") and len(value.args) == 1
        return not reads_key and any(_is_secret(name, default) for default in defaults)
    if isinstance(value, ast.BoolOp):
        return any(_is_secret(name, part) for part in value.values)
    if (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr in ("encode", "get_secret_value")
    ):
        return _is_secret(name, value.func.value)
    raw = value.value if isinstance(value, ast.Constant) else None
    text = raw.decode("latin-1") if isinstance(raw, bytes) else raw
    if not isinstance(text, str) or len(text) < 4 or _NO_SECRET.search(text):
        return False
    says_its_name = text.lower().replace("-", "_") == name.lower() or text.isupper()
    return not says_its_name or _looks_random(text)


def _looks_random(text: str) -> bool:
    return len(text) >= 12 and any(letter.isdigit() for letter in text) and any(letter.isalpha() for letter in text)


def _recognised(module: Module, node: ast.Constant, text: str) -> Iterator[Note]:
    login = _LOGIN_URL.search(text)
    if _KNOWN.search(text) or (login and login["password"].lower() not in ("password", "pass", "***", "secret")):
        yield _note(
            module,
            node,
            "a secret stands in the code: this text holds a key or a password; read it from the environment",
        )


def _hashes(module: Module, call: ast.Call) -> Iterator[Note]:
    name = dotted(module, call.func)
    if name.startswith("hashlib.") and (last_name(call) in _FAST or last_name(call) == "new"):
        context = [*call.args, *_receivers(module, call)]
        if any(re.search(r"(?i)password|passwd|pwd|passphrase", label) for part in context for label in names_in(part)):
            yield _note(
                module,
                call,
                f"weak hash: {last_name(call)} is too fast for passwords; hash them with argon2 and a salt",
            )
    if name.startswith("random.") and last_name(call) in _RANDOM and _PASSWORD.search(_purpose(module, call)):
        yield _note(module, call, "random numbers that can be guessed make a secret: use the `secrets` module")
    for keyword in call.keywords:
        plain = isinstance(keyword.value, ast.Attribute) and keyword.value.attr == "password"
        if keyword.arg in ("password_hash", "hashed_password", "password_digest") and plain:
            yield _note(module, call, "the password is stored in the clear: hash it with argon2")


def _receivers(module: Module, node: ast.AST) -> list[ast.AST]:
    """Names and keywords that are given what the node makes."""
    while isinstance(node, ast.expr) and node in module.parents:
        node = module.parents[node]
    if isinstance(node, ast.keyword):
        return [ast.Name(node.arg or "")]
    return [*node.targets] if isinstance(node, ast.Assign) else []


def _purpose(module: Module, node: ast.AST) -> str:
    """What the names around say that a value is for: the assignment's target and the function's name."""
    words: list[str] = []
    while node in module.parents:
        node = module.parents[node]
        if isinstance(node, ast.Assign):
            words += [last_name(target) for target in node.targets]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return " ".join([*words, node.name])
    return " ".join(words)


def _compared(module: Module, compare: ast.Compare) -> Iterator[Note]:
    sides = [compare.left, *compare.comparators]
    stored = [
        side
        for side in sides
        if isinstance(side, ast.Attribute) and side.attr in ("password", "password_hash", "hashed_password")
    ]
    if len(stored) == 2 and isinstance(compare.ops[0], ast.Eq | ast.NotEq):
        yield _note(module, compare, "passwords are compared as text: verify against an argon2 hash", AUTHENTICATION)


def _tokens(module: Module, call: ast.Call) -> Iterator[Note]:
    name = dotted(module, call.func)
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if name.endswith("jwt.decode"):
        algorithms = given.get("algorithms") or (call.args[2] if len(call.args) > 2 else None)
        if algorithms is None:
            yield _note(
                module, call, "the token is decoded without `algorithms`: name the one that signs it", AUTHENTICATION
            )
        elif any(isinstance(one, ast.Constant) and str(one.value).lower() == "none" for one in ast.walk(algorithms)):
            yield _note(module, call, "the algorithm `none` lets anybody write tokens", AUTHENTICATION)
        if any(_switched_off(given.get(key)) for key in ("options", "verify", "verify_signature")):
            yield _note(
                module,
                call,
                "the token's signature or expiry is not verified: anybody can write such a token",
                AUTHENTICATION,
            )
    if name.endswith(("jwt.get_unverified_claims", "jwt.get_unverified_header")) and name.endswith("claims"):
        yield _note(module, call, "claims of a token are used without verifying its signature", AUTHENTICATION)
    if name.endswith(("jwt.encode", "jwt.decode")) and len(call.args) > 1 and _is_secret("key", call.args[1]):
        yield _note(
            module, call, "a secret stands in the code: the token is signed with it; read it from the environment"
        )


def _switched_off(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Constant):
        return value.value is False
    if not isinstance(value, ast.Dict):
        return False
    pairs = zip(value.keys, value.values, strict=True)
    return any(
        isinstance(key, ast.Constant) and key.value in ("verify_signature", "verify_exp")
        and isinstance(flag, ast.Constant) and flag.value is False
        for key, flag in pairs
    )  # fmt: skip
