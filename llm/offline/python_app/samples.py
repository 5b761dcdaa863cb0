"""Values for tests of one field: a valid one, ones at the edge of what is allowed, and ones just beyond it."""

from core.plan import FieldSpec
from core.standard.schemas import MAX_INTEGER, MAX_LINKS, max_length, number_bounds
from llm.offline.entity_fields import humanize
from llm.offline.python_app.columns import python_value
from llm.offline.python_app.entities import Entity
from llm.offline.python_app.layout import clean, literal

_NUL = r'"a\x00b"'


def sample(entity: Entity, field: FieldSpec) -> str:
    """An expression over the running `number` whose value is valid, and different for every number where it can be."""
    if field.name in entity.keys:
        return 'f"key-{number}"'
    match field.type:
        case "string" | "text":
            words = clean(humanize(field.name)).replace("{", "").replace("}", "")
            return (
                f'f"{words} {{number}}"'
                if max_length(field) >= len(words) + 8
                else f"str(number)[-{max_length(field)}:]"
            )
        case "email":
            return 'f"person{number}@example.com"'
        case "url":
            return 'f"https://example.com/{number}"'
        case "integer":
            return _integer(entity, field)
        case "number" | "decimal":
            return _amount(field)
        case "boolean":
            return str(field.default is not True)
        case "enum":
            return literal(_first_value(entity, field))
        case "date" | "datetime":
            return _moment(entity, field)
        case _:
            raise ValueError(f"{field.type} has no sample of its own")


def _first_value(entity: Entity, field: FieldSpec) -> str:
    for rule in entity.rules("status_flow"):
        if rule.params["field"] == field.name:
            return str(rule.params["initial"])
    others = [value for value in field.values if value != field.default]
    return others[0] if others else field.values[0]


def _integer(entity: Entity, field: FieldSpec) -> str:
    least, most = (int(bound) for bound in number_bounds(field))
    if _is_capacity(entity, field):
        return str(max(least, min(50, most)))
    low = max(least, 1) if most >= 1 else least
    if most - low >= 1000:
        return f"number + {low}" if low != 1 else "number"
    return f"{low} + number % {most - low + 1}" if most > low else str(low)


def _is_capacity(entity: Entity, field: FieldSpec) -> bool:
    """True when rows of another entity are counted against the field: then there is to be room for some."""
    return any(
        rule.kind == "capacity" and rule.params["parent"] == entity.name and rule.params["field"] == field.name
        for rule in entity.plan.rules
    )


def _amount(field: FieldSpec) -> str:
    least, most = number_bounds(field)
    low = max(least, 1.0) if most >= 1 else least
    return f"{int(low) + 1 if low != int(low) else int(low)} + number / 4" if most - low > 10_000 else repr(low)


def _moment(entity: Entity, field: FieldSpec) -> str:
    """Start and end of one row are an hour or a day apart, rows are days apart."""
    ends = {rule.params["end"] for kind in ("ordered_fields", "no_overlap") for rule in entity.rules(kind)}
    if field.type == "date":
        return "day(number + 1)" if field.name in ends else "day(number)"
    return "moment(number, 10)" if field.name in ends else "moment(number, 9)"


def invalid(entity: Entity, field: FieldSpec) -> list[str]:
    """Expressions of values that must be refused for the field, on creating and on changing."""
    found = [] if entity.nullable(field) else ["None"]
    match field.type:
        case "string" | "text":
            found += [f'"x" * {max_length(field) + 1}', _NUL, "7", '["x"]']
            found += ['""', '" "'] if field.required and field.name not in entity.keys else []
            found += ['""', '"a b"', '"a/b"'] if field.name in entity.keys else []
        case "email":
            found += ['"nobody"', '"a@b"', '"a b@example.com"', '"a@@example.com"', '""', "7"]
            found.append(f"email({max_length(field) + 1})")
        case "url":
            path = max_length(field) - len("https://example.com/") + 1
            found += ['"example.com"', '"javascript:alert(1)"', '"https://exa mple.com"', '""', "7"]
            found += [f'"https://example.com/" + "x" * {path}']
        case "integer" | "number" | "decimal":
            found += [*invalid_numbers(field), '"5"', "True"]
        case "boolean":
            found += ['"true"', "1"]
        case "date":
            found += ['"yesterday"', '"2026-02-30"', "0", '"0"', '"2026-03-14T09:30:00Z"', '"14.03.2026"']
        case "datetime":
            found += ['"yesterday"', '"2026-02-30T09:30:00Z"', '"2026-03-14T09:30:00"', '"2026-03-14"', "0", '"0"']
            found += ['"0001-01-01T00:00:00+23:59"']
        case "enum":
            found += ['"no such value"', '""', "7"]
        case "reference":
            found += ["0", "-1", str(MAX_INTEGER), str(MAX_INTEGER + 1), "10**30", '"1"', "True"]
        case "reference_list":
            found += ["1", "[0]", f"[{MAX_INTEGER}]", "[10**30]", '["1"]', f"[1] * {MAX_LINKS + 1}", "[None]"]
    return found


def invalid_numbers(field: FieldSpec) -> list[str]:
    """Numbers just beyond the bounds, far beyond them, and between two that can be stored."""
    least, most = number_bounds(field)
    match field.type:
        case "integer":
            return [str(int(least) - 1), str(int(most) + 1), "1.5"]
        case "decimal":
            inside = max(least, 0.0) + 1.001
            return [repr(round(least - 0.01, 2)), repr(round(most + 0.01, 2)), repr(inside), "1e300"]
        case _:
            return [repr(least - 1), repr(most + 1), "1e300"]


def accepted(entity: Entity, field: FieldSpec) -> list[str]:
    """Expressions of values at the edge that must be taken; nothing that a business rule has a say in."""
    found = ["None"] if entity.nullable(field) else []
    ruled = {
        str(rule.params.get(key))
        for kind in ("ordered_fields", "no_overlap", "status_flow")
        for rule in entity.rules(kind)
        for key in ("start", "end", "field")
    }
    if field.name in ruled:
        return found
    match field.type:
        case "string" | "text":
            found += [f'"x" * {max_length(field)}', '"x"']
            found += ['"Ünï ☃ \\U0001f600"'] if field.name not in entity.keys and max_length(field) >= 8 else []
            found += ['""'] if not field.required and field.name not in entity.keys and not field.unique else []
        case "email":
            found += ['"first.last+tag@sub.example.com"', f"email({max_length(field)})"]
        case "url":
            found += ['"http://localhost:8000/a?b=c#d"']
            path = max_length(field) - len("https://example.com/")
            found += [f'"https://example.com/" + "x" * {path}']
        case "integer":
            found += [str(int(bound)) for bound in number_bounds(field)]
        case "number" | "decimal":
            found += [repr(bound) for bound in number_bounds(field)]
        case "boolean":
            found += ["True", "False"]
        case "date":
            found += ['"2024-02-29"']
        case "enum":
            found += [python_value(value) for value in field.values]
        case _:
            pass
    return found
