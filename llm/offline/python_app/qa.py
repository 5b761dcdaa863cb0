"""The QA agent's backend tests: what one would write from the plan and the contract, without seeing the application."""

from dataclasses import dataclass

from core.plan import FieldSpec, Plan
from core.standard.operations import operations
from core.standard.schemas import MAX_INTEGER, max_length
from llm.offline.python_app import qa_rules, samples
from llm.offline.python_app.columns import python_value
from llm.offline.python_app.entities import Entity, Link, entities
from llm.offline.python_app.layout import fit, literal
from llm.offline.python_app.modules import assemble
from llm.offline.python_app.names import keyword_argument
from llm.offline.python_app.render import render

_RULED_DATES = ("ordered_fields", "no_overlap")
_HELPERS = {"Api": "tests.client", **dict.fromkeys(("day", "email", "moment"), "tests.values")}


@dataclass(frozen=True)
class Group:
    """Fields that no two rows share."""

    names: tuple[str, ...]
    same: str


@dataclass(frozen=True)
class Child:
    """`alone` is False where making a row by the field makes other rows that refer to the same one."""

    entity: Entity
    field: str
    alone: bool


@dataclass(frozen=True)
class Filter:
    """A filter and two rows that it tells apart."""

    name: str
    setup: tuple[str, ...]
    first: str
    second: str
    invalid: str
    people: str


def backend_tests(plan: Plan) -> dict[str, str]:
    """What the QA agent writes below backend/tests on top of the starter: factories, and the tests of every entity."""
    found = {"backend/tests/factories.py": _factories(plan)}
    for entity in entities(plan):
        found[f"backend/tests/{entity.test_module}.py"] = _entity_tests(entity)
    return found


def _factories(plan: Plan) -> str:
    found = [entity for entity in entities(plan) if entity.can("create")]
    bodies = {
        entity.name: [(field.name, samples.sample(entity, field)) for field in _plain(entity)] for entity in found
    }
    made = {entity.name: _made(entity) for entity in found}
    paths = {entity.name: entity.path for entity in found}
    body = render("tests/factories.py.j2", entities=found, bodies=bodies, made=made, paths=paths)
    return assemble("Valid bodies for every kind of row, and the rows they refer to.", body, _HELPERS)


def _plain(entity: Entity) -> list[FieldSpec]:
    return [field for field in entity.writable if field.references is None]


def _needed(entity: Entity) -> list[Link]:
    """Links that a body cannot do without, or that a rule speaks of."""
    ruled = {str(value) for rule in entity.plan.rules if rule.entity == entity.name for value in rule.params.values()}
    grouped = {name for group in entity.unique_together for name in group}
    return [
        link
        for link in entity.given
        if not link.many and link.target != entity.name and (link.field.required or link.field.name in ruled | grouped)
    ]


def _made(entity: Entity) -> list[tuple[str, str]]:
    """Needed links and expressions for their ids, common parents before what has to belong to them."""
    found = {link.field.name: make(entity.plan, link) for link in _needed(entity)}
    for rule in reversed(entity.same_parents):
        near = found.pop(rule.reference, "")
        if near.endswith('(api)["id"]'):
            near = near.replace("(api)", f'(api, {rule.through}=body["{rule.same}"])')
        found |= {rule.reference: near} if near else {}
    return list(found.items())


def make(plan: Plan, link: Link, api: str = "api") -> str:
    """An expression for the id of a row that the link can point at."""
    if plan.entity(link.target) is None:
        return f"{api}.user_id"
    return f'create_{_maker(plan, link.target)}({api})["id"]'


def _maker(plan: Plan, name: str) -> str:
    return next(entity.one for entity in entities(plan) if entity.name == name)


def _entity_tests(entity: Entity) -> str:
    plan = entity.plan
    setup, extras = _extras(entity)
    given = entity.writable if entity.can("create") else ()
    body = render(
        "tests/entity.py.j2",
        entity=entity,
        plan=plan,
        fields=[
            f'"{name}"' for name in ("id", *(field.name for field in entity.spec.fields), "created_at", "updated_at")
        ],
        required=[f'"{field.name}"' for field in given if field.required],
        invalid=[(field.name, value) for field in given for value in samples.invalid(entity, field)],
        accepted=[(field.name, value) for field in given for value in samples.accepted(entity, field)],
        searched=_searched(entity) if given else [],
        sorts=[order for name in entity.spec.sort if given and (order := _sort(entity, name))],
        filters=[found for name in entity.spec.filters if given and (found := _filter(entity, name))],
        setup=setup,
        extras=extras,
        server_set=[(field.name, _server_value(field)) for field in entity.spec.fields if field.server_set],
        server_named=[field.name for field in entity.spec.fields if field.server_set],
        defaults=_defaults(entity),
        single=_single(entity),
        clearable=_clearable(entity),
        cheap=entity.page[0] <= 25 and not _needed(entity),
        children=_children(entity),
        holders=_holders(entity),
        unique=_unique(entity),
        shared=_shared(entity),
        foreign=[] if not given else [link for link in entity.given if link.owned and entity.needs_user],
        makers={found.name: found.one for found in entities(plan)},
        maker=lambda link: make(plan, link),
        secured=_secured(entity),
        rules=qa_rules.rule_tests(entity),
    )
    own = dict.fromkeys((f"{kind}_{found.one}" for found in entities(plan) for kind in ("create",)), "tests.factories")
    own |= dict.fromkeys((found.body for found in entities(plan)), "tests.factories")
    return assemble(
        f"{entity.spec.label_plural}: what the contract promises, and what it must refuse.", body, own | _HELPERS
    )


