"""What an agent has to know of the starter to write against it, read off the starter's files."""

from collections.abc import Iterator
from posixpath import basename, commonpath, dirname

from core.ownership import owner_of
from core.plan import Plan
from core.types import AgentName
from starter import python_digest, typescript_digest
from starter.rendering import files

_BUILT_UPON = {
    AgentName.BACKEND: (
        "backend/app/api/__init__.py", "backend/app/errors.py", "backend/app/schemas/base.py", "backend/app/services/base.py",
        "backend/app/api/deps.py",
    ),
    AgentName.DATABASE: ("backend/app/db/base.py", "backend/app/db/models/user.py"),
    AgentName.FRONTEND: (
        *(f"frontend/src/{name}" for name in ("section.ts", "format.ts", "api/client.ts", "api/options.ts")),
        *(
            f"frontend/src/components/{name}"
            for name in (
                "useListView.ts", "ListPage.tsx", "DataTable.tsx", "filters.tsx", "Page.tsx", "Loaded.tsx", "useRowId.ts",
                "Form.tsx", "fields.tsx", "readForm.ts", "ErrorMessage.tsx", "ExportButton.tsx", "ExternalLink.tsx",
            )
        ),
        "frontend/src/auth/useMe.ts", "frontend/src/auth/useUserOptions.ts",
    ),
    AgentName.QA: (
        "backend/tests/conftest.py", "backend/tests/client.py", "backend/tests/values.py", "e2e/conftest.py", "e2e/ui.py",
        "e2e/values.py",
    ),
}  # fmt: skip
"""The modules that an agent's own code calls. What of them is for it, they say themselves: `_` and `__all__` hide the rest."""


def digest(agent: AgentName, plan: Plan) -> str:
    """Signatures of what the agent builds upon, one a line, then its other files that are there; empty when it has none."""
    rendered = files(plan)
    built_upon = [path for path in _BUILT_UPON.get(agent, ()) if path in rendered]
    unused = _unused(plan)
    others = [path for path in rendered if owner_of(plan.ownership, path) is agent and path not in built_upon]
    return "\n".join([*(_described(path, rendered[path], unused) for path in built_upon), *_listed(others)])


def _unused(plan: Plan) -> frozenset[str]:
    """Names of which an application like this one has no use."""
    types = {field.type for entity in plan.entities for field in entity.fields}
    kinds = {rule.kind for rule in plan.rules}
    needed = [
        ("csv_export" in kinds, ("csv_line", "csv_problems", "CsvResponse")),
        ("decimal" in types, ("Cents",)),
        (not types.isdisjoint({"reference", "reference_list"}), ("check_reference",)),
        ("reference_list" in types, ("load_all", "Ids")),
        (bool(kinds), ("lock",)),
        ("boolean" in types, ("BooleanText",)),
        ("email" in types, ("EMAIL", "EmailText")),
        ("url" in types, ("URL",)),
        ("date" in types, ("Date",)),
        ("datetime" in types or bool(kinds), ("Instant",)),
    ]
    return frozenset(name for used, names in needed if not used for name in names)


def _described(path: str, text: str, unused: frozenset[str]) -> str:
    if path.endswith(".py"):
        module = (
            path.removeprefix("backend/")
            .removeprefix("e2e/")
            .removesuffix(".py")
            .removesuffix("/__init__")
            .replace("/", ".")
        )
        return python_digest.describe(module, text, unused)
    return typescript_digest.describe(path.removeprefix("frontend/"), text)


def _listed(paths: list[str]) -> Iterator[str]:
    """`Also there in backend: pyproject.toml; app: config.py main.py; app/api: auth.py`; packages are not worth a word."""
    named = [path for path in paths if not path.endswith("__init__.py")]
    root = commonpath(named) if len(named) > 1 else ""
    folders: dict[str, list[str]] = {}
    for path in named:
        inner = path.removeprefix(f"{root}/") if root else path
        folders.setdefault(dirname(inner), []).append(basename(inner))
    shown = [f"{folder}: {' '.join(names)}" if folder else " ".join(names) for folder, names in sorted(folders.items())]
    if shown:
        yield f"Also there{f' in {root}' if root else ''}: {'; '.join(shown)}"
