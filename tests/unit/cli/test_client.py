"""The client against a server that misbehaves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from cli import client as client_module
from cli.client import Client
from cli.errors import ExitCode, ServiceProblem, exit_code
from core.errors import AutonomyError, Conflict, InvalidInput, NotFound, Refused, TooManyTasks, Unauthorized
from core.events import Notice
from tests.unit.cli.stored import log_of

LOG = log_of(*(Notice(text=str(number)) for number in range(5)))
Answer = Callable[[str, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(folder: Path, answer: Answer) -> AsyncIterator[Client]:
    """A client of a server that gives `answer` the head of each request, and then drops the connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        await answer(head.decode(), writer)
        await writer.drain()
        writer.close()

    path = str(folder / "s")
    transport = httpx.AsyncHTTPTransport(uds=path)
    async with (
        await asyncio.start_unix_server(serve, path),
        httpx.AsyncClient(base_url="http://service.invalid", transport=transport) as http,
    ):
        yield Client(http, "the test's server")


def send(writer: asyncio.StreamWriter, status: str, kind: str, body: str) -> None:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write((head + body).encode())


async def test_a_stream_that_breaks_after_every_event_is_read_without_gap_or_repetition(tmp_path: Path) -> None:
    async def answer(head: str, writer: asyncio.StreamWriter) -> None:
        last = int(head.lower().split("last-event-id: ")[1].split("\r\n")[0])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        event = f": connected\n\nid: {last + 1}\nevent: notice\ndata: {LOG[last].model_dump_json()}\n\n".encode()
        writer.write(b"%x\r\n%s\r\n" % (len(event), event))  # and no last chunk: the connection breaks

    async with server(tmp_path, answer) as client, asyncio.timeout(20):
        stream = client.events("t1")
        assert [await anext(stream) for _ in LOG] == LOG


async def test_a_service_that_is_gone_is_a_sentence_after_some_tries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "RECONNECTS", 1)
    transport = httpx.AsyncHTTPTransport(uds=str(tmp_path / "nobody"))
    async with httpx.AsyncClient(base_url="http://service.invalid", transport=transport) as http:
        client = Client(http, "http://there")
        with pytest.raises(ServiceProblem, match="http://there does not answer"):
            await client.health()
        with pytest.raises(ServiceProblem, match="http://there does not answer"):
            await anext(client.events("t1"))


async def test_an_id_of_another_log_ends_the_stream_with_a_sentence(tmp_path: Path) -> None:
    async def answer(head: str, writer: asyncio.StreamWriter) -> None:
        send(writer, "200 OK", "text/event-stream", "event: reset\ndata: {}\n\n")

    async with server(tmp_path, answer) as client:
        with pytest.raises(ServiceProblem, match="not the one of before"):
            await anext(client.events("t1", after=7))


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
        ("500 Oh", "application/json", "[]", "status 500"),
    ],
)
async def test_an_answer_that_is_no_success_is_a_sentence(
    tmp_path: Path, status: str, kind: str, body: str, sentence: str
) -> None:
    async def answer(head: str, writer: asyncio.StreamWriter) -> None:
        send(writer, status, kind, body)

    async with server(tmp_path, answer) as client:
        with pytest.raises(ServiceProblem, match=sentence):
            await client.task("x")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidInput("no"), ExitCode.USAGE),
        (NotFound("no"), ExitCode.FAILED),
        (Conflict("no"), ExitCode.FAILED),
        (Refused("no"), ExitCode.REFUSED),
        (Unauthorized("no"), ExitCode.REFUSED),
        (TooManyTasks("no"), ExitCode.REFUSED),
        (ServiceProblem(0, "", "gone", {}), ExitCode.FAILED),
    ],
)
def test_exit_codes_follow_from_what_went_wrong(error: AutonomyError, code: ExitCode) -> None:
    assert exit_code(error) is code
