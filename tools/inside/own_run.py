"""What a builder's own Python files can be blamed for before the others' files are there: syntax, names, imports."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
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
        linter = _start_linter(list(trees)) if trees else None
        for path, tree in trees.items():
            unresolved.extend(_imports(path, tree, report))
        if linter:
            _undefined_names(linter, report)
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


def _start_linter(own: list[str]) -> "subprocess.Popen[bytes]":
    """ruff over the files that parse; it runs while the imports are looked at."""
    options = ["--isolated", "--no-cache", "--exit-zero", "--select", RULES, "--output-format=json"]
    return subprocess.Popen(  # noqa: S603  # a fixed program, inside the sandbox
        [sys.executable, "-m", "ruff", "check", *options, *own],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _undefined_names(linter: "subprocess.Popen[bytes]", report: Report) -> None:
    said, complaint = linter.communicate(timeout=TIME_S)
    if linter.returncode:
        raise RuntimeError(f"ruff failed: {complaint.decode(errors='replace')[-500:]}")
    for one in json.loads(said):
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
    """Read before imported: a library's source says most of it, at a tenth of the cost."""
    try:
        unsure = [name for name in names if name not in _declared(module) and not _source(f"{module}.{name}")]
        if _source(module) and not unsure:
            return ""
        if find_spec(module) is None:
            return f"imports `{module}`, which is not installed"
        found = library(module) if unsure else None
    except Exception as error:
        return f"imports `{module}`, which fails: {type(error).__name__}: {error}"
    for name in unsure:
        if name != "*" and not hasattr(found, name) and find_spec(f"{module}.{name}") is None:
            return f"imports `{name}` from `{module}`, which does not have it"
    return ""


@lru_cache(maxsize=256)
def _source(module: str) -> Path | None:
    """The file of a library's module, found without importing its packages; None where it is not plain source."""
    top, *inner = module.split(".")
    spec = find_spec(top)
    if spec is None or spec.origin is None or (inner and not spec.submodule_search_locations):
        return None
    path = Path(spec.origin)
    if inner:
        base = path.parent.joinpath(*inner)
        path = next((one for one in (base.with_suffix(".py"), base / "__init__.py") if one.is_file()), base)
    return path if path.suffix == ".py" else None


@lru_cache(maxsize=256)
def _declared(module: str) -> frozenset[str]:
    """Names that a library's source plainly has at its top level."""
    source, found = _source(module), set[str]()
    for node in ast.parse(source.read_bytes()).body if source else []:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            targets = {target.id for target in node.targets if isinstance(target, ast.Name)}
            found |= targets | (_texts(node.value) if "__all__" in targets else set())
    return frozenset(found)


def _texts(node: ast.expr) -> set[str]:
    """The texts of a literal list or tuple."""
    elements = node.elts if isinstance(node, ast.List | ast.Tuple) else []
    return {one.value for one in elements if isinstance(one, ast.Constant) and isinstance(one.value, str)}


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
