"""What the API says to input that it cannot take: always a problem document that names the field and the limit."""

import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from config import PROJECT
from tests.api.service import asked, client_of, service_in_thread, submit

MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def socket_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One service for all of these, on a loop of its own, since none of them may change anything."""
    with service_in_thread(tmp_path_factory.mktemp("service") / "data") as path:
        yield path


@pytest.fixture
async def http(socket_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(socket_path) as client:
        yield client


async def stored(http: httpx.AsyncClient) -> list[str]:
    return [task["task_id"] for task in (await http.get("/tasks")).json()["items"]]


def expect(answer: httpx.Response, status: int, *words: str) -> dict[str, object]:
    """The problem document of `answer`, which has this status and these words in its sentence."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, object] = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["request_id"] == answer.headers["x-request-id"]
    for word in words:
        assert word in str(problem["detail"]), problem
    return problem


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "task_description"),
        ({"task_description": ""}, "task_description"),
        ({"task_description": " \n\t "}, "task_description"),
        ({"task_description": "a\x00b"}, "task_description"),
        ({"task_description": 7}, "task_description"),
        ({"task_description": ["a"]}, "task_description"),
        ({"task_description": None}, "task_description"),
        ({"task_description": "x", "max_iterations": 0}, "max_iterations"),
        ({"task_description": "x", "max_iterations": 21}, "max_iterations"),
        ({"task_description": "x", "max_iterations": "3"}, "max_iterations"),
        ({"task_description": "x", "use_sandbox": "yes"}, "use_sandbox"),
        ({"task_description": "x", "budget_usd": 0}, "budget_usd"),
        ({"task_description": "x", "budget_usd": -1}, "budget_usd"),
        ({"task_description": "x", "budget_usd": 1e308}, "budget_usd"),
        ({"task_description": "x", "budget_usd": 1e300}, "budget_usd"),
        ({"task_description": "x", "budget_usd": "2"}, "budget_usd"),
        ({"task_description": "x", "workflow": "destroy"}, "workflow"),
        ({"task_description": "x", "options": []}, "options"),
        ({"task_description": "x", "options": {"colour": "red"}}, "options.colour"),
        ({"task_description": "x", "surprise": 1}, "surprise"),
        ({"task_description": "x", "output_directory": "relative/path"}, "output_directory"),
        ({"task_description": "x", "output_directory": ""}, "output_directory"),
        ({"task_description": "x", "output_directory": "/tmp/a\x00b"}, "output_directory"),
        ({"task_description": "x", "output_directory": str(PROJECT / "out")}, "output_directory"),
        ({"task_description": "x", "output_directory": f"{PROJECT}/../{PROJECT.name}/x"}, "output_directory"),
        ({"task_description": "x", "output_directory": __file__}, "output_directory"),
        ({"task_description": "x", "output_directory": f"{__file__}/below"}, "output_directory"),
        ({"task_description": "x", "output_directory": "/proc/nowhere"}, "output_directory"),
    ],
)
async def test_a_submission_with_a_wrong_field_is_refused_by_its_name(
    http: httpx.AsyncClient, body: dict[str, object], field: str
) -> None:
    before = await stored(http)
    problem = expect(await http.post("/tasks", json=body), 422, field.split(".")[-1])
    assert field in json.dumps(problem)
    assert await stored(http) == before


async def test_a_sentence_over_the_limit_is_refused_with_the_limit(http: httpx.AsyncClient) -> None:
    problem = expect(
        await http.post("/tasks", json={"task_description": "x" * 4_001}), 413, "task_description", "4,000"
    )
    assert problem["limit"] == 4_000


async def test_a_sentence_of_exactly_the_limit_is_taken(http: httpx.AsyncClient) -> None:
    await submit(http, task_description="x" * 4_000)


