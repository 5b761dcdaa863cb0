"""Single changes of what a field may hold: its type, its values, its bounds; and taking away a whole thing."""

from collections.abc import Callable

from core.plan import EntitySpec, FieldSpec, FieldType, Plan, RuleSpec
from core.standard.operations import rules_for
from core.types import Json, JsonObject
from llm.offline.entity_fields import humanize
from llm.offline.plan_edits import Edited, checked, find_entity, find_field, rules_with, with_entity, without

NUMBERS: tuple[FieldType, ...] = ("integer", "number", "decimal")
_TEXTS: tuple[FieldType, ...] = ("string", "text", "email", "url")
_ORDERED: tuple[FieldType, ...] = ("string", *NUMBERS, "date", "datetime", "email")
Values = tuple[str, ...]


def change_type(plan: Plan, words: str, entity_words: str | None, kind: FieldType, values: Values = ()) -> Edited:
    """The field with another type and without the limits of the old one; lists are searched and sorted as the new one can be."""
    found = find_field(plan, words, find_entity(plan, entity_words))
    if found is None:
        return f'There is no field "{words}".'
    entity, field = found
    if field.references:
        return f'"{humanize(field.name)}" refers to other rows, so that its type cannot change.'
    if using := rules_with(plan, entity, field):
        return f'"{humanize(field.name)}" keeps its type, because a rule works with it: {using[0].statement}'
    if kind == "enum" and len(values) < 2:
        return f'"{humanize(field.name)}" needs at least two values to choose from.'
    new = FieldSpec(
        name=field.name, type=kind, required=field.required and kind != "boolean", values=values,
        unique=field.unique and kind not in ("text", "boolean", "enum"), default=False if kind == "boolean" else None,
    )  # fmt: skip
    fields = tuple(new if old is field else old for old in entity.fields)
    changed = entity.model_copy(update={"fields": fields, **_listed(entity, new)})
    return with_entity(plan, changed)


def _listed(entity: EntitySpec, field: FieldSpec) -> dict[str, object]:
    kept = {"search": field.type in _TEXTS, "sort": field.type in _ORDERED, "filters": field.type != "text"}
    dropped = without(entity, field.name)
    return {name: getattr(entity, name) if keep else dropped[name] for name, keep in kept.items()}


def limit(plan: Plan, words: str, entity_words: str | None, low: float | None, high: float | None) -> Edited:
    """A least or a greatest value of a number; the other end stays."""
    found = find_field(plan, words, find_entity(plan, entity_words))
    if found is None or found[1].type not in NUMBERS:
        return f'There is no number "{words}" to limit.'
    entity, field = found
    low, high = field.minimum if low is None else low, field.maximum if high is None else high
    if low is not None and high is not None and low >= high:
        return f'"{humanize(field.name)}" cannot lie between {low:g} and {high:g}.'
    return _with_field(plan, entity, field, field.model_copy(update={"minimum": low, "maximum": high}))


def at_least_zero(plan: Plan, words: str, entity_words: str | None, *, above: bool) -> Edited:
    """Zero or more; `above` leaves out the zero."""
    found = find_field(plan, words, find_entity(plan, entity_words))
    smallest = {"integer": 1.0, "decimal": 0.01}.get(found[1].type, 0.0) if found and above else 0.0
    if found and found[1].minimum is not None and found[1].minimum >= smallest:
        return f'"{humanize(found[1].name)}" is like that already.'
    return limit(plan, words, entity_words, smallest, None)


def max_length(plan: Plan, words: str, entity_words: str | None, length: int) -> Edited:
    found = find_field(plan, words, find_entity(plan, entity_words))
    if found is None or found[1].type not in ("string", "text"):
        return f'There is no text "{words}" to limit.'
    if not 1 <= length <= 10_000:
        return f"A text of at most {length} characters cannot be had: 1 to 10000 can."
    entity, field = found
    return _with_field(plan, entity, field, field.model_copy(update={"max_length": length}))


def add_value(plan: Plan, words: str, entity_words: str | None, value: str) -> Edited:
    """One more value; the last one of a workflow, which is reached from the one before it."""
    found = _enum(plan, words, entity_words)
    if isinstance(found, str):
        return found
    entity, field = found
    name = _stored(value)
    if name in field.values:
        return f'"{humanize(field.name)}" has the value "{value}" already.'
    return _with_values(plan, entity, field, (*field.values, name), lambda one: one)


