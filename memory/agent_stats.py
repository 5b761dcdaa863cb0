"""What each agent did in a task, kept beside the events: every event moves it in the transaction that stores the event."""

import json
import sqlite3
from collections.abc import Iterable, Sequence

from core.events import AgentFinished, AgentStarted, Artifact, Event, LlmEnd
from core.tasks import AgentStats, Task
from core.types import AgentName

_STATUS = """
INSERT INTO agent_stats(task_id, agent, status) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET status = excluded.status"""
_CALL = """
INSERT INTO agent_stats(task_id, agent, cost_usd, tokens, calls) VALUES (?, ?, ?, ?, 1)
ON CONFLICT DO UPDATE SET cost_usd = cost_usd + excluded.cost_usd, tokens = tokens + excluded.tokens, calls = calls + 1"""


def project(connection: sqlite3.Connection, task_id: str, event: Event) -> None:
    """Move the statistics by one event: status from starts and ends, money and tokens from calls, files from commits."""
    match event:
        case AgentStarted():
            connection.execute(_STATUS, (task_id, event.agent, "running"))
        case AgentFinished():
            connection.execute(_STATUS, (task_id, event.agent, "done" if event.success else "failed"))
        case LlmEnd():
            _count_call(connection, task_id, event)
        case Artifact():
            connection.execute(
                "INSERT INTO agent_stats(task_id, agent) VALUES (?, ?) ON CONFLICT DO NOTHING", (task_id, event.agent)
            )
            connection.executemany(
                "INSERT INTO agent_files VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [(task_id, event.agent, path) for path in event.paths],
            )
        case _:
            pass


def read_stats(connection: sqlite3.Connection, task_ids: Sequence[str]) -> dict[str, dict[AgentName, AgentStats]]:
    """Statistics of several tasks, by task and agent."""
    rows = connection.execute(
        "SELECT task_id, agent, status, cost_usd, tokens, calls, (SELECT count(*) FROM agent_files AS f "
        "WHERE f.task_id = s.task_id AND f.agent = s.agent) AS files "
        "FROM agent_stats AS s WHERE task_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(task_ids)),),
    )
    stats: dict[str, dict[AgentName, AgentStats]] = {}
    for task_id, agent, *values in rows:
        fields = dict(zip(("status", "cost_usd", "tokens", "calls", "files"), values, strict=True))
        stats.setdefault(task_id, {})[AgentName(agent)] = AgentStats.model_validate(fields)
    return stats


def complete_stats(task: Task, found: dict[AgentName, AgentStats]) -> dict[AgentName, AgentStats]:
    """Fill in the pipeline's agents that have done nothing yet, and close what a finished task left open."""
    stats = {agent: found.get(agent, AgentStats()) for agent in _ordered({*task.pipeline, *found})}
    if not task.status.final:
        return stats
    closing = {"pending": "skipped", "running": "failed"}
    return {
        agent: stat.model_copy(update={"status": closing.get(stat.status, stat.status)})
        for agent, stat in stats.items()
    }


def _ordered(agents: Iterable[AgentName]) -> list[AgentName]:
    order = list(AgentName)
    return sorted(agents, key=order.index)


def _count_call(connection: sqlite3.Connection, task_id: str, event: LlmEnd) -> None:
    connection.execute(_CALL, (task_id, event.agent, event.cost_usd, event.usage.total))
    connection.execute(
        "UPDATE tasks SET calls_cost_usd = calls_cost_usd + ? WHERE task_id = ?", (event.cost_usd, task_id)
    )
