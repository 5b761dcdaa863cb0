"""Reads server-sent events as a browser does."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Sent:
    """`id` is empty for events that nobody can resume at; a comment has the kind `:`."""

    kind: str
    id: str = ""
    data: Any = None


async def read_sent(response: httpx.Response) -> AsyncIterator[Sent]:
    """Every event and comment of a stream."""
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line.startswith(":"):
            yield Sent(":", data=line[1:].strip())
        elif line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield Sent(fields.get("event", "message"), fields.get("id", ""), json.loads(fields["data"]))
            fields = {}
