"""What happens, as it happens: server-sent events, and the same events in pages."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from starlette.responses import StreamingResponse

from api.access import Services, TaskId
from api.problems import problem_responses
from api.schemas import EventPage
from api.services import ApiServices
from core.errors import InvalidInput
from core.events import StoredEvent

router = APIRouter(tags=["events"])
KEEP_ALIVE_S = 15.0
MAX_POSITION = (1 << 63) - 1
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=32)]
After = Annotated[int | None, Query(ge=0, le=MAX_POSITION, description="position to continue behind; 0 for everything")]
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "events as they come"}
}


@router.get("/events", response_class=StreamingResponse, responses={**_STREAM, **problem_responses(401, 422)})
async def stream_events(given: Services, after: After = None, last_event_id: LastEventId = None) -> StreamingResponse:
    """Events of all tasks from now on, or behind `Last-Event-ID` (or `after`)."""
    return await _stream(given, None, _cursor(after, last_event_id))


@router.get(
    "/tasks/{task_id}/events",
    response_class=StreamingResponse,
    responses={**_STREAM, **problem_responses(401, 404, 422)},
)
async def stream_task_events(
    given: Services, task_id: TaskId, after: After = None, last_event_id: LastEventId = None
) -> StreamingResponse:
    """Events of one task: all of them from its beginning, or behind `Last-Event-ID` (or `after`)."""
    await given.commands.get(task_id)
    return await _stream(given, task_id, _cursor(after, last_event_id) or 0)


@router.get("/tasks/{task_id}/events/page", responses=problem_responses(401, 404, 422))
async def page_task_events(
    given: Services, task_id: TaskId, after: After = 0, limit: Annotated[int, Query(ge=1, le=500)] = 200
) -> EventPage:
    """The stored events of a task, oldest first."""
    await given.commands.get(task_id)
    items = tuple(await given.events.read(task_id=task_id, after=after or 0, limit=limit))
    return EventPage(items=items, next=items[-1].position if len(items) == limit else None)


def _cursor(after: int | None, last_event_id: str | None) -> int | None:
    if last_event_id is None:
        return after
    if not last_event_id.isascii() or not last_event_id.isdigit() or int(last_event_id) > MAX_POSITION:
        raise InvalidInput("Last-Event-ID must be a position that this service gave", field="Last-Event-ID")
    return int(last_event_id)


async def _stream(given: ApiServices, task_id: str | None, after: int | None) -> StreamingResponse:
    unknown = bool(after) and not await given.events.read(after=(after or 1) - 1, limit=1)
    start = 0 if unknown and task_id is not None else None if unknown else after
    events = given.events.subscribe(task_id=task_id, after=start)
    return StreamingResponse(
        _lines(events, given.closing, reset=unknown),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _lines(events: AsyncIterator[StoredEvent], closing: asyncio.Event, *, reset: bool) -> AsyncIterator[bytes]:
    """`reset` tells a client that its id is not of this log, so that it fetches its state anew."""
    yield b"event: reset\ndata: {}\n\n" if reset else b": connected\n\n"
    end = asyncio.ensure_future(closing.wait())
    waiting: asyncio.Task[StoredEvent] | None = None
    try:
        while True:
            waiting = waiting or asyncio.ensure_future(_next(events))
            done, _ = await asyncio.wait({waiting, end}, timeout=KEEP_ALIVE_S, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                yield b": keep-alive\n\n"
            elif waiting not in done:
                return
            else:
                try:
                    stored = waiting.result()
                except StopAsyncIteration:
                    return
                waiting = None
                yield encode(stored)
    finally:
        end.cancel()
        if waiting is not None:
            waiting.cancel()


async def _next(source: AsyncIterator[StoredEvent]) -> StoredEvent:
    return await anext(source)


def encode(stored: StoredEvent) -> bytes:
    """One event on the wire; live-only ones have no id, so that nobody resumes at them."""
    head = f"id: {stored.position}\n" if stored.position else ""
    return f"{head}event: {stored.event.type}\ndata: {stored.model_dump_json()}\n\n".encode()
