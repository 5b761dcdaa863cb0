"""What differs between two versions of plan and contract, in lines that people read."""

import difflib
from collections.abc import Iterator

from core.contract_text import contract_operations, contract_schemas
from core.plan import Plan
from core.types import JsonObject

MOST = 40
MOST_CHARACTERS = 600
Version = tuple[Plan | None, JsonObject | None]


def contract_changes(before: Version, after: Version) -> tuple[str, ...]:
    """Members of schemas, operations and the plan's rules, with `-` in front where they went and `+` where they came.

    At most `MOST` of at most `MOST_CHARACTERS`; the last one then says how many more there are.
    """
    differing = difflib.unified_diff(_lines(before), _lines(after), lineterm="", n=0)
    found = [line[:MOST_CHARACTERS] for line in differing if not line.startswith(("---", "+++", "@@"))]
    if len(found) <= MOST:
        return tuple(found)
    return (*found[: MOST - 1], f"and {len(found) - MOST + 1} lines more")


def _lines(version: Version) -> list[str]:
    plan, contract = version
    rules = [f"{rule.entity}: {rule.statement}" for rule in plan.rules] if plan else []
    if contract is None:
        return rules
    schemas = (line for schema in contract_schemas(contract).split("\n") for line in _members(schema))
    return [*schemas, *contract_operations(contract).split("\n"), *rules]


def _members(schema: str) -> Iterator[str]:
    """A line for each member of `Name = {member, member}`; another schema is a line as it is."""
    name, _, text = schema.partition(" = ")
    kind, opened, inside = text.partition("{")
    if not opened or not name.isidentifier():
        yield schema
        return
    member, depth, quoted = "", 1, False
    yield f"{name} = {kind}{{"
    for at, char in enumerate(inside):
        if char == '"' and inside[at - 1 : at] != "\\":
            quoted = not quoted
        depth += 0 if quoted else (char in "{[(") - (char in "}])")
        if not depth:
            yield f"{name}: {member.strip()}"
            yield f"{name} = }}{inside[at + 1 :]}"
            return
        if char == "," and depth == 1 and not quoted:
            yield f"{name}: {member.strip()}"
            member = ""
        else:
            member += char
    yield f"{name}: {member.strip()}"
