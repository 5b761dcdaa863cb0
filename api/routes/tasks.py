"""Submit, list, look at and cancel tasks."""

import os
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import ValidationError

from api.access import Acting, CallerName, IdempotencyKey, KnownCaller, Services, TaskId, needs
from api.problems import problem_responses
from api.schemas import TaskPage, TaskSubmission, TaskView, request_of, view_task
from api.services import ApiServices
from api.waiting import until_first
from core.access import NAME, Caller, Role
from core.errors import Forbidden, InvalidInput
from core.events import InterruptOpened, TaskUpsert
from core.tasks import Interrupt, InterruptFilter, Task, TaskFilter
from core.types import TaskStatus

router = APIRouter(tags=["tasks"])
operator = [Depends(needs(Role.OPERATOR))]
PARTS = frozenset({"artifacts", "agent_stats", "timeline", "summary"})
MAX_WAIT_S = 60.0
Include = Annotated[
    str | None,
    Query(max_length=200, description=f"comma separated parts: {', '.join(sorted(PARTS))}; all when left out"),
]


@router.post(
    "/tasks",
    status_code=201,
    dependencies=operator,
    responses=problem_responses(400, 401, 403, 409, 413, 422, 429, 503, 507),
)
async def submit_task(
    given: Services,
    submission: TaskSubmission,
    response: Response,
    caller: KnownCaller,
    name: CallerName,
    idempotency_key: IdempotencyKey = None,
) -> TaskView:
    """Submit a task. The same Idempotency-Key with the same body answers with the task of the first time."""
    defaults = given.defaults
    _check_directory(submission.output_directory, caller, defaults.output_directory)
    try:
        request = request_of(submission, defaults.max_iterations, defaults.budget_usd, defaults.output_directory)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(first["msg"].removeprefix("Value error, "), field=str(first["loc"][0])) from error
    task = await given.commands.submit(request, idempotency_key=idempotency_key, caller=name)
    response.headers["Location"] = f"/tasks/{task.task_id}"
    return await _view(given, task, frozenset())


@router.get("/tasks", responses=problem_responses(401, 422))
async def list_tasks(
    given: Services,
    status: Annotated[list[TaskStatus] | None, Query(description="one or several")] = None,
    q: Annotated[str, Query(max_length=200, description="only tasks with this text in sentence or id")] = "",
    workflow: Annotated[str | None, Query(max_length=64)] = None,
    caller: Annotated[str | None, Query(pattern=NAME)] = None,
    before: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> TaskPage:
    """Newest first."""
    query = TaskFilter(
        statuses=tuple(status or ()), text=q, workflow=workflow, caller=caller, before=before, limit=limit
    )
    tasks = await given.commands.list(query)
    open_ones = InterruptFilter(task_ids=tuple(task.task_id for task in tasks), status="pending", payload=False)
    pending = {entry.task_id: entry for entry in await given.commands.interrupts(open_ones)}
    items = tuple(view_task(task, pending.get(task.task_id), frozenset(), None) for task in tasks)
    return TaskPage(items=items, next=tasks[-1].task_id if len(tasks) == limit else None)


@router.get("/tasks/{task_id}", responses=problem_responses(401, 404, 422))
async def get_task(
    given: Services,
    task_id: TaskId,
    wait: Annotated[
        float, Query(ge=0, le=MAX_WAIT_S, description="seconds to wait until the task is no longer at work")
    ] = 0,
    include: Include = None,
) -> TaskView:
    """A task with its results. `wait` holds the answer until the task has ended or asks something."""
    parts = _parts(include)
    if wait:
        await until_first(_rest(given, task_id), given.closing.wait(), timeout_s=wait)
    return await _view(given, await given.commands.get(task_id), parts)


@router.delete("/tasks/{task_id}", dependencies=operator, responses=problem_responses(401, 403, 404, 409, 422))
async def cancel_task(given: Services, task_id: TaskId, actor: Acting) -> TaskView:
    """End a task. Its files and its history stay."""
    return await _view(given, await given.commands.cancel(task_id, actor), frozenset())


def _check_directory(wanted: str | None, caller: Caller, usual: str | None) -> None:
    """Files go anywhere for an admin only; for others below LOCAL_OUTPUT_DIR. Raises Forbidden."""
    if wanted is None or caller.role is Role.ADMIN:
        return
    target = os.path.normpath(wanted)
    if usual is None or os.path.commonpath([usual, target if os.path.isabs(target) else "/"]) != usual:
        where = f"below {usual}" if usual else "nowhere, because LOCAL_OUTPUT_DIR is not set"
        raise Forbidden(
            f"output_directory: the role {caller.role.value} may write {where}; elsewhere takes the role admin",
            field="output_directory",
        )


async def _rest(given: ApiServices, task_id: str) -> None:
    """Until the task has ended or asks; woken by its own events. Raises NotFound."""
    events = given.events.subscribe(task_id=task_id)  # first, so that nothing can happen between the look and the wait
    if not await _at_work(given, await given.commands.get(task_id)):
        return
    async for stored in events:
        told = isinstance(stored.event, TaskUpsert | InterruptOpened)
        if told and not await _at_work(given, await given.commands.get(task_id)):
            return


async def _at_work(given: ApiServices, task: Task) -> bool:
    """True until the task has ended or asks: one whose question was just answered goes on by itself."""
    if task.status is not TaskStatus.WAITING:
        return not task.status.final
    return not await _asked(given, task)


def _parts(include: str | None) -> frozenset[str]:
    if include is None:
        return PARTS
    asked = frozenset(part.strip() for part in include.split(",") if part.strip())
    unknown = sorted(asked - PARTS)
    if unknown:
        raise InvalidInput(f"include: {unknown[0]!r} is not one of {', '.join(sorted(PARTS))}", field="include")
    return asked


async def _asked(given: ApiServices, task: Task) -> Sequence[Interrupt]:
    query = InterruptFilter(task_ids=(task.task_id,), status="pending", payload=False)
    return await given.commands.interrupts(query)


async def _view(given: ApiServices, task: Task, parts: frozenset[str]) -> TaskView:
    asked = await _asked(given, task)
    artifacts = None
    if "artifacts" in parts:
        workspace = await given.workspaces.open(task.task_id)
        artifacts = dict(await workspace.read(None, task.head)) if task.head else {}
    return view_task(task, asked[-1] if asked else None, parts, artifacts)
