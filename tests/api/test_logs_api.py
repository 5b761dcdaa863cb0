"""Model calls over HTTP: searched, exported, one by one, and summed by day."""

import json
import time
from typing import Any

import httpx
import pytest

from core.analytics import day_of
from core.models import Interaction, Message
from core.types import AgentName, Usage
from tests.api.service import Service
from tests.api.test_bad_input import expect


@pytest.fixture
async def calls(service: Service) -> list[str]:
    """Fifty calls of these days, the newest first: ids."""
    now = time.time()
    for number in range(50):
        call = Interaction(
            interaction_id=f"c{number}",
            ts=now - (50 - number) * 60,
            task_id="t1",
            agent=AgentName.QA if number % 2 else AgentName.PLANNER,
            iteration=0,
            model="m",
            prompt_name="p",
            prompt_hash="h",
            messages=(Message(role="user", content=f"Number {number} of\nfifty"),),
            response="ü",
            usage=Usage(input_tokens=1),
            cost_usd=0.5,
            seconds=float(number),
        )
        await service.application.api.interactions.record(call)
    return [f"c{number}" for number in reversed(range(50))]


async def found(http: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await http.get("/logs", params=params)
    assert answer.status_code == 200, answer.text
    return [call["interaction_id"] for call in answer.json()["items"]]


async def test_calls_are_searched_by_text_and_time(http: httpx.AsyncClient, calls: list[str]) -> None:
    assert await found(http, q="number 7 OF\nfifty") == ["c7"]
    assert await found(http, q="NUMBER 1", agent="qa_agent", limit=3) == ["c19", "c17", "c15"]
    times = {call["interaction_id"]: call["ts"] for call in (await http.get("/logs")).json()["items"]}
    assert await found(http, since=times["c10"], until=times["c12"]) == ["c11", "c10"]
    expect(await http.get("/logs", params={"since": -1}), 422, "since")
    expect(await http.get("/logs", params={"q": "x" * 201}), 422, "q")


async def test_an_export_has_the_calls_of_the_list_all_of_them_one_a_line(
    http: httpx.AsyncClient, calls: list[str]
) -> None:
    answer = await http.get("/logs/export")
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["content-disposition"].startswith("attachment")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["interaction_id"] for line in lines] == calls
    assert lines == (await http.get("/logs", params={"limit": 200})).json()["items"]
    some = await http.get("/logs/export", params={"q": "number 2", "agent": "planner"})
    assert [json.loads(line)["interaction_id"] for line in some.text.splitlines()] == [
        "c28", "c26", "c24", "c22", "c20", "c2",
    ]  # fmt: skip
    nothing = await http.get("/logs/export", params={"q": "nowhere"})
    assert (nothing.status_code, nothing.text) == (200, "")


async def test_one_call_is_shown_whole(http: httpx.AsyncClient, calls: list[str]) -> None:
    shown = (await http.get("/logs/c3")).json()
    assert shown["messages"] == [{"role": "user", "content": "Number 3 of\nfifty"}]
    expect(await http.get("/logs/unknown"), 404, "unknown")


async def test_series_have_a_row_for_each_day_and_sums_by_agent(http: httpx.AsyncClient, calls: list[str]) -> None:
    before = day_of(time.time())
    days = (await http.get("/stats/series", params={"days": 5})).json()
    assert (days["days"], days["group_by"], len(days["rows"]), len(days["tasks"])) == (5, "day", 5, 5)
    assert [row["key"] for row in days["rows"]] == [row["day"] for row in days["tasks"]]
    assert before <= days["rows"][-1]["key"] <= day_of(time.time())
    assert sum(row["calls"] for row in days["rows"]) == 50
    assert (days["rows"][0]["calls"], days["rows"][0]["call_seconds"]) == (0, None)
    agents = (await http.get("/stats/series", params={"group_by": "agent"})).json()["rows"]
    assert [(row["key"], row["calls"], row["cost_usd"], row["call_seconds"]) for row in agents] == [
        ("planner", 25, 12.5, 24.0),
        ("qa_agent", 25, 12.5, 25.0),
    ]
    expect(await http.get("/stats/series", params={"days": 366}), 422, "days")
