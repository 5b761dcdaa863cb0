"""Values that a schema of the contract accepts, and bodies that it refuses, each with the reason in words."""

import math
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from .box import library
from .compare import plain, types
from .contract import Contract

UNKNOWN_ID = 2_147_483_646
UNKNOWN_FIELD = "no_such_field"
_DAY = date(2031, 1, 6)
_PATTERN_TRIES = (
    "abc-1",
    "abc",
    "ABC",
    "Abc1",
    "123",
    "12345",
    "+12025550123",
    "2031-01",
    "12:30",
    "#a1b2c3",
    "a_b",
    "AB-123",
)
_AMOUNT = re.compile(r"-?\d{1,30}(\.\d{1,30})?")


class Samples:
    """Makes values; `count` rises with each, so that strings, dates and numbers are different every time."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.count = 0

    def value(self, schema: Any, name: str = "value") -> Any:
        """A value that `schema` accepts; `name` is what strings are made of."""
        self.count += 1
        node = {**_told_beside(schema), **plain(self._contract, schema)}
        if "const" in node:
            return node["const"]
        if "enum" in node:
            values = [value for value in node["enum"] if value is not None]
            return node["default"] if node.get("default") in values else values[0]
        kinds = types(self._contract, node) - {"null"} or {"string"}
        for kind, make in (("string", self._string), ("integer", self._integer), ("number", self._number)):
            if kind in kinds:
                return make(node, name)
        if "boolean" in kinds:
            return self.count % 2 == 0
        if "array" in kinds:
            return [self.value(node.get("items", {}), name) for _ in range(node.get("minItems", 0))]
        required = node.get("required", [])
        return {key: self.value(one, key) for key, one in node.get("properties", {}).items() if key in required}

    def _string(self, node: dict[str, Any], name: str) -> str:
        kind, n = node.get("format", ""), self.count
        day = _DAY + timedelta(days=n)
        moment = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        made = {
            "email": f"person{n}@example.com", "date": day.isoformat(), "date-time": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "uri": f"https://example.com/{n}", "url": f"https://example.com/{n}", "time": "09:30:00",
            "uuid": f"00000000-0000-4000-8000-{n:012d}", "duration": "P1D", "ipv4": "192.0.2.1",
        }.get(kind)  # fmt: skip
        if made is not None:
            return made
        if "pattern" in node:
            return self._matching(node)
        text = f"{name.replace('_', ' ').capitalize()} {n}"
        if len(text) > node.get("maxLength", 10_000):
            text = f"{n:x}".rjust(min(node["maxLength"], 4), "x")[-node["maxLength"] :]
        return text.ljust(node.get("minLength", 0), "x")

    def _matching(self, node: dict[str, Any]) -> str:
        fits, n = re.compile(node["pattern"]), self.count
        low, high = node.get("minLength", 0), node.get("maxLength", 10_000)
        fresh = (f"abc{n}", f"ABC{n}", str(10_000 + n), f"https://example.com/{n}", f"person{n}@example.com")
        known = [str(text) for text in (*node.get("examples", []), node.get("default", ""))]
        for text in (*fresh, *known, *_PATTERN_TRIES):
            if low <= len(text) <= high and fits.search(text):
                return text
        return _invented(fits, low, high) or known[0]

    def _integer(self, node: dict[str, Any], _name: str) -> int:
        low, high = bounds(node)
        step = int(node.get("multipleOf", 1)) or 1
        first = math.ceil(max(low, 1 if high >= 1 else low) / step) * step
        room = int((high - first) // step) + 1 if math.isfinite(high) else 1_000
        return int(first + (self.count % max(1, min(room, 1_000))) * step)

    def _number(self, node: dict[str, Any], name: str) -> float:
        low, high = bounds(node)
        if high - low < 1:
            return low if math.isfinite(low) else high
        return self._integer({"minimum": math.ceil(low) if math.isfinite(low) else 1, "maximum": high}, name)


@lru_cache(maxsize=256)
def _invented(fits: re.Pattern[str], low: int, high: int) -> str:
    """The simplest text for a pattern that none of ours fits; empty when there is none."""
    hypothesis = library("hypothesis")
    texts = hypothesis.strategies.from_regex(fits)
    options = hypothesis.settings(max_examples=200, database=None, derandomize=True)
    try:
        return str(hypothesis.find(texts, lambda text: low <= len(text) <= high, settings=options))
    except hypothesis.errors.HypothesisException:
        return ""


def _told_beside(schema: Any) -> dict[str, Any]:
    """Examples that stand beside the alternatives of a schema and not in them."""
    return {
        key: schema[key] for key in ("examples", "default") if isinstance(schema, dict) and schema.get(key) is not None
    }


def bounds(node: dict[str, Any]) -> tuple[float, float]:
    """Smallest and largest allowed number, exclusive bounds moved by one."""
    low = node.get("minimum", node.get("exclusiveMinimum", -1 if "exclusiveMinimum" in node else None))
    low = -math.inf if low is None else low + (1 if "exclusiveMinimum" in node and "minimum" not in node else 0)
    high = node.get("maximum")
    if high is None and "exclusiveMaximum" in node:
        high = node["exclusiveMaximum"] - 1
    return (low if math.isfinite(low) else -1_000_000.0), (1_000_000.0 if high is None else high)


def refused_values(contract: Contract, schema: Any, name: str) -> Iterator[tuple[Any, str]]:
    """Values that `schema` refuses, each with what is wrong with it."""
    node, kinds = plain(contract, schema), types(contract, schema)
    if not kinds:
        return
    if "object" not in kinds:
        yield {"wrong": "type"}, f"an object as `{name}`"
    if "null" not in kinds:
        yield None, f"null as `{name}`"
    if "enum" in node and "string" in kinds:
        yield "no-such-value", f"`{name}` outside its values {node['enum']}"
    elif "string" in kinds:
        yield from _refused_strings(node, name)
    elif kinds & {"integer", "number"}:
        yield from _refused_numbers(node, name)
    elif "array" in kinds and "maxItems" in node and node["maxItems"] < 2_000 and "items" in node:
        item = Samples(contract).value(node["items"])
        yield [item] * (node["maxItems"] + 1), f"`{name}` with more than {node['maxItems']} items"


def _refused_strings(node: dict[str, Any], name: str) -> Iterator[tuple[Any, str]]:
    kind = node.get("format", "")
    if kind in ("email", "date", "date-time", "uuid", "uri"):
        yield "not one", f"`{name}` that is no {kind}"
    elif "maxLength" in node and "pattern" not in node:
        yield "x" * (node["maxLength"] + 1), f"`{name}` longer than {node['maxLength']} characters"
    if node.get("minLength"):
        yield "x" * (node["minLength"] - 1), f"`{name}` shorter than {node['minLength']} characters"


def _refused_numbers(node: dict[str, Any], name: str) -> Iterator[tuple[Any, str]]:
    if "minimum" in node:
        yield node["minimum"] - 1, f"`{name}` below its minimum {node['minimum']}"
    if "exclusiveMinimum" in node:
        yield node["exclusiveMinimum"], f"`{name}` at its exclusive minimum {node['exclusiveMinimum']}"
    if "maximum" in node:
        yield node["maximum"] + 1, f"`{name}` above its maximum {node['maximum']}"


def same(sent: Any, got: Any) -> bool:
    """Whether a value came back as it was sent: moments by time, numbers by value, ids in any order, text but for its edges."""
    if isinstance(sent, bool) or isinstance(got, bool) or sent is None or got is None:
        return sent is got
    if isinstance(sent, int | float) and isinstance(got, int | float):
        return math.isclose(sent, got, abs_tol=1e-6)
    if isinstance(sent, list) and isinstance(got, list):
        return sorted(map(repr, sent)) == sorted(map(repr, got))
    if isinstance(sent, str) and isinstance(got, str):
        moments = _moment(sent), _moment(got)
        alike = sent.strip().lower() == got.strip().lower() or (None not in moments and moments[0] == moments[1])
        return alike or (
            _AMOUNT.fullmatch(sent) is not None and _AMOUNT.fullmatch(got) is not None and _amount(sent, got)
        )
    return bool(sent == got)


def _amount(sent: str, got: str) -> bool:
    """`12.5` and `12.50` are one amount; `007` and `7` are two codes."""
    return "." in sent + got and Decimal(sent) == Decimal(got)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
