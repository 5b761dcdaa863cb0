"""The backend agent's files: the FastAPI application around the models."""

from dataclasses import dataclass

from core.plan import FieldSpec, Plan, RuleSpec
from core.standard.operations import is_referenced, may_conflict, operations
from core.types import Json
from llm.offline.python_app import rule_checks
from llm.offline.python_app.entities import Entity, Link, entities
from llm.offline.python_app.layout import clean, explode, fit, literal
from llm.offline.python_app.modules import assemble
from llm.offline.python_app.names import alias_name, attribute
from llm.offline.python_app.render import render
from llm.offline.python_app.schema_types import alias_definition, input_type, query_type, read_type


@dataclass(frozen=True)
class Summary:
    """One `child_summary` rule as the templates spell it."""

    operation: str
    segment: str
    schema: str
    child: str
    statement: str
    query: str


@dataclass(frozen=True)
class Filter:
    name: str
    condition: str


def backend_files(plan: Plan) -> dict[str, str]:
    """What the backend agent writes on top of the starter: schemas, service and router of every entity."""
    found = {}
    for entity in entities(plan):
        found[f"backend/app/schemas/{entity.module}.py"] = _schemas(entity)
        found[f"backend/app/services/{entity.service}.py"] = _service(entity)
        found[f"backend/app/api/{entity.service}.py"] = _router(entity)
        if rule := entity.rule("counter_redirect"):
            found[f"backend/app/api/{entity.service}_redirects.py"] = _redirects(entity, rule)
    return found


def _schemas(entity: Entity) -> str:
    plan, spec = entity.plan, entity.spec
    own_types = [field for field in spec.fields if not field.server_set]
    aliases = [alias for field in own_types if (alias := alias_definition(plan, spec, field))]
    totals = entity.rule("totals")
    body = render(
        "backend/schemas.py.j2",
        entity=entity,
        aliases=[*aliases, *_query_aliases(entity)],
        create=[_create_line(entity, field) for field in entity.writable],
        update=[_update_line(entity, field) for field in entity.writable],
        read=["id: int", *_read_lines(entity), "created_at: dt.datetime", "updated_at: dt.datetime"],
        filters=_filter_lines(entity),
        limit=_limit(entity),
        grouping=_grouping(totals) if totals else "",
    )
    return assemble(f"Bodies and answers of {entity.labels}.", body, {"base": "app.schemas"})


def _create_line(entity: Entity, field: FieldSpec) -> str:
    kind = input_type(entity.spec, field)
    if field.required:
        return _input_line(field.name, kind)
    if field.type == "reference_list":
        return _input_line(field.name, kind, "[]")
    if field.default is not None:
        return _input_line(field.name, kind, _default(field))
    if entity.nullable(field):
        return _input_line(field.name, f"{kind} | None", "None")
    return _input_line(field.name, f"{kind} | MISSING", "MISSING")


def _input_line(name: str, kind: str, default: str = "") -> str:
    """One member of a body or of a query; an attribute of another name has the field's name as its alias."""
    code = attribute(name)
    kind = kind if code == name else f'Annotated[{kind}, Field(alias="{name}")]'
    return f"{code}: {kind} = {default}" if default else f"{code}: {kind}"


def _default(field: FieldSpec) -> str:
    if field.type == "decimal":  # which JSON Schema would show as text
        return f'Field(default=Decimal("{field.default}"), json_schema_extra={{"default": {field.default}}})'
    return literal(field.default) if isinstance(field.default, str) else repr(field.default)


def _update_line(entity: Entity, field: FieldSpec) -> str:
    kind = input_type(entity.spec, field) + (" | None" if entity.nullable(field) else "")
    return _input_line(field.name, f"{kind} | MISSING", "MISSING")


def _read_lines(entity: Entity) -> list[str]:
    found = []
    for field in entity.spec.fields:
        code, kind = attribute(field.name), read_type(entity.plan, entity.spec, field)
        renamed = f' = Field(serialization_alias="{field.name}")' if code != field.name else ""
        found.append(f"{code}: {kind}{renamed}")
    return found


