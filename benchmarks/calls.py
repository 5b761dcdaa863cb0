"""The log of calls at a million of them: writing one, an agent's last failures, sums per agent; and rendering an identity."""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from benchmarks.figures import Figure, median
from core.identity import Identity, render_identity
from core.models import Interaction, InteractionFilter, Message
from core.types import AgentName, Usage
from observability.interactions import SqliteInteractionLog, insert_call
from observability.storage import Storage

CALLS = 1_000_000
WRITES = 2_000
_COLUMNS = (
    "number, interaction_id, ts, task_id, agent, iteration, model, prompt_name, prompt_hash, input_tokens, output_tokens, "
    "cache_read_tokens, cache_write_tokens, cost_usd, seconds, success, finish_reason"
)
_FILL = f"""
INSERT INTO agent_interactions({_COLUMNS})
SELECT value, printf('call-%08d', value), 1.7e9 + value, printf('task-%06d', value / 30),
    (SELECT json_extract(:agents, '$[' || (value % json_array_length(:agents)) || ']')), value % 3, 'model-' || (value % 4),
    'planner/plan', printf('%064d', value), 4000 + value % 997, 800 + value % 499, 3000, 0, 0.01, 4.0 + (value % 50) / 10.0,
    abs(random()) % 20 > 0, 'stop'
FROM (WITH RECURSIVE numbers(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM numbers LIMIT :calls) SELECT value FROM numbers)
"""
_TEXTS = "INSERT INTO interaction_texts SELECT number, :messages, :response, '' FROM agent_interactions"
_TOTALS = """
INSERT INTO call_totals
SELECT agent, model, success, count(*), sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens),
    sum(cost_usd), sum(seconds) FROM agent_interactions GROUP BY agent, model, success
"""


async def call_log_costs() -> Sequence[Figure]:
    """In a folder that is gone afterwards; about 900 MB for a while."""
    with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as folder:
        storage = await Storage.open(Path(folder) / "interactions.db")
        try:
            await storage.run(_fill)
            return (*await _measure(storage), _rendering())
        finally:
            await storage.close()


def _fill(connection: sqlite3.Connection) -> None:
    agents = "[" + ",".join(f'"{agent.value}"' for agent in AgentName) + "]"
    connection.execute(_FILL, {"agents": agents, "calls": CALLS})
    messages = '[{"role":"user","content":"' + "x" * 300 + '"}]'
    connection.execute(_TEXTS, {"messages": messages, "response": "y" * 200})
    connection.execute(_TOTALS)


async def _measure(storage: Storage) -> Sequence[Figure]:
    log = SqliteInteractionLog(storage)
    calls = [_call(number) for number in range(2 * WRITES)]
    writes = await storage.run(lambda connection: _write(connection, calls[:WRITES]))
    records = [await _ms(lambda call=call: log.record(call)) for call in calls[WRITES:]]  # type: ignore[misc]  # bound each time
    asked = InteractionFilter(agent=AgentName.QA, success=False, limit=20)
    failures = [await _ms(lambda: log.list(asked)) for _ in range(30)]
    sums = [await _ms(log.metrics) for _ in range(30)]
    size = f"{CALLS:,} calls in the log"
    through = f"`record` from the loop, with the way to the connection's thread and back, median of {WRITES:,}; {size}"
    return (
        Figure(
            "writing one call",
            median(writes),
            "ms",
            0.1,
            f"insert and commit in the thread, median of {WRITES:,}; {size}",
        ),
        Figure("recording one call", median(records), "ms", None, through),
        Figure("last 20 failures of an agent", median(failures), "ms", 5.0, f"whole, with texts, median of 30; {size}"),
        Figure("sums per agent", median(sums), "ms", 1_000.0, f"kept with every call, median of 30; {size}"),
    )


def _write(connection: sqlite3.Connection, calls: Sequence[Interaction]) -> list[float]:
    taken = []
    connection.commit()
    for call in calls:
        began = time.perf_counter()
        with connection:
            insert_call(connection, call)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


async def _ms(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


def _call(number: int) -> Interaction:
    return Interaction(
        interaction_id=f"new-{number:08d}",
        ts=1.8e9 + number,
        task_id=f"new-{number // 30}",
        agent=AgentName.PLANNER,
        iteration=0,
        model="model-0",
        prompt_name="planner/plan",
        prompt_hash=f"{number:064d}",
        messages=(Message(role="system", content="x" * 800), Message(role="user", content="y" * 200)),
        response="z" * 200,
        usage=Usage(input_tokens=4_000, output_tokens=800),
        cost_usd=0.01,
        seconds=4.0,
    )


def _rendering() -> Figure:
    rules = tuple(
        f"Rule {number}: check what the contract says before a field is renamed, and say so." for number in range(40)
    )
    identity = Identity(agent=AgentName.PLANNER, learned_rules=rules, expertise=rules[:10], past_mistakes=rules[:20])
    taken = []
    for _ in range(1_000):
        began = time.perf_counter()
        render_identity(identity)
        taken.append((time.perf_counter() - began) * 1000)
    return Figure("rendering an identity", median(taken), "ms", 1.0, "40 learned rules, 20 mistakes, median of 1,000")


if __name__ == "__main__":
    from benchmarks.figures import table

    print(table(asyncio.run(call_log_costs())))
