"""Tasks in SQLite. Every write appends its events in the same transaction, so that no screen can disagree with the row."""

import hashlib
import sqlite3
from collections.abc import Sequence
from typing import TypeVar

import orjson

from core.errors import Conflict, InvalidInput, NotFound
from core.events import Event, StoredEvent, TaskUpsert
from core.ports import Clock
from core.tasks import Decision, Interrupt, Task, TaskFilter, TaskRequest
from memory.agent_stats import complete_stats, read_stats
from memory.database import Database, Work
from memory.events import SqliteEventLog, append_events
from memory.interrupts import cancel_pending, insert_interrupt, read_interrupts, record_decision
from memory.timeline import read_timeline

T = TypeVar("T")
_FIXED = frozenset({"task_id", "request", "created_at", "updated_at", "agent_stats", "timeline"})
_DERIVED = {"agent_stats", "timeline"}


class SqliteTaskStore:
    """TaskStore over the tables `tasks` and `interrupts`.

    `agent_stats` and `timeline` of a Task are not stored with it: they follow from its events (`list` leaves the
    timeline out). `total_cost_usd` is the larger of what `update` was told and what the task's calls have cost.
    """

    def __init__(self, database: Database, events: SqliteEventLog, clock: Clock) -> None:
        self._database = database
        self._events = events
        self._clock = clock

    async def create(self, task: Task, *, idempotency_key: str | None = None) -> Task:
        """Insert the task. A known key returns the task of that time, or raises Conflict when the request differs."""
        now = self._clock.now()

        def insert(connection: sqlite3.Connection) -> tuple[Task, tuple[StoredEvent, ...]]:
            if idempotency_key is not None and (earlier := _task_of_key(connection, idempotency_key, task.request)):
                return earlier, ()
            _insert(connection, task)
            if idempotency_key is not None:
                values = (idempotency_key, _request_hash(task.request), task.task_id, now)
                connection.execute("INSERT INTO task_keys VALUES (?, ?, ?, ?)", values)
            stored = append_events(connection, task.task_id, [_upsert(task)], now)
            return _load(connection, task.task_id), stored

        return await self._write(insert)

    async def submitted(self, request: TaskRequest, idempotency_key: str) -> Task | None:
        """The task that this key was used for, None when it is new. Raises Conflict if the request differs."""
        return await self._database.read(lambda connection: _task_of_key(connection, idempotency_key, request))

    async def get(self, task_id: str) -> Task:
        """The task with its statistics and its timeline (the last 500 entries). Raises NotFound."""

        def read(connection: sqlite3.Connection) -> Task:
            task = _load(connection, task_id)
            return task.model_copy(update={"timeline": read_timeline(connection, task_id)})

        return await self._database.read(read)

    async def list(self, query: TaskFilter) -> Sequence[Task]:
        """Newest first, without timelines. Raises InvalidInput when the cursor names no task."""
        return await self._database.read(lambda connection: _list(connection, query))

    async def update(self, task_id: str, events: Sequence[Event] = (), **changes: object) -> Task:
        """Change fields of the row; append `events`, then a task.upsert when something of it changed.

        A task that becomes final takes its pending questions with it, and its status never changes again. Raises
        NotFound, Conflict for a change of a final status, TypeError for a field that is not the caller's to change.
        """
        _refuse_fixed(changes)
        now = self._clock.now()

        def change(connection: sqlite3.Connection) -> tuple[Task, tuple[StoredEvent, ...]]:
            return update_task(connection, task_id, tuple(events), changes, now)

        return await self._write(change)

    async def open_interrupt(self, interrupt: Interrupt) -> Interrupt:
        """Insert the question and set the task waiting; the same id again returns the stored one and changes nothing.

        Raises NotFound for an unknown task, Conflict when the task is over.
        """
        now = self._clock.now()

        def insert(connection: sqlite3.Connection) -> tuple[Interrupt, tuple[StoredEvent, ...]]:
            stored, opened = insert_interrupt(connection, interrupt, _load(connection, interrupt.task_id))
            if opened is None:
                return stored, ()
            _, appended = update_task(connection, interrupt.task_id, (opened,), {"status": "waiting_for_input"}, now)
            return stored, appended

        return await self._write(insert)

    async def decide(
        self, interrupt_id: str, decision: Decision, via: str, *, idempotency_key: str | None = None
    ) -> Interrupt:
        """Compare-and-set pending to decided; the task's own status is left to the caller.

        The same key with the same decision returns the same Interrupt. Raises NotFound, or Conflict with `winner`
        {via, decided_at, action} when it was answered before, or when `expected_digest` is not what is shown.
        """
        now = self._clock.now()

        def decide(connection: sqlite3.Connection) -> tuple[Interrupt, tuple[StoredEvent, ...]]:
            decided, event = record_decision(connection, interrupt_id, decision, via, idempotency_key, now)
            return decided, append_events(connection, decided.task_id, [event] if event else [], now)

        return await self._write(decide)

    async def interrupts(self, *, task_id: str | None = None, status: str | None = None) -> Sequence[Interrupt]:
        """Oldest first."""
        return await self._database.read(lambda connection: read_interrupts(connection, task_id, status))

    async def _write(self, work: Work[tuple[T, tuple[StoredEvent, ...]]]) -> T:
        result, _ = await self._database.write(work, committed=lambda outcome: self._events.announce(outcome[1]))
        return result


