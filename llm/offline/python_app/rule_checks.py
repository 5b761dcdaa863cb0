"""The functions that hold business rules in a generated service, and how creating and changing a row calls them."""

from dataclasses import dataclass

from core.plan import RuleSpec
from llm.offline.python_app.entities import Entity
from llm.offline.python_app.layout import clean, docstring, explode, fit, literal, sentence
from llm.offline.python_app.names import attribute

_TIMES = {"date": "dt.date", "datetime": "dt.datetime"}


@dataclass(frozen=True)
class Check:
    """One rule: its function, and the lines that call it."""

    definition: str
    on_create: str
    on_update: str


def checks(entity: Entity) -> tuple[Check, ...]:
    """Checks in the order in which they are to be made: first what is invalid (422), then what conflicts (409)."""
    builders = {
        "same_parent": _same_parent, "ordered_fields": _ordered, "status_flow": _status_flow, "no_overlap": _no_overlap,
        "capacity": _capacity,
    }  # fmt: skip
    return tuple(build(entity, rule) for kind, build in builders.items() for rule in entity.rules(kind))


def status_moves(entity: Entity) -> list[str]:
    """`STATUS_MOVES = {...}` for each status workflow."""
    found = []
    for rule in entity.rules("status_flow"):
        transitions = rule.params.get("transitions")
        moves = transitions if isinstance(transitions, dict) else {}
        items = [f"None: ({literal(str(rule.params['initial']))},)"]
        for state, targets in moves.items():
            names = [literal(str(target)) for target in targets] if isinstance(targets, list) else []
            items.append(f"{literal(state)}: ({', '.join(names)}{',' if len(names) == 1 else ''})")
        found.append(explode(f"{_moves_name(rule)}: dict[str | None, tuple[str, ...]] = {{", items, "}"))
    return found


def _moves_name(rule: RuleSpec) -> str:
    return f"{str(rule.params['field']).upper()}_MOVES"


def _name(rule: RuleSpec) -> str:
    return f"_check_{rule.id}"


def _sent(entity: Entity, name: str) -> str:
    """The value that a row will have after the change."""
    code = attribute(name)
    return f'values.get("{code}", {entity.variable}.{code})'


def _stored(name: str) -> str:
    return f'values["{attribute(name)}"]'


def _raise(rule: RuleSpec, indent: int) -> str:
    return sentence("raise Conflict(", clean(rule.statement), ")", indent)


def _ordered(entity: Entity, rule: RuleSpec) -> Check:
    start, end = str(rule.params["start"]), str(rule.params["end"])
    types = [_time_type(entity, name) for name in (start, end)]
    message = f"{end.replace('_', ' ').capitalize()} must be after {start.replace('_', ' ')}."
    open_ended = [attribute(name) for name, kind in zip((start, end), types, strict=True) if kind.endswith("None")]
    known = "".join(f"{name} is not None and " for name in open_ended)
    first, last = attribute(start), attribute(end)
    lines = [
        fit(f"def {_name(rule)}(", [f"{first}: {types[0]}", f"{last}: {types[1]}"], ") -> None:"),
        f"    {docstring(rule.statement)}",
        f"    if {known}{last} <= {first}:",
        f"        raise Invalid({literal(end)}, {literal(message)})",
    ]
    return Check(
        "\n".join(lines),
        fit(f"{_name(rule)}(", [_stored(start), _stored(end)], ")", 4),
        fit(f"{_name(rule)}(", [_sent(entity, start), _sent(entity, end)], ")", 4),
    )


def _time_type(entity: Entity, name: str) -> str:
    field = entity.spec.field(name)
    if field is None:
        raise ValueError(f"a rule of {entity.name} names the field {name}, which it does not have")
    kind = _TIMES.get(field.type, "float")
    return f"{kind} | None" if entity.nullable(field) else kind