def remove_value(plan: Plan, words: str, entity_words: str | None, value: str) -> Edited:
    found = _enum(plan, words, entity_words)
    if isinstance(found, str):
        return found
    entity, field = found
    name = _stored(value)
    if name not in field.values or len(field.values) < 3:
        return f'"{humanize(field.name)}" has no value "{value}" that it could do without.'
    if name == field.default or any(name == rule.params["initial"] for rule in _flows(plan, entity, field)):
        return f'"{value}" stays, because new {entity.label_plural.lower()} begin with it.'
    kept = tuple(one for one in field.values if one != name)
    return _with_values(plan, entity, field, kept, lambda one: one)


def rename_value(plan: Plan, words: str, entity_words: str | None, value: str, new: str) -> Edited:
    found = _enum(plan, words, entity_words)
    if isinstance(found, str):
        return found
    entity, field = found
    old, name = _stored(value), _stored(new)
    if old not in field.values or name in field.values:
        return f'"{humanize(field.name)}" has no value "{value}" that could be called "{new}".'

    def renamed(one: str) -> str:
        return name if one == old else one

    return _with_values(plan, entity, field, tuple(renamed(one) for one in field.values), renamed)


def remove_entity(plan: Plan, words: str) -> Edited:
    """Without a thing, and without the optional links to it; what cannot do without it keeps it."""
    entity = find_entity(plan, words)
    if entity is None:
        return f'There is nothing called "{words}" to remove.'
    if len(plan.entities) == 1:
        return f"{entity.label_plural} are all that the application has."
    kept = []
    for other in plan.entities:
        if other is entity:
            continue
        links = [field for field in other.fields if field.references == entity.name]
        needing = [rule for field in links for rule in rules_with(plan, other, field)]
        if needing or any(field.required and field.type == "reference" for field in links):
            return f"{entity.label_plural} stay, because {other.label_plural.lower()} belong to them."
        for field in links:
            other = other.model_copy(
                update={"fields": tuple(one for one in other.fields if one is not field), **without(other, field.name)}
            )
        kept.append(other)
    rules = tuple(rule for rule in plan.rules if entity.name not in (rule.entity, *rule.params.values()))
    return checked(plan, entities=tuple(kept), rules=rules)


def _enum(plan: Plan, words: str, entity_words: str | None) -> tuple[EntitySpec, FieldSpec] | str:
    found = find_field(plan, words, find_entity(plan, entity_words))
    return found if found and found[1].type == "enum" else f'There is no choice of values called "{words}".'


def _stored(value: str) -> str:
    """A value as the API has it: `in review` is `in_review`."""
    return "_".join(value.lower().replace("-", " ").split())


def _with_field(plan: Plan, entity: EntitySpec, field: FieldSpec, new: FieldSpec) -> Plan:
    fields = tuple(new if old is field else old for old in entity.fields)
    return with_entity(plan, entity.model_copy(update={"fields": fields}))


def _with_values(
    plan: Plan, entity: EntitySpec, field: FieldSpec, values: Values, renamed: Callable[[str], str]
) -> Plan:
    default = renamed(field.default) if isinstance(field.default, str) else field.default
    changed = _with_field(plan, entity, field, field.model_copy(update={"values": values, "default": default}))
    flows = {rule.id: _flow(rule, entity, values, renamed) for rule in _flows(plan, entity, field)}
    return checked(changed, rules=tuple(flows.get(rule.id, rule) for rule in plan.rules))


def _flows(plan: Plan, entity: EntitySpec, field: FieldSpec) -> list[RuleSpec]:
    return [rule for rule in rules_for(plan, entity, "status_flow") if rule.params["field"] == field.name]


def _flow(rule: RuleSpec, entity: EntitySpec, values: Values, renamed: Callable[[str], str]) -> RuleSpec:
    """The workflow over the new values, one step forward or back at a time as the planner makes it."""
    transitions: JsonObject = {
        state: list[Json]([*values[max(place - 1, 0) : place], *values[place + 1 : place + 2]])
        for place, state in enumerate(values)
    }
    words = ", ".join(value.replace("_", " ") for value in values)
    field = str(rule.params["field"]).replace("_", " ")
    statement = f"The {field} of {_article(entity.label)} goes through {words}, one step at a time."
    initial = renamed(str(rule.params["initial"]))
    return rule.model_copy(
        update={"statement": statement, "params": {**rule.params, "initial": initial, "transitions": transitions}}
    )


def _article(label: str) -> str:
    return f"{'an' if label[:1].lower() in 'aeiou' else 'a'} {label.lower()}"
