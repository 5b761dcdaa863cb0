"""Keys with roles, from outside: what each may do, and what is written down of it."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.service import Service, asked, client_of, run_service, submit, until_asked
from tests.api.test_bad_input import expect

ROLES = ("viewer", "operator", "approver", "admin")


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with run_service(tmp_path / "data") as opened:
        yield opened


def holding(service: Service, key: str) -> httpx.AsyncClient:
    """A client that sends this key; the caller closes it."""
    http = client_of(service.path)
    http.headers["X-API-Key"] = key
    return http


async def make_key(http: httpx.AsyncClient, name: str, role: str, by: str = "", **limits: Any) -> str:
    body = {"name": name, "role": role, "limits": limits}
    answer = await http.post("/keys", json=body, headers={"X-API-Key": by} if by else {})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["secret"])


@pytest.fixture
async def keys(service: Service) -> dict[str, str]:
    """A key of each role, by role."""
    admin = await make_key(service.http, "admin", "admin")
    return {"admin": admin} | {role: await make_key(service.http, role, role, admin) for role in ROLES[:3]}


async def test_until_the_first_key_nobody_is_asked_and_from_then_on_everybody(service: Service) -> None:
    assert (await service.http.get("/tasks")).status_code == 200
    key = await make_key(service.http, "ada", "admin")
    expect(await service.http.get("/tasks"), 401, "X-API-Key")
    assert (await service.http.get("/tasks", headers={"X-API-Key": key})).status_code == 200
    me = await service.http.get("/whoami", headers={"X-API-Key": key})
    assert (me.json()["name"], me.json()["role"]) == ("ada", "admin")


async def test_each_role_may_do_what_it_says_and_nothing_above_it(service: Service, keys: dict[str, str]) -> None:
    http = service.http
    async with holding(service, keys["operator"]) as operator:
        task_id = await submit(operator)
        question = await until_asked(operator, task_id)
    decision = f"/tasks/{task_id}/interrupts/{question}/decision"
    calls = [
        ("viewer", "GET", "/tasks", None),
        ("viewer", "GET", "/logs", None),
        ("viewer", "GET", "/interrupts", None),
        ("viewer", "GET", "/config", None),
        ("viewer", "GET", "/logs/export", None),
        ("viewer", "GET", "/stats/series", None),
        ("viewer", "GET", "/agents/planner/rules", None),
        ("viewer", "GET", "/agents/planner/memory-diffs", None),
        ("operator", "POST", "/tasks", {"task_description": ""}),
        ("operator", "DELETE", "/tasks/unknown", None),
        ("operator", "POST", "/tasks/unknown/fork", {"checkpoint_id": "x"}),
        ("approver", "POST", f"/tasks/{task_id}/reply", {"message": ""}),
        ("approver", "POST", decision, {"action": "nonsense"}),
        ("approver", "POST", f"/tasks/{task_id}/interrupts/{question}/reading", {"message": ""}),
        ("admin", "GET", "/keys", None),
        ("admin", "POST", "/keys", {"name": "", "role": "viewer"}),
        ("admin", "DELETE", "/keys/ffff", None),
        ("admin", "GET", "/audit", None),
        ("admin", "POST", "/models/check", None),
        ("admin", "POST", "/health/check", None),
        ("admin", "POST", "/agents/planner/rollback", {"version": 0}),
        ("admin", "PATCH", "/agents/planner/rules/0000000000000000", {"pinned": True}),
        ("viewer", "GET", "/agents/planner/rules/0000000000000000/experiment", None),
        ("admin", "POST", "/agents/planner/rules/0000000000000000/experiment", None),
    ]
    for needed, method, path, body in calls:
        for role in ROLES:
            answer = await http.request(method, path, json=body, headers={"X-API-Key": keys[role]})
            enough = ROLES.index(role) >= ROLES.index(needed)
            assert (answer.status_code != 403) == enough, (role, method, path, answer.text)
            if not enough:
                expect(answer, 403, needed)
    done = await http.post(decision, json={"action": "abort"}, headers={"X-API-Key": keys["approver"]})
    assert (done.json()["decided_by"], done.json()["decided_via"]) == ("approver", "api")


async def test_a_named_key_submits_in_its_own_name_whatever_it_says(service: Service, keys: dict[str, str]) -> None:
    async with holding(service, keys["operator"]) as http:
        http.headers["X-Caller"] = "somebody-else"
        task_id = await submit(http)
        assert (await http.get(f"/tasks/{task_id}")).json()["caller"] == "operator"


async def test_the_one_key_of_the_settings_keeps_working_beside_named_ones(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data", api_key="the one") as service:
        named = await make_key(service.http, "ada", "admin", "the one")
        for key in ("the one", named):
            assert (await service.http.get("/keys", headers={"X-API-Key": key})).status_code == 200


async def test_a_revoked_key_is_refused_at_once(service: Service, keys: dict[str, str]) -> None:
    admin = {"X-API-Key": keys["admin"]}
    listed = (await service.http.get("/keys", headers=admin)).json()
    assert all(keys[role] not in str(listed) for role in ROLES)
    viewer = next(key for key in listed if key["name"] == "viewer")
    assert (await service.http.delete(f"/keys/{viewer['key_id']}", headers=admin)).status_code == 200
    expect(await service.http.get("/tasks", headers={"X-API-Key": keys["viewer"]}), 401, "X-API-Key")
    last = next(key for key in listed if key["name"] == "admin")
    expect(await service.http.delete(f"/keys/{last['key_id']}", headers=admin), 409, "last key")


async def test_a_key_may_ask_so_often_and_have_so_many_tasks(service: Service) -> None:
    admin = await make_key(service.http, "ada", "admin")
    chatty = await make_key(service.http, "bob", "viewer", admin, requests_per_minute=3)
    answers = [await service.http.get("/tasks", headers={"X-API-Key": chatty}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert (await service.http.get("/tasks", headers={"X-API-Key": admin})).status_code == 200
    busy = await make_key(service.http, "eve", "operator", admin, active_tasks=1)
    service.model.at_work.clear()
    async with holding(service, busy) as http:
        await submit(http)
    second = await service.http.post("/tasks", json={"task_description": "x"}, headers={"X-API-Key": busy})
    expect(second, 429, "eve")
    service.model.at_work.set()


async def test_a_keys_budget_of_the_day_is_its_own(service: Service) -> None:
    admin = await make_key(service.http, "ada", "admin")
    await make_key(service.http, "bob", "operator", admin, daily_budget_usd=0.25)
    ledger = service.application.api.ledger
    for caller in ("bob", "eve"):
        await ledger.open(f"task-of-{caller}", 10.0, caller)
    with pytest.raises(Exception, match=r"\$?0\.25"):
        await ledger.reserve("task-of-bob", "r1", 0.26)
    await ledger.reserve("task-of-eve", "r1", 0.26)


async def test_only_an_admin_may_have_files_written_anywhere(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data", local_output_dir=tmp_path / "out") as service:
        admin = await make_key(service.http, "ada", "admin")
        bob = {"X-API-Key": await make_key(service.http, "bob", "operator", admin)}
        for folder in ("/etc", str(tmp_path / "out" / ".." / "elsewhere"), str(tmp_path / "output")):
            body = {"task_description": "x", "output_directory": folder}
            expect(await service.http.post("/tasks", json=body, headers=bob), 403, "output_directory")
        body = {"task_description": "x", "output_directory": str(tmp_path / "out" / "bob")}
        assert (await service.http.post("/tasks", json=body, headers=bob)).status_code == 201


async def test_what_was_done_and_refused_is_written_down(service: Service, keys: dict[str, str]) -> None:
    http = service.http
    async with holding(service, keys["operator"]) as operator:
        operator.headers["X-Client"] = "cli"
        task_id = await submit(operator)
    await http.delete("/keys/ffff", headers={"X-API-Key": keys["viewer"]})
    await http.get("/tasks", headers={"X-API-Key": "wrong"})
    await http.get("/tasks", headers={"X-API-Key": keys["viewer"]})
    await http.delete(f"/tasks/{task_id}", headers={"X-API-Key": keys["operator"]})
    page = (await http.get("/audit", headers={"X-API-Key": keys["admin"]}, params={"limit": 4})).json()
    seen = [(entry["name"], entry["role"], entry["via"], entry["action"], entry["status"]) for entry in page["items"]]
    assert seen == [
        ("operator", "operator", "api", "DELETE /tasks/{task_id}", 200),
        ("", None, "api", "GET /tasks", 401),
        ("viewer", "viewer", "api", "DELETE /keys/{key_id}", 403),
        ("operator", "operator", "cli", "POST /tasks", 201),
    ]
    assert page["items"][0]["target"] == f"/tasks/{task_id}"
    following = await http.get("/audit", headers={"X-API-Key": keys["admin"]}, params={"before": page["next"]})
    assert [entry["action"] for entry in following.json()["items"]] == ["POST /keys"] * 4
    mine = await http.get("/audit", headers={"X-API-Key": keys["admin"]}, params={"name": "viewer"})
    assert {entry["name"] for entry in mine.json()["items"]} == {"viewer"}


async def test_a_flood_of_wrong_keys_does_not_fill_the_disk(service: Service, keys: dict[str, str]) -> None:
    first = time.time() // 60
    for _ in range(150):
        await service.http.get("/tasks", headers={"X-API-Key": "wrong"})
    minutes = time.time() // 60 - first + 1
    page = await service.http.get("/audit", headers={"X-API-Key": keys["admin"]}, params={"limit": 1000})
    refused = [entry for entry in page.json()["items"] if entry["status"] == 401]
    assert 60 <= len(refused) <= 60 * minutes


async def test_two_people_have_to_approve_where_the_settings_say_so(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data", approval_quorum=2) as service:
        health = await service.http.get("/health")
        assert health.json()["config"]["approval_quorum"] == 2
        task_id, interrupt_id = await asked(service.http)
        shown = (await service.http.get(f"/tasks/{task_id}/interrupts/{interrupt_id}")).json()
        assert shown["needed"] == 1  # nothing can be approved at this question: one person may retry or abort
