"""List, look at and answer questions."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from api.access import Acting, IdempotencyKey, InterruptId, Services, TaskId, needs
from api.problems import problem_responses
from api.schemas import ListedInterrupt, Reading, Reply
from core.access import Role
from core.errors import NotFound
from core.tasks import Decision, Interrupt, InterruptFilter, InterruptKind

router = APIRouter(tags=["interrupts"])
approver = [Depends(needs(Role.APPROVER))]
MAX_PAGE, MAX_WITH_PAYLOAD = 5_000, 500
_LIST = TypeAdapter(Sequence[Interrupt])


@router.get(
    "/interrupts",
    response_model=list[ListedInterrupt],
    responses={
        200: {"headers": {"Link": {"description": "the next page, if there is one", "schema": {"type": "string"}}}},
        **problem_responses(401, 422),
    },
)
async def list_interrupts(
    request: Request,
    given: Services,
    status: Literal["pending", "decided", "cancelled"] | None = None,
    kind: InterruptKind | None = None,
    task_id: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="only of this task")] = None,
    sort: Literal["oldest", "newest"] = "oldest",
    after: Annotated[
        str | None, Query(pattern=r"^[A-Za-z0-9_.:-]{1,128}$", description="interrupt_id to go on behind")
    ] = None,
    limit: Annotated[
        int, Query(ge=1, le=MAX_PAGE, description=f"at most {MAX_WITH_PAYLOAD} come with payload")
    ] = MAX_PAGE,
    include: Annotated[Literal["payload"] | None, Query(description="what was shown with each question")] = None,
) -> Response:
    """Questions of all tasks, the oldest first. The header `Link` names the next page where there is one."""
    whole = include == "payload"
    most = min(limit, MAX_WITH_PAYLOAD) if whole else limit
    query = InterruptFilter(
        task_ids=None if task_id is None else (task_id,),
        status=status,
        kind=kind,
        newest_first=sort == "newest",
        after=after,
        limit=most + 1,
        payload=whole,
    )
    found = await given.commands.interrupts(query)
    page = found[:most]
    headers = {}
    if len(found) > most:
        following = request.url.include_query_params(after=page[-1].interrupt_id)
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    body = await asyncio.to_thread(_dump, page, whole)
    return Response(body, media_type="application/json", headers=headers)


def _dump(page: Sequence[Interrupt], payload: bool) -> bytes:
    return _LIST.dump_json(page, exclude=None if payload else {"__all__": {"payload"}})


@router.get("/tasks/{task_id}/interrupts/{interrupt_id}", responses=problem_responses(401, 404, 422))
async def get_interrupt(given: Services, task_id: TaskId, interrupt_id: InterruptId) -> Interrupt:
    """One question with everything that was shown."""
    for asked in await given.commands.interrupts(InterruptFilter(task_ids=(task_id,))):
        if asked.interrupt_id == interrupt_id:
            return asked
    raise NotFound(f"task {task_id} has no interrupt {interrupt_id}", field="interrupt_id")


@router.post(
    "/tasks/{task_id}/interrupts/{interrupt_id}/decision",
    status_code=202,
    dependencies=approver,
    responses=problem_responses(400, 401, 403, 404, 409, 413, 422),
)
async def decide_interrupt(
    given: Services,
    task_id: TaskId,
    interrupt_id: InterruptId,
    decision: Decision,
    actor: Acting,
    idempotency_key: IdempotencyKey = None,
) -> Interrupt:
    """Decide one question. Of two decisions one wins; the other is refused with who won.

    Where a question needs two people, the first approval leaves it pending, with the vote in it.
    """
    return await given.commands.decide(task_id, interrupt_id, decision, actor, idempotency_key=idempotency_key)


@router.post(
    "/tasks/{task_id}/reply",
    status_code=202,
    dependencies=approver,
    responses=problem_responses(400, 401, 402, 403, 404, 409, 413, 422, 502),
)
async def reply_to_task(given: Services, task_id: TaskId, reply: Reply, actor: Acting) -> Interrupt:
    """Answer the pending question in your own words; the orchestrator's model reads them."""
    return await given.commands.reply(task_id, reply.message, actor, interrupt_id=reply.interrupt_id)


@router.post(
    "/tasks/{task_id}/interrupts/{interrupt_id}/reading",
    dependencies=approver,
    responses=problem_responses(400, 401, 402, 403, 404, 409, 413, 422, 502),
)
async def read_reply(given: Services, task_id: TaskId, interrupt_id: InterruptId, reading: Reading) -> Decision:
    """What a reply in these words would decide; decides nothing. Paid like a reply.

    Sent as it is, the decision is taken without reading anything again; it holds the digest of what was asked.
    """
    return await given.reading.read_reply(task_id, interrupt_id, reading.message)
