"""Single changes of a plan. Each returns the changed plan, or the sentence that says why it cannot be made."""

from collections.abc import Callable, Iterable

from core.ownership import usual_ownership
from core.plan import AgentPlan, AuthSpec, EntitySpec, FieldSpec, Plan, RuleSpec
from core.standard.document import MAX_PAGE
from core.standard.operations import rules_for, snake
from core.types import AgentName
from llm.offline.crew import agent_plans
from llm.offline.entity_fields import humanize
from llm.offline.planning import OWNER, plan_sentence
from llm.offline.reader.draft import field_from, singular_of
from llm.offline.reader.inflection import singular

Edited = Plan | str
_TEXTS = ("string", "text", "email", "url")
RESERVED = frozenset({"id", "created_at", "updated_at", "owner_id", "limit", "offset", "q", "sort"})
"""Names that every thing or every list has already."""
_CLAUSE = frozenset({"that", "which", "who", "when", "where", "if", "is", "are", "be", "can", "should", "must"})
"""Words of a sentence, which no name holds: the wish says more than could be read."""


def find_entity(plan: Plan, words: str | None) -> EntitySpec | None:
    """The entity that a person means by `posts`, `a blog post`, `the post list`."""
    if not words:
        return None
    wanted = singular_of(words.lower().strip())
    for entity in plan.entities:
        label = entity.label.lower()
        if wanted in (label, label.split(" ")[-1], snake(entity.name), entity.table, entity.name.lower()):
            return entity
    return None


def find_field(plan: Plan, words: str, entity: EntitySpec | None = None) -> tuple[EntitySpec, FieldSpec] | None:
    """The field that a person means by `due date` or `title`; in the entity that is named, else in the first that has it."""
    wanted = {words.strip().lower().replace(" ", "_").replace("-", "_")}
    wanted |= {"_".join(singular(part) for part in name.split("_")) for name in list(wanted)}
    for candidate in [entity] if entity else plan.entities:
        for field in candidate.fields:
            names = {
                field.name,
                humanize(field.name).lower().replace(" ", "_"),
                field.name.removeprefix(f"{snake(candidate.name)}_"),
            }
            if wanted & names and not field.server_set:
                return candidate, field
    return None


def with_entity(plan: Plan, entity: EntitySpec) -> Plan:
    """The plan with one entity exchanged (by name), checked again."""
    entities = tuple(entity if old.name == entity.name else old for old in plan.entities)
    return checked(plan, entities=entities)


def checked(plan: Plan, **changes: object) -> Plan:
    """A copy with changes, validated, and with briefs that match it."""
    changed = Plan.model_validate({**plan.model_dump(), **{name: _plain(value) for name, value in changes.items()}})
    agents = agent_plans(changed.entities, changed.rules, auth=changed.auth is not None, frontend=changed.has_frontend)
    return changed.model_copy(update={"agents": agents, "ownership": _ownership(plan, changed, agents)})


def _ownership(plan: Plan, changed: Plan, agents: tuple[AgentPlan, ...]) -> dict[AgentName, tuple[str, ...]]:
    """The usual paths of those who take part now, if they were the usual ones before; else the paths that the plan had."""
    usual = usual_ownership({entry.agent for entry in agents})
    if plan.ownership == usual_ownership({entry.agent for entry in plan.agents}):
        return usual
    return {**usual, **changed.ownership}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.model_dump() if isinstance(value, EntitySpec | RuleSpec | AuthSpec) else value


def change_field(plan: Plan, words: str, entity_words: str | None, change: Callable[[FieldSpec], FieldSpec]) -> Edited:
    found = find_field(plan, words, find_entity(plan, entity_words))
    if found is None:
        return f'There is no field "{words}".'
    entity, field = found
    new = change(field)
    if new == field:
        return f'"{humanize(field.name)}" is like that already.'
    return with_entity(
        plan, entity.model_copy(update={"fields": tuple(new if old is field else old for old in entity.fields)})
    )


def make_optional(field: FieldSpec) -> FieldSpec:
    return field.model_copy(update={"required": False})


def make_required(field: FieldSpec) -> FieldSpec:
    return field.model_copy(update={"required": True, "default": None})


def make_unique(field: FieldSpec) -> FieldSpec:
    return field.model_copy(update={"unique": True})


def make_not_unique(field: FieldSpec) -> FieldSpec:
    return field.model_copy(update={"unique": False})


