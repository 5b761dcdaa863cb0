"""Reading a log that is given in pages, whole."""

from collections.abc import Sequence

from core.events import EventFilter, StoredEvent
from core.ports import EventLog

PAGE = 500


async def read_events(events: EventLog, task_id: str, types: Sequence[str]) -> list[StoredEvent]:
    """All events of a task that are of these types, oldest first."""
    found: list[StoredEvent] = []
    after: int | None = 0
    while after is not None:
        page = await events.search(EventFilter(task_id=task_id, types=tuple(types), after=after, limit=PAGE))
        found += page.items
        after = page.next
    return found
