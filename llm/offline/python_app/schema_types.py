"""How a field of the plan is typed in the Pydantic schemas of a generated application."""

from core.plan import EntitySpec, FieldSpec, Plan
from core.standard.document import filter_schema
from core.standard.schemas import FILLED_PATTERN, KEY_PATTERN, TEXT_PATTERN, input_schema, is_nullable, key_fields
from core.types import Json
from llm.offline.python_app.layout import fit, literal
from llm.offline.python_app.names import alias_name

_PATTERNS = {TEXT_PATTERN: "base.TEXT", FILLED_PATTERN: "base.FILLED", KEY_PATTERN: "base.KEY"}
_PLAIN = {
    "boolean": "StrictBool", "date": "base.Date", "datetime": "base.Instant", "reference": "base.Id",
    "reference_list": "base.Ids",
}  # fmt: skip
_READ = {
    "string": "str", "text": "str", "url": "str", "email": "base.EmailText", "integer": "int", "number": "float",
    "decimal": "float", "boolean": "bool", "date": "dt.date", "datetime": "dt.datetime", "reference": "int",
    "reference_list": "list[int]",
}  # fmt: skip
_QUERY = {
    "boolean": "base.BooleanText", "date": "base.Date", "datetime": "base.Instant", "reference": "base.IdText",
    "reference_list": "base.IdText",
}  # fmt: skip


def literals(values: tuple[str, ...]) -> str:
    return fit("Literal[", [literal(value) for value in values], "]")


def input_type(entity: EntitySpec, field: FieldSpec) -> str:
    """Type of a value that a client sends, without null: a shared type, or the field's own alias."""
    return _PLAIN.get(field.type) or alias_name(entity, field)


def alias_definition(plan: Plan, entity: EntitySpec, field: FieldSpec) -> str | None:
    """`BookTitle = Annotated[str, Field(...)]`, or None for a field that needs no type of its own."""
    if field.type in _PLAIN:
        return None
    name = alias_name(entity, field)
    if field.type == "enum":
        return fit(f"{name} = Literal[", [literal(value) for value in field.values], "]")
    schema = input_schema(field, is_key=field.name in key_fields(plan, entity))
    return _annotated(f"{name} = ", field, schema)


def read_type(plan: Plan, entity: EntitySpec, field: FieldSpec) -> str:
    """Type of a value that the server answers."""
    plain = alias_name(entity, field) if field.type == "enum" and not field.server_set else _READ.get(field.type)
    found = plain or literals(field.values)
    return f"{found} | None" if is_nullable(plan, entity, field) else found


def query_type(entity: EntitySpec, field: FieldSpec) -> str:
    """Type of a filter's query parameter, which arrives as text."""
    if field.type in _QUERY:
        return _QUERY[field.type]
    if field.type == "enum":
        return literals(field.values) if field.server_set else alias_name(entity, field)
    return _annotated("", field, filter_schema(field), query=True)


def _annotated(head: str, field: FieldSpec, schema: dict[str, Json], *, query: bool = False) -> str:
    match field.type:
        case "integer" | "number":
            kind = "int" if field.type == "integer" else "float"
            strict = [] if query else ["strict=True"]
            bounds = [*strict, f"ge={schema['minimum']}", f"le={schema['maximum']}"]
            return _one_field(head, kind, bounds)
        case "decimal":
            bounds = [f'ge=Decimal("{schema["minimum"]}")', f'le=Decimal("{schema["maximum"]}")']
            # `Cents` stands last, so that what it says of the JSON schema holds the bounds
            cents = "base.Cents(text=True)" if query else "base.Cents()"
            return f"{head}Annotated[Decimal, Field({', '.join(bounds)}), {cents}]"
        case "email":
            pattern = "base.EMAIL"
        case "url":
            pattern = "base.URL"
        case _:
            pattern = _PATTERNS[str(schema["pattern"])]
    lengths = [
        f"{name}={schema[key]}"
        for name, key in (("min_length", "minLength"), ("max_length", "maxLength"))
        if key in schema
    ]
    extra = ['json_schema_extra={"format": "email"}'] if field.type == "email" else []
    return _one_field(head, "str", [*lengths, f"pattern={pattern}", *extra])


def _one_field(head: str, kind: str, arguments: list[str]) -> str:
    return f"{head}Annotated[{kind}, Field({', '.join(arguments)})]"
