"""JSON schemas of the API's bodies and answers: fields of a plan, and the schemas every application shares.

Bounds live here and nowhere else, so that what the contract promises and what generated code enforces is one list.
"""

from core.plan import EntitySpec, FieldSpec, Plan
from core.types import Json, JsonObject

MAX_INTEGER = 2_147_483_647
MAX_DECIMAL = 9_999_999_999.99
MAX_NUMBER = 1_000_000_000_000.0
MAX_LINKS = 100
DEFAULT_LENGTHS = {"string": 200, "text": 10_000, "email": 254, "url": 2_000}
_ATOM, _LABEL = r"[A-Za-z0-9!#$%&'*+/=?^_{|}~-]", "[A-Za-z0-9](-?[A-Za-z0-9]){0,40}"
# one word before the @, or up to three with dots between; at most 64 characters, as RFC 5321 has it
_LOCAL = rf"({_ATOM}{{1,64}}|{_ATOM}{{1,20}}(\.{_ATOM}{{1,20}}){{1,2}})"
EMAIL_PATTERN = rf"^{_LOCAL}@{_LABEL}(\.{_LABEL})+$"
URL_PATTERN = r"^https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?([/?#][!-~]*)?$"
KEY_PATTERN = r"^[A-Za-z0-9_-]+$"
TEXT_PATTERN = r"^[^\x00]*$"
FILLED_PATTERN = r"^[^\x00]*[^\x00-\x20][^\x00]*$"


def key_fields(plan: Plan, entity: EntitySpec) -> frozenset[str]:
    """Fields that stand in a public path (`counter_redirect`): URL-safe, generated when left out, never null."""
    rules = (rule for rule in plan.rules if rule.entity == entity.name and rule.kind == "counter_redirect")
    return frozenset(str(rule.params["key_field"]) for rule in rules)


def is_nullable(plan: Plan, entity: EntitySpec, field: FieldSpec) -> bool:
    """True when the field may hold null: optional, without a default, not a list and not a key."""
    if field.required or field.default is not None or field.type == "reference_list":
        return False
    return field.name not in key_fields(plan, entity)


def max_length(field: FieldSpec) -> int:
    return field.max_length or DEFAULT_LENGTHS[field.type]


def number_bounds(field: FieldSpec) -> tuple[float, float]:
    """Least and greatest accepted value of an integer, number or decimal field."""
    limit = {"integer": float(MAX_INTEGER), "decimal": MAX_DECIMAL}.get(field.type, MAX_NUMBER)
    return (
        -limit if field.minimum is None else field.minimum,
        limit if field.maximum is None else field.maximum,
    )


def input_schema(field: FieldSpec, *, is_key: bool = False) -> JsonObject:
    """Schema of a value that a client sends, without null and default."""
    match field.type:
        case "string" | "text":
            pattern = KEY_PATTERN if is_key else FILLED_PATTERN if field.required else TEXT_PATTERN
            least: JsonObject = {"minLength": 1} if field.required or is_key else {}
            return {"type": "string", **least, "maxLength": max_length(field), "pattern": pattern}
        case "email":
            return {"type": "string", "format": "email", "maxLength": max_length(field), "pattern": EMAIL_PATTERN}
        case "url":
            return {"type": "string", "maxLength": max_length(field), "pattern": URL_PATTERN}
        case "integer" | "number" | "decimal":
            return _number_schema(field)
        case "reference":
            return id_schema()
        case "reference_list":
            return {"type": "array", "items": id_schema(), "maxItems": MAX_LINKS}
        case _:
            return output_schema(field)


def output_schema(field: FieldSpec) -> JsonObject:
    """Schema of a value that the server answers, without null: the type, and no bounds that old rows may break."""
    match field.type:
        case "string" | "text" | "url":
            return {"type": "string"}
        case "email":
            return {"type": "string", "format": "email"}
        case "integer" | "reference":
            return {"type": "integer"}
        case "number" | "decimal":
            return {"type": "number"}
        case "boolean":
            return {"type": "boolean"}
        case "date":
            return {"type": "string", "format": "date"}
        case "datetime":
            return {"type": "string", "format": "date-time"}
        case "enum":
            return {"type": "string", "enum": list(field.values)}
        case "reference_list":
            return {"type": "array", "items": {"type": "integer"}}


def _number_schema(field: FieldSpec) -> JsonObject:
    least, most = number_bounds(field)
    if field.type == "integer":
        return {"type": "integer", "minimum": int(least), "maximum": int(most)}
    step: JsonObject = {"multipleOf": 0.01} if field.type == "decimal" else {}
    return {"type": "number", "minimum": least, "maximum": most, **step}


def id_schema() -> JsonObject:
    return {"type": "integer", "minimum": 1, "maximum": MAX_INTEGER}


def or_null(schema: JsonObject) -> JsonObject:
    return {"anyOf": [schema, {"type": "null"}]}


def ref(name: str) -> JsonObject:
    return {"$ref": f"#/components/schemas/{name}"}


def object_schema(properties: JsonObject, required: list[str], *, closed: bool = False) -> JsonObject:
    """An object; `closed` ones refuse members they do not know."""
    schema: JsonObject = {"type": "object", "properties": properties}
    if required:
        schema["required"] = list[Json](required)
    if closed:
        schema["additionalProperties"] = False
    return schema


