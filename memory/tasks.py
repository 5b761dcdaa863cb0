"""Tasks in SQLite. Every write appends its events in the same transaction, so that no screen can disagree with the row."""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import TypeVar

import orjson
from pydantic_core import from_json

from core.errors import Conflict, InvalidInput, NotFound
from core.events import Event, Forked, LlmEnd, StoredEvent, TaskUpsert
from core.ports import Clock
from core.tasks import AgentStats, Task, TaskFilter
from core.types import AgentName, TaskStatus
from memory.agent_stats import complete_stats, read_stats
from memory.database import Database, Work
from memory.event_rows import like
from memory.events import SqliteEventLog, append_events
from memory.interrupts import cancel_pending
from memory.timeline import read_timeline
from memory.turns import next_turn

T = TypeVar("T")
_FIXED = frozenset(
    {
        "task_id",
        "request",
        "caller",
        "turn",
        "forked_from",
        "forecast",
        "created_at",
        "updated_at",
        "agent_stats",
        "timeline",
    }
)
_DERIVED = {"agent_stats", "timeline"}
_SHOWN = tuple(name for name in TaskUpsert.model_fields if name != "type")
_AT_WORK = """
SELECT number FROM tasks WHERE status IN ('queued', 'running') UNION ALL
SELECT number FROM tasks WHERE status = 'waiting_for_input'
    AND EXISTS (SELECT 1 FROM interrupts AS asked WHERE asked.task_id = tasks.task_id)
    AND NOT EXISTS (SELECT 1 FROM interrupts AS asked WHERE asked.task_id = tasks.task_id AND asked.status = 'pending')"""

_HAS_WORDS = """EXISTS (SELECT 1 FROM task_words AS words WHERE words.number = tasks.number
    AND (words.task_id LIKE ? ESCAPE '\\' OR words.sentence LIKE ? ESCAPE '\\'))"""


class SqliteTaskStore:
    """TaskStore over the table `tasks`.

    `agent_stats` and `timeline` of a Task are not stored with it: they follow from its events (`list` leaves the
    timeline out). `total_cost_usd` is the larger of what `update` was told and what the task's calls have cost.
    """

    def __init__(self, database: Database, events: SqliteEventLog, clock: Clock) -> None:
        self._database = database
        self._events = events
        self._clock = clock

    async def create(self, task: Task, *, idempotency_key: str | None = None) -> Task:
        """Insert the task with its caller's next turn. A known key returns the task of that time.

        Raises Conflict when the request of that time differs.
        """
        now = self._clock.now()

        def insert(connection: sqlite3.Connection) -> tuple[Task, tuple[StoredEvent, ...]]:
            if idempotency_key is not None and (earlier := _task_of_key(connection, idempotency_key, task)):
                return earlier, ()
            _insert(connection, task.model_copy(update={"turn": next_turn(connection, task.caller)}))
            if idempotency_key is not None:
                values = (idempotency_key, _asked_hash(task), task.task_id, now)
                connection.execute("INSERT INTO task_keys VALUES (?, ?, ?, ?)", values)
            stored = append_events(connection, task.task_id, [*_forked(task), _upsert(task, task.total_cost_usd)], now)
            return load_task(connection, task.task_id), stored

        return await self._write(insert)

    async def submitted(self, task: Task, idempotency_key: str) -> Task | None:
        """The task that this key was used for, None when it is new. Raises Conflict if what is asked differs."""
        return await self._database.read(lambda connection: _task_of_key(connection, idempotency_key, task))

    async def get(self, task_id: str) -> Task:
        """The task with its statistics and its timeline (the last 500 entries). Raises NotFound."""

        def read(connection: sqlite3.Connection) -> Task:
            task = load_task(connection, task_id)
            return task.model_copy(update={"timeline": read_timeline(connection, task_id)})

        return await self._database.read(read)

    async def list(self, query: TaskFilter) -> Sequence[Task]:
        """Newest first, without timelines. Raises InvalidInput when the cursor names no task."""
        return await self._database.read(lambda connection: _list(connection, query))

    async def update(self, task_id: str, events: Sequence[Event] = (), **changes: object) -> None:
        """Change fields of the row; append `events`, then a task.upsert when something of it changed.

        A task that becomes final takes its pending questions with it, and its status never changes again. Raises
        NotFound, Conflict for a change of a final status, TypeError for a field that is not the caller's to change.
        """
        _refuse_fixed(changes)
        now = self._clock.now()

        def change(connection: sqlite3.Connection) -> tuple[None, tuple[StoredEvent, ...]]:
            return None, update_task(connection, task_id, tuple(events), changes, now)

        await self._write(change)

    async def counts(self) -> Mapping[TaskStatus, int]:
        """How many tasks there are of each status."""

        def count(connection: sqlite3.Connection) -> Mapping[TaskStatus, int]:
            found = dict(connection.execute("SELECT status, count(*) FROM tasks GROUP BY status").fetchall())
            return {status: found.get(status, 0) for status in TaskStatus}

        return await self._database.read(count)

    async def _write(self, work: Work[tuple[T, tuple[StoredEvent, ...]]]) -> T:
        result, _ = await self._database.write(work, committed=lambda outcome: self._events.announce(outcome[1]))
        return result


