"""Every model call with its prompt and answer: in pages, as a file, and one by one."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response, StreamingResponse

from api.access import Services
from api.problems import problem_responses
from api.schemas import LogPage
from core.models import Interaction, InteractionPage, InteractionSearch
from core.ports import CallHistory
from core.types import AgentName

router = APIRouter(tags=["agents"])
AT_ONCE = 20
"""Calls of an export that are in memory together, or fewer large ones."""
_LINES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}, "description": "one call a line"}
}


def wanted(
    task_id: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = None,
    agent: AgentName | None = None,
    model: Annotated[str | None, Query(max_length=200)] = None,
    success: bool | None = None,
    q: Annotated[str, Query(max_length=200, description="only calls with this text in prompt or answer")] = "",
    since: Annotated[float | None, Query(ge=0, description="Unix time")] = None,
    until: Annotated[float | None, Query(ge=0, description="Unix time")] = None,
) -> InteractionSearch:
    """Which calls, in all of them."""
    return InteractionSearch(
        task_id=task_id, agent=agent, model=model, success=success, text=q, since=since, until=until
    )


Wanted = Annotated[InteractionSearch, Depends(wanted)]


@router.get("/logs", responses=problem_responses(401, 422))
async def list_interactions(
    given: Services,
    query: Wanted,
    before: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> LogPage:
    """Every model call with its prompt and answer, newest first.

    With `q` (A to Z in either case) a page looks at 1,000 calls, and every page ends at some 4 MiB: it may have fewer
    calls than `limit`, or none, and yet a `next`.
    """
    page = await given.calls.page(query.model_copy(update={"before": before, "limit": limit}))
    return LogPage(items=page.items, next=page.next)


@router.get("/logs/export", response_class=Response, responses={**_LINES, **problem_responses(401, 422)})
async def export_interactions(given: Services, query: Wanted) -> Response:
    """The same calls, all of them, newest first, one JSON document a line."""
    query = query.model_copy(update={"limit": AT_ONCE})
    first = await given.calls.page(query)  # what cannot be read is told before the answer begins
    headers = {"Content-Disposition": 'attachment; filename="model-calls.jsonl"'}
    lines = _lines(given.calls, query, first)
    return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)


async def _lines(calls: CallHistory, query: InteractionSearch, page: InteractionPage) -> AsyncIterator[bytes]:
    """Page by page, so that a log of any length is sent from the memory of one."""
    while True:
        for call in page.items:
            yield call.model_dump_json().encode() + b"\n"
        if page.next is None:
            return
        page = await calls.page(query.model_copy(update={"before": page.next}))


@router.get("/logs/{call_id}", responses=problem_responses(401, 404, 422))
async def get_interaction(
    given: Services, call_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
) -> Interaction:
    """One model call, whole."""
    return await given.calls.get(call_id)
