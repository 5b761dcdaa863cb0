"""Questions to people as rows, and the one compare-and-set that decides each of them. Functions inside a transaction."""

import json
import sqlite3
from typing import Any

from core.access import Actor
from core.errors import Conflict, InvalidInput, NotFound
from core.events import InterruptDecided, InterruptOpened, InterruptReminded, InterruptVoted
from core.questions import DEADLINE, answered
from core.tasks import Action, Decision, Interrupt, InterruptFilter, Task, Vote

_LIGHT = (
    "interrupt_id, task_id, kind, prompt, digest, created_at, status, reminders, due_at, deadline_at, default_action, "
    "needed, votes, decision, decided_at, decided_via, decided_by"
)
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
    values = interrupt.model_dump(exclude={"payload", "votes"}) | {"payload": json.dumps(interrupt.payload)}
    connection.execute(
        "INSERT INTO interrupts(interrupt_id, task_id, status, kind, prompt, digest, created_at, due_at, deadline_at, "
        "default_action, needed, payload) VALUES (:interrupt_id, :task_id, :status, :kind, :prompt, :digest, "
        ":created_at, :due_at, :deadline_at, :default_action, :needed, :payload)",
        values,
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
    connection: sqlite3.Connection, interrupt_id: str, decision: Decision, actor: Actor, key: str | None, now: float
) -> tuple[Interrupt, InterruptDecided | InterruptVoted | None]:
    """Decide a pending question, or add a vote; a repetition of the winning call returns it again and no event."""
    interrupt, keys = _known(connection, interrupt_id)
    if key is not None and key in keys and interrupt.decision in (None, decision):
        return interrupt, None
    _refuse_unless_open(interrupt, decision)
    if decision.action is not Action.APPROVE or interrupt.needed == 1 or actor == DEADLINE:
        return _decide(connection, interrupt, decision, actor, actor.name, key, now)
    return _vote(connection, interrupt, decision, actor, key, now)


def _vote(
    connection: sqlite3.Connection, asked: Interrupt, decision: Decision, actor: Actor, key: str | None, now: float
) -> tuple[Interrupt, InterruptDecided | InterruptVoted]:
    if actor.person in [vote.person for vote in asked.votes]:
        raise Conflict(
            f"{actor.name or 'a person without a name'} has approved this already; somebody else has to do so, too. "
            "People are told apart by API keys of their own, or by their names in a chat",
            interrupt_id=asked.interrupt_id,
            needed=asked.needed,
        )
    vote = Vote(person=actor.person, name=actor.name, via=actor.via, action=decision.action, ts=now)
    votes = (*asked.votes, vote)
    voted = asked.model_copy(update={"votes": votes})
    connection.execute(
        "UPDATE interrupts SET votes = json_insert(votes, '$[#]', json(?)) WHERE interrupt_id = ?",
        (json.dumps(vote.model_dump(mode="json") | {"key": key}), asked.interrupt_id),
    )
    if len(votes) >= asked.needed:
        names = " and ".join(vote.name or "somebody" for vote in votes)
        return _decide(connection, voted, decision, actor, names, key, now)
    event = InterruptVoted(
        interrupt_id=asked.interrupt_id,
        kind=asked.kind,
        action=decision.action,
        via=actor.via,
        by=actor.name,
        have=len(votes),
        needed=asked.needed,
    )
    return voted, event


def _decide(
    connection: sqlite3.Connection,
    asked: Interrupt,
    decision: Decision,
    actor: Actor,
    by: str,
    key: str | None,
    now: float,
) -> tuple[Interrupt, InterruptDecided]:
    connection.execute(
        "UPDATE interrupts SET status = 'decided', decision = ?, decided_at = ?, decided_via = ?, decided_by = ?, "
        "decision_key = ?, due_at = NULL WHERE interrupt_id = ?",
        (decision.model_dump_json(), now, actor.via, by, key, asked.interrupt_id),
    )
    changes = {"status": "decided", "decision": decision, "decided_at": now, "decided_via": actor.via}
    decided = asked.model_copy(update={**changes, "decided_by": by, "due_at": None})
    event = InterruptDecided(
        interrupt_id=asked.interrupt_id,
        kind=asked.kind,
        action=decision.action,
        message=decision.message,
        via=actor.via,
        by=by,
    )
    return decided, event


