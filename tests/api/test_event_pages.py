"""The log in pages: both ways, filtered, and one event by itself."""

from typing import Any

import httpx
import pytest

from core.events import AgentAnswered, AgentAsked, AgentFinished, AgentStarted, ContractAmended, Event, Notice
from core.types import AgentName
from tests.api.service import Service, asked, submit, until
from tests.api.test_bad_input import expect

PLANNER, QA = AgentName.PLANNER, AgentName.QA


async def positions(http: httpx.AsyncClient, path: str, **params: object) -> list[int]:
    """Every position of all pages, which are read until one says that it is the last."""
    found: list[int] = []
    bound = "before" if params.get("order") == "newest" else "after"
    while True:
        answer = await http.get(path, params={name: str(value) for name, value in params.items()})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [entry["position"] for entry in page["items"]]
        if page["next"] is None:
            return found
        params[bound] = page["next"]


async def write(service: Service, task_id: str) -> dict[str, int]:
    """Append one event of each kind that the tests look for; positions by name."""
    events: dict[str, Event] = {
        "started": AgentStarted(agent=PLANNER, step="plan"),
        "finished": AgentFinished(agent=PLANNER, step="plan", summary='a "plan" of 100%'),
        "tested": AgentStarted(agent=QA, step="tests"),
        "noticed": Notice(text="the disk is nearly full"),
    }
    stored = await service.application.api.events.append(task_id, *events.values())
    return {name: event.position for name, event in zip(events, stored, strict=True)}


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
@pytest.mark.parametrize("whole_log", [True, False])
async def test_pages_go_on_where_the_last_one_ended_from_either_end(
    http: httpx.AsyncClient, limit: int, whole_log: bool
) -> None:
    task_id, _ = await asked(http)
    await asked(http)
    path = "/events/page" if whole_log else f"/tasks/{task_id}/events/page"
    expected = await positions(http, path)
    assert len(expected) > 5
    assert expected == sorted(set(expected))
    assert await positions(http, path, limit=limit) == expected
    assert await positions(http, path, limit=limit, order="newest") == expected[::-1]
    between = expected[2:-1]
    bounds: dict[str, Any] = {"after": expected[1], "before": expected[-1]}
    assert await positions(http, path, limit=limit, **bounds) == between
    assert await positions(http, path, limit=limit, order="newest", **bounds) == between[::-1]


async def test_every_filter_leaves_what_is_wanted(service: Service) -> None:
    service.model.at_work.clear()
    task_id = await submit(service.http)
    path = f"/tasks/{task_id}/events/page"

    async def waits_for_its_model() -> bool:
        return await positions(service.http, path, type="llm_start") != []

    await until(waits_for_its_model)
    at = await write(service, task_id)
    other = await write(service, "another")
    after = at["started"] - 1
    expected: list[tuple[dict[str, str], list[str]]] = [
        ({"type": "agent.started", "agent": "planner"}, ["started"]),
        ({"type": "agent.started,notice", "q": "s"}, ["started", "tested", "noticed"]),
        ({"type": " notice , "}, ["noticed"]),
        ({"agent": "qa_agent"}, ["tested"]),
        ({"q": "DISK is"}, ["noticed"]),
        ({"q": '"plan" of 100%'}, ["finished"]),
        ({"q": "p_an"}, []),
        ({"type": "routed"}, []),
    ]
    for wanted, names in expected:
        own = {**wanted, "after": after}
        assert await positions(service.http, path, **own) == [at[name] for name in names], wanted
        assert await positions(service.http, path, **own, order="newest") == [at[name] for name in names[::-1]], wanted
        both = sorted(places[name] for places in (at, other) for name in names)
        assert await positions(service.http, "/events/page", **own) == both, wanted


async def test_one_event_is_found_by_its_own_number(service: Service) -> None:
    task_id, _ = await asked(service.http)
    page = (await service.http.get(f"/tasks/{task_id}/events/page")).json()["items"]
    for entry in (page[0], page[-1]):
        assert (await service.http.get(f"/tasks/{task_id}/events/{entry['seq']}")).json() == entry
    expect(await service.http.get(f"/tasks/{task_id}/events/{len(page) + 1}"), 404, task_id, str(len(page) + 1))


async def test_what_agents_ask_each_other_is_found_by_its_type_and_by_who_asked(
    http: httpx.AsyncClient, service: Service
) -> None:
    task_id, _ = await asked(http)
    question = AgentAsked(
        question_id="q", agent=QA, asked="planner", step="tests", iteration=0, question="Which status?"
    )
    answer = AgentAnswered(question_id="q", agent=QA, asked="planner", iteration=0, answer="404.", call_ids=("c1",))
    amended = ContractAmended(iteration=0, wanted_by=(QA,), changes=("+x",))
    await service.application.api.events.append(task_id, question, answer, amended)
    types = "agent.asked,agent.answered,contract.amended"
    page = (await http.get(f"/tasks/{task_id}/events/page", params={"type": types})).json()
    assert [entry["event"] for entry in page["items"]] == [
        event.model_dump(mode="json") for event in (question, answer, amended)
    ]
    of_qa = (await http.get(f"/tasks/{task_id}/events/page", params={"type": types, "agent": QA.value})).json()
    assert [entry["event"]["type"] for entry in of_qa["items"]] == ["agent.asked", "agent.answered"]
    timeline = (await http.get(f"/tasks/{task_id}")).json()["agent_timeline"]
    assert [entry["summary"] for entry in timeline[-3:]] == [
        "asks planner: Which status?",
        "planner: 404.",
        "1 line of the contract changed for qa_agent",
    ]
