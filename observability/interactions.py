"""The interaction log in SQLite: every model call, with a narrow table for figures and a wide one for texts."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from pydantic import TypeAdapter

from core.errors import InvalidInput
from core.models import AgentMetrics, CallTotals, Interaction, InteractionFilter, Message, TaskUsage
from core.types import AgentName, Usage
from observability.storage import Storage

MESSAGES: TypeAdapter[tuple[Message, ...]] = TypeAdapter(tuple[Message, ...])
_COUNT = """
INSERT INTO call_totals
SELECT agent, model, success, 1, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, seconds
FROM agent_interactions WHERE number = ?
ON CONFLICT DO UPDATE SET
    calls = calls + 1,
    input_tokens = input_tokens + excluded.input_tokens,
    output_tokens = output_tokens + excluded.output_tokens,
    cache_read_tokens = cache_read_tokens + excluded.cache_read_tokens,
    cache_write_tokens = cache_write_tokens + excluded.cache_write_tokens,
    cost_usd = cost_usd + excluded.cost_usd,
    seconds = seconds + excluded.seconds
"""
_USAGE = """
SELECT task_id, agent, model, count(*), sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens)
FROM agent_interactions WHERE task_id IN (SELECT value FROM json_each(?)) AND success = 1 GROUP BY task_id, agent, model"""
WHOLE = "SELECT * FROM agent_interactions JOIN interaction_texts USING (number)"


class SqliteInteractionLog:
    """InteractionLog over a file of its own; figures are summed without touching the texts."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open or make the log at `path`. Raises Refused when a newer release wrote it."""
        return cls(await Storage.open(path))

    async def record(self, interaction: Interaction) -> None:
        """Store one call; the same `interaction_id` again does nothing."""
        await self._storage.run(lambda connection: insert_call(connection, interaction))

    async def list(self, query: InteractionFilter) -> Sequence[Interaction]:
        """Newest first. Raises InvalidInput when the cursor names no interaction."""
        return await self._storage.run(lambda connection: _list(connection, query))

    async def find(self, task_id: str, prompt_hash: str) -> Interaction | None:
        """The newest successful call of this task with this very prompt, if there is one."""

        def find(connection: sqlite3.Connection) -> Interaction | None:
            row = connection.execute(
                f"{WHOLE} WHERE task_id = ? AND prompt_hash = ? AND success = 1 ORDER BY number DESC LIMIT 1",
                (task_id, prompt_hash),
            ).fetchone()
            return None if row is None else interaction_of(row)

        return await self._storage.run(find)

    async def metrics(self) -> Sequence[AgentMetrics]:
        """Sums per agent over the whole log, in order of the agents' names."""

        def read(connection: sqlite3.Connection) -> tuple[AgentMetrics, ...]:
            rows = connection.execute("SELECT * FROM agent_metrics ORDER BY agent")
            return tuple(AgentMetrics.model_validate(dict(row)) for row in rows)

        return await self._storage.run(read)

    async def totals(self) -> Sequence[CallTotals]:
        """Sums by agent, model and outcome; a table of its own that grows with these three and not with the log."""

        def read(connection: sqlite3.Connection) -> tuple[CallTotals, ...]:
            rows = connection.execute("SELECT * FROM call_totals ORDER BY agent, model, success")
            return tuple(CallTotals.model_validate(dict(row)) for row in rows)

        return await self._storage.run(read)

    async def usage(self, task_ids: Sequence[str]) -> Sequence[TaskUsage]:
        """Of the successful calls of these tasks, by task, agent and model."""

        def read(connection: sqlite3.Connection) -> tuple[TaskUsage, ...]:
            rows = connection.execute(_USAGE, (json.dumps(list(task_ids)),))
            return tuple(_task_usage(*row) for row in rows)

        return await self._storage.run(read)

    async def close(self) -> None:
        await self._storage.close()


def _task_usage(
    task_id: str, agent: str, model: str, calls: int, given: int, written: int, read: int, stored: int
) -> TaskUsage:
    usage = Usage(input_tokens=given, output_tokens=written, cache_read_tokens=read, cache_write_tokens=stored)
    return TaskUsage(task_id=task_id, agent=AgentName(agent), model=model, calls=calls, usage=usage)


def insert_call(connection: sqlite3.Connection, call: Interaction) -> None:
    cursor = connection.execute(
        "INSERT INTO agent_interactions(interaction_id, ts, task_id, agent, iteration, model, prompt_name, prompt_hash, "
        "input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, seconds, success, "
        "finish_reason, prompt_version, identity_version) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            *(call.interaction_id, call.ts, call.task_id, call.agent, call.iteration, call.model),
            *(call.prompt_name, call.prompt_hash, call.usage.input_tokens, call.usage.output_tokens),
            *(call.usage.cache_read_tokens, call.usage.cache_write_tokens, call.cost_usd, call.seconds, call.success),
            *(call.finish_reason, call.prompt_version, call.identity_version),
        ),
    )
    if cursor.rowcount:
        texts = (cursor.lastrowid, MESSAGES.dump_json(call.messages).decode(), call.response, call.error)
        connection.execute("INSERT INTO interaction_texts VALUES (?, ?, ?, ?)", texts)
        connection.execute(_COUNT, (cursor.lastrowid,))


def _list(connection: sqlite3.Connection, query: InteractionFilter) -> tuple[Interaction, ...]:
    wanted = query.model_dump(include={"task_id", "agent", "model", "success"}, exclude_none=True)
    conditions = [f"{column} = :{column}" for column in wanted]
    if query.before is not None:
        conditions.append("number < :cursor")
        wanted["cursor"] = number_of(connection, query.before)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = connection.execute(f"{WHOLE}{where} ORDER BY number DESC LIMIT :limit", {**wanted, "limit": query.limit})
    return tuple(interaction_of(row) for row in rows)


def number_of(connection: sqlite3.Connection, interaction_id: str) -> int:
    row = connection.execute(
        "SELECT number FROM agent_interactions WHERE interaction_id = ?", (interaction_id,)
    ).fetchone()
    if row is None:
        raise InvalidInput(f"before: there is no interaction {interaction_id} to continue below", field="before")
    return int(row["number"])


def interaction_of(row: sqlite3.Row) -> Interaction:
    return Interaction(
        interaction_id=row["interaction_id"],
        ts=row["ts"],
        task_id=row["task_id"],
        agent=row["agent"],
        iteration=row["iteration"],
        model=row["model"],
        prompt_name=row["prompt_name"],
        prompt_hash=row["prompt_hash"],
        prompt_version=row["prompt_version"],
        identity_version=row["identity_version"],
        messages=MESSAGES.validate_json(row["messages"]),
        response=row["response"],
        finish_reason=row["finish_reason"],
        usage=usage_of(row),
        cost_usd=row["cost_usd"],
        seconds=row["seconds"],
        success=bool(row["success"]),
        error=row["error"],
    )


def usage_of(row: sqlite3.Row) -> Usage:
    """Of a row that has the columns of all four counts."""
    return Usage(
        input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"],
        cache_read_tokens=row["cache_read_tokens"],
        cache_write_tokens=row["cache_write_tokens"],
    )