def due_interrupts(connection: sqlite3.Connection, now: float, limit: int) -> tuple[Interrupt, ...]:
    """Pending questions that are to be told of again, or whose deadline has come, the most overdue first; no payloads."""
    rows = connection.execute(
        f"SELECT {_LIGHT} FROM interrupts WHERE status = 'pending' AND due_at <= ? ORDER BY due_at LIMIT ?",  # noqa: S608  # fixed words
        (now, limit),
    )
    return tuple(_assemble(dict(row)) for row in rows)


def record_reminder(
    connection: sqlite3.Connection, reminded: Interrupt, due_at: float | None, now: float
) -> InterruptReminded | None:
    """Count a reminder of the question as it was seen; None when it was answered or told of meanwhile."""
    number = reminded.reminders + 1
    changed = connection.execute(
        "UPDATE interrupts SET reminders = ?, due_at = ? WHERE interrupt_id = ? AND status = 'pending' AND reminders = ?",
        (number, due_at, reminded.interrupt_id, reminded.reminders),
    ).rowcount
    if not changed:
        return None
    return InterruptReminded(
        interrupt_id=reminded.interrupt_id,
        kind=reminded.kind,
        prompt=reminded.prompt,
        number=number,
        waiting_s=max(0.0, now - reminded.created_at),
    )


def cancel_pending(connection: sqlite3.Connection, task_id: str) -> None:
    """Take back every pending question of a task that is over."""
    connection.execute(
        "UPDATE interrupts SET status = 'cancelled', due_at = NULL WHERE task_id = ? AND status = 'pending'", (task_id,)
    )


def read_interrupts(connection: sqlite3.Connection, query: InterruptFilter) -> tuple[Interrupt, ...]:
    """A page of questions in the order of their opening, or the other way round."""
    where, values = _conditions(connection, query)
    columns, order = (_WHOLE if query.payload else _LIGHT), ("DESC" if query.newest_first else "ASC")
    rows = connection.execute(
        f"SELECT {columns} FROM interrupts WHERE {' AND '.join(where)} ORDER BY number {order} LIMIT ?",  # noqa: S608  # fixed words; values are bound
        (*values, -1 if query.limit is None else query.limit),
    )
    return tuple(_assemble(dict(row)) for row in rows)


def _conditions(connection: sqlite3.Connection, query: InterruptFilter) -> tuple[list[str], list[str | int]]:
    where = ["true"]
    values: list[str | int] = []
    if query.task_ids is not None:
        where.append("task_id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(query.task_ids))
    if query.status is not None:
        # A literal (one of three words), so that the index on pending questions can be used.
        where.append(f"status = '{query.status}'")
    if query.kind is not None:
        where.append("kind = ?")
        values.append(query.kind)
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
    fields["votes"] = [
        {name: value for name, value in vote.items() if name != "key"} for vote in json.loads(fields["votes"])
    ]
    if fields["decision"] is not None:
        fields["decision"] = json.loads(fields["decision"])
    return Interrupt.model_validate(fields)


def _known(connection: sqlite3.Connection, interrupt_id: str) -> tuple[Interrupt, list[str]]:
    found = _find(connection, interrupt_id)
    if found is None:
        raise NotFound(f"there is no question {interrupt_id}", interrupt_id=interrupt_id)
    return found


def _find(connection: sqlite3.Connection, interrupt_id: str) -> tuple[Interrupt, list[str]] | None:
    """The question, and the idempotency keys of those who have spoken."""
    row = connection.execute("SELECT * FROM interrupts WHERE interrupt_id = ?", (interrupt_id,)).fetchone()
    if row is None:
        return None
    fields = dict(row)
    del fields["number"]
    keys = [fields.pop("decision_key"), *(vote["key"] for vote in json.loads(fields["votes"]))]
    return _assemble(fields), [key for key in keys if key is not None]


def _refuse_unless_open(interrupt: Interrupt, decision: Decision) -> None:
    if interrupt.status == "cancelled":
        raise Conflict("this question is closed, because its task is over", interrupt_id=interrupt.interrupt_id)
    if interrupt.decision is not None:
        raise answered(interrupt)
    if decision.expected_digest is not None and decision.expected_digest != interrupt.digest:
        raise Conflict(
            "what is asked differs from what you were shown; look at it again before you decide",
            expected_digest=decision.expected_digest,
            digest=interrupt.digest,
        )
