"""What can be asked about keys, the audit log and live demos. Each function describes a request."""

import httpx

from client import requests
from client.access import ApiKey, AuditEntry, Caller, Demo, NewKey
from client.models import Page
from client.requests import Call, Pages, one, path_of, query, stated

DEMO_S = 120.0
"""Building a frontend, starting the application, waiting until it is well."""


def whoami() -> Call[Caller]:
    """Who this client's key belongs to, and what it may do."""
    return Call("GET", "/whoami", one(Caller))


def create_key(
    name: str,
    role: str,
    *,
    requests_per_minute: int | None = None,
    active_tasks: int | None = None,
    daily_budget_usd: float | None = None,
    expires_days: float | None = None,
) -> Call[NewKey]:
    """Make a key; its secret is in the answer alone, so this is never repeated by itself."""
    limits = stated(
        requests_per_minute=requests_per_minute, active_tasks=active_tasks, daily_budget_usd=daily_budget_usd
    )
    body = stated(name=name, role=role, limits=limits, expires_days=expires_days)
    return Call("POST", "/keys", one(NewKey), body=body, repeatable=False)


def keys() -> Call[tuple[ApiKey, ...]]:
    """Every key, revoked ones too, the oldest first."""
    return Call("GET", "/keys", one(tuple[ApiKey, ...]))


def revoke_key(key_id: str) -> Call[ApiKey]:
    """From then on it opens nothing."""
    return Call("DELETE", path_of("/keys/{key_id}", key_id=key_id), one(ApiKey))


def audit(*, name: str | None = None, before: int | None = None, page_size: int = 100) -> Pages[AuditEntry]:
    """Who did what, the newest first."""

    def page(below: int | None) -> Call[httpx.Response]:
        return Call("GET", "/audit", requests.whole, params=query(name=name, before=below, limit=page_size))

    def read(response: httpx.Response) -> tuple[tuple[AuditEntry, ...], Call[httpx.Response] | None]:
        found = one(Page[AuditEntry])(response)
        return found.items, None if found.next is None else page(int(found.next))

    return Pages(page(before), read)


def start_demo(task_id: str, *, again: bool = False) -> Call[Demo]:
    """Serve the task's application, afresh with `again`; or where it runs already."""
    path = path_of("/tasks/{task_id}/demo", task_id=task_id)
    return Call("POST", path, one(Demo), params=query(again=again or None), answer_s=DEMO_S, repeatable=not again)


def demo(task_id: str) -> Call[Demo | None]:
    """Where the task's application can be tried; None when it is not served."""

    def read(response: httpx.Response) -> Demo | None:
        return None if response.status_code == 404 else one(Demo)(response)

    path = path_of("/tasks/{task_id}/demo", task_id=task_id)
    return Call("GET", path, read, absent_is_answer=True)


def stop_demo(task_id: str) -> Call[None]:
    """End the demo; 404 when there is none, so never repeated by itself."""

    def read(response: httpx.Response) -> None:
        if response.status_code != httpx.codes.NO_CONTENT:
            raise ValueError("with something to say")

    return Call("DELETE", path_of("/tasks/{task_id}/demo", task_id=task_id), read, repeatable=False)
