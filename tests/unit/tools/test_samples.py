"""Values made from schemas: accepted ones are valid, refused ones are not."""

from typing import Any

import jsonschema
import pytest

from tools.inside.contract import Contract
from tools.inside.samples import Samples, refused_values, same

EMPTY = Contract({"paths": {}})
SCHEMAS: list[dict[str, Any]] = [
    {"type": "string", "minLength": 1, "maxLength": 3},
    {"type": "string", "maxLength": 200},
    {"type": "string", "pattern": "^[A-Z]{2}-[0-9]+$"},
    {"type": "string", "format": "email", "maxLength": 254},
    {"type": "string", "format": "date"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": "uri", "maxLength": 2000},
    {"type": "string", "format": "uuid"},
    {"type": "integer", "minimum": 0, "maximum": 3},
    {"type": "integer", "minimum": -5, "maximum": -2},
    {"type": "integer", "exclusiveMinimum": 0},
    {"type": "number", "minimum": 0.01, "maximum": 9999999999.99, "multipleOf": 0.01},
    {"type": "number", "minimum": 0, "maximum": 0.5},
    {"enum": ["low", "high"], "type": "string"},
    {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 5},
    {"type": ["string", "null"], "maxLength": 20},
    {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]},
    {"type": "boolean"},
    {"anyOf": [{"type": "string", "pattern": r"^https?://[a-z.]+(/[!-~]*)?$", "maxLength": 2000}, {"type": "null"}]},
    {"anyOf": [{"type": "string", "pattern": r"^=[x-z]{4}=$"}, {"type": "null"}], "examples": ["=xyzx="]},
    {"type": "string", "pattern": r"^<[0-9]{3}:[a-f]>$", "maxLength": 7},
]


def validates(schema: dict[str, Any], value: object) -> bool:
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    return bool(checker.is_valid(value))


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_made_values_are_valid(schema: dict[str, Any]) -> None:
    samples = Samples(EMPTY)
    values = [samples.value(schema, "title") for _ in range(30)]
    assert [value for value in values if not validates(schema, value)] == []


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_refused_values_are_invalid(schema: dict[str, Any]) -> None:
    refused = list(refused_values(EMPTY, schema, "title"))
    assert refused
    assert [
        what for value, what in refused if validates(schema, value) and "uri" not in what and "date-time" not in what
    ] == []


def test_strings_are_different_every_time() -> None:
    samples = Samples(EMPTY)
    assert len({samples.value({"type": "string", "maxLength": 40}, "name") for _ in range(200)}) == 200


@pytest.mark.parametrize(
    ("sent", "got", "equal"),
    [
        ("2031-01-06T09:00:00Z", "2031-01-06T09:00:00+00:00", True),
        ("2031-01-06T09:00:00Z", "2031-01-06T09:00:00", True),
        ("2031-01-06T09:00:00Z", "2031-01-06T10:00:00Z", False),
        (1.5, 1.50, True),
        (10, "10.00", False),
        ("10", "10.00", True),
        ("10", "10.01", False),
        ("007", "7", False),
        ([2, 1], [1, 2], True),
        ("Ann@Example.com", "ann@example.com", True),
        (False, None, False),
        (True, 1, False),
        (None, None, True),
        ("", None, False),
    ],
)
def test_values_that_came_back_are_compared_by_what_they_mean(sent: object, got: object, equal: bool) -> None:
    assert same(sent, got) is equal