def _filter_lines(entity: Entity) -> list[str]:
    lines = [limit] if (limit := _limit(entity)) else []
    if entity.spec.search:
        lines.append("q: Annotated[str, Field(max_length=200, pattern=base.TEXT)] | MISSING = MISSING")
    if entity.spec.sort:
        lines.append(f"sort: {entity.name}Sort | MISSING = MISSING")
    for name in entity.spec.filters:
        if field := entity.spec.field(name):
            named = _has_query_alias(entity, field)
            kind = f"{alias_name(entity.spec, field)}Text" if named else query_type(entity.spec, field)
            lines.append(_input_line(name, f"{kind} | MISSING", "MISSING"))
    return lines


def _query_aliases(entity: Entity) -> list[str]:
    """Types of query parameters that are too long for the line of the parameter."""
    if not entity.can("list"):
        return []
    fields = [field for name in entity.spec.filters if (field := entity.spec.field(name))]
    named = [field for field in fields if _has_query_alias(entity, field)]
    found = [f"{alias_name(entity.spec, field)}Text = {query_type(entity.spec, field)}" for field in named]
    orders = [f'"{sign}{name}"' for name in entity.spec.sort for sign in ("", "-")]
    return [*found, fit(f"{entity.name}Sort = Literal[", orders, "]")] if orders else found


def _has_query_alias(entity: Entity, field: FieldSpec) -> bool:
    renamed = attribute(field.name) != field.name and query_type(entity.spec, field).startswith("Annotated[")
    return field.type == "decimal" or renamed


def _limit(entity: Entity) -> str:
    default, maximum = entity.page
    if (default, maximum) == (20, 100):
        return ""
    return f"limit: Annotated[int, Field(ge=1, le={maximum})] = {default}"


def _names(value: Json) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else []


def _grouping(rule: RuleSpec) -> str:
    return fit("Literal[", [literal(name) for name in _names(rule.params.get("group_by"))], "]", 4)


def _summaries(entity: Entity) -> list[tuple[RuleSpec, Summary]]:
    promised = {operation.rule.id: operation for operation in operations(entity.plan) if operation.rule}
    found = []
    for rule in entity.rules("child_summary"):
        child, reference, value = str(rule.params["child"]), str(rule.params["reference"]), rule.params.get("value")
        columns = ["sa.func.count()"]
        columns += (
            [f"sa.func.{name}(child.{attribute(str(value))})" for name in ("avg", "sum")]
            if value
            else ["sa.null()"] * 2
        )
        operation = promised[rule.id]
        query = fit("statement = sa.select(", columns, f").where(child.{reference} == {entity.one}_id)", 4)
        segment = operation.path.rsplit("/", 1)[1]
        schema = f"{entity.name}{child}Summary"
        found.append((rule, Summary(operation.operation_id, segment, schema, child, rule.statement, query)))
    return found


def _router(entity: Entity) -> str:
    body = render(
        "backend/router.py.j2",
        entity=entity,
        conflict=[409] if may_conflict(entity.plan, entity.spec) else [],
        used=[409] if is_referenced(entity.plan, entity.spec) else [],
        summaries=_summaries(entity),
    )
    return assemble(f"{clean(entity.spec.label_plural)} over HTTP.", body, _router_names(entity))


def _redirects(entity: Entity, rule: RuleSpec) -> str:
    """A router of its own: following a short link takes no token, whoever may see the rows."""
    key = entity.spec.field(str(rule.params["key_field"]))
    key_type = alias_name(entity.spec, key) if key else ""
    body = render("backend/redirects.py.j2", entity=entity, rule=rule, key_type=key_type)
    return assemble(f"Where {entity.labels} lead.", body, _router_names(entity))


def _router_names(entity: Entity) -> dict[str, str]:
    return {
        "service": f"from app.services import {entity.service} as service",
        **dict.fromkeys(
            ("CurrentUser", "CsvResponse", "Db", "csv_problems", "current_user", "problems"), "app.api.deps"
        ),
        "IdPath": "app.schemas.base",
        **_schema_names(entity),
    }


def _schema_names(entity: Entity) -> dict[str, str]:
    module = f"app.schemas.{entity.module}"
    suffixes = ("Create", "Update", "Read", "Page", "Filter", "LowStock", "Totals", "TotalsItem", "TotalsQuery")
    names = [f"{entity.name}{suffix}" for suffix in suffixes]
    names += [summary.schema for _, summary in _summaries(entity)]
    names += [alias_name(entity.spec, field) for field in entity.spec.fields if field.name in entity.keys]
    return dict.fromkeys(names, module)


