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
