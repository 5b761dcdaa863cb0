"""What happens, as it happens: server-sent events, and the same events in pages."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query

from api.access import Services, TaskId
from api.problems import problem_responses
from api.schemas import MAX_POSITION, EventQuery, filter_of
from api.services import ApiServices
from api.streams import CONNECTED, RESET, EventStream
from core.errors import InvalidInput, NotFound
from core.events import EventFilter, EventPage, StoredEvent

router = APIRouter(tags=["events"])
MAX_BEHIND = 20_000
"""A reader of all tasks that is further behind is told to fetch its state anew, and goes on from now."""
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=32)]
After = Annotated[int | None, Query(ge=0, le=MAX_POSITION, description="position to continue behind; 0 for everything")]
Wanted = Annotated[EventQuery, Query()]
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "events as they come"}
}


@router.get(
    "/events", status_code=200, response_class=EventStream, responses={**_STREAM, **problem_responses(401, 422)}
)
async def stream_events(given: Services, after: After = None, last_event_id: LastEventId = None) -> EventStream:
    """Events of all tasks from now on, or behind `Last-Event-ID` (or `after`), at most 20,000 events ago.

    `event: reset` comes first when it cannot go on there, and goes on from now.
    """
    return await _stream(given, None, _cursor(after, last_event_id))


@router.get(
    "/tasks/{task_id}/events",
    status_code=200,
    response_class=EventStream,
    responses={**_STREAM, **problem_responses(401, 404, 422)},
)
async def stream_task_events(
    given: Services, task_id: TaskId, after: After = None, last_event_id: LastEventId = None
) -> EventStream:
    """Events of one task: all of them from its beginning, or behind `Last-Event-ID` (or `after`).

    `event: reset` comes first when it cannot go on there, and begins at the beginning.
    """
    await _expect_some(given, task_id, await given.events.search(EventFilter(task_id=task_id, limit=1)))
    return await _stream(given, task_id, _cursor(after, last_event_id) or 0)


@router.get("/events/page", responses=problem_responses(401, 422))
async def page_events(given: Services, wanted: Wanted) -> EventPage:
    """The stored events of all tasks, as wanted. One page looks at 20,000 events at most: go on while there is a `next`."""
    return await given.events.search(filter_of(wanted, None))


@router.get("/tasks/{task_id}/events/page", responses=problem_responses(401, 404, 422))
async def page_task_events(given: Services, task_id: TaskId, wanted: Wanted) -> EventPage:
    """The stored events of a task, as wanted. One page looks at 20,000 events at most: go on while there is a `next`."""
    page = await given.events.search(filter_of(wanted, task_id))
    await _expect_some(given, task_id, page)
    return page


@router.get("/tasks/{task_id}/events/{seq}", responses=problem_responses(401, 404, 422))
async def get_task_event(
    given: Services, task_id: TaskId, seq: Annotated[int, Path(ge=1, le=MAX_POSITION)]
) -> StoredEvent:
    """One event of a task by its own number."""
    found = await given.events.search(EventFilter(task_id=task_id, seq=seq, limit=1))
    if not found.items:
        raise NotFound(f"task {task_id} has no event {seq}")
    return found.items[0]


async def _expect_some(given: ApiServices, task_id: str, page: EventPage) -> None:
    """Raises NotFound when there is no such task. One that has events is there, and need not be read for that."""
    if not page.items:
        await given.commands.get(task_id)


def _cursor(after: int | None, last_event_id: str | None) -> int | None:
    if last_event_id is None:
        return after
    if not last_event_id.isascii() or not last_event_id.isdigit() or int(last_event_id) > MAX_POSITION:
        raise InvalidInput("Last-Event-ID must be a position that this service gave", field="Last-Event-ID")
    return int(last_event_id)


async def _stream(given: ApiServices, task_id: str | None, after: int | None) -> EventStream:
    reset = after is not None and await _cannot_resume(given, task_id, after)
    start = after if not reset else None if task_id is None else 0
    batches = given.events.follow(task_id=task_id, after=start)
    first = RESET if reset else CONNECTED
    return EventStream(batches, given.closing, first=first, keep_alive_s=given.keep_alive_s)


async def _cannot_resume(given: ApiServices, task_id: str | None, after: int) -> bool:
    """True when this log never gave the position, or when it is too old for a stream of all tasks."""
    if after == 0 and task_id is not None:
        return False
    found = await given.events.search(EventFilter(newest_first=True, limit=1))
    newest = found.items[0].position if found.items else 0
    return after > newest or (task_id is None and newest - after > MAX_BEHIND)
