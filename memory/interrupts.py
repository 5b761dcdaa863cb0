"""Questions to people as rows, and the one compare-and-set that decides each of them. Functions inside a transaction."""

import sqlite3

from core.errors import Conflict, NotFound
from core.events import InterruptDecided, InterruptOpened
from core.tasks import Decision, Interrupt, Task


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
        "INSERT INTO interrupts(interrupt_id, task_id, status, body) VALUES (?, ?, ?, ?)",
        (interrupt.interrupt_id, interrupt.task_id, interrupt.status, interrupt.model_dump_json()),
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
    decided = interrupt.model_copy(
        update={"status": "decided", "decision": decision, "decided_at": now, "decided_via": via}
    )
    connection.execute(
        "UPDATE interrupts SET status = 'decided', decision_key = ?, body = ? WHERE interrupt_id = ?",
        (key, decided.model_dump_json(), interrupt_id),
    )
    event = InterruptDecided(
        interrupt_id=interrupt_id, kind=interrupt.kind, action=decision.action, message=decision.message, via=via
    )
    return decided, event


def cancel_pending(connection: sqlite3.Connection, task_id: str) -> None:
    """Take back every pending question of a task that is over."""
    for interrupt in read_interrupts(connection, task_id, "pending"):
        cancelled = interrupt.model_copy(update={"status": "cancelled"})
        connection.execute(
            "UPDATE interrupts SET status = 'cancelled', body = ? WHERE interrupt_id = ?",
            (cancelled.model_dump_json(), interrupt.interrupt_id),
        )


def read_interrupts(connection: sqlite3.Connection, task_id: str | None, status: str | None) -> tuple[Interrupt, ...]:
    """Questions of one task or of all, with one status or any, oldest first."""
    if task_id is not None:
        query = "SELECT body FROM interrupts WHERE task_id = :task AND (:status IS NULL OR status = :status)"
    elif status == "pending":
        # A literal, so that the partial index on pending questions is used however many were decided.
        query = "SELECT body FROM interrupts WHERE status = 'pending'"
    else:
        query = "SELECT body FROM interrupts WHERE :status IS NULL OR status = :status"
    rows = connection.execute(f"{query} ORDER BY number", {"task": task_id, "status": status})
    return tuple(Interrupt.model_validate_json(row["body"]) for row in rows)


def _find(connection: sqlite3.Connection, interrupt_id: str) -> tuple[Interrupt, str | None] | None:
    row = connection.execute(
        "SELECT body, decision_key FROM interrupts WHERE interrupt_id = ?", (interrupt_id,)
    ).fetchone()
    return None if row is None else (Interrupt.model_validate_json(row["body"]), row["decision_key"])


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
