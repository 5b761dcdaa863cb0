"""Takes one handler, authorisation check or validation out of a generated application: each must fail one of its tests.

`python -m tests.workflows.mutants [plan ...]` tries all of them in the sandbox and prints those that no test noticed.
"""

import ast
import asyncio
import copy
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.plan import Plan
from core.ports import Sandbox, SandboxProvider
from tests import plans
from tests.generated import backend_files, backend_tests, database_files
from tests.workflows.checking import local_sandbox

CONSTRAINTS = frozenset({"ge", "le", "gt", "lt", "min_length", "max_length", "pattern", "strict"})
VALIDATORS = frozenset({"BeforeValidator", "AfterValidator", "Cents"})
CALLS = ("check_", "_check_", "install_error_handlers", "include_router", "add_middleware", "listen")
COMMAND = (
    "cd backend && export PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 && exec python -m pytest -q -x -p no:cacheprovider --tb=line"
)
ANYBODY = (
    "def anybody(db: Db) -> models.User:\n    return db.query(models.User).order_by(models.User.id).first()\n\n"
    "Anybody = Annotated[models.User, Depends(anybody)]\n"
)


@dataclass(frozen=True)
class Mutant:
    """One change: `kind` says what sort of thing is gone, `place` where (path:line), `text` is the whole changed file."""

    kind: str
    place: str
    path: str
    text: str


Change = tuple[str, ast.AST, Callable[[], None]]
"""What is gone, where it stood, and how to take it out of the tree."""


def backend(plan: Plan) -> dict[str, str]:
    return database_files(plan) | backend_files(plan)


def mutants(files: Mapping[str, str]) -> Iterator[Mutant]:
    """Every mutant, in the order of the files."""
    for path in sorted(files):
        if not path.endswith(".py") or path.endswith(("config.py", "migrations/env.py")):
            continue
        for number in range(sum(1 for _ in _changes(ast.parse(files[path])))):
            tree = ast.parse(files[path])
            kind, node, apply = next(change for place, change in enumerate(_changes(tree)) if place == number)
            apply()
            text = ast.unparse(ast.fix_missing_locations(tree))
            if kind == "token of a route":
                text = f"from app.db import models\nfrom fastapi import Depends\n{_after_imports(text, ANYBODY)}"
            yield Mutant(kind, f"{path}:{getattr(node, 'lineno', 0)}", path, text)


def _after_imports(text: str, more: str) -> str:
    lines = text.splitlines()
    last = max(place for place, line in enumerate(lines) if line.startswith(("from ", "import ")))
    return "\n".join([*lines[: last + 1], "from typing import Annotated", more, *lines[last + 1 :]])


def _changes(tree: ast.Module) -> Iterator[Change]:
    for parent in list(ast.walk(tree)):
        for name, value in ast.iter_fields(parent):
            if isinstance(value, list):
                yield from _of_list(parent, name, value)
        if isinstance(parent, ast.Call):
            yield from _of_call(parent)
        if isinstance(parent, ast.FunctionDef):
            yield from _of_parameters(parent)


def _of_list(parent: ast.AST, name: str, items: list[ast.AST]) -> Iterator[Change]:
    for place, item in enumerate(items):
        kind = _removable(parent, item)
        if kind is None:
            continue
        # a validator gives way to metadata that means nothing: `Annotated` cannot be without any
        empty = ast.Pass() if isinstance(item, ast.stmt) else ast.Constant(None)

        def apply(place: int = place, empty: ast.AST = empty, kind: str = kind) -> None:
            if kind == "unique constraint":
                del items[place]
            else:
                items[place] = empty

        yield kind, item, apply


def _removable(parent: ast.AST, item: ast.AST) -> str | None:
    if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
        decorated = " ".join(ast.unparse(decorator) for decorator in item.decorator_list)
        if decorated.startswith(("router.", "app.exception_handler")):
            return "handler"
    if isinstance(item, ast.Raise):
        return "error"
    if isinstance(item, ast.Expr) and isinstance(item.value, ast.Call):
        called = ast.unparse(item.value.func).rsplit(".", 1)[-1]
        return "check" if called.startswith(CALLS) else None
    if isinstance(item, ast.Assign) and "forbid" in ast.unparse(item):
        return "unknown fields refused"
    if isinstance(parent, ast.Tuple) and isinstance(item, ast.Call):
        called = ast.unparse(item.func).rsplit(".", 1)[-1]
        return "validator" if called in VALIDATORS else None
    if isinstance(parent, ast.Call) and isinstance(item, ast.Call) and "UniqueConstraint" in ast.unparse(item.func):
        return "unique constraint" if ast.unparse(parent.func) == "op.create_table" else None
    return None


