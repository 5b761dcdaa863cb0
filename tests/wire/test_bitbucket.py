"""The counterpart of Bitbucket refuses what Bitbucket refuses, with its statuses and the shape of its errors."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from code_host.bitbucket_form import commit_form
from tests.wire.bitbucket.server import SECRET, BitbucketServer

REPOSITORY = "repositories/team/todo"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[BitbucketServer]:
    made = BitbucketServer(tmp_path)
    await made.start()
    yield made
    await made.stop()
    made.repository.store.close()


@pytest.fixture
async def client(server: BitbucketServer) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"authorization": f"Bearer {SECRET}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60) as made:
        yield made


async def post(client: httpx.AsyncClient, files: dict[str, bytes], *deletes: str, **fields: str) -> httpx.Response:
    kind, body = commit_form(fields, files, deletes, frozenset())
    return await client.post(f"{REPOSITORY}/src", content=body, headers={"content-type": kind})


async def test_a_token_that_is_not_known_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get(REPOSITORY, headers={"authorization": "Bearer another"})
    assert (answer.status_code, answer.json()["type"]) == (401, "error")


async def test_a_parent_must_be_the_newest_of_a_branch_that_is_there(
    server: BitbucketServer, client: httpx.AsyncClient
) -> None:
    store = server.repository.store
    first = store.push("main", {"a": "1"})
    newest = store.push("main", {"a": "2"})
    stale = await post(client, {"a": b"3"}, branch="main", parents=first)
    assert stale.status_code == 409
    assert store.branches == {"main": newest}
    made = await post(client, {"a": b"3"}, branch="main", parents=newest)
    assert (made.status_code, made.content) == (201, b"")
    assert made.headers["location"].endswith(f"/commit/{store.branches['main']}")
    beside = await post(client, {"a": b"4"}, branch="new", parents=first)
    assert beside.status_code == 201
    assert store.parents(store.branches["new"]) == [first]


async def test_an_unknown_parent_and_an_unknown_file_to_delete_are_refused(
    server: BitbucketServer, client: httpx.AsyncClient
) -> None:
    server.repository.store.push("main", {"a": "1"})
    assert (await post(client, {"a": b"3"}, branch="new", parents="0" * 40)).status_code == 400
    assert (await post(client, {}, "b", branch="main")).status_code == 400


async def test_a_scope_that_is_missing_is_named(server: BitbucketServer, client: httpx.AsyncClient) -> None:
    server.repository.store.push("main", {"a": "1"})
    server.repository.scopes = ("repository",)
    answer = await post(client, {"a": b"3"}, branch="main")
    assert answer.status_code == 403
    assert answer.json()["error"]["detail"] == {"required": ["pullrequest:write"], "granted": ["repository"]}
    assert answer.headers["x-oauth-scopes"] == "repository"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("pullrequests?pagelen=51", 400),
        ("pullrequests?pagelen=50", 200),
        ('pullrequests?q=participants.uuid = "x"', 400),
        ("src/0000000/", 404),
        ("diffstat/0000000", 404),
        ("elsewhere", 404),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    server: BitbucketServer, client: httpx.AsyncClient, path: str, status: int
) -> None:
    server.repository.store.push("main", {"a": "1"})
    assert (await client.get(f"{REPOSITORY}/{path}")).status_code == status


async def test_opening_a_request_twice_changes_the_one_that_is_open(
    server: BitbucketServer, client: httpx.AsyncClient
) -> None:
    server.repository.store.push("main", {"a": "1"})
    store = server.repository.store
    store.move("work", store.commit([store.branches["main"]], {"a": (0o100644, b"2")}, [], "w"))
    body = {"title": "one", "source": {"branch": {"name": "work"}}}
    first = (await client.post(f"{REPOSITORY}/pullrequests", json=body)).json()
    again = (await client.post(f"{REPOSITORY}/pullrequests", json=body | {"title": "two"})).json()
    assert (again["id"], again["title"]) == (first["id"], "two")
    gone = await client.post(f"{REPOSITORY}/pullrequests", json={"title": "t", "source": {"branch": {"name": "gone"}}})
    assert gone.status_code == 400
    assert gone.json()["error"]["fields"] == {"source": ["branch not found: gone"]}