def add_field(plan: Plan, words: list[str], entity_words: str | None) -> Edited:
    """A new field, optional unless the words say otherwise, since rows may exist already."""
    entity = find_entity(plan, entity_words) or (plan.entities[0] if not entity_words else None)
    draft = field_from(words)
    if entity is None or draft is None:
        return f'There is nothing called "{entity_words}" to add a field to.'
    if draft.name in RESERVED or set(draft.name.split("_")) & _CLAUSE:
        return f'"{" ".join(words)}" cannot be the name of a field.'
    if find_field(plan, draft.name, entity):
        return f'{entity.label_plural} have a field "{humanize(draft.name)}" already.'
    target = find_entity(plan, " ".join(words))
    if target is not None and target.name != entity.name:
        new = FieldSpec(name=f"{snake(target.name)}_id", type="reference", references=target.name, required=False)
    else:
        required = "required" in words or "mandatory" in words
        new = FieldSpec(
            name=draft.name, type=draft.type, required=required, unique=draft.unique, max_length=draft.max_length,
            minimum=draft.minimum, maximum=draft.maximum, values=draft.values, default=draft.default,
        )  # fmt: skip
    filters = (*entity.filters, new.name) if new.type in ("reference", "enum", "boolean") else entity.filters
    sort = (*entity.sort, new.name) if new.type in ("integer", "number", "decimal", "date", "datetime") else entity.sort
    changed = entity.model_copy(update={"fields": (*entity.fields, new), "filters": filters, "sort": sort})
    return with_entity(plan, changed)


def remove_field(plan: Plan, words: str, entity_words: str | None) -> Edited:
    found = find_field(plan, words, find_entity(plan, entity_words))
    if found is None:
        return f'There is no field "{words}" to remove.'
    entity, field = found
    using = rules_with(plan, entity, field)
    if using:
        return f'"{humanize(field.name)}" stays, because a rule needs it: {using[0].statement}'
    kept = tuple(old for old in entity.fields if old is not field)
    if not any(not old.server_set for old in kept):
        return f'"{humanize(field.name)}" is the only field of {entity.label_plural.lower()}.'
    changed = entity.model_copy(update={"fields": kept, **without(entity, field.name)})
    return with_entity(plan, changed)


def rules_with(plan: Plan, entity: EntitySpec, field: FieldSpec) -> list[RuleSpec]:
    """Rules that work with a field of an entity, be it their own or that of the parent or child they name."""
    found: list[RuleSpec] = []
    for rule in plan.rules:
        values = [item for value in rule.params.values() for item in (value if isinstance(value, list) else [value])]
        about = entity.name in (rule.entity, rule.params.get("parent"), rule.params.get("child"))
        if about and field.name in values:
            found.append(rule)
    return found


def without(entity: EntitySpec, name: str) -> dict[str, object]:
    return {
        "search": tuple(one for one in entity.search if one != name),
        "filters": tuple(one for one in entity.filters if one != name),
        "sort": tuple(one for one in entity.sort if one != name),
        "unique_together": tuple(names for names in entity.unique_together if name not in names),
    }


