"""What a builder's own Python files can be blamed for before the others' files are there: syntax, names, imports."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .box import BACKEND, OUT, ROOT, Report, Reports, library, read_json, stop_after

TIME_S = 25.0
RULES = "E9,F63,F7,F82"


def main() -> None:
    stop_after(TIME_S)
    own = [path for path in read_json(".autonomy/own.json") if path.endswith(".py")]
    sys.path.insert(0, str(BACKEND))
    reports = Reports("own")
    unresolved: list[dict[str, Any]] = []

    def check(report: Report) -> None:
        trees = {path: tree for path in own if (tree := _parse(path, report)) is not None}
        for path, tree in trees.items():
            unresolved.extend(_imports(path, tree, report))
        _undefined_names(list(trees), report)
        report.finish(f"{len(own)} Python files")

    reports.run("syntax", check)
    reports.extra["unresolved"] = unresolved
    reports.save()


def _parse(path: str, report: Report) -> ast.Module | None:
    try:
        tree = ast.parse((ROOT / path).read_text(), filename=path)
        compile(tree, path, "exec")
        return tree
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        report.add(f"{path} is not valid Python: {error}", path, line, category="syntax")
        return None


def _undefined_names(own: list[str], report: Report) -> None:
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--no-cache",
        "--select",
        RULES,
        "--output-format=json",
    ]
    done = subprocess.run([*command, *own], cwd=ROOT, capture_output=True, timeout=TIME_S, check=False)  # noqa: S603  # a fixed program, inside the sandbox
    for one in json.loads(done.stdout or b"[]") if own else []:
        path = Path(one["filename"]).relative_to(ROOT).as_posix()
        report.add(f"{one['code']}: {one['message']}", path, one["location"]["row"], category="names")


def _imports(path: str, tree: ast.Module, report: Report) -> Iterator[dict[str, Any]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _resolve(path, node.lineno, alias.name, [], report)
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(path, node)
            yield from _resolve(path, node.lineno, module, [alias.name for alias in node.names], report)


def _absolute(path: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = path.removeprefix("backend/").split("/")[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


def _resolve(path: str, line: int, module: str, names: list[str], report: Report) -> Iterator[dict[str, Any]]:
    """Yield what is missing of the application itself; note what is missing of libraries as a finding."""
    if module.split(".")[0] in ("app", "tests", "conftest"):
        yield from _resolve_own(path, line, module, names)
        return
    if _is_sibling(path, module):
        return
    problem = _library_problem(module, names)
    if problem:
        report.add(problem, path, line, category="import")


def _is_sibling(path: str, module: str) -> bool:
    """A module beside a test file: pytest puts the folder of a test on the path."""
    beside = (ROOT / path).parent / module.split(".")[0]
    return beside.with_suffix(".py").is_file() or beside.is_dir()


def _library_problem(module: str, names: list[str]) -> str:
    try:
        if find_spec(module) is None:
            return f"imports `{module}`, which is not installed"
        found = library(module) if names else None
    except Exception as error:
        return f"imports `{module}`, which fails: {type(error).__name__}: {error}"
    for name in names:
        if name != "*" and not hasattr(found, name) and find_spec(f"{module}.{name}") is None:
            return f"imports `{name}` from `{module}`, which does not have it"
    return ""


def _resolve_own(path: str, line: int, module: str, names: list[str]) -> Iterator[dict[str, Any]]:
    base = BACKEND / module.replace(".", "/")
    file = next((one for one in (base.with_suffix(".py"), base / "__init__.py") if one.is_file()), None)
    where = {"file": path, "line": line}
    if file is None and not base.is_dir():
        wanted = f"backend/{module.replace('.', '/')}.py"
        yield {**where, "target": wanted, "message": f"imports `{module}`, but there is no {wanted}"}
        return
    defined = _defined(file) if file else set()
    for name in names:
        submodule = (base / f"{name}.py").is_file() or (base / name).is_dir()
        if name == "*" or "*" in defined or name in defined or submodule:
            continue
        target = (file or base / f"{name}.py").relative_to(ROOT).as_posix()
        yield {**where, "target": target, "message": f"imports `{name}` from `{module}`, which does not define it"}


def _defined(file: Path) -> set[str]:
    """Names at the top level of a module; `*` when that cannot be told."""
    try:
        tree = ast.parse(file.read_text())
    except (SyntaxError, ValueError):
        return {"*"}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add("*" if node.name == "__getattr__" else node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    main()
