"""The client that the REST APIs of code hosts are spoken to with: what it repeats, waits for, follows and refuses."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from code_host.answers import said
from code_host.rest import Patience, Rest
from core.errors import CodeHostRefused, InvalidInput
from tests.contracts.fixed_clock import FixedClock
from tests.wire.http import Connection, Request, serve

SECRET = "s3cret-token"
CLOCK = FixedClock(1_760_000_000.0)


@dataclass(frozen=True)
class Reply:
    """Without a status the connection is reset; with `late` there is no answer at all."""

    status: int | None = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    late: bool = False


class Host:
    """Answers with its replies in turn, the last of them again and again, and keeps what it was asked."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [Reply()]
        self.asked: list[Request] = []
        self.waits: list[float] = []
        self.url = ""

    async def handle(self, request: Request, connection: Connection) -> None:
        self.asked.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if reply.late:
            await connection.gone.wait()
            return
        if reply.status is None:
            await connection.reset()
            return
        await connection.respond(reply.status, reply.headers, reply.body)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def rest(self, patience: Patience | None = None, **changes: Any) -> Rest:
        fields: dict[str, Any] = {"secrets": (SECRET,), "sleep": self.sleep, "jitter": lambda: 0.0} | changes
        headers = {"authorization": f"Bearer {SECRET}"}
        return Rest("Hub", f"{self.url}/api/v3", headers, CLOCK, patience or Patience(), **fields)


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    host = Host()
    server = await serve(host.handle)
    host.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield host
    server.close()


@pytest.fixture
async def rest(host: Host) -> AsyncIterator[Rest]:
    rest = host.rest()
    yield rest
    await rest.close()


async def test_paths_are_below_the_address_and_carry_the_headers(host: Host, rest: Rest) -> None:
    await rest.get("repos/a/b%2Fc", {"page": 2})
    await rest.post("x", json={"a": 1})
    assert [(request.method, request.path) for request in host.asked] == [
        ("GET", "/api/v3/repos/a/b%2Fc?page=2"),
        ("POST", "/api/v3/x"),
    ]
    assert host.asked[1].body == b'{"a":1}'
    assert host.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    assert host.asked[0].headers["user-agent"] == "autonomy"


@pytest.mark.parametrize("reply", [Reply(None), Reply(500), Reply(502), Reply(503, headers={"retry-after": "3"})])
@pytest.mark.parametrize(
    ("call", "repeats"),
    [
        (lambda rest: rest.get("x"), True),
        (lambda rest: rest.put("x", json={}), True),
        (lambda rest: rest.delete("x"), True),
        (lambda rest: rest.post("x", json={}, repeat=True), True),
        (lambda rest: rest.patch("x", json={}, repeat=True), True),
        (lambda rest: rest.post("x", json={}), False),
        (lambda rest: rest.patch("x", json={}), False),
        (lambda rest: rest.put("x", json={}, repeat=False), False),
    ],
)
async def test_only_what_may_be_repeated_is_repeated(
    host: Host, rest: Rest, reply: Reply, call: Callable[[Rest], Any], repeats: bool
) -> None:
    host.replies = [reply, reply, Reply(200, {"done": True})]
    if repeats:
        answer = await call(rest)
        assert answer.json() == {"done": True}
        assert host.waits == ([3.0, 3.0] if reply.headers else [1.0, 2.0])
        return
    with pytest.raises(CodeHostRefused) as refused:
        await call(rest)
    assert refused.value.fields["reason"] == "unreachable"
    assert len(host.asked) == 1


async def test_tries_and_waits_have_an_end(host: Host) -> None:
    rest = host.rest(Patience(tries=6, first_wait_s=2.0, longest_wait_s=9.0))
    host.replies = [Reply(502, {"message": "Bad gateway"})]
    with pytest.raises(CodeHostRefused, match=r"Hub: answered 502 \(Bad gateway\); try again later"):
        await rest.get("x")
    assert host.waits == [2.0, 4.0, 8.0, 9.0, 9.0]
    assert len(host.asked) == 6
    await rest.close()