def _extras(entity: Entity) -> tuple[list[str], list[str]]:
    """Lines and arguments that also fill the links that the factory leaves empty."""
    needed = {link.field.name for link in _needed(entity)}
    setup, arguments = [], []
    for link in entity.given:
        name = link.field.name
        if name in needed:
            continue
        value = make(entity.plan, link)
        setup.append(f"{name} = [{value}, {value}]" if link.many else f"{name} = {value}")
        arguments.append(f"{name}={name}")
    return setup, arguments


def _server_value(field: FieldSpec) -> str:
    if field.name == "owner_id":
        return "api.user_id"
    return python_value(field.default)


def _defaults(entity: Entity) -> list[tuple[str, str]]:
    found = []
    for field in entity.writable:
        if field.required or field.name in entity.keys:
            continue
        found.append((field.name, "[]" if field.type == "reference_list" else python_value(field.default)))
    return found


def _ruled(entity: Entity) -> set[str]:
    """Fields whose value a rule ties to other values."""
    keys = ("start", "end", "field")
    kinds = (*_RULED_DATES, "status_flow")
    return {str(rule.params.get(key)) for kind in kinds for rule in entity.rules(kind) for key in keys}


def _single(entity: Entity) -> str:
    """A field that can be changed alone to a different value."""
    ruled = _ruled(entity) | {name for group in entity.unique_together for name in group}
    changing = ("string", "text", "email", "url", "date", "datetime")
    return next((field.name for field in _plain(entity) if field.type in changing and field.name not in ruled), "")


def _clearable(entity: Entity) -> list[str]:
    return [field.name for field in entity.writable if entity.nullable(field)]


def _searched(entity: Entity) -> list[tuple[str, str]]:
    found = []
    for name in entity.spec.search:
        field = entity.spec.field(name)
        if field is None or field.server_set:
            continue
        words = {"email": "quince@example.com", "url": "https://example.com/quince"}.get(field.type, "Quince jelly")
        words = "my-quince" if name in entity.keys else words
        if field.type in ("string", "text", "email", "url") and max_length(field) >= len(words):
            found.append((name, words))
    return found


def _sort(entity: Entity, name: str) -> tuple[str, str] | None:
    """The field and three values in no order; no values where rows differ in it by themselves."""
    if name in ("id", "created_at", "updated_at") or name in _ruled(entity):
        return name, "[]"
    field = entity.spec.field(name)
    if field is None or field.server_set or name in entity.keys:
        return None
    match field.type:
        case "string" | "text":
            return name, '["b", "c", "a"]'
        case "email":
            return name, '["b@example.com", "c@example.com", "a@example.com"]'
        case "date":
            return name, "[day(2), day(3), day(1)]"
        case "datetime":
            return name, "[moment(2, 9), moment(3, 9), moment(1, 9)]"
        case "integer" | "number" | "decimal":
            return _sorted_numbers(name, field)
        case "boolean":
            return name, "[True, False, True]"
        case _:
            return None


def _sorted_numbers(name: str, field: FieldSpec) -> tuple[str, str] | None:
    least = field.minimum if field.minimum is not None else 0
    if field.maximum is not None and field.maximum - least < 4:
        return None
    low = int(least) + 1
    return name, f"[{low + 1}, {low + 2}, {low}]"


