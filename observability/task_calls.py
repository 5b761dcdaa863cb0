"""Calls of one task without their texts: figures alone, or with the beginnings that a list shows. Inside a transaction."""

import sqlite3

from core.models import CallFigures
from core.task_views import PREVIEW_CHARS, CallView
from observability.interactions import number_of, usage_of

_FIGURES = """
SELECT interaction_id, ts, agent, iteration, model, prompt_name, input_tokens, output_tokens, cache_read_tokens,
       cache_write_tokens, cost_usd, seconds, success, identity_version, number
FROM agent_interactions WHERE task_id = :task_id"""
_PREVIEWS = f"""
WITH page AS MATERIALIZED ({_FIGURES} AND number < :below ORDER BY number DESC LIMIT :limit),
said AS MATERIALIZED (
    SELECT number, response, error, coalesce((
        SELECT message.value ->> 'content' FROM json_each(messages) AS message
        WHERE message.value ->> 'role' = 'user' ORDER BY message.key DESC LIMIT 1
    ), '') AS prompt
    FROM page JOIN interaction_texts USING (number)
)
SELECT page.*, error, substr(prompt, 1, :chars) AS prompt, length(prompt) AS prompt_chars,
       substr(response, 1, :chars) AS answer, length(response) AS answer_chars
FROM page JOIN said USING (number) ORDER BY number DESC"""  # noqa: S608  # both parts are fixed words
NEWEST = (1 << 63) - 1


def figures(connection: sqlite3.Connection, task_id: str) -> tuple[CallFigures, ...]:
    """Of every call, oldest first."""
    rows = connection.execute(f"{_FIGURES} ORDER BY number", {"task_id": task_id})
    return tuple(_figures(row) for row in rows)


def previews(connection: sqlite3.Connection, task_id: str, before: str | None, limit: int) -> tuple[CallView, ...]:
    """Newest first; texts are cut where they lie and never travel whole. Raises InvalidInput when the cursor names no call."""
    below = NEWEST if before is None else number_of(connection, before)
    values = {"task_id": task_id, "below": below, "limit": limit, "chars": PREVIEW_CHARS}
    return tuple(_preview(row) for row in connection.execute(_PREVIEWS, values))


def _figures(row: sqlite3.Row) -> CallFigures:
    return CallFigures(
        call_id=row["interaction_id"],
        ended_at=row["ts"] + row["seconds"],
        agent=row["agent"],
        iteration=row["iteration"],
        model=row["model"],
        identity_version=row["identity_version"],
        usage=usage_of(row),
        cost_usd=row["cost_usd"],
        seconds=row["seconds"],
        success=bool(row["success"]),
    )


def _preview(row: sqlite3.Row) -> CallView:
    return CallView(
        call_id=row["interaction_id"],
        ts=row["ts"] + row["seconds"],
        agent=row["agent"],
        iteration=row["iteration"],
        model=row["model"],
        prompt_name=row["prompt_name"],
        prompt=row["prompt"],
        prompt_chars=row["prompt_chars"],
        answer=row["answer"],
        answer_chars=row["answer_chars"],
        cut=max(row["prompt_chars"], row["answer_chars"]) > PREVIEW_CHARS,
        usage=usage_of(row),
        cost_usd=row["cost_usd"],
        seconds=row["seconds"],
        success=bool(row["success"]),
        error=row["error"],
    )
