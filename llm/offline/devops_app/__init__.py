"""What a generated application says of itself: its README. How it is shipped comes with the starter."""

import re
from dataclasses import dataclass
from pathlib import Path

from core.plan import EntitySpec, FieldSpec, Plan
from core.standard.document import openapi
from core.standard.operations import operations
from core.types import JsonObject
from llm.offline.entity_fields import humanize
from llm.offline.react_app.templating import environment

__all__ = ["devops_files"]

TEMPLATES = Path(__file__).parent / "templates"
LOCK = Path(__file__).parents[3] / "sandbox" / "toolchains" / "python" / "requirements.lock"
TEST_TOOLS = ("httpx2", "pytest", "ruff")
BROWSER_TOOLS = ("playwright", "pytest")


def devops_files(plan: Plan) -> dict[str, str]:
    """What the devops agent writes on top of the starter; the same plan gives the same bytes."""
    return {"README.md": environment(TEMPLATES).get_template("README.md.j2").render(_context(plan))}


@dataclass(frozen=True)
class EntityLine:
    """One entity as the README tells of it."""

    label_plural: str
    fields: str
    note: str


@dataclass(frozen=True)
class OperationLine:
    method: str
    path: str
    summary: str
    secured: bool


def _context(plan: Plan) -> dict[str, object]:
    return {
        "title": _line(plan.title),
        "summary": _line(plan.summary),
        "auth": plan.auth is not None,
        "frontend": plan.has_frontend,
        "entities": [_entity(plan, entity) for entity in plan.entities],
        "rules": [_line(rule.statement) for rule in plan.rules],
        "operations": _operations(plan),
        "not_covered": [_line(sentence) for sentence in plan.not_covered],
        "pins": _pins(TEST_TOOLS),
        "browser_pins": _pins(BROWSER_TOOLS),
    }


def _line(text: str) -> str:
    """Text of a person as one line of Markdown that starts no markup of its own."""
    return re.sub(r"([\\`*_<>\[\]|])", r"\\\1", " ".join(text.split()))


def _entity(plan: Plan, entity: EntitySpec) -> EntityLine:
    fields = ", ".join(_field(plan, field) for field in entity.fields if field.name != "owner_id")
    notes = {"owner": "Everybody sees only their own.", "login": "For those who are signed in.", "public": ""}
    return EntityLine(_line(entity.label_plural), fields, notes[entity.access])


def _field(plan: Plan, field: FieldSpec) -> str:
    words = humanize(field.name).lower()
    if field.type == "enum":
        return f"{words} ({', '.join(_line(value) for value in field.values)})"
    target = plan.entity(field.references or "") if field.type == "reference_list" else None
    return _line(target.label_plural).lower() if target else words


def _operations(plan: Plan) -> list[OperationLine]:
    document = openapi(plan)
    found = []
    for operation in operations(plan):
        summary = _summary(document, operation.path, operation.method)
        found.append(OperationLine(operation.method, operation.path, _line(summary), operation.secured))
    return found


def _summary(document: JsonObject, path: str, method: str) -> str:
    node: object = document
    for name in ("paths", path, method, "summary"):
        node = node.get(name) if isinstance(node, dict) else None
    return node if isinstance(node, str) else ""


def _pins(names: tuple[str, ...]) -> list[str]:
    """The versions that the application was tested with."""
    locked = dict(re.findall(r"^([a-z0-9-]+)==([\w.]+)", LOCK.read_text(), re.M))
    return [f"{name}=={locked[name]}" for name in names]
