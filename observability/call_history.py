"""Looking back at the interaction log: searching its texts, one call, those of a task, figures by day, agent or model."""

import json
import sqlite3
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from core.analytics import GroupBy, SeriesRow
from core.errors import NotFound
from core.models import CallFigures, Interaction, InteractionPage, InteractionSearch
from core.task_views import CallView
from observability.interactions import WHOLE, interaction_of, number_of, usage_of
from observability.storage import Storage
from observability.task_calls import figures, previews

SCANNED = 1_000
"""So many calls one page with a text looks at; the page says where to go on."""
PAGE_CHARS = 4 << 20
"""Of prompts and answers, after which a page ends early."""
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_FILTERS = {
    "task_id": "task_id = :task_id",
    "agent": "agent = :agent",
    "model": "model = :model",
    "success": "success = :success",
    "since": "ts >= :since",
    "until": "ts < :until",
}
_HAS = " AND (instr(lower(messages), ?) > 0 OR instr(lower(response), ?) > 0)"
"""SQLite's `lower` changes A to Z alone."""
_KEYS: Mapping[GroupBy, str] = {
    "day": "date(ts, 'unixepoch')",
    "agent": "agent",
    "model": "model",
    "prompt": "prompt_name || '@' || prompt_version",
    "identity": "agent || '@' || CASE identity_version WHEN 0 THEN '' ELSE identity_version END",
}
# Ranked by how long they took, the successful calls of a group come first; then the middle one or two are the median.
_SERIES = """
SELECT key, calls, failures, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, call_seconds
FROM (
    SELECT {key} AS key, count(*) AS calls, sum(1 - success) AS failures, sum(input_tokens) AS input_tokens,
        sum(output_tokens) AS output_tokens, sum(cache_read_tokens) AS cache_read_tokens,
        sum(cache_write_tokens) AS cache_write_tokens, sum(cost_usd) AS cost_usd
    FROM agent_interactions WHERE ts >= :since GROUP BY key
) LEFT JOIN (
    SELECT key, avg(seconds) AS call_seconds FROM (
        SELECT key, seconds, row_number() OVER (PARTITION BY key ORDER BY seconds) AS place,
            count(*) OVER (PARTITION BY key) AS places
        FROM (SELECT {key} AS key, seconds FROM agent_interactions WHERE ts >= :since AND success = 1)
    ) WHERE place IN ((places + 1) / 2, (places + 2) / 2) GROUP BY key
) USING (key) ORDER BY key"""


class SqliteCallHistory:
    """CallHistory over the file of the interaction log, on a connection of its own."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open or make the file at `path`. Raises Refused when a newer release wrote it."""
        return cls(await Storage.open(path))

    async def page(self, query: InteractionSearch) -> InteractionPage:
        """Newest first. With a text the next 1,000 calls are looked at that fit otherwise, and no more.

        A page ends early when its texts have 4 Mi characters; one call comes whatever its size. Raises InvalidInput
        when the cursor names no interaction.
        """
        return await self._storage.run(lambda connection: _page(connection, query))

    async def get(self, interaction_id: str) -> Interaction:
        """Raises NotFound."""

        def find(connection: sqlite3.Connection) -> Interaction:
            row = connection.execute(f"{WHOLE} WHERE interaction_id = ?", (interaction_id,)).fetchone()
            if row is None:
                raise NotFound(f"there is no model call {interaction_id}", field="call_id")
            return interaction_of(row)

        return await self._storage.run(find)

    async def series(self, group_by: GroupBy, since: float) -> Sequence[SeriesRow]:
        """A row for each group with calls since then; sums are made over the narrow table alone."""

        def read(connection: sqlite3.Connection) -> tuple[SeriesRow, ...]:
            rows = connection.execute(_SERIES.format(key=_KEYS[group_by]), {"since": since})
            return tuple(_series_row(row) for row in rows)

        return await self._storage.run(read)

    async def figures(self, task_id: str) -> Sequence[CallFigures]:
        """Of every call of a task, oldest first."""
        return await self._storage.run(lambda connection: figures(connection, task_id))

    async def previews(self, task_id: str, *, before: str | None, limit: int) -> Sequence[CallView]:
        """Of a task, newest first. Raises InvalidInput when the cursor names no interaction."""
        return await self._storage.run(lambda connection: previews(connection, task_id, before, limit))

    async def close(self) -> None:
        await self._storage.close()


def _page(connection: sqlite3.Connection, query: InteractionSearch) -> InteractionPage:
    most = SCANNED if query.text else query.limit
    found = _candidates(connection, query, most + 1)
    items: list[Interaction] = []
    size = 0
    for place, (number, interaction_id) in enumerate(found[:most], 1):
        call = _find(connection, number, query.text)
        if call is None:
            continue
        items.append(call)
        size += sum(len(text) for text in _texts(call))
        if len(items) == query.limit or size > PAGE_CHARS:
            return InteractionPage(items=tuple(items), next=interaction_id if place < len(found) else None)
    return InteractionPage(items=tuple(items), next=found[most - 1][1] if len(found) > most else None)


def _candidates(connection: sqlite3.Connection, query: InteractionSearch, most: int) -> list[tuple[int, str]]:
    """(number, id) of calls that fit by everything but their texts, newest first, from the narrow table alone."""
    values = query.model_dump(exclude={"text", "before", "limit"})
    conditions = [condition for name, condition in _FILTERS.items() if values[name] is not None]
    if query.before is not None:
        conditions.append("number < :cursor")
        values["cursor"] = number_of(connection, query.before)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = connection.execute(
        f"SELECT number, interaction_id FROM agent_interactions {where} ORDER BY number DESC LIMIT :most",  # noqa: S608  # words of this file
        {**values, "most": most},
    )
    return [(row["number"], row["interaction_id"]) for row in rows]


def _find(connection: sqlite3.Connection, number: int, text: str) -> Interaction | None:
    """The call, if it has the text. Names and roles in the JSON of its messages are no text, so it is looked at twice."""
    wanted = _lower(text)
    has, values = ("", []) if not text else (_HAS, [json.dumps(wanted, ensure_ascii=False)[1:-1], wanted])
    row = connection.execute(f"{WHOLE} WHERE number = ?{has}", (number, *values))
    call = next((interaction_of(each) for each in row), None)
    return call if call is not None and any(wanted in _lower(each) for each in _texts(call)) else None


def _texts(call: Interaction) -> tuple[str, ...]:
    return (*(message.content for message in call.messages), call.response)


def _lower(text: str) -> str:
    return text.translate(_LOWER)


def _series_row(row: sqlite3.Row) -> SeriesRow:
    return SeriesRow(
        key=row["key"],
        calls=row["calls"],
        failures=row["failures"],
        usage=usage_of(row),
        cost_usd=row["cost_usd"],
        call_seconds=row["call_seconds"],
    )
