"""Results of evaluations in one SQLite file: written after every task, so that a run that was killed goes on where it was."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from pydantic import Field

from core.errors import NotFound, Refused
from core.types import AgentName, Usage, Value
from evals.hidden import HiddenResult

T = TypeVar("T")
SCHEMA = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS runs (run_id TEXT PRIMARY KEY, started_at REAL NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS results (
    run_id TEXT NOT NULL, task TEXT NOT NULL, seed INTEGER NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (run_id, task, seed)
);
CREATE INDEX IF NOT EXISTS results_key ON results(key);
"""


class Run(Value):
    """What was to be done. `digest` is of the suite's tasks, so that a run does not go on with others."""

    run_id: str
    suite: str
    arm: str = Field(description="what people call it: a model, a change of prompts")
    digest: str
    started_at: float
    seeds: int = Field(default=1, ge=1)
    tasks: tuple[str, ...]
    budget_usd: float


class Result(Value):
    """One task of one run. `as_expected`: it ended as its dataset says, with the words that it says.

    `rounds` are those until the end. `missed` counts planted mistakes that nobody found, and hidden checks that fail in what
    was handed over as finished. `findings` by agent: the kinds of those that block and came back in the first round, of each
    agent that worked in it to the end. `prompts` are names with their versions, `identities` the versions that were told, by
    agent.
    """

    run_id: str
    task: str
    tier: int
    arm: str
    seed: int
    key: str = ""
    end: str
    as_expected: bool
    reason: str = ""
    rounds: int = 0
    checks_passed: int = 0
    checks_failed: int = 0
    checks_not_executed: int = 0
    tests_run: int = 0
    tests_failed: int = 0
    operations_covered: int = 0
    operations_promised: int = 0
    hidden: tuple[HiddenResult, ...] = ()
    missed: tuple[str, ...] = ()
    findings: dict[AgentName, tuple[str, ...]] = Field(default_factory=dict)
    cost_usd: float = 0.0
    calls: int = 0
    usage: Usage = Usage()
    seconds: float = 0.0
    models: dict[AgentName, str] = Field(default_factory=dict)
    prompts: tuple[str, ...] = ()
    identities: dict[AgentName, int] = Field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether the task was done: it ended as it must, and every hidden check holds where there is an application."""
        return self.as_expected and (self.end != "completed" or all(check.passed for check in self.hidden))

    @property
    def hidden_passed(self) -> int:
        return sum(check.passed for check in self.hidden)


class Results:
    """The file `results.db`. Calls wait for each other; each is one transaction."""

    def __init__(self, path: Path) -> None:
        """Raises Refused when a newer release wrote the file."""
        self._path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._connect()) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA:
                raise Refused(f"{path} was written by a newer release (schema {version}, this one knows {SCHEMA})")
            connection.executescript(_TABLES)
            connection.execute(f"PRAGMA user_version={SCHEMA}")

    async def begin(self, run: Run) -> None:
        values = (run.run_id, run.started_at, run.model_dump_json())
        await self._do(lambda connection: connection.execute("INSERT INTO runs VALUES (?, ?, ?)", values))

    async def run(self, run_id: str) -> Run:
        """Raises NotFound."""
        rows = await self._do(lambda c: c.execute("SELECT body FROM runs WHERE run_id = ?", (run_id,)).fetchall())
        if not rows:
            raise NotFound(f"there is no run {run_id}; `autonomy eval list` shows which there are", field="run")
        return Run.model_validate_json(rows[0][0])

    async def runs(self) -> Sequence[Run]:
        """Newest first."""
        rows = await self._do(lambda c: c.execute("SELECT body FROM runs ORDER BY started_at DESC").fetchall())
        return [Run.model_validate_json(row[0]) for row in rows]

    async def add(self, result: Result) -> None:
        """A result of the same run, task and seed is replaced."""
        values = (result.run_id, result.task, result.seed, result.key, result.model_dump_json())
        await self._do(lambda c: c.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?)", values))

    async def of(self, run_id: str) -> Sequence[Result]:
        """In the order of their tasks and seeds."""
        query = "SELECT body FROM results WHERE run_id = ? ORDER BY task, seed"
        rows = await self._do(lambda c: c.execute(query, (run_id,)).fetchall())
        return [Result.model_validate_json(row[0]) for row in rows]

    async def find(self, key: str) -> Result | None:
        """What the very same came to before: same task, models, prompts, identities and release."""
        query = "SELECT body FROM results WHERE key = ? ORDER BY rowid LIMIT 1"
        rows = await self._do(lambda c: c.execute(query, (key,)).fetchall())
        return Result.model_validate_json(rows[0][0]) if rows else None

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.to_thread(self._transact, work)

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock, closing(self._connect()) as connection, connection:
            return work(connection)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=10.0)
        connection.execute("PRAGMA journal_mode=WAL")
        return connection
