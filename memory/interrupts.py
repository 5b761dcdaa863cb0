"""Questions to people as rows, and the one compare-and-set that decides each of them. Functions inside a transaction."""

import json
import sqlite3
from typing import Any

from core.errors import Conflict, InvalidInput, NotFound
from core.events import InterruptDecided, InterruptOpened
from core.tasks import Decision, Interrupt, InterruptFilter, Task

_LIGHT = "interrupt_id, task_id, kind, prompt, digest, created_at, status, decision, decided_at, decided_via"
_WHOLE = f"{_LIGHT}, payload"


def insert_interrupt(
    connection: sqlite3.Connection, interrupt: Interrupt, task: Task
) -> tuple[Interrupt, InterruptOpened | None]:
    """Insert the question and say which event tells of it; a known id returns the stored question and no event."""
    stored = _find(connection, interrupt.interrupt_id)
    if stored is not None:
        return stored[0], None
    if task.status.final:
        raise Conflict(f"task {task.task_id} is {task.status}; it can ask nothing more", task_id=task.task_id)
    connection.execute(
        "INSERT INTO interrupts(interrupt_id, task_id, status, kind, prompt, digest, created_at, payload) "
        "VALUES (:interrupt_id, :task_id, :status, :kind, :prompt, :digest, :created_at, :payload)",
        {**interrupt.model_dump(exclude={"payload"}), "payload": json.dumps(interrupt.payload)},
    )
    opened = InterruptOpened(
        interrupt_id=interrupt.interrupt_id,
        kind=interrupt.kind,
        prompt=interrupt.prompt,
        payload=interrupt.payload,
        digest=interrupt.digest,
    )
    return interrupt, opened


def record_decision(
    connection: sqlite3.Connection, interrupt_id: str, decision: Decision, via: str, key: str | None, now: float
) -> tuple[Interrupt, InterruptDecided | None]:
    """Decide a pending question; a repetition of the winning call returns it again and no event."""
    found = _find(connection, interrupt_id)
    if found is None:
        raise NotFound(f"there is no question {interrupt_id}", interrupt_id=interrupt_id)
    interrupt, stored_key = found
    if interrupt.status == "decided" and key is not None and key == stored_key and interrupt.decision == decision:
        return interrupt, None
    _refuse_unless_open(interrupt, decision)
    connection.execute(
        "UPDATE interrupts SET status = 'decided', decision = ?, decided_at = ?, decided_via = ?, decision_key = ? "
        "WHERE interrupt_id = ?",
        (decision.model_dump_json(), now, via, key, interrupt_id),
    )
    decided = interrupt.model_copy(
        update={"status": "decided", "decision": decision, "decided_at": now, "decided_via": via}
    )
    event = InterruptDecided(
        interrupt_id=interrupt_id, kind=interrupt.kind, action=decision.action, message=decision.message, via=via
    )
    return decided, event


def cancel_pending(connection: sqlite3.Connection, task_id: str) -> None:
    """Take back every pending question of a task that is over."""
    connection.execute(
        "UPDATE interrupts SET status = 'cancelled' WHERE task_id = ? AND status = 'pending'", (task_id,)
    )


def read_interrupts(connection: sqlite3.Connection, query: InterruptFilter) -> tuple[Interrupt, ...]:
    """A page of questions in the order of their opening, or the other way round."""
    where, values = _conditions(connection, query)
    columns, order = (_WHOLE if query.payload else _LIGHT), ("DESC" if query.newest_first else "ASC")
    rows = connection.execute(
        f"SELECT {columns} FROM interrupts WHERE {' AND '.join(where)} ORDER BY number {order} LIMIT ?",  # noqa: S608  # fixed words; values are bound
        (*values, -1 if query.limit is None else query.limit),
    )
    names = [column[0] for column in rows.description]
    return tuple(_assemble(dict(zip(names, row, strict=True))) for row in rows)


def _conditions(connection: sqlite3.Connection, query: InterruptFilter) -> tuple[list[str], list[str | int]]:
    where = ["true"]
    values: list[str | int] = []
    if query.task_ids is not None:
        where.append("task_id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(query.task_ids))
    if query.status is not None:
        # A literal (one of three words), so that the index on pending questions can be used.
        where.append(f"status = '{query.status}'")
    if query.after is not None:
        where.append(f"number {'<' if query.newest_first else '>'} ?")
        values.append(_number(connection, query.after))
    return where, values


def _number(connection: sqlite3.Connection, interrupt_id: str) -> int:
    row = connection.execute("SELECT number FROM interrupts WHERE interrupt_id = ?", (interrupt_id,)).fetchone()
    if row is None:
        raise InvalidInput(f"after: there is no question {interrupt_id} to go on behind", field="after")
    return int(row["number"])


def _assemble(fields: dict[str, Any]) -> Interrupt:
    fields["payload"] = json.loads(fields["payload"]) if "payload" in fields else {}
    if fields["decision"] is not None:
        fields["decision"] = json.loads(fields["decision"])
    return Interrupt.model_validate(fields)


def _find(connection: sqlite3.Connection, interrupt_id: str) -> tuple[Interrupt, str | None] | None:
    row = connection.execute("SELECT * FROM interrupts WHERE interrupt_id = ?", (interrupt_id,)).fetchone()
    if row is None:
        return None
    fields = dict(row)
    del fields["number"]
    key = fields.pop("decision_key")
    return _assemble(fields), key


def _refuse_unless_open(interrupt: Interrupt, decision: Decision) -> None:
    if interrupt.status == "cancelled":
        raise Conflict("this question is closed, because its task is over", interrupt_id=interrupt.interrupt_id)
    if interrupt.decision is not None:
        action = interrupt.decision.action
        raise Conflict(
            f"this question was already answered with {action.value!r} through {interrupt.decided_via}",
            winner={"via": interrupt.decided_via, "decided_at": interrupt.decided_at, "action": action.value},
            interrupt_id=interrupt.interrupt_id,
        )
    if decision.expected_digest is not None and decision.expected_digest != interrupt.digest:
        raise Conflict(
            "what is asked differs from what you were shown; look at it again before you decide",
            expected_digest=decision.expected_digest,
            digest=interrupt.digest,
        )
