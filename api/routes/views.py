"""What people look at of one task, beside its row, its events and its files."""

import time
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.access import Services, TaskId
from api.problems import problem_responses
from api.reading import paths_at, read_known, read_line
from core.computing import compute
from core.errors import NotFound
from core.reading import read_events
from core.task_views import CallPage, TaskCosts, TaskGraph, TaskPlan, TaskReviews, TaskTests, TaskTimeline, TaskTree
from core.views import costs, graph, plan, reviews, tests, timeline, tree

router = APIRouter(tags=["views"])
Ref = Annotated[str | None, Query(pattern=r"^[0-9a-f]{7,64}$", description="a commit of the task's workspace")]


@router.get("/tasks/{task_id}/timeline", responses=problem_responses(401, 404, 422))
async def get_timeline(given: Services, task_id: TaskId) -> TaskTimeline:
    """Who did what when: bars for each agent, check, wait and effect; what comes next."""
    events = await read_events(given.events, task_id, timeline.TYPES)
    task = await given.commands.get(task_id)
    return await compute(timeline.timeline, task, events, time.time())


@router.get("/tasks/{task_id}/tests", responses=problem_responses(401, 404, 422))
async def get_tests(given: Services, task_id: TaskId) -> TaskTests:
    """What was checked in each round, with findings."""
    return tests.task_tests(await read_known(given, task_id, tests.TYPES))


@router.get("/tasks/{task_id}/reviews", responses=problem_responses(401, 404, 422))
async def get_reviews(given: Services, task_id: TaskId) -> TaskReviews:
    """Scores and findings of each round's review."""
    return reviews.task_reviews(await read_known(given, task_id, reviews.TYPES))


@router.get("/tasks/{task_id}/plan", responses=problem_responses(401, 404, 422))
async def get_plan(given: Services, task_id: TaskId) -> TaskPlan:
    """The contract and the briefs."""
    task = await given.commands.get(task_id)
    if task.head is None:
        raise NotFound(plan.missing(task))
    workspace = await given.workspaces.open(task_id)
    return plan.task_plan(task, await workspace.read((plan.PLAN_PATH, plan.CONTRACT_PATH), task.head))


@router.get("/tasks/{task_id}/graph", responses=problem_responses(401, 404, 422))
async def get_graph(
    given: Services, task_id: TaskId, mode: Literal["aggregated", "expanded"] = "aggregated"
) -> TaskGraph:
    """How it ran, as a graph."""
    task = await given.commands.get(task_id)
    checkpoints = await given.history.checkpoints(task_id)
    draw = graph.aggregated if mode == "aggregated" else graph.expanded
    return draw(checkpoints, task.status, given.node_kinds.get(task.request.workflow, {}))


@router.get("/tasks/{task_id}/costs", responses=problem_responses(401, 404, 422))
async def get_costs(given: Services, task_id: TaskId) -> TaskCosts:
    """What it cost, by agent, model and round, and over time."""
    task = await given.commands.get(task_id)
    return costs.task_costs(task, await given.calls.figures(task_id))


@router.get("/tasks/{task_id}/tree", responses=problem_responses(401, 404, 422))
async def get_tree(given: Services, task_id: TaskId, ref: Ref = None, base: Ref = None) -> TaskTree:
    """The files at `ref` (the newest when left out) beside those at `base`."""
    task = await given.commands.get(task_id)
    if task.head is None:
        return TaskTree(ref=None, base=None)
    events = await read_line(given, task)
    at = tree.whole(events, ref, task.head) if ref else task.head
    beside = tree.whole(events, base, task.head) if base else None
    workspace = await given.workspaces.open(task_id)
    paths = await paths_at(workspace, at, "ref")
    if beside is not None:
        await paths_at(workspace, beside, "base")
    changed = (await workspace.diff(beside, at, max_bytes=0)).files
    return tree.tree(at, beside, events, paths, changed)


@router.get("/tasks/{task_id}/calls", responses=problem_responses(401, 404, 422))
async def list_calls(
    given: Services,
    task_id: TaskId,
    before: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> CallPage:
    """Its model calls with the beginning of their texts, newest first; `GET /logs/{call_id}` has one whole."""
    items = tuple(await given.calls.previews(task_id, before=before, limit=limit))
    if not items:
        await given.commands.get(task_id)
    return CallPage(items=items, next=items[-1].call_id if len(items) == limit else None)
