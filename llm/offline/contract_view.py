"""Operations of the contract as prompts show them, back in the shape of an OpenAPI document, as far as a review needs it."""

import re

from core.types import JsonObject

_OPERATION = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (\S+) (\S+)(.*)")
_STATUS = re.compile(r"(\d{3}|\dXX|default)\b")


def read_operations(text: str) -> JsonObject:
    """Paths with their methods: operationId, `security` where a token is needed, and the statuses; empty when none are shown."""
    paths: dict[str, JsonObject] = {}
    for line in text.split("\n"):
        found = _OPERATION.fullmatch(line)
        if found is None:
            continue
        before, _, answers = found[4].rpartition(" -> ")
        statuses = [status for answer in answers.split("; ") if (status := _STATUS.match(answer))]
        operation: JsonObject = {"operationId": found[3], "responses": {status[1]: {} for status in statuses}}
        if re.search(r" (auth \S+|security \[)", before):
            operation["security"] = [{"token": []}]
        paths.setdefault(found[2], {})[found[1].lower()] = operation
    return {"paths": dict(paths)} if paths else {}
