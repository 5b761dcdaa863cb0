"""Server-sent events: nothing lost, nothing twice, wherever a reader begins again."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from api.routes.events import MAX_BEHIND
from core.events import EventFilter, LlmDelta, Notice
from core.types import AgentName
from memory.events import SqliteEventLog
from tests.api.service import OWN_READERS, Service, asked, run_service, submit, until, until_asked
from tests.api.sse import Sent, raw_stream, read_sent


async def read_positions(http: httpx.AsyncClient, path: str, number: int, last: str | None = None) -> list[int]:
    """Positions of the next `number` events of a stream, which is then dropped."""
    found: list[int] = []
    headers = {} if last is None else {"Last-Event-ID": last}
    async with asyncio.timeout(100), http.stream("GET", path, headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        async for sent in read_sent(response):
            if sent.id:
                found.append(int(sent.id))
            if len(found) == number:
                break
    return found


async def append(service: Service, task_id: str, number: int, *, size: int = 1) -> list[int]:
    """Append notices of `size` bytes of text to the service's log; their positions."""
    notice = Notice(text="x" * size)
    stored = await service.application.api.events.append(task_id, *[notice] * number)
    return [event.position for event in stored]


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
    async with asyncio.timeout(100), service.http.stream("GET", f"/tasks/{task_id}/events") as response:
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
    async with asyncio.timeout(100), http.stream("GET", path, headers=headers) as response:
        async for each in read_sent(response):
            sent.append(each)
            if len(sent) > len(expected):
                break
    assert sent[0].kind == "reset"
    assert [int(each.id) for each in sent[1:]] == expected


async def test_an_id_that_this_log_never_gave_lets_the_stream_of_all_tasks_begin_now(service: Service) -> None:
    newest = (await append(service, "t1", 3))[-1]
    headers = {"Last-Event-ID": str(newest + 1)}
    async with asyncio.timeout(100), service.http.stream("GET", "/events", headers=headers) as response:
        source = read_sent(response)
        assert (await anext(source)).kind == "reset"
        late = await append(service, "t1", 1)
        assert int((await anext(source)).id) == late[0]


async def test_the_stream_of_all_tasks_begins_now_or_behind_a_position(http: httpx.AsyncClient) -> None:
    first, _ = await asked(http)
    before = await stored_positions(http, first)
    assert await read_positions(http, "/events?after=0", len(before)) == before
    assert await read_positions(http, f"/events?after={before[1]}", 1) == [before[2]]
    async with asyncio.timeout(100), http.stream("GET", "/events") as response:
        source = read_sent(response)
        assert (await anext(source)).kind == ":"
        second = await submit(http)
        assert (await anext(source)).data["task_id"] == second


async def test_an_idle_stream_says_that_it_is_there(tmp_path: Path) -> None:
    async with (
        run_service(tmp_path / "data", keep_alive_s=0.05) as service,
        asyncio.timeout(100),
        service.http.stream("GET", "/events") as response,
    ):
        source = read_sent(response)
        comments = [(await anext(source)).data for _ in range(4)]
    assert comments == ["connected", *["keep-alive"] * 3]


async def test_the_end_of_the_service_ends_open_streams_in_order(tmp_path: Path) -> None:
    """The last chunk comes. A stream that is cut off when the time of grace is over has none."""
    async with AsyncExitStack() as stack:
        async with run_service(tmp_path / "data") as service:
            stream = await stack.enter_async_context(raw_stream(service.path, "/events"))
            rest = asyncio.create_task(stream.rest())
        async with asyncio.timeout(100):
            assert await rest == b"\r\n0\r\n\r\n"


