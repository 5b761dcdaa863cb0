"""What the clients make of answers: sentences of what is no success, and fields that only a newer service knows."""

import asyncio
import json
from pathlib import Path

import pytest

from client import AutonomyClient
from client.errors import ServiceError
from client.events import Notice, StoredEvent, UnknownEvent
from client.models import Task
from client.requests import path_of
from tests.unit.client.answering import Asked, Face, answering, send, send_json
from tests.unit.client.test_broken_connections import TASK


@pytest.mark.parametrize(
    ("status", "kind", "body", "sentence"),
    [
        (
            "404 Not Found",
            "application/problem+json",
            '{"title": "Not found", "detail": "there is no task x"}',
            "no task x",
        ),
        ("502 Bad Gateway", "text/html", "<h1>proxy</h1>", "status 502"),
        ("200 OK", "text/html", "<h1>hello</h1>", "is not Autonomy"),
        ("200 OK", "application/json", '{"task_id": 3}', "is not Autonomy"),
        ("307 Over There", "text/plain", "", "is not Autonomy"),
        ("500 Oh", "application/json", "[]", "status 500"),
    ],
)
async def test_an_answer_that_is_no_success_is_a_sentence(
    face: type[Face], tmp_path: Path, status: str, kind: str, body: str, sentence: str
) -> None:
    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        send(writer, status, kind, body)

    async with answering(tmp_path, answer) as place:
        client = face(place.address)
        for asking in (client.ask("task", "x"), client.list("tasks"), client.list("events", "x")):
            with pytest.raises(ServiceError, match=sentence):
                await asking
        await client.close()


async def test_a_problem_says_what_where_and_under_which_id(face: type[Face], tmp_path: Path) -> None:
    problem = {
        "title": "Conflict", "status": 409, "detail": "already answered", "request_id": "r1", "winner": {"via": "cli"},
        "errors": [{"field": "action", "message": "too late"}],
    }  # fmt: skip

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        send_json(writer, problem, "409 Conflict", "Retry-After: 30")

    async with answering(tmp_path, answer) as place:
        client = face(place.address)
        with pytest.raises(ServiceError) as caught:
            await client.ask("decide", "t1", "i1", "approve")
        await client.close()
    error = caught.value
    assert (str(error), error.detail, error.status, error.title) == ("already answered",) * 2 + (409, "Conflict")
    assert (error.fields, error.invalid) == ({"winner": {"via": "cli"}}, {"action": "too late"})
    assert (error.request_id, error.retry_after_s) == ("r1", 30.0)


def test_fields_and_events_of_a_newer_service_are_kept() -> None:
    task = Task.model_validate({**TASK, "mood": "good"})
    assert json.loads(task.model_dump_json())["mood"] == "good"
    frame = {"position": 1, "seq": 1, "task_id": "t1", "ts": 1.0}
    for document in (
        {"type": "sang", "song": "la"},
        {"type": "test", "iteration": "of another shape"},
    ):
        stored = StoredEvent.model_validate({**frame, "event": document})
        assert isinstance(stored.event, UnknownEvent)
        assert stored.model_dump(mode="json")["event"] == document
    notice = StoredEvent.model_validate({**frame, "event": {"type": "notice", "text": "hi", "tone": "warm"}})
    assert isinstance(notice.event, Notice)
    assert notice.model_dump(mode="json")["event"]["tone"] == "warm"


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ({"task_id": "a/b", "path": "x"}, "/tasks/a%2Fb/artifacts/x"),
        ({"task_id": "..", "path": "a/../../b"}, "/tasks/%2E%2E/artifacts/a/%2E%2E/%2E%2E/b"),
        ({"task_id": "t?x=1", "path": "a b#c"}, "/tasks/t%3Fx%3D1/artifacts/a%20b%23c"),
    ],
)
def test_a_name_stays_in_its_place_of_the_path(parts: dict[str, str], path: str) -> None:
    assert path_of("/tasks/{task_id}/artifacts/{path}", **parts) == path
    with pytest.raises(ServiceError, match="task_id must not be empty"):
        path_of("/tasks/{task_id}/artifacts/{path}", task_id="", path="x")


async def test_a_path_is_sent_as_it_was_quoted(face: type[Face], tmp_path: Path) -> None:
    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        send(writer, "200 OK", "text/plain; charset=utf-8", "text")

    async with answering(tmp_path, answer) as place:
        client = face(place.address)
        assert await client.ask("artifact", "t1", "a/../b c") == "text"
        await client.close()
    assert place.asked[0].target == "/tasks/t1/artifacts/a/%2E%2E/b%20c"


@pytest.mark.parametrize("address", ["ftp://x", "x", ""])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ServiceError, match="must begin with http"):
        AutonomyClient(address)


def test_a_key_is_not_in_the_client_s_words() -> None:
    with AutonomyClient("http://127.0.0.1:9", api_key="canary") as client:
        assert "canary" not in repr(vars(client))
