"""Submitting, waiting, answering and cancelling over HTTP."""

import asyncio
import time
from pathlib import Path

import httpx

from memory.events import SqliteEventLog
from tests.api.service import OWN_READERS, Service, asked, run_service, submit, until, until_asked
from tests.api.test_bad_input import expect


async def test_a_submitted_task_is_found_under_its_location(http: httpx.AsyncClient) -> None:
    answer = await http.post(
        "/tasks", json={"task_description": "a todo list", "use_sandbox": False, "budget_usd": 0.25}
    )
    assert answer.status_code == 201
    task = (await http.get(answer.headers["location"])).json()
    assert task["task_id"] == answer.json()["task_id"]
    assert (task["budget_usd"], task["max_iterations"], task["workflow"]) == (0.25, 3, "build")


async def test_the_same_idempotency_key_makes_one_task_and_another_request_a_conflict(http: httpx.AsyncClient) -> None:
    body, headers = {"task_description": "a todo list", "use_sandbox": False}, {"Idempotency-Key": "one"}
    answers = await asyncio.gather(*(http.post("/tasks", json=body, headers=headers) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["task_id"] for answer in answers}) == 1
    assert len((await http.get("/tasks")).json()["items"]) == 1
    other = await http.post("/tasks", json={**body, "task_description": "a blog"}, headers=headers)
    expect(other, 409, answers[0].json()["task_id"])


async def test_of_two_answers_at_once_one_wins_and_the_other_hears_who(http: httpx.AsyncClient) -> None:
    task_id, interrupt_id = await asked(http)
    url = f"/tasks/{task_id}/interrupts/{interrupt_id}/decision"
    answers = await asyncio.gather(
        http.post(url, json={"action": "abort"}, headers={"X-Client": "cli"}),
        http.post(url, json={"action": "retry"}, headers={"X-Client": "dashboard"}),
    )
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert won.status_code == 202
    winner = expect(lost, 409)["winner"]
    assert isinstance(winner, dict)
    assert winner["via"] == won.json()["decided_via"]
    assert winner["action"] == won.json()["decision"]["action"]


async def test_a_repeated_decision_with_its_key_is_the_same_decision(http: httpx.AsyncClient) -> None:
    task_id, interrupt_id = await asked(http)
    url, headers = f"/tasks/{task_id}/interrupts/{interrupt_id}/decision", {"Idempotency-Key": "mine"}
    first = await http.post(url, json={"action": "abort"}, headers=headers)
    again = await http.post(url, json={"action": "abort"}, headers=headers)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["decided_at"] == again.json()["decided_at"]
    expect(await http.post(url, json={"action": "abort"}), 409, "already")


async def test_a_decision_on_something_else_than_what_is_shown_is_refused(http: httpx.AsyncClient) -> None:
    task_id, interrupt_id = await asked(http)
    url = f"/tasks/{task_id}/interrupts/{interrupt_id}/decision"
    expect(await http.post(url, json={"action": "abort", "expected_digest": "0" * 64}), 409)
    shown = (await http.get("/interrupts", params={"status": "pending"})).json()[0]
    assert shown["interrupt_id"] == interrupt_id
    taken = await http.post(url, json={"action": "abort", "expected_digest": shown["digest"]})
    assert taken.status_code == 202


async def test_free_text_is_read_as_a_decision(http: httpx.AsyncClient) -> None:
    task_id, _ = await asked(http)
    expect(await http.post(f"/tasks/{task_id}/reply", json={"message": "hm"}), 422, "do you mean")
    answer = await http.post(f"/tasks/{task_id}/reply", json={"message": "abort"}, headers={"X-Client": "cli"})
    assert answer.status_code == 202
    assert (answer.json()["decision"]["action"], answer.json()["decided_via"]) == ("abort", "cli")
    ended = (await http.get(f"/tasks/{task_id}", params={"wait": 60})).json()
    assert (ended["status"], ended["needs_human_input"]) == ("cancelled", False)
    expect(await http.post(f"/tasks/{task_id}/reply", json={"message": "abort"}), 409, "cancelled")


async def test_a_retried_task_asks_again_with_another_question(http: httpx.AsyncClient) -> None:
    task_id, first = await asked(http)
    await http.post(f"/tasks/{task_id}/reply", json={"message": "try again", "interrupt_id": first})
    second = await until_asked(http, task_id)
    expect(await http.post(f"/tasks/{task_id}/reply", json={"message": "abort", "interrupt_id": first}), 409)
    assert second != first


