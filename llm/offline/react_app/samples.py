"""Example values for generated tests: row `n` of an entity has value `n` in each field, the same in every test."""

from core.plan import FieldSpec, Plan
from core.standard.operations import rules_for
from core.standard.schemas import MAX_INTEGER, max_length, number_bounds
from llm.offline.entity_fields import display_field
from llm.offline.react_app.fields import TEXTUAL, FieldView
from llm.offline.react_app.text import js

OWN_EMAIL = "ada@example.com"


def text_prefix(field: FieldView) -> str:
    """What stands before the number of the row; empty where only short text fits."""
    if field.spec.type == "email":
        return "person"
    if field.spec.type == "url":
        return "https://example.com/"
    words = field.entity.label if field.spec == display_field(field.entity) else field.label
    prefix = f"{field.name.replace('_', '-')}-" if field.is_key else f"{words} "
    return prefix if len(prefix) + 1 <= max_length(field.spec) else ""


def text_suffix(field: FieldView) -> str:
    return "@example.com" if field.spec.type == "email" else ""


def number(field: FieldSpec, n: int) -> float | int:
    """A number within the bounds, another one for each small `n` where there is room."""
    least, most = number_bounds(field)
    start = least if field.minimum is not None else 0
    value = min(start + n, most if field.maximum is not None else MAX_INTEGER)
    return int(value) if field.type == "integer" else round(value, 2)


def moment(field: FieldView, n: int) -> str:
    """A local minute: later on the same day for a field that has to come after another one."""
    rules = [*rules_for(field.plan, field.entity, "ordered_fields"), *rules_for(field.plan, field.entity, "no_overlap")]
    is_end = any(rule.params.get("end") == field.name for rule in rules)
    return f"2030-01-{n:02d}T{'12' if is_end else '10'}:00"


def day(field: FieldView, n: int) -> str:
    return f"2030-{'02' if moment(field, n).endswith('12:00') else '01'}-{n:02d}"


def choice(field: FieldView, *, another: bool = False) -> str:
    """The default, or `another` value where a row may have it from the start."""
    values = field.spec.values
    first = field.spec.default if isinstance(field.spec.default, str) else values[0]
    for rule in rules_for(field.plan, field.entity, "status_flow"):
        if rule.params.get("field") == field.name:
            return str(rule.params["initial"])
    return next((value for value in reversed(values) if value != first), first) if another else first


def entered(field: FieldView, n: int) -> str:
    """What is typed into a control that takes text."""
    match field.spec.type:
        case "date":
            return day(field, n)
        case "datetime":
            return moment(field, n)
        case kind if kind in TEXTUAL:
            return f"{text_prefix(field)}{n}{text_suffix(field)}"
        case "reference":
            return str(n)
        case _:
            return f"{number(field.spec, n):g}" if field.spec.type != "decimal" else f"{number(field.spec, n):.2f}"


def row_name(plan: Plan, entity_name: str, n: int) -> str:
    """What row `n` is called where others refer to it."""
    if plan.auth and entity_name == plan.auth.entity:
        return OWN_EMAIL
    entity = plan.entity(entity_name)
    if entity is None:
        return f"#{n}"
    named = display_field(entity)
    return entered(FieldView(plan, entity, named), n) if named else f"{entity.label} #{n}"


def is_account(field: FieldView) -> bool:
    """True for a reference to a user: there is only the one who is signed in."""
    return field.plan.auth is not None and field.spec.references == field.plan.auth.entity


def in_row(field: FieldView) -> str:
    """TypeScript for the value of the field in row `id`."""
    spec = field.spec
    if spec.server_set:
        return "1" if is_account(field) else js(spec.default) if isinstance(spec.default, str | int | float) else "null"
    match spec.type:
        case "boolean":
            return js(bool(spec.default))
        case "enum":
            return js(choice(field))
        case "date":
            return f"`{day(field, 1)[:-1]}${{id}}`"
        case "datetime":
            return "`" + moment(field, 1).replace("01T", "0${id}T") + ":00Z`"
        case "reference":
            return "1" if is_account(field) else "id"
        case "reference_list":
            return "[1]" if is_account(field) else "[id]"
        case kind if kind in TEXTUAL:
            return f"`{text_prefix(field)}${{id}}{text_suffix(field)}`"
        case _:
            start = number(spec, 0)
            return f"{start:g} + id" if start else "id"
