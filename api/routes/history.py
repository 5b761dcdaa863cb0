"""Looking back on a task, and going on from a point of its past."""

from fastapi import APIRouter

from api.access import Services, TaskId
from api.problems import problem_responses
from core.effects import Effect

router = APIRouter(tags=["history"])


@router.get("/tasks/{task_id}/effects", responses=problem_responses(401, 404, 422))
async def list_effects(given: Services, task_id: TaskId) -> list[Effect]:
    """What the task did outside, and what it is still about to do: commits, branch, pull request, messages."""
    await given.commands.get(task_id)
    return list(await given.effects.list(task_id))