async def test_an_output_directory_that_cannot_be_written_is_refused(http: httpx.AsyncClient, tmp_path: Path) -> None:
    if os.getuid() == 0:
        pytest.skip("root may write everywhere")
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    body = {"task_description": "x", "output_directory": str(locked)}
    expect(await http.post("/tasks", json=body), 422, "output_directory")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"null", 422),
        (b"[]", 422),
        (b'"text"', 422),
        (b'{"task_description": "\xff\xfe"}', 422),
        (b'{"task_description": "\\ud800"}', 422),
        (b'{"task_description": "x", "budget_usd": NaN}', 422),
        (b'{"task_description": "x", "budget_usd": Infinity}', 422),
        (b'{"task_description": "x", "max_iterations": ' + b"9" * 5_000 + b"}", 422),
        (b'{"a":' * 50_000, 422),
        (b"[" * 500_000, 422),
        (b'{"task_description": "x", "options": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + b"}", 422),
    ],
)
async def test_a_body_that_is_no_readable_json_object_is_a_problem(
    http: httpx.AsyncClient, content: bytes, status: int
) -> None:
    before = await stored(http)
    answer = await http.post("/tasks", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (400, status), answer.text
    expect(answer, answer.status_code)
    assert await stored(http) == before


async def test_json_sent_under_another_name_is_not_read(http: httpx.AsyncClient) -> None:
    """A page of another site can post text/plain without asking; it must not start tasks."""
    answer = await http.post("/tasks", content=b'{"task_description": "x"}', headers={"content-type": "text/plain"})
    expect(answer, answer.status_code)
    assert answer.status_code in (415, 422)


async def test_a_body_over_one_mebibyte_is_refused(http: httpx.AsyncClient) -> None:
    expect(await http.post("/tasks", content=b"x" * (MEBIBYTE + 1)), 413, "1,048,576")


async def test_a_chunked_body_over_one_mebibyte_is_refused_while_it_is_read(http: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"task_description": "'
        for _ in range(40):
            yield b"x" * 65_536

    expect(await http.post("/tasks", content=chunks(), headers={"content-type": "application/json"}), 413, "1,048,576")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/tasks/unknown", 404),
        ("DELETE", "/tasks/unknown", 404),
        ("GET", "/tasks/unknown/events", 404),
        ("GET", "/tasks/unknown/events/page", 404),
        ("GET", "/tasks/unknown/events/1", 404),
        ("GET", "/tasks/unknown/events/0", 422),
        ("GET", "/tasks/unknown/events/first", 422),
        ("GET", "/tasks/unknown/artifacts.tar.gz", 404),
        ("GET", "/tasks/unknown/artifacts/a.py", 404),
        ("GET", "/tasks/unknown/diff", 404),
        ("GET", "/tasks/unknown/pull_request", 404),
        ("GET", "/tasks/..%2f..%2fetc", 404),
        ("GET", "/tasks/a%00b", 422),
        ("GET", "/nothing", 404),
        ("PUT", "/tasks", 405),
        ("POST", "/health", 405),
        ("GET", "/tasks?limit=0", 422),
        ("GET", "/tasks?limit=many", 422),
        ("GET", "/tasks?status=happy", 422),
        ("GET", "/tasks?before=unknown", 422),
        ("GET", "/logs?limit=1000", 422),
        ("GET", "/logs?before=unknown", 422),
        ("GET", "/agents/nobody/identity", 422),
        ("GET", "/interrupts?status=maybe", 422),
        ("GET", "/events?after=-1", 422),
    ],
)
async def test_a_request_for_what_is_not_there_is_a_problem(
    http: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    expect(await http.request(method, path), status)


@pytest.mark.parametrize("path", ["/events/page", "/tasks/unknown/events/page"])
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("type=happy", ("type", "'happy'", "interrupt.opened")),
        ("type=notice,%20happy,routed", ("type", "'happy'")),
        ("type=llm_delta", ("type", "'llm_delta'")),
        ("type=" + "x" * 401, ("type", "400")),
        ("agent=nobody", ("agent", "planner")),
        ("after=-1", ("after",)),
        ("after=many", ("after",)),
        ("after=9223372036854775808", ("after", "9223372036854775807")),
        ("before=-1", ("before",)),
        ("before=1.5", ("before",)),
        ("limit=0", ("limit", "1")),
        ("limit=501", ("limit", "500")),
        ("order=sideways", ("order", "newest")),
        ("q=" + "x" * 201, ("q", "200")),
        ("types=notice", ("types",)),
    ],
)
async def test_a_page_of_events_that_cannot_be_is_refused_by_its_field(
    http: httpx.AsyncClient, path: str, query: str, words: tuple[str, ...]
) -> None:
    expect(await http.get(f"{path}?{query}"), 422, *words)


@pytest.mark.parametrize("value", [b"abc", b"-1", b"1.5", b"9" * 30, "\u0661".encode()])
async def test_a_last_event_id_that_is_no_position_is_refused(http: httpx.AsyncClient, value: bytes) -> None:
    expect(await http.get("/events", headers={b"Last-Event-ID": value}), 422, "Last-Event-ID")


async def test_a_wait_beyond_its_limit_names_the_limit(http: httpx.AsyncClient) -> None:
    task_id = await submit(http)
    expect(await http.get(f"/tasks/{task_id}?wait=61"), 422, "wait", "60")
    expect(await http.get(f"/tasks/{task_id}?include=everything"), 422, "include")


async def test_answers_to_what_is_not_asked_are_refused(http: httpx.AsyncClient) -> None:
    task_id, interrupt_id = await asked(http)
    decision = f"/tasks/{task_id}/interrupts/{interrupt_id}/decision"
    expect(await http.post(f"/tasks/{task_id}/interrupts/other/decision", json={"action": "abort"}), 404, "other")
    expect(await http.post(decision, json={"action": "explode"}), 422, "action")
    expect(await http.post(decision, json={"action": "approve"}), 422, "action", "retry")
    expect(await http.post(decision, json={"action": "abort", "message": "x" * 4_001}), 422, "4000")
    expect(await http.post(f"/tasks/{task_id}/reply", json={"message": ""}), 422, "message")
    expect(await http.post(f"/tasks/{task_id}/reply", json={"message": "  "}), 422, "message")
    expect(await http.post(f"/tasks/{task_id}/reply", json={"message": "x" * 4_001}), 422, "message", "4000")
    expect(await http.post(f"/tasks/{task_id}/reply", json={"message": "abort", "interrupt_id": "other"}), 404)
    expect(await http.post("/tasks/unknown/reply", json={"message": "abort"}), 404)
    assert (await http.get(f"/tasks/{task_id}")).json()["interrupt_id"] == interrupt_id


@pytest.mark.parametrize("budget", ["0", "-0.5", "1e308", "1000000.5", "NaN", "Infinity"])
async def test_a_budget_that_is_none_is_refused_with_the_limit(http: httpx.AsyncClient, budget: str) -> None:
    headers = {"Content-Type": "application/json"}
    body = f'{{"task_description": "x", "budget_usd": {budget}}}'.encode()
    answer = await http.post("/tasks", content=body, headers=headers)
    expect(answer, 422, "budget_usd: must be more than 0 and at most 1,000,000 USD")
    task_id = await submit(http)
    answer = await http.post(f"/tasks/{task_id}/fork", content=f'{{"budget_usd": {budget}}}'.encode(), headers=headers)
    expect(answer, 422, "budget_usd: must be more than 0 and at most 1,000,000 USD")