def rename_field(plan: Plan, words: str, entity_words: str | None, new_words: list[str]) -> Edited:
    found, draft = find_field(plan, words, find_entity(plan, entity_words)), field_from(new_words)
    if found is None or draft is None:
        return f'There is no field "{words}" to rename.'
    entity, field = found
    if draft.name in RESERVED or set(draft.name.split("_")) & _CLAUSE:
        return f'"{" ".join(new_words)}" cannot be the name of a field.'
    if field.type in ("reference", "reference_list"):
        return f'"{humanize(field.name)}" is a reference and is named after what it refers to.'
    if entity.field(draft.name):
        return f'{entity.label_plural} have a field "{humanize(draft.name)}" already.'

    def renamed(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(draft.name if name == field.name else name for name in names)

    changed = entity.model_copy(
        update={
            "fields": tuple(old.model_copy(update={"name": draft.name}) if old is field else old for old in entity.fields),
            "search": renamed(entity.search), "filters": renamed(entity.filters), "sort": renamed(entity.sort),
            "unique_together": tuple(renamed(names) for names in entity.unique_together),
        }
    )  # fmt: skip
    using = rules_with(plan, entity, field)
    if using:
        return f'"{humanize(field.name)}" keeps its name, because a rule works with it: {using[0].statement}'
    return with_entity(plan, changed)


def search_in(plan: Plan, words: str, entity_words: str | None) -> Edited:
    found = find_field(plan, words, find_entity(plan, entity_words))
    if found is None or found[1].type not in _TEXTS:
        return f'There is no text field "{words}" to search in.'
    entity, field = found
    return with_entity(plan, entity.model_copy(update={"search": tuple(dict.fromkeys((*entity.search, field.name)))}))


def filter_by(plan: Plan, words: str, entity_words: str | None) -> Edited:
    found = find_field(plan, words, find_entity(plan, entity_words))
    if found is None or found[1].type == "text":
        return f'There is no field "{words}" to filter by.'
    entity, field = found
    return with_entity(plan, entity.model_copy(update={"filters": tuple(dict.fromkeys((*entity.filters, field.name)))}))


def sort_by(plan: Plan, words: str, entity_words: str | None) -> Edited:
    found = find_field(plan, words, find_entity(plan, entity_words))
    if found is None or found[1].type in ("text", "reference_list"):
        return f'There is no field "{words}" to sort by.'
    entity, field = found
    return with_entity(plan, entity.model_copy(update={"sort": tuple(dict.fromkeys((*entity.sort, field.name)))}))


def page_size(plan: Plan, entity_words: str | None, size: int | None, *, at_most: bool = False) -> Edited:
    """Shorter lists: the size that is asked for, or half of what it was, for one entity or for all.

    A client may still ask for up to 100 rows, unless the wish is about the most that may be asked for.
    """
    named = find_entity(plan, entity_words)
    rules = list(plan.rules)
    for entity in [named] if named else plan.entities:
        old = next(iter(rules_for(plan, entity, "page_size")), None)
        current = old.params.get("default") if old else 20
        default = size or max(1, (current if isinstance(current, int) else 20) // 2)
        maximum = default if at_most else MAX_PAGE
        new = RuleSpec(
            id=f"{snake(entity.name)}_page_size", kind="page_size", entity=entity.name,
            statement=f"Lists of {entity.label_plural.lower()} show {default} at a time, at most {maximum}.",
            params={"default": default, "maximum": maximum},
        )  # fmt: skip
        rules = [rule for rule in rules if rule is not old] + [new]
    return checked(plan, rules=tuple(rules))


def require_login(plan: Plan, *, own: bool, entity_words: str | None = None) -> Edited:
    """Accounts and tokens; `own` makes rows private to the user who made them."""
    named = find_entity(plan, entity_words)
    entities = []
    for entity in plan.entities:
        private = own and (named is None or entity.name == named.name)
        access = "owner" if private else "login" if entity.access == "public" else entity.access
        fields = entity.fields
        together = entity.unique_together
        if private and not entity.field("owner_id"):
            together += tuple(("owner_id", field.name) for field in fields if field.unique)
            fields = (OWNER, *(field.model_copy(update={"unique": False}) for field in fields))
        entities.append(entity.model_copy(update={"access": access, "fields": fields, "unique_together": together}))
    if tuple(entities) == plan.entities and plan.auth:
        return "People sign in already."
    return checked(plan, entities=tuple(entities), auth=plan.auth or AuthSpec())


def add_export(plan: Plan, entity_words: str | None) -> Edited:
    entity = find_entity(plan, entity_words) or plan.entities[0]
    if rules_for(plan, entity, "csv_export"):
        return f"{entity.label_plural} can be exported already."
    statement = f"{entity.label_plural} can be exported as CSV."
    rule = RuleSpec(id=f"{snake(entity.name)}_csv_export", kind="csv_export", entity=entity.name, statement=statement)
    return checked(plan, rules=(*plan.rules, rule))


def add_entity(plan: Plan, text: str, parent_words: str | None) -> Edited:
    """A new kind of thing, read like a sentence, linked to the thing that is named or to the first one."""
    parent = find_entity(plan, parent_words) or plan.entities[0]
    made = plan_sentence(f"App with {parent.label_plural.lower()}, {text}")
    if isinstance(made, str):
        return f'"{text}" could not be read as something to keep records of.'
    new = [entity for entity in made.entities if not find_entity(plan, entity.label)]
    if not new:
        return f'There is nothing new in "{text}".'
    names = {entity.name for entity in new}
    twin = next((entity for entity in made.entities if find_entity(plan, entity.label) == parent), None)
    links = tuple(field for field in (twin.fields if twin else ()) if field.references in names)
    known = names | {entity.name for entity in plan.entities}
    entities = [_with_access(_known_references(entity, known), parent) for entity in new]
    if not links and not any(field.references == parent.name for field in entities[0].fields):
        entities[0] = _linked_to(entities[0], parent)
    filters = (*parent.filters, *(field.name for field in links))
    changed = parent.model_copy(update={"fields": (*parent.fields, *links), "filters": filters})
    rules = tuple(rule for rule in made.rules if rule.entity in names)
    kept = tuple(changed if entity.name == parent.name else entity for entity in plan.entities)
    return checked(plan, entities=(*kept, *entities), rules=(*plan.rules, *rules))


def _known_references(entity: EntitySpec, known: set[str]) -> EntitySpec:
    """The entity without references to what the plan does not have."""
    gone = {field.name for field in entity.fields if field.references and field.references not in known}
    for name in gone:
        entity = entity.model_copy(update=without(entity, name))
    return entity.model_copy(update={"fields": tuple(field for field in entity.fields if field.name not in gone)})


def _linked_to(entity: EntitySpec, parent: EntitySpec) -> EntitySpec:
    link = FieldSpec(name=f"{snake(parent.name)}_id", type="reference", references=parent.name)
    fields = (*entity.fields[:1], link, *entity.fields[1:])
    return entity.model_copy(update={"fields": fields, "filters": (link.name, *entity.filters)})


def _with_access(entity: EntitySpec, parent: EntitySpec) -> EntitySpec:
    """What is added to private things is private, to shared things shared."""
    bare = tuple(field for field in entity.fields if field.name != "owner_id")
    fields = (OWNER, *bare) if parent.access == "owner" else bare
    return entity.model_copy(update={"access": parent.access, "fields": fields})


def bounds(plan: Plan, words: str, low: float, high: float) -> Edited:
    found = find_field(plan, words)
    if found is None or found[1].type not in ("integer", "number", "decimal") or low >= high:
        return f'There is no number "{words}" that could lie between {low:g} and {high:g}.'
    return change_field(
        plan, words, found[0].label, lambda field: field.model_copy(update={"minimum": low, "maximum": high})
    )
