"""The dashboard at /ui: which address gives what, the headers of each, and that the API is as it was beside it."""

import gzip
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.dashboard import CONTENT_SECURITY_POLICY
from tests.api.service import Service, asked, client_of, run_service

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
INDEX = '<!doctype html><title>A dashboard</title><script type="module" src="/ui/assets/app-1.js"></script>'
SCRIPT = "console.log('the same again');\n" * 5_000


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "icon.svg").write_text("<svg/>")
    (folder / "assets" / "app-1.js").write_text(SCRIPT)
    (tmp_path / "secret.txt").write_text("not for everybody")
    (folder / "assets" / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


@pytest.fixture
async def service(tmp_path: Path, dist: Path) -> AsyncIterator[Service]:
    async with run_service(tmp_path / "data", dashboard=dist) as running:
        yield running


def expect_page(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"


def expect_missing(answer: httpx.Response) -> None:
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["status"] == 404


@pytest.mark.parametrize("path", ["/", "/ui"])
async def test_the_service_leads_to_its_dashboard(http: httpx.AsyncClient, path: str) -> None:
    for method in ("GET", "HEAD"):
        answer = await http.request(method, path)
        assert (answer.status_code, answer.headers["location"]) == (307, "/ui/")


@pytest.mark.parametrize("path", ["/ui/", "/ui/index.html", "/ui/tasks/abc", "/ui/tasks/abc/files/main.py?tab=diff"])
async def test_every_address_that_a_browser_opens_is_the_application(http: httpx.AsyncClient, path: str) -> None:
    expect_page(await http.get(path, headers=BROWSER))


async def test_its_home_is_for_everybody_who_asks(http: httpx.AsyncClient) -> None:
    expect_page(await http.get("/ui/"))
    assert (await http.head("/ui/")).status_code == 200


@pytest.mark.parametrize("path", ["/ui/assets/gone-2.js", "/ui/assets/", "/ui/assets/link.txt"])
async def test_an_asset_that_is_not_there_is_missing_and_never_the_page(http: httpx.AsyncClient, path: str) -> None:
    for headers in ({"Accept": "*/*"}, BROWSER):
        expect_missing(await http.get(path, headers=headers))


@pytest.mark.parametrize("path", ["/ui/%2e%2e/secret.txt", "/ui/..%2fsecret.txt", "/ui//etc/passwd", "/ui/x%00y"])
async def test_nothing_outside_of_the_build_is_served(http: httpx.AsyncClient, path: str) -> None:
    expect_missing(await http.get(path))


async def test_a_part_that_is_not_there_is_missing_for_who_does_not_open_a_page(http: httpx.AsyncClient) -> None:
    expect_missing(await http.get("/ui/tasks/abc", headers={"Accept": "application/json"}))


async def test_nothing_can_be_sent_to_it(http: httpx.AsyncClient) -> None:
    answer = await http.post("/ui/", json={})
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


async def test_assets_are_kept_for_ever_and_everything_else_is_asked_for_again(http: httpx.AsyncClient) -> None:
    asset, icon = await http.get("/ui/assets/app-1.js"), await http.get("/ui/icon.svg")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "javascript" in asset.headers["content-type"]
    assert icon.headers["cache-control"] == "no-cache"
    assert asset.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


async def test_what_has_not_changed_is_not_sent_again(http: httpx.AsyncClient) -> None:
    for path in ("/ui/", "/ui/tasks/abc", "/ui/icon.svg", "/ui/assets/app-1.js"):
        first = await http.get(path, headers=BROWSER)
        again = await http.get(path, headers={**BROWSER, "If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), path
        assert again.headers["cache-control"] == first.headers["cache-control"]


async def test_another_build_is_seen_though_its_index_has_the_same_time_and_size(
    http: httpx.AsyncClient, dist: Path
) -> None:
    index = dist / "index.html"
    first, times = await http.get("/ui/"), index.stat()
    index.write_text(INDEX.replace("app-1", "app-2"))
    os.utime(index, ns=(times.st_atime_ns, times.st_mtime_ns))
    again = await http.get("/ui/", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 200
    assert "app-2" in again.text


async def test_files_are_compressed_for_who_can_read_that(http: httpx.AsyncClient) -> None:
    for encoding in ("gzip", "identity"):
        async with http.stream("GET", "/ui/assets/app-1.js", headers={"Accept-Encoding": encoding}) as answer:
            raw = b"".join([piece async for piece in answer.aiter_raw()])
        assert answer.headers.get("content-encoding", "identity") == encoding
        assert (gzip.decompress(raw) if encoding == "gzip" else raw) == SCRIPT.encode()
        assert "Accept-Encoding" in answer.headers["vary"]
    assert len(raw) == len(SCRIPT)


async def test_the_files_need_no_key_and_the_data_does(tmp_path: Path, dist: Path) -> None:
    async with run_service(tmp_path / "data", dashboard=dist, api_key="a key") as service:
        expect_page(await service.http.get("/ui/tasks/abc", headers=BROWSER))
        assert (await service.http.get("/ui/assets/app-1.js")).status_code == 200
        assert (await service.http.get("/tasks")).status_code == 401


async def test_without_a_key_the_dashboard_too_answers_to_this_machines_own_names_only(
    service: Service, dist: Path
) -> None:
    app = create_app(lambda: nullcontext(service.application.api), local_only=True, dashboard=dist)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http,
    ):
        expect_page(await http.get("/ui/"))
        for path in ("/", "/ui/", "/ui/assets/app-1.js"):
            assert (await http.get(path, headers={"Host": "evil.example"})).status_code == 403


async def test_a_checkout_without_the_build_says_how_to_make_it_and_serves_it_once_made(tmp_path: Path) -> None:
    later = tmp_path / "later"
    async with run_service(tmp_path / "data", dashboard=later) as service:
        answer = await service.http.get("/ui/")
        assert answer.status_code == 503
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert "make dashboard" in answer.text
        assert (await service.http.get("/ui/tasks/abc", headers=BROWSER)).text == answer.text
        expect_missing(await service.http.get("/ui/assets/app-1.js"))
        later.mkdir()
        (later / "index.html").write_text(INDEX)
        expect_page(await service.http.get("/ui/"))


async def test_a_service_without_a_dashboard_leads_to_its_documentation(service: Service) -> None:
    app = create_app(lambda: nullcontext(service.application.api))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http,
    ):
        assert (await http.get("/")).headers["location"] == "/docs"
        expect_missing(await http.get("/ui/", headers=BROWSER))


async def test_answers_of_the_api_keep_their_headers(http: httpx.AsyncClient) -> None:
    answer = await http.get("/tasks", headers={"Accept-Encoding": "identity"})
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "content-security-policy" not in answer.headers


async def test_long_answers_of_the_api_are_compressed_and_short_ones_are_not(http: httpx.AsyncClient) -> None:
    long, short = await http.get("/openapi.json"), await http.get("/whoami")
    assert (long.headers["content-encoding"], long.headers["cache-control"]) == ("gzip", "no-store")
    assert int(long.headers["content-length"]) < len(long.content) / 4
    assert "content-encoding" not in short.headers


@asynccontextmanager
async def stream_of(service: Service, task_id: str, encoding: str) -> AsyncIterator[httpx.Response]:
    headers = {"Accept-Encoding": encoding}
    async with (
        client_of(service.path) as http,
        http.stream("GET", f"/tasks/{task_id}/events", headers=headers) as answer,
    ):
        yield answer


async def test_streams_of_events_are_the_same_bytes_for_who_can_read_compressed_ones(service: Service) -> None:
    task_id, _ = await asked(service.http)
    last = (await service.http.get(f"/tasks/{task_id}/events/page")).json()["items"][-1]["position"]
    seen = []
    for encoding in ("gzip", "identity"):
        raw = b""
        async with stream_of(service, task_id, encoding) as answer:
            assert "content-encoding" not in answer.headers
            async for piece in answer.aiter_raw():
                raw += piece
                if b"id: %d\n" % last in raw and raw.endswith(b"\n\n"):
                    break
        seen.append(raw)
    assert seen[0] == seen[1]
    assert seen[0].startswith(b": connected\n\n")
