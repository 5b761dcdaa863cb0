"""Rules of a draft as the RuleSpecs of a plan, with the final names of entities and fields."""

from collections.abc import Callable

from core.plan import RuleSpec
from core.standard.operations import snake
from core.types import Json, JsonObject
from llm.offline.naming import EntityNames, field_name, reference
from llm.offline.reader.ask_model import USER, RuleDraft
from llm.offline.reader.draft import Draft

Names = dict[str, EntityNames]


def rule_specs(draft: Draft, rules: list[RuleDraft], names: Names, *, owned: frozenset[str]) -> tuple[RuleSpec, ...]:
    """One RuleSpec per rule; `owned` are the nouns whose rows belong to an account."""
    found: list[RuleSpec] = []
    for rule in rules:
        if rule.noun not in draft.things or (
            rule.kind == "unique_per" and USER in rule.fields and rule.noun not in owned
        ):
            continue
        entity = names[rule.noun]
        params = _PARAMS[rule.kind](draft, rule, names)
        identity = f"{snake(entity.entity)}_{rule.kind}"
        number = sum(one.id.startswith(identity) for one in found)
        suffix = f"_{number + 1}" if number else ""
        statement = rule.statement[:1].upper() + rule.statement[1:]
        found.append(
            RuleSpec(
                id=f"{identity[:58]}{suffix}", kind=rule.kind, entity=entity.entity, statement=statement, params=params
            )
        )
    return tuple(found)


def _reference(draft: Draft, child: str, parent: str, names: Names) -> str:
    return next(reference(link, names) for link in draft.links if link.child == child and link.parent == parent)


def _field(rule: RuleDraft, names: Names, index: int = 0) -> str:
    return field_name(rule.fields[index], names[rule.noun])


def _capacity(draft: Draft, rule: RuleDraft, names: Names) -> JsonObject:
    parent = rule.parent or ""
    return {
        "parent": names[parent].entity,
        "reference": _reference(draft, rule.noun, parent, names),
        "field": field_name(rule.fields[0], names[parent]),
    }


def _key_fields(draft: Draft, rule: RuleDraft, names: Names) -> JsonObject:
    found: list[Json] = []
    for key in rule.fields:
        if key == USER:
            found.append("owner_id")
        elif any(link.child == rule.noun and link.parent == key for link in draft.links):
            found.append(_reference(draft, rule.noun, key, names))
        else:
            found.append(field_name(key, names[rule.noun]))
    return {"fields": found}


def _status_flow(draft: Draft, rule: RuleDraft, names: Names) -> JsonObject:
    """One step forward or back at a time."""
    states = rule.values
    transitions: JsonObject = {
        state: list[Json]([*states[max(index - 1, 0) : index], *states[index + 1 : index + 2]])
        for index, state in enumerate(states)
    }
    return {"field": _field(rule, names), "initial": states[0], "transitions": transitions}


def _single_active(draft: Draft, rule: RuleDraft, names: Names) -> JsonObject:
    return {"reference": _reference(draft, rule.noun, rule.parent or "", names), "returned_field": "returned_at"}


def _redirect(draft: Draft, rule: RuleDraft, names: Names) -> JsonObject:
    return {"key_field": "code", "target_field": "url", "count_field": "clicks"}


def _totals(draft: Draft, rule: RuleDraft, names: Names) -> JsonObject:
    value, *groups = rule.fields
    entity = names[rule.noun]
    by: list[Json] = []
    for group in groups:
        linked = any(link.child == rule.noun and link.parent == group for link in draft.links)
        by.append(
            _reference(draft, rule.noun, group, names)
            if linked
            else "month"
            if group == "month"
            else field_name(group, entity)
        )
    date = field_name(rule.parent, entity) if rule.parent else None
    return {"value": field_name(value, entity), "date": date, "group_by": by}


def _summary(draft: Draft, rule: RuleDraft, names: Names) -> JsonObject:
    part = rule.parent or ""
    value = field_name(rule.fields[0], names[part]) if rule.fields else None
    return {"child": names[part].entity, "reference": _reference(draft, part, rule.noun, names), "value": value}


def _no_overlap(draft: Draft, rule: RuleDraft, names: Names) -> JsonObject:
    linked = _reference(draft, rule.noun, rule.parent or "", names)
    return {"reference": linked, "start": _field(rule, names), "end": _field(rule, names, 1)}


_PARAMS: dict[str, Callable[[Draft, RuleDraft, Names], JsonObject]] = {
    "capacity": _capacity,
    "unique_per": _key_fields,
    "status_flow": _status_flow,
    "single_active": _single_active,
    "counter_redirect": _redirect,
    "totals": _totals,
    "child_summary": _summary,
    "csv_export": lambda draft, rule, names: {},
    "low_stock": lambda draft, rule, names: {"field": _field(rule, names), "threshold": rule.number or 5},
    "no_overlap": _no_overlap,
    "ordered_fields": lambda draft, rule, names: {"start": _field(rule, names), "end": _field(rule, names, 1)},
    "page_size": lambda draft, rule, names: {"default": rule.number or 20, "maximum": 100},
}
