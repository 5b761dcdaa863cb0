"""What business rules and relations add to the pages of an entity: totals, summaries, states, links to children."""

from dataclasses import dataclass

from core.plan import EntitySpec, Plan
from core.standard.operations import rules_for, snake
from llm.offline.react_app.fields import FieldView


@dataclass(frozen=True)
class Summary:
    """Figures over the children of a row."""

    child: str
    segment: str
    title: str
    has_value: bool


@dataclass(frozen=True)
class Children:
    """A list of rows that refer to the one shown."""

    path: str
    parameter: str
    plural: str


@dataclass(frozen=True)
class Group:
    name: str
    label: str
    options: str | None


@dataclass(frozen=True)
class Totals:
    groups: tuple[Group, ...]
    has_year: bool
    value_label: str
    format: str


def transitions_of(plan: Plan, entity: EntitySpec) -> dict[str, tuple[str, ...]]:
    """The states that follow each state; empty without a workflow."""
    rule = next(iter(rules_for(plan, entity, "status_flow")), None)
    field = entity.field(str(rule.params["field"])) if rule else None
    given = rule.params.get("transitions") if rule else None
    if field is None or not isinstance(given, dict):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for state in field.values:
        following = given.get(state)
        found[state] = tuple(map(str, following)) if isinstance(following, list) else ()
    return found


def summaries_of(plan: Plan, entity: EntitySpec) -> tuple[Summary, ...]:
    found = []
    for rule in rules_for(plan, entity, "child_summary"):
        child = plan.entity(str(rule.params["child"]))
        if child:
            segment = f"{snake(child.name).replace('_', '-')}-summary"
            found.append(Summary(child.name, segment, child.label_plural, rule.params.get("value") is not None))
    return tuple(found)


def children_of(plan: Plan, entity: EntitySpec) -> tuple[Children, ...]:
    """Lists that can be narrowed to the rows that refer to one row."""
    return tuple(
        Children(other.path, field.name, other.label_plural)
        for other in plan.entities
        for field in other.fields
        if field.references == entity.name and field.name in other.filters and "list" in other.operations
    )


def totals_of(plan: Plan, entity: EntitySpec) -> Totals | None:
    rule = next(iter(rules_for(plan, entity, "totals")), None)
    if rule is None:
        return None
    given = rule.params.get("group_by")
    names = [str(name) for name in given] if isinstance(given, list) else ["month"]
    value = entity.field(str(rule.params.get("value")))
    return Totals(
        groups=tuple(_group(plan, entity, name) for name in names),
        has_year=bool(rule.params.get("date")),
        value_label=FieldView(plan, entity, value).label if value else "Sum",
        format="formatMoney" if value and value.type == "decimal" else "formatNumber",
    )


def _group(plan: Plan, entity: EntitySpec, name: str) -> Group:
    field = entity.field(name)
    if field is None:
        return Group(name, name.capitalize(), None)
    view = FieldView(plan, entity, field)
    target = view.target if field.type in ("reference", "reference_list") else None
    return Group(name, view.label, target.variable if target else None)
