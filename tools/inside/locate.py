"""Where in the source an operation is handled: file and line, read from route decorators without running anything."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .box import BACKEND, relative
from .contract import path_shape

VERBS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Handler:
    method: str
    suffix: str
    file: str
    line: int


class Source:
    """The handlers of the application's source; reading it once costs some ten milliseconds."""

    def __init__(self, folder: Path | None = None) -> None:
        self._files = sorted((folder or BACKEND / "app").rglob("*.py"))
        self._handlers = [handler for file in self._files for handler in _handlers(file)]

    def find(self, method: str, path: str) -> tuple[str | None, int | None]:
        """File and line of the handler of an operation; the likeliest file without a line when there is no handler."""
        shape, words = path_shape(path), _words(path)
        fitting = [one for one in self._handlers if one.method == method.lower() and shape.endswith(one.suffix)]
        best = max(fitting, key=lambda one: len(one.suffix) + 100 * _named(one.file, words), default=None)
        if best and (_named(best.file, words) or len(best.suffix.strip("/")) > 2 or len(fitting) == 1):
            return best.file, best.line
        return self.guess(path), None

    def guess(self, path: str) -> str | None:
        """The file that handles, or should handle, paths like this one: by name first, then by neighbours."""
        words = _words(path)
        names = [name for name in (relative(str(file)) for file in self._files) if name]
        routers = [name for name in names if re.search(r"/(api|routers?|routes|endpoints|views)/", name)]
        named = [name for name in routers if _named(name, words)]
        main = [name for name in names if name.endswith("app/main.py")]
        return next(iter([*named, *main, *routers, *names]), None)


def _words(path: str) -> set[str]:
    """Names that a file for this path may have: `/api/blog-posts/{id}` gives blog_posts, blog_post."""
    parts = [part.replace("-", "_") for part in path.strip("/").split("/") if part and not part.startswith("{")]
    fixed = [part for part in parts if part != "api"][:1]
    return {form for part in fixed for form in (part, part.rstrip("s"), re.sub("ies$", "y", part))}


def _named(file: str, words: set[str]) -> bool:
    stem = Path(file).stem
    stems = {stem, *stem.split("_"), stem.rstrip("s"), Path(file).parent.name}
    return bool(stems & words)


def _handlers(file: Path) -> Iterator[Handler]:
    try:
        tree = ast.parse(file.read_text(errors="replace"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    prefixes = dict(_prefixes(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                if (route := _route(decorator)) is not None:
                    router, verb, path = route
                    suffix = path_shape(prefixes.get(router, "") + path)
                    yield Handler(verb, suffix if suffix != "/" else "", relative(str(file)) or "", node.lineno)


def _prefixes(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name):
            for keyword in node.value.keywords:
                if keyword.arg == "prefix" and isinstance(keyword.value, ast.Constant):
                    yield node.targets[0].id, str(keyword.value.value)


def _route(decorator: ast.expr) -> tuple[str, str, str] | None:
    if not (isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)):
        return None
    values = [*decorator.args[:1], *(keyword.value for keyword in decorator.keywords if keyword.arg == "path")]
    if decorator.func.attr not in VERBS or not values or not isinstance(values[0], ast.Constant):
        return None
    router = decorator.func.value.id if isinstance(decorator.func.value, ast.Name) else ""
    return router, decorator.func.attr, str(values[0].value)
