"""The files of a task: one, all, and what changed."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api.access import Services, TaskId
from api.problems import problem_responses
from core.errors import NotFound
from core.publication import PullRequest
from core.workspaces import Diff

router = APIRouter(tags=["artifacts"])
Ref = Annotated[
    str | None, Query(pattern=r"^[0-9a-f]{40}$", description="commit in the task's workspace; the latest when left out")
]
_ARCHIVE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/gzip": {"schema": {"type": "string", "format": "binary"}}}, "description": "tar.gz"}
}
_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "the file's text"}
}


@router.get(
    "/tasks/{task_id}/artifacts.tar.gz",
    response_class=Response,
    responses={**_ARCHIVE, **problem_responses(401, 404, 422)},
)
async def download_artifacts(given: Services, task_id: TaskId) -> Response:
    """All files of the task as they are now."""
    task = await given.commands.get(task_id)
    if task.head is None:
        raise NotFound(f"task {task_id} has no files yet")
    workspace = await given.workspaces.open(task_id)
    files = await workspace.read(None, task.head)
    packed = await asyncio.to_thread(given.archive, files)
    headers = {"Content-Disposition": f'attachment; filename="{task_id}.tar.gz"'}
    return Response(packed, media_type="application/gzip", headers=headers)


@router.get(
    "/tasks/{task_id}/artifacts/{path:path}",
    response_class=Response,
    responses={**_TEXT, **problem_responses(401, 404, 422)},
)
async def get_artifact(
    given: Services, task_id: TaskId, path: Annotated[str, Path(max_length=400)], ref: Ref = None
) -> Response:
    """One file as plain text, never rendered."""
    task = await given.commands.get(task_id)
    workspace = await given.workspaces.open(task_id)
    found = await workspace.read([path], ref or task.head) if task.head else {}
    if path not in found:
        raise NotFound(f"task {task_id} has no file {path!r}")
    return Response(found[path], media_type="text/plain; charset=utf-8", headers={"Content-Security-Policy": "sandbox"})


@router.get("/tasks/{task_id}/diff", responses=problem_responses(401, 404, 422))
async def get_diff(given: Services, task_id: TaskId, base: Ref = None, head: Ref = None) -> Diff:
    """What changed from `base` (nothing when left out) to `head`."""
    task = await given.commands.get(task_id)
    if task.head is None:
        return Diff()
    workspace = await given.workspaces.open(task_id)
    return await workspace.diff(base, head or task.head)


@router.get("/tasks/{task_id}/pull_request", responses=problem_responses(401, 404, 422))
async def get_pull_request(given: Services, task_id: TaskId) -> PullRequest:
    """What was published for the task: title, body, diff stat, and where to clone it from."""
    await given.commands.get(task_id)
    found = await given.code_host.find(task_id)
    if found is None:
        raise NotFound(f"task {task_id} has no pull request yet")
    return found
