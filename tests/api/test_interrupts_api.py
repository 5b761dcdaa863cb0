"""Lists of questions, and one question."""

import asyncio

import httpx
import pytest

from tests.api.service import asked
from tests.api.test_bad_input import expect


@pytest.fixture
async def three(http: httpx.AsyncClient) -> list[tuple[str, str]]:
    """Three tasks that ask, the oldest question first."""
    made = await asyncio.gather(*(asked(http) for _ in range(3)))
    order = [row["interrupt_id"] for row in (await http.get("/interrupts")).json()]
    return sorted(made, key=lambda each: order.index(each[1]))


async def test_a_list_has_no_payloads_unless_they_are_asked_for(
    http: httpx.AsyncClient, three: list[tuple[str, str]]
) -> None:
    light = (await http.get("/interrupts", params={"status": "pending"})).json()
    assert [(row["task_id"], row["interrupt_id"]) for row in light] == three
    assert list(light[0])[:4] == ["interrupt_id", "task_id", "kind", "prompt"]
    assert {"digest", "created_at", "status"} < set(light[0])
    assert "payload" not in light[0]
    whole = (await http.get("/interrupts", params={"include": "payload"})).json()
    assert whole[0]["payload"]
    assert {name: value for name, value in whole[0].items() if name != "payload"} == light[0]


async def test_pages_follow_each_other_in_either_order_by_the_link_that_is_given(
    http: httpx.AsyncClient, three: list[tuple[str, str]]
) -> None:
    for sort, expected in (("oldest", three), ("newest", three[::-1])):
        first = await http.get("/interrupts", params={"sort": sort, "limit": 2, "status": "pending"})
        link = first.links["next"]["url"]
        rest = await http.get(link)
        assert [(row["task_id"], row["interrupt_id"]) for row in (*first.json(), *rest.json())] == expected
        assert "next" not in rest.links


async def test_one_question_comes_with_everything_that_was_shown(http: httpx.AsyncClient) -> None:
    task_id, interrupt_id = await asked(http)
    shown = (await http.get(f"/tasks/{task_id}/interrupts/{interrupt_id}")).json()
    assert shown["payload"]
    assert shown == (await http.get("/interrupts", params={"include": "payload"})).json()[0]
    expect(await http.get(f"/tasks/{task_id}/interrupts/other"), 404, "other")
    expect(await http.get(f"/tasks/unknown/interrupts/{interrupt_id}"), 404)


@pytest.mark.parametrize(
    "query", ["sort=colour", "limit=0", "limit=5001", "after=nobody", "after=a%20b", "include=all"]
)
async def test_a_page_that_makes_no_sense_is_refused(http: httpx.AsyncClient, query: str) -> None:
    expect(await http.get(f"/interrupts?{query}"), 422, query.split("=")[0])


async def test_questions_are_listed_of_one_task_and_of_one_kind(
    http: httpx.AsyncClient, three: list[tuple[str, str]]
) -> None:
    task_id, interrupt_id = three[1]
    of_task = (await http.get("/interrupts", params={"task_id": task_id, "kind": "escalation"})).json()
    assert [row["interrupt_id"] for row in of_task] == [interrupt_id]
    assert (await http.get("/interrupts", params={"task_id": task_id, "kind": "budget"})).json() == []
    assert (await http.get("/interrupts", params={"task_id": "unknown"})).json() == []
    page = await http.get("/interrupts", params={"kind": "escalation", "limit": 2})
    assert "kind=escalation" in page.links["next"]["url"]
    expect(await http.get("/interrupts", params={"kind": "colour"}), 422, "kind")


async def calls_for_words(http: httpx.AsyncClient, task_id: str) -> int:
    calls = (await http.get("/logs", params={"task_id": task_id})).json()["items"]
    return sum(call["prompt_name"].endswith("reply") for call in calls)


async def test_words_are_read_without_deciding_and_the_decision_is_not_paid_again(http: httpx.AsyncClient) -> None:
    task_id, interrupt_id = await asked(http)
    path = f"/tasks/{task_id}/interrupts/{interrupt_id}"
    read = await http.post(f"{path}/reading", json={"message": "try again"})
    assert read.status_code == 200, read.text
    question = (await http.get(path)).json()
    assert question["status"] == "pending"
    assert read.json() == {
        "action": "retry", "message": "retry", "budget_usd": None, "expected_digest": question["digest"],
    }  # fmt: skip
    assert await calls_for_words(http, task_id) == 1
    decided = await http.post(f"{path}/decision", json=read.json())
    assert (decided.status_code, decided.json()["decision"]["action"]) == (202, "retry")
    assert await calls_for_words(http, task_id) == 1
    late = await http.post(f"{path}/reading", json={"message": "abort"})
    expect(late, 409, "already answered")
    assert late.json()["winner"]["action"] == "retry"


async def test_words_that_are_not_clear_or_about_nothing_are_refused_as_replies_are(http: httpx.AsyncClient) -> None:
    task_id, interrupt_id = await asked(http)
    path = f"/tasks/{task_id}/interrupts/{interrupt_id}/reading"
    expect(await http.post(path, json={"message": "hm"}), 422, "do you mean")
    expect(await http.post(path, json={"message": "  "}), 422, "message")
    expect(await http.post(f"/tasks/{task_id}/interrupts/other/reading", json={"message": "abort"}), 404, "other")
    assert (await http.get(f"/tasks/{task_id}")).json()["interrupt_id"] == interrupt_id