def _service(entity: Entity) -> str:
    plan = entity.plan
    checks = rule_checks.checks(entity)
    bodies = [f"{entity.name}{kind.capitalize()}" for kind in ("create", "update") if entity.can(kind)]
    body = render(
        "backend/service.py.j2",
        entity=entity,
        account=plan.auth.entity if plan.auth else "",
        eager=[f"selectinload(models.{entity.name}.{link.relation})" for link in entity.lists],
        order=_order(entity),
        moves=rule_checks.status_moves(entity),
        exported=_exported(entity),
        searched=[f"models.{entity.name}.{attribute(name)}" for name in entity.spec.search],
        filters=[_filter(entity, name) for name in entity.spec.filters],
        bodies=" | ".join(bodies),
        references=[_reference(entity, link) for link in entity.given],
        create_checks=[*_generated_keys(entity), *(check.on_create for check in checks)],
        update_checks=[check.on_update for check in checks],
        checks=[check.definition for check in checks],
        summaries=[summary for _, summary in _summaries(entity)],
        totals=_totals(entity),
    )
    own = {
        "base": "app.services", "models": "app.db",
        **dict.fromkeys(("Conflict", "Invalid", "NotFound"), "app.errors"), **_schema_names(entity),
    }  # fmt: skip
    return assemble(f"Rules of {entity.labels}.", body, own)


def _exported(entity: Entity) -> str:
    if not entity.rule("csv_export"):
        return ""
    names = ["id", *(field.name for field in entity.spec.fields), "created_at", "updated_at"]
    if all(attribute(name) == name for name in names):
        return fit("EXPORTED = (", [f'"{name}"' for name in names], ")")
    return explode("EXPORTED = {", [f'"{name}": "{attribute(name)}"' for name in names], "}")


def _filter(entity: Entity, name: str) -> Filter:
    field = entity.spec.field(name)
    if field is not None and field.type == "reference_list":
        link = entity.link(name)
        return Filter(name, f"models.{entity.name}.{link.relation}.any(models.{link.target}.id == query.{name})")
    code = attribute(name)
    return Filter(code, f"models.{entity.name}.{code} == query.{code}")


def _order(entity: Entity) -> str:
    model = f"models.{entity.name}"
    order = f"*base.order_by({model}, query.sort)" if entity.spec.sort else f"{model}.id"
    return fit("return base.fetch_page(", ["db", "statement", "query", order], ")", 4)


def _generated_keys(entity: Entity) -> list[str]:
    return [f'values.setdefault("{name}", secrets.token_urlsafe(6))' for name in sorted(entity.keys)]


def _reference(entity: Entity, link: Link) -> str:
    name = link.field.name
    visible = [f"models.{link.target}.owner_id == user.id"] if link.owned and entity.needs_user else []
    if not link.many:
        items = ["db", f"models.{link.target}", f'values.get("{name}")', f'"{name}"', *visible]
        return fit("base.check_reference(", items, ")", 4)
    items = ["db", f"models.{link.target}", f'values.pop("{name}")', f'"{name}"', *visible]
    return f'if "{name}" in values:\n        ' + fit(f'values["{link.relation}"] = base.load_all(', items, ")", 8)


@dataclass(frozen=True)
class Totals:
    """One `totals` rule as the template spells it."""

    statement: str
    value: str
    date: str
    select: str
    month: bool
    fields: tuple[str, ...]


def _totals(entity: Entity) -> list[Totals]:
    found = []
    for rule in entity.rules("totals"):
        groups = _names(rule.params.get("group_by")) or ["month"]
        columns = "group, sa.func.count(), amount"
        model = f"models.{entity.name}"
        select = f"{'_visible(user)' if entity.owned else f'sa.select({model})'}.with_only_columns({columns})"
        fields = tuple(name for name in groups if name != "month")
        date = attribute(str(rule.params.get("date") or ""))
        found.append(
            Totals(rule.statement, attribute(str(rule.params["value"])), date, select, "month" in groups, fields)
        )
    return found