async def test_waits_are_random_by_up_to_a_half(host: Host) -> None:
    rest = host.rest(jitter=lambda: 1.0)
    host.replies = [Reply(None), Reply()]
    await rest.get("x")
    assert host.waits == [0.5]
    await rest.close()


@pytest.mark.parametrize(
    ("reply", "wait_s"),
    [
        (Reply(429, headers={"retry-after": "12"}), 12.0),
        (Reply(403, headers={"retry-after": "12"}), 12.0),
        (Reply(429, headers={"retry-after": "Thu, 09 Oct 2025 08:53:50 GMT"}), 30.0),
        (Reply(429, headers={"retry-after": "Thu, 09 Oct 2025 08:00:00 GMT"}), 0.1),
        (Reply(429, headers={"retry-after": "soon"}), 1.0),
        (Reply(429), 1.0),
        (Reply(403, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1760000042"}), 42.0),
        (Reply(429, headers={"ratelimit-remaining": "0", "ratelimit-reset": "1760000042"}), 42.0),
        (Reply(429, headers={"x-ratelimit-remaining": "9", "x-ratelimit-reset": "1760000042"}), 1.0),
        (Reply(403, {"message": "You have exceeded a secondary rate limit"}), 1.0),
    ],
)
async def test_a_limit_is_waited_for_even_by_what_may_not_be_repeated(
    host: Host, rest: Rest, reply: Reply, wait_s: float
) -> None:
    host.replies = [reply, Reply(201)]
    assert (await rest.post("x", json={})).status_code == 201
    assert host.waits == [wait_s]


async def test_a_limit_beyond_patience_is_refused_at_once_with_its_time(host: Host, rest: Rest) -> None:
    host.replies = [Reply(429, headers={"retry-after": "61"})]
    with pytest.raises(CodeHostRefused, match="in 61 seconds") as refused:
        await rest.get("x")
    assert refused.value.fields == {"reason": "rate_limited", "retry_after_s": 61.0}
    assert host.waits == []


async def test_a_limit_that_does_not_end_is_refused(host: Host, rest: Rest) -> None:
    host.replies = [Reply(429)]
    with pytest.raises(CodeHostRefused) as refused:
        await rest.get("x")
    assert refused.value.fields == {"reason": "rate_limited"}
    assert len(host.asked) == 4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
async def test_other_answers_come_back_as_they_are(host: Host, rest: Rest, status: int) -> None:
    host.replies = [Reply(status, {"message": "No"})]
    answer = await rest.get("x")
    assert (answer.status_code, len(host.asked)) == (status, 1)
    refused = rest.refusal(answer, "do a thing")
    assert str(refused).startswith(f"Hub: answered {status} (No) when asked to do a thing; ")
    assert refused.fields["reason"] in CodeHostRefused.REFUSALS


async def test_reading_follows_a_repository_that_moved_on_the_same_host(host: Host, rest: Rest) -> None:
    host.replies = [
        Reply(301, headers={"location": f"{host.url}/api/v3/new"}),
        Reply(302, headers={"location": "/z"}),
        Reply(),
    ]
    assert (await rest.get("old")).status_code == 200
    assert [request.path for request in host.asked] == ["/api/v3/old", "/api/v3/new", "/z"]


@pytest.mark.parametrize("location", ["https://example.com/x", "http://127.0.0.1:1/x", "//example.com/x"])
async def test_nothing_is_sent_to_another_host(host: Host, rest: Rest, location: str) -> None:
    host.replies = [Reply(302, headers={"location": location})]
    with pytest.raises(CodeHostRefused, match="another host"):
        await rest.get("x")
    with pytest.raises(CodeHostRefused, match="another host"):
        await rest.get(location)
    assert len(host.asked) == 1


async def test_writing_follows_nobody(host: Host, rest: Rest) -> None:
    host.replies = [Reply(307, headers={"location": "/new"})]
    with pytest.raises(CodeHostRefused, match="has moved to /new") as refused:
        await rest.post("x", json={})
    assert refused.value.fields["reason"] == "not_found"
    assert len(host.asked) == 1


async def test_redirects_without_an_end_are_refused(host: Host, rest: Rest) -> None:
    host.replies = [Reply(302, headers={"location": "/x"})]
    with pytest.raises(CodeHostRefused, match="without an end"):
        await rest.get("x")
    assert len(host.asked) == 4


async def test_pages_follow_their_links_as_far_as_asked(host: Host, rest: Rest) -> None:
    more = Reply(200, [1], {"link": f'<{host.url}/api/v3/x?page=2>; rel="next", <{host.url}/x>; rel="last"'})
    host.replies = [more, more, Reply(200, [2])]
    assert [page.json() async for page in rest.pages("x", {"per_page": 1})] == [[1], [1], [2]]
    assert [request.path for request in host.asked] == ["/api/v3/x?per_page=1", "/api/v3/x?page=2", "/api/v3/x?page=2"]
    host.replies = [more]
    assert len([page async for page in rest.pages("x", most=3)]) == 3


async def test_pages_follow_what_the_body_names_and_end_at_a_refusal(host: Host, rest: Rest) -> None:
    def follow(answer: httpx.Response) -> str | None:
        address: str | None = answer.json().get("next")
        return address

    host.replies = [Reply(200, {"next": f"{host.url}/api/v3/y"}), Reply(404, {"next": f"{host.url}/z"}), Reply()]
    statuses = [page.status_code async for page in rest.pages("x", follow=follow)]
    assert statuses == [200, 404]


async def test_what_is_secret_is_struck_out_and_long_words_are_cut(host: Host, rest: Rest) -> None:
    host.replies = [Reply(422, {"message": f"bad\n{SECRET} " + "x" * 900})]
    refused = str(rest.refusal(await rest.get("x"), "y"))
    assert SECRET not in refused
    assert "bad [secret] xxx" in refused
    assert len(refused) < 450
    assert SECRET not in repr(rest) + repr(vars(rest)["_http"])


async def test_a_page_that_is_no_json_is_refused(host: Host, rest: Rest) -> None:
    with pytest.raises(CodeHostRefused, match="not JSON") as refused:
        rest.read(httpx.Response(200, text="<html>Sign in to the network</html>"))
    assert refused.value.fields["reason"] == "unreachable"


@pytest.mark.parametrize("patience", [Patience(tries=2, exchange_s=1.0), Patience(tries=2, timeout_s=1.0)])
async def test_an_answer_that_does_not_come_is_not_waited_for_for_ever(host: Host, patience: Patience) -> None:
    rest = host.rest(patience)
    host.replies = [Reply(late=True)]
    with pytest.raises(CodeHostRefused, match="could not be reached") as refused:
        async with asyncio.timeout(60):
            await rest.get("x")
    assert refused.value.fields["reason"] == "unreachable"
    assert len(host.waits) == 1
    assert len(host.asked) == 2
    await rest.close()


async def test_nobody_there_is_refused(host: Host) -> None:
    host.url = "http://127.0.0.1:1"
    rest = host.rest(Patience(tries=2))
    with pytest.raises(CodeHostRefused, match="could not be reached") as refused:
        await rest.get("x")
    assert refused.value.fields["reason"] == "unreachable"
    await rest.close()


@pytest.mark.parametrize("address", ["", "example.com", "ftp://example.com"])
def test_an_address_must_be_of_the_web(address: str) -> None:
    with pytest.raises(InvalidInput, match="https://"):
        Rest("Hub", address, {}, CLOCK)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"message": "A", "errors": [{"resource": "X", "message": "B"}, "C"]}, "A: B, C"),
        ({"message": {"base": ["too long", "bad"]}}, "base too long, bad"),
        ({"message": ["a", "b"]}, "a, b"),
        ({"error": "E", "error_description": "D"}, "E, D"),
        ({"type": "error", "error": {"message": "M", "detail": "why"}}, "M: why"),
        ("plain", "plain"),
        (None, ""),
        (7, ""),
    ],
)
def test_the_words_of_hosts_are_found_in_their_several_shapes(body: Any, words: str) -> None:
    assert said(httpx.Response(400, content=json.dumps(body))) == words


def test_what_is_no_json_says_nothing() -> None:
    assert said(httpx.Response(502, text="<html>")) == ""
