"""Both clients against a server that breaks connections, is busy, or is not there."""

import asyncio
import json
import socket
from pathlib import Path

import pytest

from client.errors import ServiceError
from client.events import LlmDelta, Notice, StoredEvent, TaskUpsert
from client.models import TaskStatus
from tests.unit.cli.stored import log_of
from tests.unit.client.answering import Asked, Face, answering, send, send_events, send_json

LOG = log_of(*(Notice(text=str(number)) for number in range(5)), TaskUpsert(status=TaskStatus.COMPLETED))
TASK = {
    "task_id": "t1", "task_description": "todos", "workflow": "build", "status": "queued", "caller": "ada", "iteration": 0,
    "max_iterations": 3, "use_sandbox": True, "budget_usd": 0.5, "total_cost_usd": 0.0, "created_at": 0, "updated_at": 0,
}  # fmt: skip
BUSY = {"title": "Too many tasks", "status": 429, "detail": "come back later"}


async def broken(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """No answer at all."""


async def test_a_stream_that_breaks_after_every_event_is_read_without_gap_or_repetition(
    face: type[Face], tmp_path: Path
) -> None:
    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        send_events(writer, LOG[int(asked.headers["last-event-id"])])

    async with answering(tmp_path, answer) as place, asyncio.timeout(120):
        client = face(place.address)
        assert await client.list("events", "t1") == LOG, "and it ends with its task"
        assert len(place.asked) == len(LOG)
        await client.close()


async def test_a_piece_of_an_answer_moves_no_position(face: type[Face], tmp_path: Path) -> None:
    delta = StoredEvent(position=0, seq=0, task_id="t1", ts=1.0, event=LlmDelta(agent="planner", call_id="c", text="a"))

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        send_events(writer, *(LOG[:3] if asked.number == 1 else LOG[3:]), delta)

    async with answering(tmp_path, answer) as place, asyncio.timeout(120):
        client = face(place.address)
        seen = await client.list("events", "t1")
        assert [event.position for event in seen] == [1, 2, 3, 0, 4, 5, 6]
        assert [asked.headers["last-event-id"] for asked in place.asked] == ["0", "3"]
        await client.close()


async def test_a_task_that_has_ended_is_not_waited_for_behind_its_end(face: type[Face], tmp_path: Path) -> None:
    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if "/events/page" in asked.target:
            send_json(writer, {"items": [LOG[-1].model_dump(mode="json")], "next": 6})
        elif asked.target.startswith("/tasks/t1?"):
            send_json(writer, {**TASK, "status": "completed"})
        else:
            send_events(writer, *LOG[int(asked.headers["last-event-id"]) :])

    async with answering(tmp_path, answer) as place, asyncio.timeout(120):
        client = face(place.address)
        assert await client.list("events", "t1", after=4) == LOG[4:]
        assert await client.list("events", "t1", after=6) == []
        await client.close()


async def test_all_tasks_are_followed_from_the_newest_event_on_even_if_the_first_stream_breaks_at_once(
    face: type[Face], tmp_path: Path
) -> None:
    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.target.startswith("/events/page"):
            send_json(writer, {"items": [LOG[1].model_dump(mode="json")], "next": 2})
        elif asked.number == 2:
            send_events(writer)
        else:
            send_events(writer, *LOG[int(asked.headers["last-event-id"]) :])

    async with answering(tmp_path, answer) as place, asyncio.timeout(120):
        client = face(place.address)
        assert await client.list("events", most=3) == LOG[2:5]
        await client.close()


async def test_an_id_of_another_log_ends_the_stream_with_a_sentence(face: type[Face], tmp_path: Path) -> None:
    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.target.startswith("/tasks/t1?"):
            send_json(writer, TASK)
        else:
            send(writer, "200 OK", "text/event-stream", "event: reset\ndata: {}\n\n")

    async with answering(tmp_path, answer) as place:
        client = face(place.address)
        with pytest.raises(ServiceError, match="not the one of before"):
            await client.list("events", "t1", after=7)
        await client.close()


async def test_a_service_that_is_gone_is_a_sentence_after_some_tries(face: type[Face]) -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        address = "http://{}:{}".format(*taken.getsockname())
        client = face(address, name="the test's server", trust_env=False)
        for call in (client.ask("health"), client.list("events", "t1")):
            with pytest.raises(ServiceError, match="the test's server does not answer") as caught:
                await call
            assert caught.value.status == 0
        await client.close()


@pytest.mark.parametrize(
    ("method", "arguments", "times"),
    [
        ("task", ["t1"], 4),
        ("submit", ["todos"], 4),
        ("decide", ["t1", "i1", "approve"], 4),
        ("fork", ["t1"], 4),
        ("reply", ["t1", "ship it"], 1),
        ("cancel", ["t1"], 1),
        ("check_models", [], 1),
    ],
)
async def test_only_what_does_no_harm_twice_is_sent_again_over_a_broken_connection(
    face: type[Face], tmp_path: Path, method: str, arguments: list[str], times: int
) -> None:
    async with answering(tmp_path, broken) as place:
        client = face(place.address)
        with pytest.raises(ServiceError, match="does not answer"):
            await client.ask(method, *arguments)
        await client.close()
    assert len(place.asked) == times
    assert len({(asked.body, asked.headers.get("idempotency-key")) for asked in place.asked}) == 1
    posts = {"submit", "decide", "fork"}
    assert ("idempotency-key" in place.asked[0].headers) is (method in posts), "made up, since none was given"


async def test_two_submissions_have_keys_of_their_own(face: type[Face], tmp_path: Path) -> None:
    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        send_json(writer, TASK, "201 Created")

    async with answering(tmp_path, answer) as place:
        client = face(place.address, api_key="key", caller="ada")
        for key in (None, None, "mine"):
            assert (await client.ask("submit", "todos", idempotency_key=key)).task_id == "t1"
        await client.close()
    keys = [asked.headers["idempotency-key"] for asked in place.asked]
    assert (len(set(keys)), keys[2]) == (3, "mine")
    sent = place.asked[0]
    assert (sent.headers["x-api-key"], sent.headers["x-caller"], sent.headers["x-client"]) == ("key", "ada", "client")
    assert json.loads(sent.body) == {"task_description": "todos"}, "the service's defaults count for the rest"


@pytest.mark.parametrize(
    ("status", "headers", "method", "times"),
    [
        ("429 Too Many", ["Retry-After: 0"], "task", 2),
        ("429 Too Many", ["Retry-After: 0"], "cancel", 2),
        ("503 Busy", ["Retry-After: 0"], "task", 2),
        ("429 Too Many", ["Retry-After: 7"], "task", 1),
        ("429 Too Many", [], "task", 1),
        ("503 Refused", [], "task", 1),
        ("500 Oh", ["Retry-After: 0"], "task", 1),
    ],
)
async def test_a_busy_service_is_asked_again_when_it_says_so_if_that_is_soon(
    face: type[Face], tmp_path: Path, status: str, headers: list[str], method: str, times: int
) -> None:
    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.number == 1:
            send_json(writer, BUSY, status, *headers)
        else:
            send_json(writer, TASK)

    async with answering(tmp_path, answer) as place:
        client = face(place.address)
        if times == 2:
            assert (await client.ask(method, "t1")).task_id == "t1"
        else:
            with pytest.raises(ServiceError, match="come back later"):
                await client.ask(method, "t1")
        await client.close()
    assert len(place.asked) == times


async def test_the_pause_that_a_service_asks_for_is_made(face: type[Face], tmp_path: Path) -> None:
    times: list[float] = []

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        times.append(asyncio.get_running_loop().time())
        send_json(
            writer,
            BUSY if asked.number == 1 else TASK,
            "429 Too Many" if asked.number == 1 else "200 OK",
            "Retry-After: 1",
        )

    async with answering(tmp_path, answer) as place:
        client = face(place.address)
        await client.ask("task", "t1")
        await client.close()
    assert times[1] - times[0] >= 0.95