def _of_call(call: ast.Call) -> Iterator[Change]:
    called = ast.unparse(call.func).rsplit(".", 1)[-1]
    for keyword in call.keywords:
        constrained = called in ("Field", "Path") and keyword.arg in CONSTRAINTS and not _subsumed(call, keyword)
        if constrained or (called == "APIRouter" and keyword.arg == "dependencies"):
            kind = "constraint" if constrained else "token of a router"
            yield kind, keyword.value, lambda keyword=keyword: call.keywords.remove(keyword)  # type: ignore[misc]
    if called == "where":
        for argument in call.args:
            if "owner_id" in ast.unparse(argument):
                yield "own rows only", argument, lambda argument=argument: _replace(call, argument)  # type: ignore[misc]
    if called in ("check_reference", "load_all"):
        for argument in call.args[4:]:
            yield "own rows only", argument, lambda argument=argument: call.args.remove(argument)  # type: ignore[misc]


def _replace(call: ast.Call, argument: ast.expr) -> None:
    call.args[call.args.index(argument)] = ast.parse("sa.true()", mode="eval").body


def _subsumed(call: ast.Call, keyword: ast.keyword) -> bool:
    """True for what only the contract shows: another check refuses the same values, with the same status."""
    beside = " ".join(ast.unparse(other) for other in call.keywords)
    if keyword.arg == "min_length":  # beside a pattern that asks for a visible character
        return ast.unparse(keyword.value) == "1" and ("FILLED" in beside or "KEY" in beside)
    # an id in a body: below 1 there is no row, and an id that no row has is refused too
    return keyword.arg == "ge" and "strict=True" in beside and "le=MAX_INTEGER" in beside


def _of_parameters(function: ast.FunctionDef) -> Iterator[Change]:
    for argument in function.args.args:
        if argument.annotation is not None and ast.unparse(argument.annotation) == "CurrentUser":
            changed = copy.copy(argument)
            changed.annotation = ast.Name("Anybody")

            def apply(argument: ast.arg = argument, changed: ast.arg = changed) -> None:
                function.args.args[function.args.args.index(argument)] = changed

            yield "token of a route", argument, apply


async def survives(sandbox: Sandbox, mutant: Mutant, original: str) -> bool:
    """True when every test passes although something is gone."""
    await sandbox.write({mutant.path: mutant.text})
    likely = f"tests/test_{Path(mutant.path).stem}.py"
    try:
        # the tests of the changed part first: they are the likeliest to notice
        result = await sandbox.run(["sh", "-c", f"{COMMAND} $(ls {likely} 2>/dev/null) tests"])
    finally:
        await sandbox.write({mutant.path: original})
    return result.ok


async def open_application(provider: SandboxProvider, plan: Plan) -> Sandbox:
    """A box with the finished application and its tests, which pass."""
    sandbox = await provider.open("mutants", "python", backend(plan) | backend_tests(plan))
    result = await sandbox.run(["sh", "-c", COMMAND])
    if not result.ok:
        raise RuntimeError(f"the tests fail before anything is changed:\n{result.output[-3000:]}")
    return sandbox


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def _all(plan: Plan, provider: SandboxProvider) -> int:
    files = backend(plan)
    sandbox = await open_application(provider, plan)
    began, count, survivors = time.monotonic(), 0, 0
    for mutant in mutants(files):
        count += 1
        if await survives(sandbox, mutant, files[mutant.path]):
            survivors += 1
            say(f"not noticed: {mutant.kind} at {mutant.place}")
    say(f"{plan.title}: {count} changes, {survivors} not noticed, {time.monotonic() - began:.0f} s")
    await sandbox.close()
    return survivors


async def main(names: list[str]) -> int:
    chosen = [make for make in plans.ALL if not names or make.__name__ in names]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        Path(folder).chmod(0o755)
        async with local_sandbox(Path(folder)) as provider:
            return sum([await _all(make(), provider) for make in chosen])


if __name__ == "__main__":
    sys.exit(1 if asyncio.run(main(sys.argv[1:])) else 0)
