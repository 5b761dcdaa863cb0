"""The API contract of a plan: an OpenAPI 3.1 document that the generated application conforms to exactly."""

from core.plan import EntitySpec, FieldSpec, Plan, RuleSpec
from core.standard.operations import Operation, operations, snake
from core.standard.schemas import (
    MAX_INTEGER,
    TEXT_PATTERN,
    entity_schemas,
    id_schema,
    input_schema,
    key_fields,
    object_schema,
    or_null,
    ref,
    shared_schemas,
)
from core.types import Json, JsonObject

DEFAULT_PAGE, MAX_PAGE = 20, 100
_MEANING = {
    401: "No token, or one that is not valid",
    403: "Somebody else's",
    404: "Not there",
    409: "Conflict with what is stored, or with a business rule",
    422: "Invalid input",
}


def openapi(plan: Plan) -> JsonObject:
    """The whole document, in a stable order."""
    promised = operations(plan)
    paths: JsonObject = {}
    for operation in promised:
        item = paths.setdefault(operation.path, {})
        if isinstance(item, dict):
            item[operation.method] = _operation(plan, operation)
    schemas = shared_schemas(plan)
    for entity in plan.entities:
        schemas |= entity_schemas(plan, entity)
    for rule in plan.rules:
        schemas |= _rule_schemas(rule)
    components: JsonObject = {"schemas": schemas}
    if plan.auth:
        components["securitySchemes"] = {"HTTPBearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": plan.title, "version": "1.0.0", "description": plan.summary},
        "paths": paths,
        "components": components,
        "tags": [{"name": name} for name in _tags(plan)],
    }


def page_limits(plan: Plan, entity: EntitySpec) -> tuple[int, int]:
    """Default and greatest `limit` of an entity's lists; a `page_size` rule changes them."""
    for rule in plan.rules:
        if rule.kind == "page_size" and rule.entity == entity.name:
            maximum = _whole(rule.params.get("maximum"), MAX_PAGE)
            return min(_whole(rule.params.get("default"), DEFAULT_PAGE), maximum), maximum
    return DEFAULT_PAGE, MAX_PAGE


