"""What can be asked about events, agents, models and the service itself. Each function describes a request."""

from typing import Literal

import httpx

from client import requests
from client.agents import IdentityAnswer
from client.events import StoredEvent
from client.figures import PartChecks, Series, Setting
from client.insight import Agent, Health, Interaction, ModelChecks, ModelSetup, Stats, Workflow
from client.models import Page
from client.requests import Call, Pages, one, path_of, query


def stored_events(
    task_id: str | None = None,
    *,
    after: int | None = None,
    before: int | None = None,
    type: str = "",  # noqa: A002  # the API's own name
    agent: str | None = None,
    q: str = "",
    order: Literal["oldest", "newest"] = "oldest",
    page_size: int = 500,
) -> Pages[StoredEvent]:
    """Stored events of a task, or of all: those of some types (separated by commas), of one agent, with a text `q`."""
    path = "/events/page" if task_id is None else path_of("/tasks/{task_id}/events/page", task_id=task_id)

    def page(after: int | None, before: int | None) -> Call[httpx.Response]:
        params = query(after=after, before=before, type=type, agent=agent, q=q, order=order, limit=page_size)
        return Call("GET", path, requests.whole, params=params)

    def read(response: httpx.Response) -> tuple[tuple[StoredEvent, ...], Call[httpx.Response] | None]:
        found = one(Page[StoredEvent])(response)
        if found.next is None:
            return found.items, None
        following = int(found.next)
        return found.items, page(after, following) if order == "newest" else page(following, before)

    return Pages(page(after, before), read)


def event(task_id: str, seq: int) -> Call[StoredEvent]:
    """One event of a task by its own number."""
    return Call("GET", path_of("/tasks/{task_id}/events/{seq}", task_id=task_id, seq=seq), one(StoredEvent))


def agents() -> Call[tuple[Agent, ...]]:
    """The agents: model, version of identity, what they did so far."""
    return Call("GET", "/agents", one(tuple[Agent, ...]))


def identity(agent: str) -> Call[IdentityAnswer]:
    """The whole identity of one agent, with its rules and those on trial."""
    return Call("GET", path_of("/agents/{agent}/identity", agent=agent), one(IdentityAnswer))


def logs(
    *,
    task_id: str | None = None,
    agent: str | None = None,
    model: str | None = None,
    success: bool | None = None,
    q: str = "",
    since: float | None = None,
    until: float | None = None,
    before: str | None = None,
    page_size: int = 50,
) -> Pages[Interaction]:
    """Every call of a model with its prompt and answer, the newest first: those with a text `q`, of a time, and so on."""
    wanted = query(task_id=task_id, agent=agent, model=model, success=success, q=q, since=since, until=until)

    def page(below: str | None) -> Call[httpx.Response]:
        return Call("GET", "/logs", requests.whole, params=wanted | query(before=below, limit=page_size))

    def read(response: httpx.Response) -> tuple[tuple[Interaction, ...], Call[httpx.Response] | None]:
        found = one(Page[Interaction])(response)
        return found.items, None if found.next is None else page(str(found.next))

    return Pages(page(before), read)


def export_logs(
    *,
    task_id: str | None = None,
    agent: str | None = None,
    model: str | None = None,
    success: bool | None = None,
    q: str = "",
    since: float | None = None,
    until: float | None = None,
) -> Call[bytes]:
    """The same calls in one piece, a JSON document a line; `logs` gives them one by one."""

    def read(response: httpx.Response) -> bytes:
        if not response.headers.get("content-type", "").startswith("application/x-ndjson"):
            raise ValueError("without lines of JSON")
        return response.content

    params = query(task_id=task_id, agent=agent, model=model, success=success, q=q, since=since, until=until)
    return Call("GET", "/logs/export", read, params=params)


def model_call(call_id: str) -> Call[Interaction]:
    """One call of a model, whole."""
    return Call("GET", path_of("/logs/{call_id}", call_id=call_id), one(Interaction))


def series(*, group_by: Literal["day", "agent", "model", "prompt", "identity"] = "day", days: int = 7) -> Call[Series]:
    """Calls by day, agent, model, prompt or identity, and tasks by day, of the last `days` days."""
    return Call("GET", "/stats/series", one(Series), params=query(group_by=group_by, days=days))


def settings() -> Call[tuple[Setting, ...]]:
    """Every setting as it is in effect, and where it comes from."""
    return Call("GET", "/config", one(tuple[Setting, ...]))


def check_parts() -> Call[PartChecks]:
    """Have every part of the service tried for real. No model is asked."""
    return Call("POST", "/health/check", one(PartChecks), answer_s=requests.CHECK_S, repeatable=False)


def stats() -> Call[Stats]:
    """Tasks by status, calls and cost by agent, today's budget, how forecasts came true."""
    return Call("GET", "/stats", one(Stats))


def models() -> Call[ModelSetup]:
    """Per agent its model and where that comes from; per model its price and whether its key is there."""
    return Call("GET", "/models", one(ModelSetup))


def check_models() -> Call[ModelChecks]:
    """Ask every model for one word. Costs money up to a small cap, so it is never repeated by itself."""
    return Call("POST", "/models/check", one(ModelChecks), answer_s=requests.CHECK_S, repeatable=False)


def workflows() -> Call[tuple[Workflow, ...]]:
    """What can be submitted."""
    return Call("GET", "/workflows", one(tuple[Workflow, ...]))


def health() -> Call[Health]:
    """That the service is up; with the right key also how it is set up."""
    return Call("GET", "/health", one(Health))
