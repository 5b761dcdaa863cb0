"""What the offline reviewer says about code that it is shown: `review(plan, contract, files, evidence, minimum_score)`.

It reads the code itself and knows nothing of how that code came to be; text in code or evidence that asks for a score
counts for nothing.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from core.plan import Plan
from core.types import Json, JsonObject
from llm.offline.reviewing.access import owner_notes, route_notes
from llm.offline.reviewing.codebase import Codebase, Module, missing_imports, read_code
from llm.offline.reviewing.errors import error_notes
from llm.offline.reviewing.evidence import evidence_notes
from llm.offline.reviewing.exposure import exposure_notes
from llm.offline.reviewing.injection import injection_notes
from llm.offline.reviewing.lists import list_notes
from llm.offline.reviewing.loops import loop_notes
from llm.offline.reviewing.notes import QUALITY, Note, in_order, scores
from llm.offline.reviewing.routes import RouteTable
from llm.offline.reviewing.rows import row_notes
from llm.offline.reviewing.secrets import secret_notes
from llm.offline.reviewing.settings import setting_notes
from llm.offline.reviewing.sites import Database
from llm.offline.reviewing.typescript import typescript_notes

MAX_FINDINGS = 60


def review(
    plan: Plan | None,
    contract: JsonObject | None,
    files: Mapping[str, str],
    evidence: str,
    minimum_score: float,
    *,
    beside: Mapping[str, str] | None = None,
) -> JsonObject:
    """Return `{"scores": {"security", "performance", "quality"}, "summary", "findings"}`, as code_reviewer answers.

    Scores are 0 to 10; a finding has `file`, `line`, `severity`, `category` and `message`. `files` are texts by path, the
    tests among them are not reviewed. `evidence` is what linters and tests said, as text. `beside` are files that the
    application has too: the others are read with them in mind, they themselves are not reviewed.
    """
    source = {path: text for path, text in files.items() if not is_test(path)}
    whole = {path: text for path, text in (beside or {}).items() if not is_test(path)} | source
    notes = [note for note in _python_notes(plan, contract, whole) if note.file in source]
    for path in sorted(
        path for path in source if path.endswith((".ts", ".tsx", ".js", ".jsx")) and ".d.ts" not in path
    ):
        notes += typescript_notes(path, source[path])
    notes += evidence_notes(evidence, source, {(note.file, note.line) for note in notes})
    found = in_order(notes)
    marks = scores(found)
    shown: list[Json] = [note.as_json() for note in found[:MAX_FINDINGS]]
    return {"scores": {**marks}, "summary": _summary(found, marks, len(source), minimum_score), "findings": shown}


def is_test(path: str) -> bool:
    return (
        "/tests/" in f"/{path}"
        or path.startswith("e2e/")
        or ".test." in path
        or path.rsplit("/", 1)[-1].startswith("test_")
    )


def _python_notes(plan: Plan | None, contract: JsonObject | None, files: Mapping[str, str]) -> Iterator[Note]:
    code = read_code(files)
    for path, line, reason in code.broken:
        yield Note(path, line, "critical", QUALITY, f"the file does not parse: {reason}")
    for module in code.modules.values():
        yield from _module_notes(code, module)
    database, table = Database(code), RouteTable(code, contract)
    functions = tuple(function for function in code.functions if not _is_migration(function.module))
    yield from route_notes(table)
    yield from owner_notes(database, plan, functions)
    yield from loop_notes(database, functions)
    yield from list_notes(database, table, functions)
    yield from row_notes(database, table, functions)
    yield from exposure_notes(code, table)


def _module_notes(code: Codebase, module: Module) -> Iterator[Note]:
    for line, name in missing_imports(code, module).items():
        if not _may_be_elsewhere(code, name):
            yield Note(
                module.path,
                line,
                "critical",
                QUALITY,
                f"broken import: there is no module named {name} in this application",
            )
    yield from injection_notes(code, module)
    yield from secret_notes(module)
    if not _is_migration(module):
        yield from setting_notes(code, module)
        yield from error_notes(module)


def _may_be_elsewhere(code: Codebase, name: str) -> bool:
    """True for a module of a package of which nothing is shown, unless a module of nearly the same name is."""
    package, _, _ = name.rpartition(".")
    shown = any(other.startswith(f"{package}.") for other in code.modules) and "." in package
    return not shown and not get_close_matches(name, [one for one in code.modules if one != name], n=1, cutoff=0.85)


def _is_migration(module: Module) -> bool:
    return "migrations/" in module.path or "alembic/" in module.path


def _summary(notes: list[Note], marks: dict[str, float], read: int, minimum_score: float) -> str:
    if not notes:
        return (
            f"{read} files read; nothing found in injection, access, secrets, configuration, queries, limits, missing rows and "
            "error handling."
        )
    low = [f"{name} {mark:g}" for name, mark in marks.items() if mark < minimum_score]
    below = f" Below the minimum of {minimum_score:g}: {', '.join(low)}." if low else ""
    worst = "; ".join(f"{note.file}:{note.line} {note.message}" for note in notes[:3])
    return f"{read} files read, {len(notes)} {'finding' if len(notes) == 1 else 'findings'}.{below} {worst}"
