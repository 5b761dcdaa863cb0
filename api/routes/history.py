"""Looking back on a task, and going on from a point of its past."""

from fastapi import APIRouter, Depends, Response

from api.access import CallerName, IdempotencyKey, Services, TaskId, needs
from api.problems import problem_responses
from api.schemas import ForkAnswer, view_task
from core.access import Role
from core.effects import Effect
from core.history import CheckpointView, ForkRequest

router = APIRouter(tags=["history"])
WARNING = "model calls behind this checkpoint are made, and paid, again; the fork asks for an approval of its own"


@router.get("/tasks/{task_id}/checkpoints", responses=problem_responses(401, 404, 422))
async def list_checkpoints(given: Services, task_id: TaskId) -> list[CheckpointView]:
    """The points of a task's run, oldest first: what each holds, what changed, and what runs from it."""
    return list(await given.history.checkpoints(task_id))


@router.post(
    "/tasks/{task_id}/fork",
    status_code=201,
    dependencies=[Depends(needs(Role.OPERATOR))],
    responses=problem_responses(400, 401, 403, 404, 409, 422, 429, 503, 507),
)
async def fork_task(
    given: Services,
    task_id: TaskId,
    fork: ForkRequest,
    response: Response,
    caller: CallerName,
    idempotency_key: IdempotencyKey = None,
) -> ForkAnswer:
    """Go on from a checkpoint as a new task, on copies of thread and files; `feedback` says what is to be different."""
    task = await given.history.fork(task_id, fork, idempotency_key=idempotency_key, caller=caller)
    response.headers["Location"] = f"/tasks/{task.task_id}"
    return ForkAnswer(task=view_task(task, None, frozenset(), None), warning=WARNING)


@router.get("/tasks/{task_id}/effects", responses=problem_responses(401, 404, 422))
async def list_effects(given: Services, task_id: TaskId) -> list[Effect]:
    """What the task did outside, and what it is still about to do: commits, branch, pull request, messages."""
    await given.commands.get(task_id)
    return list(await given.effects.list(task_id))
