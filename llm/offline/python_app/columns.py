"""How a field of the plan is stored: SQLAlchemy model columns, and the same columns in the initial migration."""

from core.plan import EntitySpec, FieldSpec, Plan
from core.standard.schemas import is_nullable, key_fields, max_length
from core.types import Json
from llm.offline.python_app.layout import fit, literal
from llm.offline.python_app.names import attribute

_PYTHON = {
    "string": "str", "text": "str", "email": "str", "url": "str", "enum": "str", "integer": "int", "number": "float",
    "decimal": "Decimal", "boolean": "bool", "date": "dt.date", "datetime": "dt.datetime", "reference": "int",
}  # fmt: skip


def sql_type(field: FieldSpec, *, migration: bool = False) -> str:
    """The column's type; a migration must not depend on the application's own types."""
    match field.type:
        case "string" | "email" | "url":
            return f"sa.String({max_length(field)})"
        case "enum":
            return f"sa.String({max(len(value) for value in field.values)})"
        case "decimal":
            return "sa.Numeric(12, 2)" if migration else "base.Money"
        case "datetime":
            return "sa.DateTime()" if migration else "base.UtcDateTime"
        case _:
            known = {"text": "Text", "integer": "Integer", "number": "Float", "boolean": "Boolean", "date": "Date"}
            return f"sa.{known.get(field.type, 'Integer')}" + ("()" if migration else "")


def python_type(plan: Plan, entity: EntitySpec, field: FieldSpec) -> str:
    found = _PYTHON[field.type]
    return f"{found} | None" if is_nullable(plan, entity, field) else found


def is_indexed(entity: EntitySpec, field: FieldSpec) -> bool:
    """True for what lists are filtered by and joins go over, unless a unique constraint already is such an index."""
    return (field.type == "reference" or field.name in entity.filters) and not field.unique


def is_unique(plan: Plan, entity: EntitySpec, field: FieldSpec) -> bool:
    return field.unique or field.name in key_fields(plan, entity)


def model_column(plan: Plan, entity: EntitySpec, field: FieldSpec, target_table: str | None) -> str:
    """`title: Mapped[str] = mapped_column(sa.String(200))`."""
    name = attribute(field.name)
    arguments = [f'"{field.name}"'] if name != field.name else []
    arguments.append(f'sa.ForeignKey("{target_table}.id")' if target_table else sql_type(field))
    if is_unique(plan, entity, field):
        arguments.append("unique=True")
    elif is_indexed(entity, field):
        arguments.append("index=True")
    if field.default is not None and field.server_set:
        arguments.append(f"default={python_value(field.default)}")
    return fit(f"{name}: Mapped[{python_type(plan, entity, field)}] = mapped_column(", arguments, ")", indent=4)


def migration_column(plan: Plan, entity: EntitySpec, field: FieldSpec) -> str:
    nullable = is_nullable(plan, entity, field)
    return f'sa.Column("{field.name}", {sql_type(field, migration=True)}, nullable={nullable})'


def python_value(value: Json) -> str:
    return literal(value) if isinstance(value, str) else repr(value)


def checks(plan: Plan, entity: EntitySpec) -> list[tuple[str, str]]:
    """Name and SQL of what the database itself refuses: values outside an enum or the field's own bounds."""
    found: list[tuple[str, str]] = []
    for field in entity.fields:
        if field.type == "enum":
            values = ", ".join("'" + value.replace("'", "''") + "'" for value in field.values)
            found.append((f"{field.name}_values", f'"{field.name}" IN ({values})'))
        elif field.type in ("integer", "number", "decimal"):
            limits = [(">=", field.minimum), ("<=", field.maximum)]
            terms = [f'"{field.name}" {sign} {_number(field, limit)}' for sign, limit in limits if limit is not None]
            if terms:
                found.append((f"{field.name}_range", " AND ".join(terms)))
    return found


def _number(field: FieldSpec, limit: float) -> str:
    return str(int(limit)) if field.type == "integer" else str(limit)
