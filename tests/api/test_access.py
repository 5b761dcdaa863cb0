"""Who may call, and what browsers are told."""

from contextlib import nullcontext
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from tests.api.service import Service, run_service
from tests.api.test_bad_input import expect


async def test_without_the_right_key_nothing_is_told_or_done(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data", api_key="right key") as service:
        http = service.http
        for key in (None, b"wrong", b"", "r\xe9sum\xe9".encode("latin-1")):
            headers = {} if key is None else {b"X-API-Key": key}
            for method, path in (("GET", "/tasks"), ("POST", "/tasks"), ("GET", "/events"), ("GET", "/agents")):
                answer = await http.request(method, path, headers=headers)
                expect(answer, 401, "X-API-Key")
                assert answer.headers["www-authenticate"]
        health = await http.get("/health")
        assert health.json()["status"] == "ok"
        assert health.json()["config"] is None
        known = await http.get("/health", headers={"X-API-Key": "right key"})
        assert known.json()["config"]["api_key"] == "set"
        assert "right key" not in known.text


async def test_only_pages_of_the_origins_that_are_set_may_read_answers(http: httpx.AsyncClient) -> None:
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-api-key"}
    ours = await http.options("/tasks", headers={"Origin": "http://localhost:3000", **ask})
    assert ours.headers["access-control-allow-origin"] == "http://localhost:3000"
    theirs = await http.options("/tasks", headers={"Origin": "http://evil.example", **ask})
    assert "access-control-allow-origin" not in theirs.headers


async def test_every_answer_carries_the_request_id_and_the_guards(http: httpx.AsyncClient) -> None:
    answer = await http.get("/health", headers={"X-Request-ID": "mine-1"})
    assert answer.headers["x-request-id"] == "mine-1"
    assert answer.headers["x-content-type-options"] == "nosniff"
    forged = await http.get("/health", headers={"X-Request-ID": "a b<script>"})
    assert "script" not in forged.headers["x-request-id"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("LOCALHOST", 200),
        ("evil.example:8000", 403),
        ("127.0.0.1.evil.example", 403),
        ("", 403),
    ],
)
async def test_without_a_key_only_this_machine_by_its_own_names_is_answered(
    service: Service, host: str, status: int
) -> None:
    """A page whose name was made to point at this machine sends that name."""
    app = create_app(lambda: nullcontext(service.application.api), local_only=True)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service.invalid") as http,
    ):
        answer = await http.get("/tasks", headers={"Host": host})
    assert answer.status_code == status
    if status == 403:
        expect(answer, 403, "API_KEY")
