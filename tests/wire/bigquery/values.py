"""What a column takes when a row is streamed, and what is said of a value that it does not take."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

Field = Mapping[str, Any]
_WHOLE = re.compile(r"[+-]?\d+")
_NAMES = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN"}
KINDS = {
    "STRING": "VARCHAR", "INTEGER": "BIGINT", "FLOAT": "DOUBLE", "BOOLEAN": "BOOLEAN", "TIMESTAMP": "TIMESTAMPTZ",
}  # fmt: skip
"""DuckDB's types of the types that columns may have here."""


def kind_of(field: Field) -> str:
    kind = str(field["type"]).upper()
    return _NAMES.get(kind, kind)


def row_errors(fields: Sequence[Field], row: Mapping[str, Any], *, ignore_unknown: bool) -> Iterator[dict[str, str]]:
    """Of one row: each with reason, location and message."""
    known = {field["name"].lower(): field for field in fields}
    given = {name.lower(): value for name, value in row.items()}
    for name in row:
        if name.lower() not in known and not ignore_unknown:
            yield _error(name, f"no such field: {name}.")
    for name, field in known.items():
        value = given.get(name)
        if value is None:
            if field.get("mode") == "REQUIRED":
                yield _error(field["name"], f"Missing required field: {field['name']}.")
        elif problem := _problem(kind_of(field), value):
            yield _error(field["name"], problem)


def _error(location: str, message: str) -> dict[str, str]:
    return {"reason": "invalid", "location": location, "debugInfo": "", "message": message}


def _problem(kind: str, value: Any) -> str:
    if isinstance(value, list):
        return "Array specified for non-repeated field."
    if isinstance(value, dict):
        return "This field is not a record."
    if kind == "INTEGER" and not _is_integer(value):
        return f"Cannot convert value to integer (bad value): {value}"
    if kind == "FLOAT" and not _is_number(value):
        return f"Cannot convert value to floating point (bad value): {value}"
    if kind == "BOOLEAN" and str(value).lower() not in ("true", "false"):
        return f"Cannot convert value to boolean (bad value): {value}"
    if kind == "TIMESTAMP" and not _is_time(value):
        return f"Cannot return an invalid timestamp value: {value}"
    return ""


def _is_integer(value: Any) -> bool:
    whole = int(value) if isinstance(value, int) or (isinstance(value, str) and _WHOLE.fullmatch(value)) else None
    return whole is not None and not isinstance(value, bool) and -(2**63) <= whole < 2**63


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return not isinstance(value, bool)


def _is_time(value: Any) -> bool:
    if isinstance(value, (int, float)):
        return not isinstance(value, bool)
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