async def test_waiting_ends_when_the_task_asks_and_not_before(service: Service) -> None:
    service.model.at_work.clear()
    task_id = await submit(service.http)
    began = time.monotonic()
    running = await service.http.get(f"/tasks/{task_id}", params={"wait": 0.5})
    assert running.json()["status"] in ("queued", "running")
    assert time.monotonic() - began >= 0.5
    waiting = asyncio.create_task(service.http.get(f"/tasks/{task_id}", params={"wait": 60}))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    service.model.at_work.set()
    assert (await waiting).json()["status"] == "waiting_for_input"


async def test_waiting_ends_with_the_service_and_when_the_task_is_cancelled(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data") as service:
        log = service.application.api.events
        assert isinstance(log, SqliteEventLog)
        await until(lambda: _waiting(log, OWN_READERS))
        service.model.at_work.clear()
        ended, going_on = await submit(service.http), await submit(service.http)
        waiting = [
            asyncio.create_task(service.http.get(f"/tasks/{task_id}", params={"wait": 60}))
            for task_id in (ended, going_on)
        ]
        await until(lambda: _waiting(log, OWN_READERS + 2))
        await service.http.delete(f"/tasks/{ended}")
        assert (await waiting[0]).json()["status"] == "cancelled"
        service.application.api.closing.set()
        assert (await waiting[1]).json()["status"] in ("queued", "running")
        await until(lambda: _waiting(log, OWN_READERS))


async def _waiting(log: SqliteEventLog, number: int) -> bool:
    return log.waiting == number


async def test_a_task_at_work_can_be_cancelled_once(service: Service) -> None:
    service.model.at_work.clear()
    task_id = await submit(service.http)
    assert (await service.http.delete(f"/tasks/{task_id}")).json()["status"] == "cancelled"
    expect(await service.http.delete(f"/tasks/{task_id}"), 409, "cancelled")


async def test_a_reply_to_a_task_that_asks_nothing_is_a_conflict(service: Service) -> None:
    service.model.at_work.clear()
    task_id = await submit(service.http)
    expect(await service.http.post(f"/tasks/{task_id}/reply", json={"message": "abort"}), 409, "asks nothing")


async def test_a_full_service_says_when_to_come_back_and_still_takes_replies(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data", max_concurrent_tasks=1, max_queued_tasks=1) as service:
        http = service.http
        waiting, _ = await asked(http)
        service.model.at_work.clear()
        first = await submit(http)

        async def runs() -> bool:
            return bool((await http.get(f"/tasks/{first}")).json()["status"] == "running")

        await until(runs)
        body, key = {"task_description": "a blog", "use_sandbox": False}, {"Idempotency-Key": "one"}
        queued = await http.post("/tasks", json=body, headers=key)
        assert queued.status_code == 201
        refused = await http.post("/tasks", json=body)
        problem = expect(refused, 429, "1")
        assert problem["limit"] == 1
        assert int(refused.headers["retry-after"]) > 0
        again = await http.post("/tasks", json=body, headers=key)
        assert (again.status_code, again.json()["task_id"]) == (201, queued.json()["task_id"])
        assert (await http.post(f"/tasks/{waiting}/reply", json={"message": "abort"})).status_code == 202
        service.model.at_work.set()
        await until_asked(http, first)


async def test_a_task_shows_who_submitted_it_and_lists_can_be_narrowed_to_them(http: httpx.AsyncClient) -> None:
    body = {"task_description": "a todo list", "use_sandbox": False}
    expected = {}
    for headers, caller in (
        ({"X-Caller": "ada@example.org"}, "ada@example.org"),
        ({"X-Caller": "bob", "X-Client": "cli"}, "bob"),
        ({"X-Client": "dashboard"}, "dashboard"),
        ({}, "api"),
    ):
        made = await http.post("/tasks", json=body, headers=headers)
        assert made.json()["caller"] == caller
        expected[caller] = made.json()["task_id"]
    for caller, task_id in expected.items():
        listed = (await http.get("/tasks", params={"caller": caller})).json()["items"]
        assert [(task["task_id"], task["caller"]) for task in listed] == [(task_id, caller)]
    for wrong in ("", "a b", "x" * 65, "a/b", "ä".encode()):
        expect(await http.post("/tasks", json=body, headers={"X-Caller": wrong}), 422, "X-Caller")
    expect(await http.get("/tasks", params={"caller": "a b"}), 422, "caller")


async def test_one_caller_cannot_fill_the_queue_for_everybody(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data", max_concurrent_tasks=1, max_queued_tasks=10) as service:
        service.model.at_work.clear()
        body = {"task_description": "a blog", "use_sandbox": False}

        async def submit_as(caller: str) -> httpx.Response:
            return await service.http.post("/tasks", json=body, headers={"X-Caller": caller})

        first = (await submit_as("ada")).json()["task_id"]

        async def runs() -> bool:
            return bool((await service.http.get(f"/tasks/{first}")).json()["status"] == "running")

        await until(runs)
        answers = await asyncio.gather(*(submit_as("ada") for _ in range(12)))
        assert sum(answer.status_code == 201 for answer in answers) == 9
        expect(await submit_as("ada"), 429, "kept", "10")
        assert (await submit_as("bob")).status_code == 201
        for caller in ("bob", "eve"):
            expect(await submit_as(caller), 429, "10")
        service.model.at_work.set()


async def test_lists_go_on_below_a_task(http: httpx.AsyncClient) -> None:
    made = [await submit(http) for _ in range(3)]
    first = (await http.get("/tasks", params={"limit": 2})).json()
    rest = (await http.get("/tasks", params={"limit": 2, "before": first["next"]})).json()
    listed = [task["task_id"] for task in (*first["items"], *rest["items"])]
    assert listed == made[::-1]
    assert rest["next"] is None
    assert all(task["artifacts"] is None for task in first["items"])


async def test_parts_of_a_task_can_be_left_out(http: httpx.AsyncClient) -> None:
    task_id, _ = await asked(http)
    whole = (await http.get(f"/tasks/{task_id}")).json()
    assert whole["artifacts"] == {}
    assert whole["agent_stats"]["orchestrator"]["status"] == "failed"
    assert whole["agent_timeline"]
    narrow = (await http.get(f"/tasks/{task_id}", params={"include": "summary"})).json()
    assert (narrow["artifacts"], narrow["agent_stats"], narrow["agent_timeline"]) == (None, None, None)


async def test_agents_logs_and_stats_tell_what_was_done(http: httpx.AsyncClient) -> None:
    task_id, _ = await asked(http)
    agents = (await http.get("/agents")).json()
    assert [agent["agent"] for agent in agents][:2] == ["orchestrator", "planner"]
    assert len(agents) == 9
    log = (await http.get("/logs", params={"task_id": task_id})).json()["items"]
    assert log
    assert log[0]["success"] is False
    stats = (await http.get("/stats")).json()
    assert stats["tasks"]["waiting_for_input"] == 1
    identity = (await http.get("/agents/planner/identity")).json()
    assert identity["identity"]["agent"] == "planner"
    workflows = (await http.get("/workflows")).json()
    assert [workflow["name"] for workflow in workflows] == ["build"]


async def test_tasks_are_listed_by_several_statuses_and_found_by_words(http: httpx.AsyncClient) -> None:
    asks, _ = await asked(http)
    ended = await submit(http, task_description="An Invoice API")
    await until_asked(http, ended)
    await http.delete(f"/tasks/{ended}")

    async def found(**params: object) -> list[str]:
        answer = await http.get("/tasks", params=params)  # type: ignore[arg-type]  # texts and lists of texts
        assert answer.status_code == 200, answer.text
        return [task["task_id"] for task in answer.json()["items"]]

    assert await found(status=["waiting_for_input", "cancelled"]) == [ended, asks]
    assert await found(status="cancelled") == [ended]
    assert await found(status=["failed", "completed"]) == []
    assert await found(q="INVOICE") == await found(q=ended[3:9].upper()) == [ended]
    assert await found(q="%") == []
    page = (await http.get("/tasks", params={"status": ["waiting_for_input", "cancelled"], "limit": 1})).json()
    assert await found(status=["waiting_for_input", "cancelled"], before=page["next"]) == [asks]
    expect(await http.get("/tasks", params={"status": ["failed", "asleep"]}), 422, "status")