def _same_parent(entity: Entity, rule: RuleSpec) -> Check:
    reference, through, same = (str(rule.params[key]) for key in ("reference", "through", "same"))
    names = (reference, same)
    optional = [name for name in names if entity.nullable(entity.link(name).field)]
    parent = entity.link(reference)
    types = [f"{name}: int{' | None' if name in optional else ''}" for name in names]
    words = [name.removesuffix("_id").replace("_", " ") for name in names]
    message = f"This {words[0]} belongs to another {words[1]}."
    lines = [fit(f"def {_name(rule)}(", ["db: Session", *types], ") -> None:"), f"    {docstring(rule.statement)}"]
    if optional:
        lines += [f"    if {' or '.join(f'{name} is None' for name in optional)}:", "        return"]
    model = f"models.{parent.target}"
    lines += [
        f"    belongs = sa.select({model}.id).where({model}.id == {reference}, {model}.{through} == {same})",
        "    if db.scalar(belongs) is None:",
        f"        raise Invalid({literal(reference)}, {literal(message)})",
    ]
    return Check(
        "\n".join(lines),
        fit(f"{_name(rule)}(", ["db", *(_stored(name) for name in names)], ")", 4),
        fit(f"{_name(rule)}(", ["db", *(_sent(entity, name) for name in names)], ")", 4),
    )


def _status_flow(entity: Entity, rule: RuleSpec) -> Check:
    name = str(rule.params["field"])
    moves = _moves_name(rule)
    lines = [
        f"def {_name(rule)}(current: str | None, wanted: str) -> None:",
        f"    {docstring(rule.statement)}",
        f"    if wanted != current and wanted not in {moves}.get(current, ()):",
        '        known = f"go from {current} to {wanted}" if current else f"begin as {wanted}"',
        f'        raise Conflict(f"{name.replace("_", " ").capitalize()} cannot {{known}}.")',
    ]
    return Check(
        "\n".join(lines),
        f"{_name(rule)}(None, {_stored(name)})",
        fit(f"{_name(rule)}(", [f"{entity.variable}.{attribute(name)}", _sent(entity, name)], ")", 4),
    )


def _no_overlap(entity: Entity, rule: RuleSpec) -> Check:
    reference, start, end = (str(rule.params[key]) for key in ("reference", "start", "end"))
    link = entity.link(reference)
    optional = " | None" if entity.nullable(link.field) else ""
    types = [_time_type(entity, name) for name in (start, end)]
    first, last = attribute(start), attribute(end)
    parameters = [
        "db: Session", f"{reference}: int{optional}", f"{first}: {types[0]}", f"{last}: {types[1]}", "but: int | None",
    ]  # fmt: skip
    unknown = [name for name, kind in ((reference, optional), (first, types[0]), (last, types[1])) if "None" in kind]
    terms = [
        f"other.{reference} == {reference}",
        f"other.{first} < {last}",
        f"other.{last} > {first}",
        "other.id != but",
    ]
    lines = [fit(f"def {_name(rule)}(", parameters, ") -> None:"), f"    {docstring(rule.statement)}"]
    if unknown:
        lines += [f"    if {' or '.join(f'{name} is None' for name in unknown)}:", "        return"]
    lines += [
        f"    base.lock(db, models.{link.target}, {reference})",
        f"    other = models.{entity.name}",
        "    " + fit("overlapping = sa.select(other.id).where(", terms, ")", 4),
        "    if db.scalar(overlapping.limit(1)) is not None:",
        f"        {_raise(rule, 8)}",
    ]
    names = (reference, start, end)
    return Check(
        "\n".join(lines),
        fit(f"{_name(rule)}(", ["db", *(_stored(name) for name in names), "but=None"], ")", 4),
        fit(f"{_name(rule)}(", ["db", *(_sent(entity, name) for name in names), f"but={entity.variable}.id"], ")", 4),
    )


def _capacity(entity: Entity, rule: RuleSpec) -> Check:
    reference, limit = str(rule.params["reference"]), attribute(str(rule.params["field"]))
    link = entity.link(reference)
    optional = " | None" if entity.nullable(link.field) else ""
    lines = [
        f"def {_name(rule)}(db: Session, {reference}: int{optional}) -> None:",
        f"    {docstring(rule.statement)}",
        *([f"    if {reference} is None:", "        return"] if optional else []),
        f"    base.lock(db, models.{link.target}, {reference})",
        f"    parent, child = models.{link.target}, models.{entity.name}",
        f"    taken = sa.select(sa.func.count()).where(child.{reference} == {reference}).scalar_subquery()",
        f"    full = sa.select(parent.id).where(parent.id == {reference}, parent.{limit} <= taken)",
        "    if db.scalar(full) is not None:",
        f"        {_raise(rule, 8)}",
    ]
    moved = f"wanted = {_sent(entity, reference)}\n    if wanted != {entity.variable}.{reference}:"
    return Check(
        "\n".join(lines),
        f"{_name(rule)}(db, {_stored(reference)})",
        f"{moved}\n        {_name(rule)}(db, wanted)",
    )
