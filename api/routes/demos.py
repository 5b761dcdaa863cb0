"""Live demos: the application of a task, served for people to try."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.access import Services, TaskId, needs
from api.problems import problem_responses
from api.schemas import DemoView
from core.access import Role
from core.errors import NotFound

router = APIRouter(tags=["demos"])
operator = [Depends(needs(Role.OPERATOR))]


@router.post(
    "/tasks/{task_id}/demo",
    status_code=201,
    dependencies=operator,
    responses=problem_responses(401, 403, 404, 409, 422, 429, 503),
)
async def start_demo(
    given: Services,
    task_id: TaskId,
    again: Annotated[bool, Query(description="afresh, with an empty database, if one runs already")] = False,
) -> DemoView:
    """Serve the task's application; the answer comes when it is up."""
    demo = await given.demos.start(task_id, again=again)
    return DemoView(url=demo.url, expires_at=demo.expires_at)


@router.get("/tasks/{task_id}/demo", responses=problem_responses(401, 404, 422))
async def get_demo(given: Services, task_id: TaskId) -> DemoView:
    """Where it can be tried, and until when."""
    await given.commands.get(task_id)
    demo = given.demos.running(task_id)
    if demo is None:
        raise NotFound(f"task {task_id} has no live demo")
    return DemoView(url=demo.url, expires_at=demo.expires_at)


@router.delete(
    "/tasks/{task_id}/demo", status_code=204, dependencies=operator, responses=problem_responses(401, 403, 404, 422)
)
async def stop_demo(given: Services, task_id: TaskId) -> None:
    """End it."""
    await given.commands.get(task_id)
    await given.demos.stop(task_id)