def _filter(entity: Entity, name: str) -> Filter | None:
    field = entity.spec.field(name)
    if field is None or field.server_set:
        return None
    create = f"create_{entity.one}"
    flow = next((rule for rule in entity.rules("status_flow") if rule.params["field"] == name), None)
    if flow:
        transitions = flow.params["transitions"]
        initial = str(flow.params["initial"])
        targets = transitions.get(initial) if isinstance(transitions, dict) else None
        if not isinstance(targets, list) or not targets or not entity.can("update"):
            return None
        target = literal(str(targets[0]))
        setup = [
            f"row, another = {create}(api), {create}(api)",
            f'assert api.patch(at(another), {{"{name}": {target}}}).status == 200',
        ]
        return Filter(name, tuple(setup), literal(initial), target, '("no such value", "")', "api: Api")
    if field.references:
        return _link_filter(entity, entity.link(name), create)
    values = _two_values(field)
    if values is None:
        return None
    rows = [f"{create}(api, {keyword_argument(name, value)})" for value in values[:2]]
    setup = [f"row = {rows[0]}", f"another = {rows[1]}"]
    return Filter(name, tuple(setup), values[0], values[1], values[2], "api: Api")


def _link_filter(entity: Entity, link: Link, create: str) -> Filter:
    name = link.field.name
    account = entity.plan.entity(link.target) is None
    one = make(entity.plan, link)
    two = "other.user_id" if account else one
    setup = [f"first, second = {one}, {two}"]
    made = ["[first]", "[second]"] if link.many else ["first", "second"]
    setup += [f"row = {create}(api, {name}={made[0]})", f"another = {create}(api, {name}={made[1]})"]
    return Filter(
        name,
        tuple(setup),
        "first",
        "second",
        f"(0, {MAX_INTEGER + 1}, {literal('x')})",
        "api: Api, other: Api" if account else "api: Api",
    )


def _two_values(field: FieldSpec) -> tuple[str, str, str] | None:
    """Two values of a filter that differ, and a tuple of ones that must be refused."""
    match field.type:
        case "boolean":
            return "True", "False", '("perhaps", 1)'
        case "enum" if len(field.values) > 1:
            return literal(field.values[0]), literal(field.values[1]), '("no such value", "")'
        case "date":
            return "day(1)", "day(2)", '("yesterday", "0")'
        case "datetime":
            return "moment(1, 9)", "moment(2, 9)", '("yesterday", "0")'
        case "integer" | "number" | "decimal":
            numbers = _sorted_numbers(field.name, field)
            if numbers is None:
                return None
            low = numbers[1].strip("[]").split(", ")
            beyond = [value for value in samples.invalid_numbers(field) if value != "True"]
            return low[0], low[1], f"({', '.join(beyond)}, {literal('x')})"
        case "string" | "text":
            return '"a"', '"b"', f'("x" * {max_length(field) + 1}, "a\\x00b")'
        case "email":
            return '"one@example.com"', '"two@example.com"', '("nobody", "")'
        case _:
            return None


def _children(entity: Entity) -> list[Child]:
    return [
        Child(other, link.field.name, link.field.name not in {rule.same for rule in other.same_parents})
        for other in entities(entity.plan)
        for link in other.given
        if link.target == entity.name and not link.many and other.can("create")
    ]


def _holders(entity: Entity) -> list[Child]:
    return [
        Child(other, link.field.name, alone=True)
        for other in entities(entity.plan)
        for link in other.given
        if link.target == entity.name and link.many and other.can("create") and other.can("read")
    ]


def _unique(entity: Entity) -> list[Group]:
    if not entity.can("create"):
        return []
    alone = [(field.name,) for field in entity.writable if field.unique or field.name in entity.keys]
    found = []
    for group in (*alone, *entity.unique_together):
        given = [name for name in group if (field := entity.spec.field(name)) and not field.server_set]
        if given:
            found.append(_group(entity, tuple(given)))
    return found


def _group(entity: Entity, names: tuple[str, ...]) -> Group:
    shared = dict.fromkeys(other for name in names for other in entity.companions(name))
    return Group(names, fit("same = {", [f'"{name}": row["{name}"]' for name in shared], "}", 4))


def _shared(entity: Entity) -> list[Group]:
    """Groups that are unique among one person's rows, and may be the same for another's."""
    found = []
    for group in entity.unique_together:
        given = tuple(name for name in group if name != "owner_id")
        foreign = any(entity.link(name).owned for name in given if name in {link.field.name for link in entity.given})
        if entity.owned and "owner_id" in group and given and not foreign:
            found.append(_group(entity, given))
    return found


def _secured(entity: Entity) -> list[tuple[str, str]]:
    """Method and path expression of every operation that needs a token."""
    found = []
    for operation in operations(entity.plan):
        if operation.entity is not None and operation.entity.name == entity.name and operation.secured:
            rest = operation.path.removeprefix(entity.path).replace(f"{{{entity.one}_id}}", "1")
            found.append((operation.method.upper(), f'f"{{PATH}}{rest}"' if rest else "PATH"))
    return found
