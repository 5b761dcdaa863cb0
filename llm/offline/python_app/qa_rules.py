"""Tests of the business rules, one function of the template `tests/rules.py.j2` per kind."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from core.plan import FieldSpec, RuleSpec
from core.standard.operations import operations
from core.standard.schemas import number_bounds
from core.types import Json
from llm.offline.python_app.entities import Entity, entities
from llm.offline.python_app.layout import explode, fit, literal
from llm.offline.python_app.names import keyword_argument
from llm.offline.python_app.render import macro


@dataclass(frozen=True)
class Case:
    """One grouping of totals: rows to make, and what the answer must be."""

    by: str
    setup: tuple[str, ...]
    expected: str


def rule_tests(entity: Entity) -> list[str]:
    """The text of every rule's tests, in the order of the plan."""
    builders: dict[str, Callable[[Entity, RuleSpec], str]] = {
        "same_parent": _plain, "ordered_fields": _plain, "single_active": _plain, "counter_redirect": _plain,
        "capacity": _capacity, "status_flow": _status_flow,
        "totals": _totals, "child_summary": _child_summary, "csv_export": _csv_export,
        "low_stock": _low_stock, "no_overlap": _no_overlap,
    }  # fmt: skip
    own = [rule for rule in entity.plan.rules if rule.entity == entity.name and entity.can("create")]
    return [builders[rule.kind](entity, rule).strip() for rule in own if rule.kind in builders]


def _plain(entity: Entity, rule: RuleSpec) -> str:
    return macro("tests/rules.py.j2", rule.kind)(entity, rule)


def _by_name(entity: Entity, name: str) -> Entity:
    return next(found for found in entities(entity.plan) if found.name == name)


def _field(entity: Entity, name: str) -> FieldSpec:
    field = entity.spec.field(name)
    if field is None:
        raise ValueError(f"a rule of {entity.name} names the field {name}, which it does not have")
    return field


def _capacity(entity: Entity, rule: RuleSpec) -> str:
    parent = _by_name(entity, str(rule.params["parent"]))
    least = max(1, int(number_bounds(_field(parent, str(rule.params["field"])))[0]))
    return macro("tests/rules.py.j2", "capacity")(entity, rule, parent, least)


def _status_flow(entity: Entity, rule: RuleSpec) -> str:
    name, initial = str(rule.params["field"]), str(rule.params["initial"])
    moves = _moves(rule.params["transitions"])
    ways: dict[str, list[str]] = {initial: []}
    queue = deque([initial])
    while queue:
        state = queue.popleft()
        for target in moves.get(state, []):
            if target not in ways:
                ways[target] = [*ways[state], target]
                queue.append(target)
    values = _field(entity, name).values
    cases = []
    for state, way in ways.items():
        for target in values:
            allowed = target == state or target in moves.get(state, [])
            steps = ", ".join(literal(step) for step in way)
            cases.append(f"([{steps}], {literal(target)}, {allowed})")
    table = explode(f"{name.upper()}_CHANGES: list[tuple[list[str], str, bool]] = [", cases, "]")
    starts = [literal(value) for value in values if value != initial]
    return macro("tests/rules.py.j2", "status_flow")(entity, rule, table, starts)


def _moves(transitions: Json) -> dict[str, list[str]]:
    if not isinstance(transitions, dict):
        return {}
    return {
        state: [str(target) for target in targets]
        for state, targets in transitions.items()
        if isinstance(targets, list)
    }


def _totals(entity: Entity, rule: RuleSpec) -> str:
    value, date = str(rule.params["value"]), rule.params.get("date")
    groups = rule.params.get("group_by")
    names = [str(name) for name in groups] if isinstance(groups, list) else ["month"]
    one, two, three = _three_amounts(_field(entity, value))
    create = f"create_{entity.one}"
    kind = _field(entity, str(date)).type if date else ""
    when = {"date": '"{}"', "datetime": '"{}T09:00:00Z"'}.get(kind, "")
    days = [when.format(day) for day in ("2025-12-31", "2026-01-01", "2026-01-31")] if date else ["", "", ""]
    # the first row is in one group, the other two in another one, whatever is grouped by
    ordered = sorted(names, key=lambda name: any(rule.reference == name for rule in entity.same_parents))
    grouped = [(name, _group_values(entity, name, names)) for name in ordered if name != "month"]
    setup = [line for name, (lines, _, _) in grouped for line in lines]
    for amount, day, place in zip((one, two, three), days, (0, 1, 1), strict=True):
        given = [keyword_argument(value, amount), *([keyword_argument(str(date), day)] if date else [])]
        given += [keyword_argument(name, (first, second)[place]) for name, (_, first, second) in grouped]
        setup.append(fit(f"{create}(", ["api", *given], ")", 4))
    cases = [Case(names[0], tuple(setup), "")] if not names else []
    for place, name in enumerate(names):
        keys = ('"2025-12"', '"2026-01"') if name == "month" else _group_keys(entity, name, dict(grouped)[name][1:])
        cases.append(Case(name, tuple(setup) if place == 0 else (), _expected(keys, (one, two, three))))
    return macro("tests/rules.py.j2", "totals")(entity, rule, cases, bool(date))


