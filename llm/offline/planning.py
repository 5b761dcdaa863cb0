"""Reading -> Plan: entities with safe names, access, lists, rules, who takes part and which paths they own."""

from core.plan import AuthSpec, EntitySpec, FieldSpec, Plan, RuleSpec
from llm.offline.access import Access, access_of, explain, without_account_fields
from llm.offline.crew import agent_plans
from llm.offline.naming import EntityNames, field_name, names_of, reference, slug_of
from llm.offline.parentage import same_parent_rules
from llm.offline.reader.draft import Draft, FieldDraft, Thing, plural_of
from llm.offline.reader.reading import NotRead, Reading, read
from llm.offline.rules import rule_specs

OWNER = FieldSpec(
    name="owner_id", type="reference", references="User", server_set=True, description="Who it belongs to"
)
MAX_FIELDS = 24
_TEXTS = ("string", "text", "email", "url")


def plan_sentence(text: str) -> Plan | str:
    """Plan one description, or answer the sentence that refuses it."""
    reading = read(text)
    return reading.reason if isinstance(reading, NotRead) else plan_reading(reading)


def plan_reading(reading: Reading) -> Plan:
    """The whole plan of a reading."""
    draft = reading.draft
    access = access_of(draft, reading.features, auth=reading.auth)
    for noun, thing in draft.things.items():
        if access[noun] == "owner":
            without_account_fields(thing)
    names = names_of(draft)
    owned = frozenset(noun for noun, value in access.items() if value == "owner")
    rules = rule_specs(draft, reading.asks.rules, names, owned=owned)
    entities = tuple(_entity(reading, thing, names, access[noun], rules) for noun, thing in draft.things.items())
    rules += same_parent_rules(entities)
    title = _title(draft)
    said = (*reading.covered, *(explain(draft, access) if reading.auth else ()))
    agents = agent_plans(entities, rules, auth=reading.auth, frontend=reading.frontend)
    return Plan(
        title=title,
        slug=slug_of(title),
        summary=_summary(title, draft, reading),
        agents=agents,
        entities=entities,
        auth=AuthSpec() if reading.auth else None,
        rules=rules,
        covered=tuple(dict.fromkeys(said)),
        not_covered=reading.not_covered,
    )


def _title(draft: Draft) -> str:
    first = next(iter(draft.things))
    text = draft.title or plural_of(first).capitalize()
    return text[:80].strip() or "Application"


def _summary(title: str, draft: Draft, reading: Reading) -> str:
    kept = ", ".join(thing.plural for thing in draft.things.values())
    accounts = " People sign in." if reading.auth else ""
    shape = "An API with a React frontend." if reading.frontend else "An API without a frontend."
    return f"{title}: keeps {kept}.{accounts} {shape}"


def _entity(
    reading: Reading, thing: Thing, names: dict[str, EntityNames], access: Access, rules: tuple[RuleSpec, ...]
) -> EntitySpec:
    own = names[thing.noun]
    mine = [rule for rule in rules if rule.entity == own.entity]
    fields = _fields(reading.draft, thing, names, mine)
    together = [tuple(str(name) for name in _list(rule.params["fields"])) for rule in mine if rule.kind == "unique_per"]
    if access == "owner":
        together += [("owner_id", field.name) for field in fields if field.unique and field.name not in _keys(mine)]
        fields = [
            OWNER,
            *(field.model_copy(update={"unique": field.unique and field.name in _keys(mine)}) for field in fields),
        ]
    search, filters, sort = _lists(reading, thing, own, names, fields)
    return EntitySpec(
        name=own.entity, table=own.table, path=own.path, label=own.label, label_plural=own.label_plural, access=access,
        fields=tuple(fields), unique_together=tuple(dict.fromkeys(together)), search=search, filters=filters, sort=sort,
    )  # fmt: skip


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _keys(rules: list[RuleSpec]) -> set[str]:
    return {str(rule.params["key_field"]) for rule in rules if rule.kind == "counter_redirect"}


def _fields(draft: Draft, thing: Thing, names: dict[str, EntityNames], rules: list[RuleSpec]) -> list[FieldSpec]:
    """The naming field first, then what it refers to, then the rest; server-set fields of rules last."""
    counted = {str(rule.params["count_field"]) for rule in rules if rule.kind == "counter_redirect"}
    own = [_field(field, names[thing.noun], server_set=field.name in counted) for field in thing.fields]
    links = [
        FieldSpec(
            name=reference(link, names), type="reference_list" if link.many else "reference",
            references=names[link.parent].entity, required=link.required and not link.many,
        )
        for link in draft.links if link.child == thing.noun
    ]  # fmt: skip
    returned = [
        FieldSpec(name=str(rule.params["returned_field"]), type="datetime", required=False, server_set=True)
        for rule in rules if rule.kind == "single_active"
    ]  # fmt: skip
    first = own[:1] if own and own[0].type in ("string", "email") else []
    found: dict[str, FieldSpec] = {}
    for field in [*first, *links, *own[len(first) :], *returned]:
        found.setdefault(field.name, field)
    fields = list(found.values())[:MAX_FIELDS]
    return fields or [FieldSpec(name="name", type="string", max_length=120)]


def _field(field: FieldDraft, entity: EntityNames, *, server_set: bool) -> FieldSpec:
    return FieldSpec(
        name=field_name(field.name, entity), type=field.type, required=field.required and field.default is None,
        unique=field.unique, max_length=field.max_length, minimum=field.minimum, maximum=field.maximum,
        values=field.values, default=field.default,
        server_set=server_set,
    )  # fmt: skip


def _lists(
    reading: Reading, thing: Thing, own: EntityNames, names: dict[str, EntityNames], fields: list[FieldSpec]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Search, filters and orders: those asked for first, then those that every list is better with."""
    asks, by_name = reading.asks, {field.name: field for field in fields}

    def asked(kept: dict[str, list[str]]) -> list[str]:
        return [_asked_name(name, reading.draft, thing, own, names) for name in kept.get(thing.noun, [])]

    texts = [field.name for field in fields if field.type in _TEXTS and not field.server_set]
    search = [*asked(asks.search), *texts[:3]]
    chosen = [
        field.name
        for field in fields
        if field.type in ("reference", "reference_list", "enum", "boolean") and field.name != "owner_id"
    ]
    ordered = [field.name for field in fields if field.type in ("integer", "number", "decimal", "date", "datetime")]
    orders = [*asked(asks.sort), *texts[:1], *ordered[:4], "created_at"]
    return (
        tuple(dict.fromkeys(name for name in search if name in by_name and by_name[name].type in _TEXTS)),
        tuple(
            dict.fromkeys(
                name for name in [*asked(asks.filters), *chosen] if name in by_name and by_name[name].type != "text"
            )
        ),
        tuple(dict.fromkeys(name for name in orders if name in by_name or name == "created_at")),
    )


def _asked_name(name: str, draft: Draft, thing: Thing, own: EntityNames, names: dict[str, EntityNames]) -> str:
    if not name.startswith("@"):
        return field_name(name, own)
    return next(reference(link, names) for link in draft.links if link.child == thing.noun and link.parent == name[1:])