def _insert(connection: sqlite3.Connection, task: Task) -> None:
    values = (task.task_id, task.status, task.request.workflow, task.caller, task.turn, _body(task))
    try:
        number = connection.execute(
            "INSERT INTO tasks(task_id, status, workflow, caller, turn, body) VALUES (?, ?, ?, ?, ?, ?)", values
        ).lastrowid
    except sqlite3.IntegrityError as error:
        raise Conflict(f"there is a task {task.task_id} already", task_id=task.task_id) from error
    words = (number, task.task_id, task.request.task_description)
    connection.execute("INSERT INTO task_words VALUES (?, ?, ?)", words)


def _row(connection: sqlite3.Connection, task_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute("SELECT * FROM tasks WHERE task_id = ?", (task_id,)).fetchone()
    if row is None:
        raise NotFound(f"there is no task {task_id}", task_id=task_id)
    return row


def load_task(connection: sqlite3.Connection, task_id: str) -> Task:
    return _assemble(connection, [_row(connection, task_id)])[0]


def _assemble(connection: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> tuple[Task, ...]:
    """Tasks of these rows with their statistics, without timelines."""
    stats = read_stats(connection, [row["task_id"] for row in rows])
    return tuple(_complete(Task.model_validate_json(row["body"]), row["calls_cost_usd"], stats) for row in rows)


def _complete(task: Task, calls_cost_usd: float, stats: Mapping[str, dict[AgentName, AgentStats]]) -> Task:
    """The task with what follows from its events."""
    derived = {
        "agent_stats": complete_stats(task, stats.get(task.task_id, {})),
        "total_cost_usd": max(task.total_cost_usd, calls_cost_usd),
    }
    return task.model_copy(update=derived)


def _list(connection: sqlite3.Connection, query: TaskFilter) -> tuple[Task, ...]:
    wanted = {"status": query.status, "workflow": query.workflow, "caller": query.caller}
    where = ["true", *(f"{column} = ?" for column, value in wanted.items() if value is not None)]
    values: list[str | int] = [value for value in wanted.values() if value is not None]
    if query.at_work:
        where.append(f"number IN ({_AT_WORK})")
    if query.statuses:
        where.append("number IN (SELECT number FROM tasks WHERE status IN (SELECT value FROM json_each(?)))")
        values.append(json.dumps(query.statuses))
    if query.has_demo:
        where.append("has_demo = 1")
    if query.text:
        where.append(_HAS_WORDS)
        values += [like(query.text)] * 2
    if query.before is not None:
        found = connection.execute("SELECT number FROM tasks WHERE task_id = ?", (query.before,)).fetchone()
        if found is None:
            raise InvalidInput(f"before: there is no task {query.before} to continue below", field="before")
        where.append("number < ?")
        values.append(found["number"])
    rows = connection.execute(
        f"SELECT * FROM tasks WHERE {' AND '.join(where)} ORDER BY number DESC LIMIT ?",  # noqa: S608  # fixed words; values are bound
        (*values, query.limit),
    ).fetchall()
    return _assemble(connection, rows)


def update_task(
    connection: sqlite3.Connection, task_id: str, events: tuple[Event, ...], changes: dict[str, object], now: float
) -> tuple[StoredEvent, ...]:
    """`SqliteTaskStore.update` inside the caller's transaction; the events are to be announced after its commit."""
    row = _row(connection, task_id)
    before = from_json(row["body"])
    status = TaskStatus(row["status"])
    if status.final and changes.get("status", status) != status:
        raise Conflict(f"task {task_id} is already {status}", status=status.value)
    task = Task.model_validate({**before, **changes, "updated_at": now})
    connection.execute(
        "UPDATE tasks SET status = ?, body = ?, has_demo = ?, ended_at = coalesce(ended_at, ?), "
        "turn = CASE WHEN ? THEN NULL ELSE turn END WHERE task_id = ?",
        (
            task.status,
            _body(task),
            task.demo_url is not None,
            now if task.status.final else None,
            status is TaskStatus.QUEUED and task.status.final,
            task_id,
        ),
    )
    if task.status.final and not status.final:
        cancel_pending(connection, task_id)
    stored = append_events(connection, task_id, events, now)
    calls_cost_usd = row["calls_cost_usd"]
    before["total_cost_usd"] = max(before["total_cost_usd"], calls_cost_usd)
    calls_cost_usd += sum(event.cost_usd for event in events if isinstance(event, LlmEnd))
    shown = _upsert(task, max(task.total_cost_usd, calls_cost_usd))
    if shown != TaskUpsert.model_validate({name: before[name] for name in _SHOWN}):
        stored += append_events(connection, task_id, [shown], now)
    return stored


def _refuse_fixed(changes: dict[str, object]) -> None:
    wrong = sorted(name for name in changes if name in _FIXED or name not in Task.model_fields)
    if wrong:
        raise TypeError(f"not fields of a task that can be changed: {', '.join(wrong)}")


def _upsert(task: Task, total_cost_usd: float) -> TaskUpsert:
    return TaskUpsert(
        status=task.status,
        current_agent=task.current_agent,
        iteration=task.iteration,
        total_cost_usd=total_cost_usd,
        error=task.error,
        pr_url=task.pr_url,
        output_path=task.output_path,
    )


def _body(task: Task) -> str:
    return task.model_dump_json(exclude=_DERIVED)


def _task_of_key(connection: sqlite3.Connection, key: str, task: Task) -> Task | None:
    row = connection.execute("SELECT * FROM task_keys WHERE idempotency_key = ?", (key,)).fetchone()
    if row is None:
        return None
    if row["request_hash"] != _asked_hash(task):
        raise Conflict(
            f"this Idempotency-Key belongs to task {row['task_id']}, which was submitted with another request",
            task_id=row["task_id"],
        )
    return load_task(connection, row["task_id"])


def _forked(task: Task) -> tuple[Forked, ...]:
    return () if task.forked_from is None else (Forked(origin=task.forked_from),)


def _asked_hash(task: Task) -> str:
    """Equal for tasks that ask for the same, of the same checkpoint where they are forks."""
    asked = task.request.model_dump(mode="json")
    if asked["webhook"] is None:  # as it was before there were any
        del asked["webhook"]
    if task.forked_from is not None:
        asked = {"request": asked, "forked_from": task.forked_from.model_dump(mode="json")}
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