async def test_an_id_is_good_after_a_restart_of_the_service(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data") as service:
        stored = await append(service, "t1", 5)
        assert await read_positions(service.http, "/events", 2, last=str(stored[0])) == stored[1:3]
    resumed = {"Last-Event-ID": str(stored[2])}
    async with (
        run_service(tmp_path / "data") as service,
        asyncio.timeout(100),
        service.http.stream("GET", "/events", headers=resumed) as response,
    ):
        source = read_sent(response)
        assert (await anext(source)).data == "connected"
        late = await append(service, "t1", 2)
        assert [int((await anext(source)).id) for _ in range(4)] == [*stored[3:], *late]


async def test_an_id_that_is_too_old_for_all_tasks_is_answered_with_a_reset_and_what_comes(service: Service) -> None:
    stored = await append(service, "t1", MAX_BEHIND + 1)
    async with asyncio.timeout(100):
        assert await read_positions(service.http, "/events", 1, last=str(stored[0])) == [stored[1]]
        await append(service, "t1", 1)
        async with service.http.stream("GET", "/events", headers={"Last-Event-ID": str(stored[0])}) as response:
            source = read_sent(response)
            assert (await anext(source)).kind == "reset"
            late = await append(service, "t1", 1)
            assert int((await anext(source)).id) == late[0]


async def test_a_task_is_replayed_from_its_beginning_however_much_happened_since(service: Service) -> None:
    task_id, _ = await asked(service.http)
    expected = await stored_positions(service.http, task_id)
    await append(service, "another", MAX_BEHIND + 1)
    assert await read_positions(service.http, f"/tasks/{task_id}/events", len(expected)) == expected
    resumed = await read_positions(service.http, f"/tasks/{task_id}/events", 1, last=str(expected[0]))
    assert resumed == expected[1:2]


async def test_two_streams_show_each_its_own_task(service: Service) -> None:
    service.model.at_work.clear()
    tasks = [await submit(service.http), await submit(service.http)]
    newest = (await service.application.api.events.search(EventFilter(newest_first=True, limit=1))).items[0].position
    behind = {"Last-Event-ID": str(newest)}
    async with (
        asyncio.timeout(100),
        service.http.stream("GET", f"/tasks/{tasks[0]}/events", headers=behind) as first,
        service.http.stream("GET", f"/tasks/{tasks[1]}/events", headers=behind) as second,
    ):
        own = [await append(service, tasks[number % 2], 1) for number in range(10)]
        for number, response in enumerate((first, second)):
            seen = await _notices(read_sent(response), 5)
            assert [int(sent.id) for sent in seen] == [each[0] for each in own[number::2]]
            assert {sent.data["task_id"] for sent in seen} == {tasks[number]}


async def test_pieces_of_answers_are_live_and_have_no_id(service: Service) -> None:
    events = service.application.api.events
    events.publish("t1", LlmDelta(agent=AgentName.PLANNER, call_id="c", text="nobody was there"))
    async with asyncio.timeout(100), service.http.stream("GET", "/events?after=0") as response:
        source = read_sent(response)
        assert (await anext(source)).data == "connected"
        events.publish("t1", LlmDelta(agent=AgentName.PLANNER, call_id="c", text="Hel"))
        stored = await append(service, "t1", 1)
        sent = [await anext(source) for _ in range(2)]
    assert [(each.kind, each.id) for each in sent] == [("llm_delta", ""), ("notice", str(stored[0]))]
    assert sent[0].data["event"]["text"] == "Hel"


async def test_clients_that_stop_reading_take_bounded_memory_and_miss_nothing_when_they_read_on(
    service: Service,
) -> None:
    """20 MB for each of twenty: more than the ring holds, and far more than all of them may take together."""
    async with AsyncExitStack() as stack, asyncio.timeout(120):
        stalled = [await stack.enter_async_context(raw_stream(service.path, "/events")) for _ in range(20)]
        reading = asyncio.create_task(read_positions(service.http, "/events?after=0", 1_000))
        tracemalloc.start()
        try:
            stored = [position for _ in range(100) for position in await append(service, "t1", 10, size=20_000)]
            assert await reading == stored
            taken = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        assert taken < 40e6
        assert await stalled[0].positions(stored[-1]) == stored


def requests() -> list[str]:
    """What runs for requests at this moment."""
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    return [name for name in names if name.startswith(("EventStream.", "_gone", "RequestResponseCycle."))]


async def test_clients_that_go_leave_nothing_whether_they_read_or_not(service: Service) -> None:
    log = service.application.api.events
    assert isinstance(log, SqliteEventLog)

    async def at_rest() -> bool:
        return log.waiting == OWN_READERS

    await until(at_rest)

    async def quiet() -> bool:
        return log.waiting == OWN_READERS + 3

    async def gone() -> bool:
        return log.waiting == OWN_READERS and not requests()

    async with AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(raw_stream(service.path, "/events"))
        await append(service, "t1", 40, size=50_000)
        for _ in range(3):
            await stack.enter_async_context(raw_stream(service.path, "/events"))
        await until(quiet)  # the first three do not wait for events: they are in the middle of one
        assert len(requests()) >= 6
    await until(gone)


async def _notices(source: AsyncIterator[Sent], number: int) -> list[Sent]:
    """The next ones, without what else is sent."""
    found: list[Sent] = []
    while len(found) < number:
        sent = await anext(source)
        if sent.kind == "notice":
            found.append(sent)
    return found


async def test_a_request_to_speak_websocket_is_answered_as_any_other(http: httpx.AsyncClient) -> None:
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    for path, status in (("/events/page", 200), ("/ws", 404)):
        assert (await http.get(path, headers=headers)).status_code == status