def _expected(keys: tuple[str, str], amounts: tuple[str, str, str]) -> str:
    one, two, three = amounts
    items = [
        f'{{"group": {keys[0]}, "count": 1, "total": {one}}}',
        f'{{"group": {keys[1]}, "count": 2, "total": {two} + {three}}}',
    ]
    listed = explode('"items": [', items, "]", 8)
    return f'{{\n        {listed},\n        "total": {one} + {two} + {three},\n        "count": 3,\n    }}'


def _three_amounts(field: FieldSpec) -> tuple[str, str, str]:
    least, most = number_bounds(field)
    low = max(int(least) + 1, 1)
    if field.type == "integer" or most - least < 100:
        return str(low), str(min(low + 1, int(most))), str(min(low + 2, int(most)))
    return f"{low}.25", f"{low + 9}.5", f"{low + 2}"


def _group_values(entity: Entity, name: str, names: list[str]) -> tuple[list[str], str, str]:
    """Lines before, and two values of the field, of which the first is sorted before the second as text."""
    field = _field(entity, name)
    if field.references:
        create = f"create_{_by_name(entity, field.references).one}"
        rule = next((rule for rule in entity.same_parents if rule.reference == name and rule.same in names), None)
        lines = []
        for place in ("first", "second"):
            belonging = f", {rule.through}={place}_{rule.same}" if rule else ""
            lines.append(f'{place}_{name} = {create}(api{belonging})["id"]')
        return lines, f"first_{name}", f"second_{name}"
    if field.type == "enum":
        first, second = sorted(field.values)[:2]
        return [], literal(first), literal(second)
    return [], '"a"', '"b"'


def _group_keys(entity: Entity, name: str, values: tuple[str, str]) -> tuple[str, str]:
    if _field(entity, name).references:
        return f"str({values[0]})", f"str({values[1]})"
    return values


def _child_summary(entity: Entity, rule: RuleSpec) -> str:
    child = _by_name(entity, str(rule.params["child"]))
    operation = next(found for found in operations(entity.plan) if found.rule is not None and found.rule.id == rule.id)
    segment = operation.path.rsplit("/", 1)[1]
    low, high = "0", "0"
    if value := rule.params.get("value"):
        least, most = number_bounds(_field(child, str(value)))
        low = str(max(int(least), 1) if most >= 1 else least)
        high = str(int(min(most, int(low) + 3)))
    return macro("tests/rules.py.j2", "child_summary")(entity, rule, child, segment, low, high)


def _csv_export(entity: Entity, rule: RuleSpec) -> str:
    text = next(
        (
            field.name
            for field in entity.writable
            if field.type in ("string", "text") and (field.max_length or 20) >= 5 and field.name not in entity.keys
        ),
        "",
    )
    return macro("tests/rules.py.j2", "csv_export")(entity, rule, text)


def _low_stock(entity: Entity, rule: RuleSpec) -> str:
    least, most = number_bounds(_field(entity, str(rule.params["field"])))
    threshold = rule.params["threshold"]
    if not isinstance(threshold, int) or not least <= threshold - 1 <= threshold + 1 <= most:
        return ""
    return macro("tests/rules.py.j2", "low_stock")(entity, rule, threshold - 1, threshold + 1)


def _no_overlap(entity: Entity, rule: RuleSpec) -> str:
    kind = _field(entity, str(rule.params["start"])).type
    slots = [f"day({number})" if kind == "date" else f"moment(1, {8 + number})" for number in range(1, 6)]
    return macro("tests/rules.py.j2", "no_overlap")(entity, rule, slots)
