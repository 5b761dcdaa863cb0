"""The connection of `data/interactions.db`: one thread, one transaction per call, schema version checked.

A file of its own, so that large prompts and answers never slow down or bloat the store of tasks.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

from core.errors import Refused

T = TypeVar("T")
_FIRST = """
BEGIN IMMEDIATE;
CREATE TABLE agent_interactions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    interaction_id TEXT NOT NULL UNIQUE,
    ts REAL NOT NULL,
    task_id TEXT NOT NULL,
    agent TEXT NOT NULL,
    iteration INTEGER NOT NULL,
    model TEXT NOT NULL,
    prompt_name TEXT NOT NULL,
    prompt_hash TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,
    cost_usd REAL NOT NULL,
    seconds REAL NOT NULL,
    success INTEGER NOT NULL,
    finish_reason TEXT NOT NULL
);
CREATE INDEX interactions_by_agent ON agent_interactions(agent, success, ts);
CREATE INDEX interactions_by_prompt ON agent_interactions(task_id, prompt_hash, success);
CREATE TABLE interaction_texts (
    number INTEGER PRIMARY KEY REFERENCES agent_interactions(number),
    messages TEXT NOT NULL,
    response TEXT NOT NULL,
    error TEXT NOT NULL
);
CREATE VIEW agent_metrics AS
    SELECT agent, count(*) AS calls, sum(1 - success) AS failures, sum(input_tokens) AS input_tokens,
           sum(output_tokens) AS output_tokens, sum(cost_usd) AS cost_usd, sum(seconds) AS seconds
    FROM agent_interactions GROUP BY agent;
PRAGMA user_version = 1;
COMMIT;
"""
_TOTALS = """
BEGIN IMMEDIATE;
CREATE TABLE call_totals (
    agent TEXT NOT NULL,
    model TEXT NOT NULL,
    success INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,
    cost_usd REAL NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (agent, model, success)
) WITHOUT ROWID;
INSERT INTO call_totals
    SELECT agent, model, success, count(*), sum(input_tokens), sum(output_tokens), sum(cache_read_tokens),
           sum(cache_write_tokens), sum(cost_usd), sum(seconds)
    FROM agent_interactions GROUP BY agent, model, success;
DROP VIEW agent_metrics;
CREATE VIEW agent_metrics AS
    SELECT agent, sum(calls) AS calls, sum((1 - success) * calls) AS failures, sum(input_tokens) AS input_tokens,
           sum(output_tokens) AS output_tokens, sum(cost_usd) AS cost_usd, sum(seconds) AS seconds
    FROM call_totals GROUP BY agent;
PRAGMA user_version = 2;
COMMIT;
"""
_LOOKING_BACK = """
BEGIN IMMEDIATE;
CREATE INDEX interactions_by_time ON agent_interactions(ts);
CREATE TABLE memory_diffs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    diff_id TEXT NOT NULL UNIQUE,
    agent TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX memory_diffs_by_agent ON memory_diffs(agent, number);
PRAGMA user_version = 3;
COMMIT;
"""
_VERSIONS = """
BEGIN IMMEDIATE;
ALTER TABLE agent_interactions ADD COLUMN prompt_version TEXT NOT NULL DEFAULT '';
ALTER TABLE agent_interactions ADD COLUMN identity_version INTEGER NOT NULL DEFAULT 0;
PRAGMA user_version = 4;
COMMIT;
"""
# How far each destination has what is here, what it refused, and by what name it knows this file. Pages are in the order of
# recording, which an index on two columns has at its end; with `ts` before it, all of an agent's calls were read and sorted.
_SHIPPING = """
BEGIN IMMEDIATE;
CREATE TABLE shipped (
    target TEXT NOT NULL,
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (target, kind)
) WITHOUT ROWID;
CREATE TABLE unshipped (
    target TEXT NOT NULL,
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (target, kind, number)
) WITHOUT ROWID;
CREATE TABLE log_source (source TEXT NOT NULL);
INSERT INTO log_source VALUES (lower(hex(randomblob(8))));
DROP INDEX interactions_by_agent;
CREATE INDEX interactions_by_agent ON agent_interactions(agent, success);
PRAGMA user_version = 5;
COMMIT;
"""
MIGRATIONS = (_FIRST, _TOTALS, _LOOKING_BACK, _VERSIONS, _SHIPPING)
"""One script per schema version. A released one is never edited."""


class Storage:
    """One connection in one thread. Opened with `open`, ended with `close`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-interactions")
        self._closed = False

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open or make the file. Raises Refused when a newer release wrote it."""
        return cls(await asyncio.to_thread(_connect, path))

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in one transaction in the connection's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, work)

    async def close(self) -> None:
        """Close after accepted work. Twice does nothing."""
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
            self._thread.shutdown(wait=False)

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._connection:
            return work(self._connection)


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    # check_same_thread is off because the connection is opened in one thread and then used by one other thread only.
    connection = sqlite3.connect(path, timeout=5.0, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            raise Refused(
                f"{path} was written by a newer release (schema {version}, this release knows {len(MIGRATIONS)}). "
                "Start the newer release, or restore the backup made before it was installed."
            )
        for script in MIGRATIONS[version:]:
            connection.executescript(script)
    except BaseException:
        connection.close()
        raise
    return connection
