"""Errors that are swallowed, and what does not belong into TypeScript."""

import ast
import re
from collections.abc import Iterator

from llm.offline.review.model import INJECTION, QUALITY, Note, PythonFile, Severity, is_test, last_name

_TYPESCRIPT: tuple[tuple[str, Severity, str, str], ...] = (
    (r"dangerouslySetInnerHTML|\.(?:inner|outer)HTML\s*=(?!=)|document\.write\(", "critical", INJECTION, "text is put into the page as HTML (cross-site scripting)"),
    (r"(?<![\w.])eval\(|new Function\(", "critical", INJECTION, "text is run as code"),
    (r"[?&](?:access_)?token=(?:\$\{|[\"'`]\s*\+)", "high", "A07:2021", "the token stands in a URL, where logs and histories keep it"),
    (r"href=\{?[\"'`]javascript:", "high", INJECTION, "a link runs text as code"),
    (r"@ts-(?:ignore|nocheck)", "medium", QUALITY, "a type error is silenced"),
    (r":\s*any\b(?!\w)|\bas any\b|<any>", "medium", QUALITY, "`any` switches type checking off"),
    (r"\bconsole\.(?:log|debug)\(", "low", QUALITY, "debugging output is left in the code"),
    (r"(?:secret|password|api_?key)\s*[:=]\s*[\"'][A-Za-z0-9_\-]{8,}[\"']", "critical", "A02:2021", "a secret stands in the code"),
)  # fmt: skip
_COMMENT = re.compile(r"^\s*(?://|\*|/\*)")


def error_notes(source: PythonFile) -> Iterator[Note]:
    """Bare and broad excepts that hide what went wrong."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        silent = all(
            isinstance(line, ast.Pass) or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
            for line in node.body
        )
        if node.type is None:
            yield Note(
                source.path,
                node.lineno,
                "medium",
                QUALITY,
                "a bare except catches everything, also what must stop the program",
            )
        elif silent and last_name(node.type) in ("Exception", "BaseException"):
            yield Note(
                source.path,
                node.lineno,
                "medium",
                QUALITY,
                "every error is swallowed here: catch the one that is expected",
            )


def typescript_notes(files: dict[str, str]) -> Iterator[Note]:
    """Look at every line of the frontend's own sources."""
    for path in sorted(files):
        if not path.endswith((".ts", ".tsx")) or is_test(path) or path.endswith(".d.ts"):
            continue
        for number, line in enumerate(files[path].splitlines(), start=1):
            silencing = "@ts-" in line
            if _COMMENT.match(line) and not silencing:
                continue
            for pattern, severity, category, message in _TYPESCRIPT:
                if re.search(pattern, line):
                    yield Note(path, number, severity, category, message)