def example(plan: Plan, entity: EntitySpec, field: FieldSpec) -> Json:
    """A value that fits `input_schema` and reads like a real one."""
    if field.name in key_fields(plan, entity):
        return "spring-sale"[: max_length(field)]
    match field.type:
        case "string" | "text":
            return _text_example(entity, field)
        case "email":
            return "ada@example.com"
        case "url":
            return "https://example.com/page"
        case "integer" | "number" | "decimal":
            least, most = number_bounds(field)
            value = min(max(5.0, least), most)
            return int(value) if field.type == "integer" else round(value, 2)
        case "boolean":
            return True
        case "date":
            return "2026-03-14"
        case "datetime":
            return "2026-03-14T09:30:00Z"
        case "enum":
            return field.default if isinstance(field.default, str) else field.values[0]
        case "reference":
            return 1
        case "reference_list":
            return [1]


def _text_example(entity: EntitySpec, field: FieldSpec) -> str:
    words = field.name.replace("_", " ")
    text = f"{entity.label} {words}" if field.name in ("name", "title") else f"Some {words}"
    return text[: max_length(field)].strip() or "x"


def shared_schemas(plan: Plan) -> JsonObject:
    """Schemas that do not depend on the entities; those of accounts only with `auth`."""
    problem = object_schema({"detail": {"type": "string"}}, ["detail"])
    found: JsonObject = {
        "Health": object_schema({"status": {"type": "string", "const": "ok"}}, ["status"]),
        "Problem": problem,
        "ValidationError": _validation_error(),
        "HTTPValidationError": object_schema({"detail": {"type": "array", "items": ref("ValidationError")}}, []),
    }
    return {**found, **(_account_schemas() if plan.auth else {})}


def _validation_error() -> JsonObject:
    where: JsonObject = {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}
    text: JsonObject = {"type": "string"}
    properties: JsonObject = {"loc": where, "msg": text, "type": text, "input": {}, "ctx": {"type": "object"}}
    return object_schema(properties, ["loc", "msg", "type"])


def _account_schemas() -> JsonObject:
    email: JsonObject = {
        "type": "string", "format": "email", "maxLength": 254, "pattern": EMAIL_PATTERN, "examples": ["ada@example.com"],
    }  # fmt: skip
    password: JsonObject = {"type": "string", "minLength": 8, "maxLength": 128, "examples": ["correct horse battery"]}
    given: JsonObject = {
        "type": "string", "minLength": 1, "maxLength": 254, "pattern": TEXT_PATTERN, "examples": ["ada@example.com"],
    }  # fmt: skip
    secret: JsonObject = {"type": "string", "minLength": 1, "maxLength": 128, "examples": ["correct horse battery"]}
    when: JsonObject = {"type": "string", "format": "date-time"}
    shown: JsonObject = {"type": "string", "format": "email"}
    user: JsonObject = {"id": {"type": "integer"}, "email": shown, "created_at": when}
    token: JsonObject = {"access_token": {"type": "string"}, "token_type": {"type": "string", "const": "bearer"}}
    return {
        "UserCreate": object_schema({"email": email, "password": password}, ["email", "password"], closed=True),
        "UserRead": object_schema(user, ["id", "email", "created_at"]),
        "Credentials": object_schema({"email": given, "password": secret}, ["email", "password"], closed=True),
        "Token": object_schema(token, ["access_token", "token_type"]),
    }


def entity_schemas(plan: Plan, entity: EntitySpec) -> JsonObject:
    """`<Entity>Create`, `Update`, `Read`, `Page`, as far as the entity's operations need them."""
    name = entity.name
    found: JsonObject = {f"{name}Read": _read_schema(plan, entity)}
    if "create" in entity.operations:
        found[f"{name}Create"] = _create_schema(plan, entity)
    if "update" in entity.operations:
        found[f"{name}Update"] = _update_schema(plan, entity)
    count: JsonObject = {"type": "integer"}
    page: JsonObject = {
        "items": {"type": "array", "items": ref(f"{name}Read")}, "total": count, "limit": count, "offset": count,
    }  # fmt: skip
    found[f"{name}Page"] = object_schema(page, ["items", "total", "limit", "offset"])
    return found


def _create_schema(plan: Plan, entity: EntitySpec) -> JsonObject:
    keys, properties, required = key_fields(plan, entity), dict[str, Json](), list[str]()
    for field in entity.fields:
        if field.server_set:
            continue
        schema = input_schema(field, is_key=field.name in keys)
        if is_nullable(plan, entity, field):
            schema = or_null(schema)
        if field.required:
            required.append(field.name)
        elif field.default is not None:
            schema["default"] = field.default
        elif field.type == "reference_list":
            schema["default"] = []
        properties[field.name] = {**schema, **_notes(plan, entity, field)}
    return object_schema(properties, required, closed=True)


def _update_schema(plan: Plan, entity: EntitySpec) -> JsonObject:
    keys, properties = key_fields(plan, entity), dict[str, Json]()
    for field in entity.fields:
        if field.server_set:
            continue
        schema = input_schema(field, is_key=field.name in keys)
        schema = or_null(schema) if is_nullable(plan, entity, field) else schema
        properties[field.name] = {**schema, **_notes(plan, entity, field)}
    return object_schema(properties, [], closed=True)


def _read_schema(plan: Plan, entity: EntitySpec) -> JsonObject:
    properties: JsonObject = {"id": {"type": "integer"}}
    for field in entity.fields:
        schema = output_schema(field)
        schema = or_null(schema) if is_nullable(plan, entity, field) else schema
        properties[field.name] = {**schema, **_description(field)}
    for name in ("created_at", "updated_at"):
        properties[name] = {"type": "string", "format": "date-time"}
    return object_schema(properties, list(properties))


def _description(field: FieldSpec) -> JsonObject:
    return {"description": field.description} if field.description else {}


def _notes(plan: Plan, entity: EntitySpec, field: FieldSpec) -> JsonObject:
    """With an example of what a client may send."""
    return {**_description(field), "examples": [example(plan, entity, field)]}
