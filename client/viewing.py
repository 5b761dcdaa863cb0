"""What people look at of one task. Each function describes a request."""

from typing import Literal

import httpx

from client import requests
from client.models import Page
from client.requests import Call, Pages, one, path_of, query
from client.views import CallPreview, Costs, Graph, Plan, Reviews, Tests, Timeline, Tree


def timeline(task_id: str) -> Call[Timeline]:
    """Who did what when, and what comes next."""
    return Call("GET", path_of("/tasks/{task_id}/timeline", task_id=task_id), one(Timeline))


def tests(task_id: str) -> Call[Tests]:
    """What was checked in each round, the oldest first."""
    return Call("GET", path_of("/tasks/{task_id}/tests", task_id=task_id), one(Tests))


def reviews(task_id: str) -> Call[Reviews]:
    """Scores and findings of each round's review, the oldest first."""
    return Call("GET", path_of("/tasks/{task_id}/reviews", task_id=task_id), one(Reviews))


def plan(task_id: str) -> Call[Plan]:
    """The contract and the briefs; 404 while there are none."""
    return Call("GET", path_of("/tasks/{task_id}/plan", task_id=task_id), one(Plan))


def graph(task_id: str, *, mode: Literal["aggregated", "expanded"] = "aggregated") -> Call[Graph]:
    """How the task ran: a node for each name, or (expanded) for each run."""
    return Call("GET", path_of("/tasks/{task_id}/graph", task_id=task_id), one(Graph), params=query(mode=mode))


def costs(task_id: str) -> Call[Costs]:
    """What the task cost, by agent, model and round, and over time."""
    return Call("GET", path_of("/tasks/{task_id}/costs", task_id=task_id), one(Costs))


def tree(task_id: str, *, ref: str | None = None, base: str | None = None) -> Call[Tree]:
    """The files at `ref` (the newest when None) beside those at `base` (nothing when None)."""
    return Call("GET", path_of("/tasks/{task_id}/tree", task_id=task_id), one(Tree), params=query(ref=ref, base=base))


def calls(task_id: str, *, before: str | None = None, page_size: int = 100) -> Pages[CallPreview]:
    """The task's model calls with the beginnings of their texts, the newest first."""
    path = path_of("/tasks/{task_id}/calls", task_id=task_id)

    def page(below: str | None) -> Call[httpx.Response]:
        return Call("GET", path, requests.whole, params=query(before=below, limit=page_size))

    def read(response: httpx.Response) -> tuple[tuple[CallPreview, ...], Call[httpx.Response] | None]:
        found = one(Page[CallPreview])(response)
        return found.items, None if found.next is None else page(str(found.next))

    return Pages(page(before), read)