def _whole(value: Json, fallback: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else fallback


def _tags(plan: Plan) -> list[str]:
    return ["Health", *(["Accounts"] if plan.auth else []), *(entity.label_plural for entity in plan.entities)]


def _operation(plan: Plan, operation: Operation) -> JsonObject:
    found: JsonObject = {
        "operationId": operation.operation_id,
        "summary": _summary(operation),
        "tags": [_tag(operation)],
    }
    if parameters := _parameters(plan, operation):
        found["parameters"] = list[Json](parameters)
    if body := _body_schema(operation):
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": ref(body)}}}
    found["responses"] = _responses(operation)
    if operation.secured:
        found["security"] = [{"HTTPBearer": []}]
    return found


def _tag(operation: Operation) -> str:
    if operation.entity:
        return operation.entity.label_plural
    return "Health" if operation.kind == "health" else "Accounts"


def _summary(operation: Operation) -> str:
    entity, rule = operation.entity, operation.rule
    if entity is None:
        return {
            "health": "Say that the service is up", "register": "Create an account",
            "login": "Exchange credentials for a token", "me": "Show the account of the token",
        }[operation.kind]  # fmt: skip
    one, many = entity.label.lower(), entity.label_plural.lower()
    if rule is not None:
        return rule.statement
    return {
        "list": f"List {many}", "create": f"Create a new {one}", "read": f"Show one {one}",
        "update": f"Change some fields of one {one}", "delete": f"Delete one {one}",
    }[operation.kind]  # fmt: skip


def _body_schema(operation: Operation) -> str | None:
    if operation.kind == "register":
        return "UserCreate"
    if operation.kind == "login":
        return "Credentials"
    if operation.entity and operation.kind in ("create", "update"):
        return f"{operation.entity.name}{operation.kind.capitalize()}"
    return None


def _parameter(name: str, schema: JsonObject, *, description: str, in_path: bool = False) -> JsonObject:
    return {
        "name": name, "in": "path" if in_path else "query", "required": in_path, "description": description, "schema": schema,
    }  # fmt: skip


def _parameters(plan: Plan, operation: Operation) -> list[JsonObject]:
    entity, rule = operation.entity, operation.rule
    if entity is None:
        return []
    match operation.kind:
        case "list":
            return [*_page_parameters(plan, entity), *_list_parameters(entity)]
        case "low_stock":
            threshold: JsonObject = {"type": "integer", "minimum": 0, "maximum": MAX_INTEGER}
            if rule is not None:
                threshold["default"] = rule.params.get("threshold", 5)
            low = _parameter("threshold", threshold, description="Rows with at most this much are listed")
            return [low, *_page_parameters(plan, entity)]
        case "totals":
            return _totals_parameters(rule) if rule else []
        case "follow":
            (key,) = key_fields(plan, entity)
            field = entity.field(key) or FieldSpec(name=key, type="string")
            return [_parameter(key, input_schema(field, is_key=True), description=f"The {key} to follow", in_path=True)]
        case "read" | "update" | "delete" | "return" | "summary":
            described = f"Id of the {entity.label.lower()}"
            return [_parameter(f"{snake(entity.name)}_id", id_schema(), description=described, in_path=True)]
        case _:
            return []


def _page_parameters(plan: Plan, entity: EntitySpec) -> list[JsonObject]:
    default, maximum = page_limits(plan, entity)
    limit: JsonObject = {"type": "integer", "minimum": 1, "maximum": maximum, "default": default}
    offset: JsonObject = {"type": "integer", "minimum": 0, "maximum": MAX_INTEGER, "default": 0}
    return [
        _parameter("limit", limit, description="How many rows to answer at most"),
        _parameter("offset", offset, description="How many rows to skip"),
    ]


def _list_parameters(entity: EntitySpec) -> list[JsonObject]:
    found: list[JsonObject] = []
    if entity.search:
        text: JsonObject = {"type": "string", "maxLength": 200, "pattern": TEXT_PATTERN}
        found.append(_parameter("q", text, description=f"Text to look for in {', '.join(entity.search)}"))
    if entity.sort:
        order: JsonObject = {"type": "string", "enum": [sign + name for name in entity.sort for sign in ("", "-")]}
        found.append(_parameter("sort", order, description="Field to order by; `-` in front for descending"))
    for name in entity.filters:
        if field := entity.field(name):
            found.append(_parameter(name, filter_schema(field), description=f"Only rows with this {name}"))
    return found


def filter_schema(field: FieldSpec) -> JsonObject:
    """Schema of a filter's query parameter; for a `reference_list` it is one id that the row must be linked with."""
    if field.type in ("reference", "reference_list"):
        return id_schema()
    return input_schema(field.model_copy(update={"required": False}))


def _totals_parameters(rule: RuleSpec) -> list[JsonObject]:
    groups = rule.params.get("group_by")
    names = [str(name) for name in groups] if isinstance(groups, list) else ["month"]
    by: JsonObject = {"type": "string", "enum": list[Json](names), "default": names[0]}
    found = [_parameter("by", by, description="What to group by")]
    if rule.params.get("date"):
        year: JsonObject = {"type": "integer", "minimum": 1, "maximum": 9999}
        found.append(_parameter("year", year, description="Only rows of this year"))
    return found


def _responses(operation: Operation) -> JsonObject:
    success: JsonObject = {"description": "Success"}
    if operation.kind == "follow":
        location: JsonObject = {"description": "Where to go", "schema": {"type": "string"}}
        success |= {"description": "Redirect", "headers": {"Location": location}}
    elif operation.kind == "export":
        success["content"] = {"text/csv": {"schema": {"type": "string"}}}
    elif name := _answer_schema(operation):
        success["content"] = {"application/json": {"schema": ref(name)}}
    found: JsonObject = {str(operation.success): success}
    for status in operation.errors:
        schema = ref("HTTPValidationError" if status == 422 else "Problem")
        found[str(status)] = {"description": _MEANING[status], "content": {"application/json": {"schema": schema}}}
    return found


def _answer_schema(operation: Operation) -> str | None:
    if operation.entity is None:
        return {"health": "Health", "register": "UserRead", "login": "Token", "me": "UserRead"}[operation.kind]
    name = operation.entity.name
    match operation.kind:
        case "list" | "low_stock":
            return f"{name}Page"
        case "create" | "read" | "update" | "return":
            return f"{name}Read"
        case "totals":
            return f"{name}Totals"
        case "summary":
            return f"{name}{operation.rule.params['child']}Summary" if operation.rule else None
        case _:
            return None


def _rule_schemas(rule: RuleSpec) -> JsonObject:
    count: JsonObject = {"type": "integer", "examples": [3]}
    number: JsonObject = {"type": "number", "examples": [42.5]}
    if rule.kind == "totals":
        group: JsonObject = {**or_null({"type": "string"}), "examples": ["2026-01"]}
        item = object_schema({"group": group, "count": count, "total": number}, ["group", "count", "total"])
        items: JsonObject = {"type": "array", "items": ref(f"{rule.entity}TotalsItem")}
        whole = object_schema({"items": items, "total": number, "count": count}, ["items", "total", "count"])
        return {f"{rule.entity}TotalsItem": item, f"{rule.entity}Totals": whole}
    if rule.kind == "child_summary":
        maybe: JsonObject = {**or_null({"type": "number"}), "examples": [4.5]}
        properties: JsonObject = {"count": count, "average": maybe, "total": maybe}
        return {f"{rule.entity}{rule.params['child']}Summary": object_schema(properties, list(properties))}
    return {}
