"""Reading the table `events`: on from a position, as events or as frames, and in pages of what is looked for."""

import json
import sqlite3
from collections.abc import Iterable, Mapping

from core.events import EVENT, EventFilter, EventPage, StoredEvent
from core.frames import Frame, frame_of_row

SCANNED = 20_000
"""So many events one search with filters looks at; the page says where to go on."""
PAGE_BYTES = 1 << 20
"""A page ends early when its events are larger together."""
Values = Mapping[str, str | int | None]


def stored_event(row: sqlite3.Row) -> StoredEvent:
    return StoredEvent(
        position=row["position"],
        seq=row["seq"],
        task_id=row["task_id"],
        ts=row["ts"],
        event=EVENT.validate_json(row["body"]),
    )


def read_events(connection: sqlite3.Connection, task_id: str | None, after: int, limit: int) -> tuple[StoredEvent, ...]:
    return tuple(stored_event(row) for row in _above(connection, task_id, after, limit))


def read_frames(connection: sqlite3.Connection, task_id: str | None, after: int, max_bytes: int) -> tuple[Frame, ...]:
    """Frames above `after`, oldest first: at most `max_bytes` of them, but one at least when there is one."""
    frames: list[Frame] = []
    for row in _above(connection, task_id, after, -1):
        each = frame_of_row(row["position"], row["seq"], row["task_id"], row["ts"], row["type"], row["body"])
        max_bytes -= len(each.wire)
        if frames and max_bytes < 0:
            break
        frames.append(each)
    return tuple(frames)


def search_events(connection: sqlite3.Connection, query: EventFilter) -> EventPage:
    """One page of what is wanted, found among the next `SCANNED` events at most."""
    bounds, filters = _bounds(query), _filters(query)
    values = {**query.model_dump(), "types": json.dumps(query.types), "text": _pattern(query.text)}
    order = f"{_order(query.task_id)} {'DESC' if query.newest_first else 'ASC'}"
    end = None
    if filters:
        last = _select(connection, bounds, f"{order} LIMIT 1 OFFSET {SCANNED - 1}", values).fetchone()
        if last is not None:
            end = int(last["position"])
            bounds.append(f"position {'>=' if query.newest_first else '<='} {end}")
    items: list[StoredEvent] = []
    size = 0
    for row in _select(connection, [*bounds, *filters], f"{order} LIMIT {query.limit + 1}", values):
        size += len(row["body"])
        if len(items) == query.limit or (items and size > PAGE_BYTES):
            return EventPage(items=tuple(items), next=items[-1].position)
        items.append(stored_event(row))
    return EventPage(items=tuple(items), next=end)


def _above(connection: sqlite3.Connection, task_id: str | None, after: int, limit: int) -> sqlite3.Cursor:
    bounds = ["position > :after"] if task_id is None else ["task_id = :task_id", "position > :after"]
    return _select(connection, bounds, f"{_order(task_id)} LIMIT {limit}", {"task_id": task_id, "after": after})


def _select(connection: sqlite3.Connection, conditions: Iterable[str], order: str, values: Values) -> sqlite3.Cursor:
    where = " AND ".join(conditions)
    return connection.execute(f"SELECT * FROM events WHERE {where} ORDER BY {order}", values)  # noqa: S608  # words of this file


def _order(task_id: str | None) -> str:
    """Positions and sequence numbers of one task grow together, so the index on (task_id, seq) gives the order."""
    return "position" if task_id is None else "seq"


def _bounds(query: EventFilter) -> list[str]:
    """What an index answers."""
    asked = {
        "position > :after": True,
        "position < :before": query.before is not None,
        "task_id = :task_id": query.task_id is not None,
        "seq = :seq": query.seq is not None,
    }
    return [condition for condition, wanted in asked.items() if wanted]


def _filters(query: EventFilter) -> list[str]:
    """What each event must be looked at for."""
    asked = {
        "type IN (SELECT value FROM json_each(:types))": query.types,
        "json_extract(body, '$.agent') = :agent": query.agent,
        "body LIKE :text ESCAPE '\\'": query.text,
    }
    return [condition for condition, wanted in asked.items() if wanted]


def _pattern(text: str) -> str:
    """For LIKE: the text as it stands in JSON."""
    return like(json.dumps(text, ensure_ascii=False)[1:-1])


def like(text: str) -> str:
    """A pattern of LIKE, with the escape character \\, for what has this text in it: its own wildcards are no wildcards."""
    for special in ("\\", "%", "_"):
        text = text.replace(special, f"\\{special}")
    return f"%{text}%"
