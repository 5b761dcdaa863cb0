"""Live demos over HTTP: who may start one, and what is said where there is nothing to show."""

import httpx

from tests.api.service import Service, asked
from tests.api.test_bad_input import expect
from tests.api.test_roles import make_key


async def test_a_task_without_an_application_has_no_demo(http: httpx.AsyncClient) -> None:
    task_id, _ = await asked(http)
    expect(await http.post(f"/tasks/{task_id}/demo"), 409, "no files yet")
    expect(await http.get(f"/tasks/{task_id}/demo"), 404, "no live demo")
    expect(await http.delete(f"/tasks/{task_id}/demo"), 404, "no live demo")


async def test_an_unknown_task_has_none(http: httpx.AsyncClient) -> None:
    for method in ("POST", "GET", "DELETE"):
        expect(await http.request(method, "/tasks/unknown/demo"), 404, "unknown")


async def test_who_may_only_look_starts_and_ends_none(service: Service) -> None:
    admin = await make_key(service.http, "ada", "admin")
    viewer = {"X-API-Key": await make_key(service.http, "vera", "viewer", admin)}
    for method in ("POST", "DELETE"):
        expect(await service.http.request(method, "/tasks/any/demo", headers=viewer), 403, "operator")
    expect(await service.http.get("/tasks/any/demo", headers=viewer), 404, "any")