def _insert(connection: sqlite3.Connection, task: Task) -> None:
    values = (task.task_id, task.status, task.request.workflow, _body(task))
    try:
        connection.execute("INSERT INTO tasks(task_id, status, workflow, body) VALUES (?, ?, ?, ?)", values)
    except sqlite3.IntegrityError as error:
        raise Conflict(f"there is a task {task.task_id} already", task_id=task.task_id) from error


def _load(connection: sqlite3.Connection, task_id: str) -> Task:
    row = connection.execute("SELECT * FROM tasks WHERE task_id = ?", (task_id,)).fetchone()
    if row is None:
        raise NotFound(f"there is no task {task_id}", task_id=task_id)
    return _assemble(connection, [row])[0]


def _assemble(connection: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> tuple[Task, ...]:
    """Tasks of these rows with their statistics, without timelines."""
    stats = read_stats(connection, [row["task_id"] for row in rows])
    tasks = []
    for row in rows:
        task = Task.model_validate_json(row["body"])
        derived = {
            "agent_stats": complete_stats(task, stats.get(task.task_id, {})),
            "total_cost_usd": max(task.total_cost_usd, row["calls_cost_usd"]),
        }
        tasks.append(task.model_copy(update=derived))
    return tuple(tasks)


def _list(connection: sqlite3.Connection, query: TaskFilter) -> tuple[Task, ...]:
    cursor = None
    if query.before is not None:
        found = connection.execute("SELECT number FROM tasks WHERE task_id = ?", (query.before,)).fetchone()
        if found is None:
            raise InvalidInput(f"before: there is no task {query.before} to continue below", field="before")
        cursor = found["number"]
    rows = connection.execute(
        "SELECT * FROM tasks WHERE (:status IS NULL OR status = :status) "
        "AND (:workflow IS NULL OR workflow = :workflow) AND (:cursor IS NULL OR number < :cursor) "
        "ORDER BY number DESC LIMIT :limit",
        {"status": query.status, "workflow": query.workflow, "cursor": cursor, "limit": query.limit},
    ).fetchall()
    return _assemble(connection, rows)


def update_task(
    connection: sqlite3.Connection, task_id: str, events: tuple[Event, ...], changes: dict[str, object], now: float
) -> tuple[Task, tuple[StoredEvent, ...]]:
    """`SqliteTaskStore.update` inside the caller's transaction; the events are to be announced after its commit."""
    before = _load(connection, task_id)
    if before.status.final and changes.get("status", before.status) != before.status:
        raise Conflict(f"task {task_id} is already {before.status}", status=before.status.value)
    task = Task.model_validate({**before.model_dump(exclude=_DERIVED), **changes, "updated_at": now})
    connection.execute("UPDATE tasks SET status = ?, body = ? WHERE task_id = ?", (task.status, _body(task), task_id))
    if task.status.final and not before.status.final:
        cancel_pending(connection, task_id)
    stored = append_events(connection, task_id, events, now)
    after = _load(connection, task_id)
    if _upsert(after) != _upsert(before):
        stored += append_events(connection, task_id, [_upsert(after)], now)
    return after, stored


def _refuse_fixed(changes: dict[str, object]) -> None:
    wrong = sorted(name for name in changes if name in _FIXED or name not in Task.model_fields)
    if wrong:
        raise TypeError(f"not fields of a task that can be changed: {', '.join(wrong)}")


def _upsert(task: Task) -> TaskUpsert:
    return TaskUpsert(
        status=task.status,
        current_agent=task.current_agent,
        iteration=task.iteration,
        total_cost_usd=task.total_cost_usd,
        error=task.error,
        pr_url=task.pr_url,
        output_path=task.output_path,
    )


def _body(task: Task) -> str:
    return task.model_dump_json(exclude=_DERIVED)


def _task_of_key(connection: sqlite3.Connection, key: str, request: TaskRequest) -> Task | None:
    row = connection.execute("SELECT * FROM task_keys WHERE idempotency_key = ?", (key,)).fetchone()
    if row is None:
        return None
    if row["request_hash"] != _request_hash(request):
        raise Conflict(
            f"this Idempotency-Key belongs to task {row['task_id']}, which was submitted with another request",
            task_id=row["task_id"],
        )
    return _load(connection, row["task_id"])


def _request_hash(request: TaskRequest) -> str:
    canonical = orjson.dumps(request.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()
