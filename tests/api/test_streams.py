"""Server-sent events: nothing lost, nothing twice, wherever a reader begins again."""

import asyncio
import time
from itertools import count
from pathlib import Path

import httpx
import pytest

from api.routes import events as event_routes
from tests.api.service import Service, asked, run_service, submit, until_asked
from tests.api.sse import Sent, read_sent


async def read_positions(http: httpx.AsyncClient, path: str, number: int, last: str | None = None) -> list[int]:
    """Positions of the next `number` events of a stream, which is then dropped."""
    found: list[int] = []
    headers = {} if last is None else {"Last-Event-ID": last}
    async with asyncio.timeout(20), http.stream("GET", path, headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        async for sent in read_sent(response):
            if sent.id:
                found.append(int(sent.id))
            if len(found) == number:
                break
    return found


async def stored_positions(http: httpx.AsyncClient, task_id: str) -> list[int]:
    page = (await http.get(f"/tasks/{task_id}/events/page", params={"limit": 500})).json()
    return [entry["position"] for entry in page["items"]]


async def test_a_reader_that_is_cut_off_after_every_event_misses_and_repeats_none(http: httpx.AsyncClient) -> None:
    task_id, _ = await asked(http)
    expected = await stored_positions(http, task_id)
    seen: list[int] = []
    while len(seen) < len(expected):
        seen += await read_positions(http, f"/tasks/{task_id}/events", 1, last=str(seen[-1]) if seen else None)
    assert seen == expected


async def test_sequence_numbers_of_a_task_have_no_gap_while_others_write(http: httpx.AsyncClient) -> None:
    tasks = [await submit(http) for _ in range(3)]
    for task_id in tasks:
        await until_asked(http, task_id)
        page = (await http.get(f"/tasks/{task_id}/events/page")).json()["items"]
        assert [entry["seq"] for entry in page] == list(range(1, len(page) + 1))
        assert await read_positions(http, f"/tasks/{task_id}/events", len(page)) == [each["position"] for each in page]


async def test_a_stream_shows_what_happens_after_it_was_opened(service: Service) -> None:
    service.model.at_work.clear()
    task_id = await submit(service.http)
    kinds: list[str] = []
    async with asyncio.timeout(20), service.http.stream("GET", f"/tasks/{task_id}/events") as response:
        async for sent in read_sent(response):
            kinds.append(sent.kind)
            if sent.kind == "agent.started":
                service.model.at_work.set()
            if sent.kind == "interrupt.opened":
                break
    assert kinds.index("agent.started") < kinds.index("agent.finished") < kinds.index("interrupt.opened")


async def test_an_id_that_this_log_never_gave_is_answered_with_a_reset_and_everything(http: httpx.AsyncClient) -> None:
    task_id, _ = await asked(http)
    expected = await stored_positions(http, task_id)
    path, headers = f"/tasks/{task_id}/events", {"Last-Event-ID": "999999"}
    sent: list[Sent] = []
    async with asyncio.timeout(20), http.stream("GET", path, headers=headers) as response:
        async for each in read_sent(response):
            sent.append(each)
            if len(sent) > len(expected):
                break
    assert sent[0].kind == "reset"
    assert [int(each.id) for each in sent[1:]] == expected


async def test_the_stream_of_all_tasks_begins_now_or_behind_a_position(http: httpx.AsyncClient) -> None:
    first, _ = await asked(http)
    before = await stored_positions(http, first)
    assert await read_positions(http, "/events?after=0", len(before)) == before
    assert await read_positions(http, f"/events?after={before[1]}", 1) == [before[2]]
    async with asyncio.timeout(20), http.stream("GET", "/events") as response:
        source = read_sent(response)
        assert (await anext(source)).kind == ":"
        second = await submit(http)
        assert (await anext(source)).data["task_id"] == second


async def test_an_idle_stream_says_that_it_is_there(http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_routes, "KEEP_ALIVE_S", 0.05)
    async with asyncio.timeout(20), http.stream("GET", "/events") as response:
        source = read_sent(response)
        comments = [(await anext(source)).data for _ in range(4)]
    assert comments == ["connected", *["keep-alive"] * 3]


async def test_the_end_of_the_service_ends_open_streams_at_once(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data") as service:
        response = await service.http.send(service.http.build_request("GET", "/events"), stream=True)
        lines = response.aiter_lines()
        assert await anext(lines) == ": connected"
        began = time.monotonic()
    assert time.monotonic() - began < 4.0


async def test_pages_of_events_go_on_where_the_last_one_ended(http: httpx.AsyncClient) -> None:
    task_id, _ = await asked(http)
    expected, found, after = await stored_positions(http, task_id), list[int](), 0
    for _ in count():
        page = (await http.get(f"/tasks/{task_id}/events/page", params={"after": after, "limit": 2})).json()
        found += [entry["position"] for entry in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert found == expected
