"""The counterpart of GitLab refuses what GitLab refuses, with its statuses and words."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.wire.gitlab.server import SECRET, GitLabServer

PROJECT = "projects/group%2Fsub%2Ftodo"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[GitLabServer]:
    made = GitLabServer(tmp_path)
    await made.start()
    yield made
    await made.stop()
    made.project.store.close()


@pytest.fixture
async def client(server: GitLabServer) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"authorization": f"Bearer {SECRET}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60) as made:
        yield made


def commit(branch: str, *actions: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"branch": branch, "commit_message": "m", "actions": list(actions), **more}


CREATE = {"action": "create", "file_path": "a", "content": "x"}


async def test_a_token_that_is_not_known_is_refused(server: GitLabServer, client: httpx.AsyncClient) -> None:
    answer = await client.get(PROJECT, headers={"authorization": "Bearer another"})
    assert (answer.status_code, answer.json()) == (401, {"message": "401 Unauthorized"})


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (commit("main", CREATE), 400, "A file with this name already exists"),
        (commit("main", CREATE | {"action": "update", "file_path": "b"}), 400, "A file with this name doesn't exist"),
        (commit("main", CREATE, start_sha="0" * 40), 400, f"Cannot find start_sha '{'0' * 40}'"),
        (commit("main", CREATE, start_sha="main"), 400, "Invalid start_sha 'main'"),
        (commit("new", CREATE), 400, "You can only create or edit files when you are on a branch"),
        (
            commit("other", CREATE, start_branch="main"),
            400,
            "A branch called 'other' already exists. Switch to that branch in order to make changes",
        ),
        (
            commit("main", {"action": "delete", "file_path": "a", "last_commit_id": "FIRST"}),
            400,
            "The file has changed since you started editing it: a",
        ),
        (commit("main", CREATE | {"file_path": "../a"}), 400, "Path cannot include traversal syntax"),
    ],
)
async def test_commits_that_cannot_be_are_refused(
    server: GitLabServer, client: httpx.AsyncClient, body: dict[str, Any], status: int, message: str
) -> None:
    store = server.project.store
    first = store.push("main", {"a": "1"})
    store.push("main", {"a": "2"})
    store.push("other", {"a": "3"})
    before = store.branches
    actions = [{name: first if value == "FIRST" else value for name, value in one.items()} for one in body["actions"]]
    answer = await client.post(f"{PROJECT}/repository/commits", json=body | {"actions": actions})
    assert (answer.status_code, answer.json()) == (status, {"message": message})
    assert store.branches == before


async def test_a_second_request_from_a_branch_is_refused(server: GitLabServer, client: httpx.AsyncClient) -> None:
    server.project.store.push("main", {"a": "1"})
    server.project.store.push("work", {"a": "2"})
    body = {"title": "t", "source_branch": "work", "target_branch": "main"}
    assert (await client.post(f"{PROJECT}/merge_requests", json=body)).status_code == 201
    again = await client.post(f"{PROJECT}/merge_requests", json=body)
    words = "Another open merge request already exists for this source branch: !1"
    assert (again.status_code, again.json()) == (409, {"message": [words]})
    gone = await client.post(f"{PROJECT}/merge_requests", json=body | {"source_branch": "gone"})
    assert (gone.status_code, gone.json()) == (422, {"message": ['Source branch "gone" does not exist']})


@pytest.mark.parametrize(("search", "found"), [('"key: t1"', 2), ('"key: t10"', 1), ("t1", 0), ('"y: T1" key', 2)])
async def test_short_words_are_not_searched_for(
    server: GitLabServer, client: httpx.AsyncClient, search: str, found: int
) -> None:
    server.project.store.push("main", {"a": "1"})
    for key in ("t1", "t10"):
        server.project.store.push(key, {"a": key})
        body = {"title": "t", "source_branch": key, "target_branch": "main", "description": f"key: {key}"}
        await client.post(f"{PROJECT}/merge_requests", json=body)
    answer = await client.get(f"{PROJECT}/merge_requests", params={"search": search, "in": "description"})
    assert len(answer.json()) == found
