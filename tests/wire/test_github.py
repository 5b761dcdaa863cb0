"""The counterpart of GitHub refuses what GitHub refuses, with its statuses, and its objects are git's."""

import base64
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from tests.contracts.fixed_clock import FixedClock
from tests.wire.github import description
from tests.wire.github.server import TOKEN, Fault, GitHub, running_github
from tests.wire.github.state import Token

REPO = "/repos/acme/shop"
HEADERS = {
    "authorization": f"Bearer {TOKEN}",
    "accept": "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
    "user-agent": "test",
}
NOBODY = "0" * 40


@pytest.fixture
async def github(tmp_path: Path) -> AsyncIterator[GitHub]:
    async with running_github(tmp_path, FixedClock()) as github:
        yield github


@pytest.fixture
async def client(github: GitHub) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=github.url, headers=HEADERS, timeout=60) as client:
        yield client


@pytest.fixture
def tip(github: GitHub) -> str:
    return github.commit({"a/b.txt": "1\n", "c": "2\n"})


async def status(client: httpx.AsyncClient, method: str, path: str, **body: Any) -> tuple[int, str]:
    answer = await client.request(method, REPO + path, json=body or None)
    found = answer.json()
    return answer.status_code, found.get("message", "") if isinstance(found, dict) else ""


def test_the_description_is_valid_openapi_and_of_github() -> None:
    whole = json.loads(description.FILE.read_text())
    validate(whole)
    assert len([method for methods in whole["paths"].values() for method in methods]) == 21
    assert "MIT" in description.FILE.with_name("LICENSE").read_text()


async def test_who_may_ask(github: GitHub, client: httpx.AsyncClient, tip: str) -> None:
    for headers in ({"authorization": ""}, {"authorization": "Bearer x"}, {"authorization": TOKEN + "x"}):
        answer = await client.get(REPO, headers=headers)
        assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")
    assert (await client.get("/repos/acme/other")).status_code == 404
    github.tokens[TOKEN] = Token(contents=False, pulls=False)
    assert (await status(client, "GET", "/branches/main"))[0] == 200
    assert (await status(client, "POST", "/git/blobs", content="x"))[0] == 403
    assert (await status(client, "POST", "/pulls", title="T", head="x", base="main"))[0] == 403
    github.settings.archived = True
    assert await status(client, "POST", "/git/blobs", content="x") == (403, "Repository was archived so is read-only.")


async def test_an_empty_repository_takes_contents_and_nothing_else(github: GitHub, client: httpx.AsyncClient) -> None:
    assert await status(client, "GET", "/branches/main") == (404, "Branch not found")
    for path in ("/git/trees/main", "/git/ref/heads/main"):
        assert await status(client, "GET", path) == (409, "Git Repository is empty.")
    assert (await status(client, "POST", "/git/blobs", content="x"))[0] == 409
    assert (await status(client, "POST", "/git/refs", ref="refs/heads/x", sha=NOBODY))[0] == 409
    content = base64.b64encode(b"x").decode()
    assert (await status(client, "PUT", "/contents/a/b", message="M", content=content, branch="main"))[0] == 201
    assert (await status(client, "PUT", "/contents/a/b", message="M", content=content, branch="main"))[0] == 422
    assert github.objects.files(github.objects.branches()["main"]) == {"a/b": b"x"}


async def test_objects_have_the_ids_of_git(github: GitHub, client: httpx.AsyncClient, tip: str) -> None:
    answer = await client.post(f"{REPO}/git/blobs", json={"content": "hello\n"})
    assert answer.json()["sha"] == "ce013625030ba8dba906f756967f9e9ca394464a"
    row = {"path": "x/y", "mode": "100755", "type": "blob", "content": "hello\n"}
    body = {"base_tree": github.objects.tree_of(tip), "tree": [row]}
    tree = (await client.post(f"{REPO}/git/trees", json=body)).json()["sha"]
    body = {"message": "M", "tree": tree, "parents": [tip]}
    commit = (await client.post(f"{REPO}/git/commits", json=body)).json()["sha"]
    made = await client.post(f"{REPO}/git/refs", json={"ref": "refs/heads/x", "sha": commit})
    assert made.status_code == 201
    arguments = ["git", "-C", str(github.objects.path)]
    listed = subprocess.run([*arguments, "ls-tree", "-r", "x"], check=True, capture_output=True, text=True).stdout
    assert "100755 blob ce013625030ba8dba906f756967f9e9ca394464a\tx/y" in listed
    subprocess.run([*arguments, "fsck", "--strict"], check=True)


@pytest.mark.parametrize(
    ("row", "base"),
    [
        ({"path": "a", "mode": "100644", "sha": NOBODY}, True),
        ({"path": "a", "mode": "100644", "sha": None, "content": "x"}, True),
        ({"path": "a", "mode": "100644"}, True),
        ({"path": "a", "content": "x"}, True),
        ({"path": "/a", "mode": "100644", "content": "x"}, True),
        ({"path": "a/../b", "mode": "100644", "content": "x"}, True),
        ({"path": ".git/config", "mode": "100644", "content": "x"}, True),
        ({"path": "gone", "mode": "100644", "sha": None}, True),
        ({"path": "a/b.txt", "mode": "100644", "sha": None}, False),
    ],
)
async def test_trees_of_bad_rows_are_refused(
    github: GitHub, client: httpx.AsyncClient, tip: str, row: dict[str, Any], base: bool
) -> None:
    body = {"tree": [{"type": "blob", **row}]} | ({"base_tree": github.objects.tree_of(tip)} if base else {})
    assert (await client.post(f"{REPO}/git/trees", json=body)).status_code == 422


async def test_what_names_nothing_is_refused(github: GitHub, client: httpx.AsyncClient, tip: str) -> None:
    row = {"path": "a", "mode": "100644", "type": "blob", "content": "x"}
    assert (await status(client, "POST", "/git/trees", base_tree=NOBODY, tree=[row]))[0] == 422
    assert (await status(client, "POST", "/git/trees", base_tree=tip, tree=[row]))[0] == 422
    assert (await status(client, "POST", "/git/trees", tree=[]))[0] == 422
    assert (await status(client, "POST", "/git/commits", message="M", tree=NOBODY, parents=[]))[0] == 422
    tree = github.objects.tree_of(tip)
    assert (await status(client, "POST", "/git/commits", message="M", tree=tree, parents=[NOBODY]))[0] == 422
    assert (await status(client, "GET", f"/git/trees/{NOBODY}"))[0] == 404
    assert (await status(client, "GET", f"/git/commits/{NOBODY}"))[0] == 404
    assert (await status(client, "GET", "/pulls/1"))[0] == 404


async def test_branches_are_made_once_and_move_forward_only(
    github: GitHub, client: httpx.AsyncClient, tip: str
) -> None:
    later = github.commit({"c": "3\n"})
    make = {"ref": "refs/heads/x", "sha": tip}
    assert (await status(client, "POST", "/git/refs", **make))[0] == 201
    assert await status(client, "POST", "/git/refs", **make) == (422, "Reference already exists")
    assert (await status(client, "POST", "/git/refs", ref="refs/heads/x/y", sha=tip))[0] == 422
    assert (await status(client, "POST", "/git/refs", ref="heads/z", sha=tip))[0] == 422
    assert (await status(client, "POST", "/git/refs", ref="refs/heads/z", sha=NOBODY))[0] == 422
    assert (await status(client, "PATCH", "/git/refs/heads/x", sha=later))[0] == 200
    assert await status(client, "PATCH", "/git/refs/heads/x", sha=tip) == (422, "Update is not a fast forward")
    assert (await status(client, "PATCH", "/git/refs/heads/nobody", sha=tip))[0] == 422
    github.settings.rules, github.settings.protected = ("creation",), frozenset({"x"})
    assert (await status(client, "POST", "/git/refs", ref="refs/heads/z", sha=tip))[0] == 422
    assert (await status(client, "PATCH", "/git/refs/heads/x", sha=later))[0] == 422


async def test_requests_are_opened_once_and_of_what_is_there(
    github: GitHub, client: httpx.AsyncClient, tip: str
) -> None:
    github.commit({"new": "x"}, "x")
    github.objects.set_branch("same", tip)
    ours = {"title": "T", "head": "x", "base": "main"}
    assert (await status(client, "POST", "/pulls", **{**ours, "head": "nobody"}))[0] == 422
    assert (await status(client, "POST", "/pulls", **{**ours, "base": "nobody"}))[0] == 422
    assert (await status(client, "POST", "/pulls", **{**ours, "head": "same"}))[0] == 422
    assert (await status(client, "POST", "/pulls", **{**ours, "body": "x" * 65_537}))[0] == 422
    github.settings.drafts = False
    assert (await status(client, "POST", "/pulls", **ours, draft=True))[0] == 422
    assert (await status(client, "POST", "/pulls", **ours))[0] == 201
    answer = await client.post(f"{REPO}/pulls", json=ours)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"] == "A pull request already exists for acme:x."
    for reviewers in (["octavia"], ["rita", "nobody"]):
        assert (await status(client, "POST", "/pulls/1/requested_reviewers", reviewers=reviewers))[0] == 422
    assert github.pulls[0].reviewers == []


async def test_a_fault_comes_once_before_or_after_it_is_done(
    github: GitHub, client: httpx.AsyncClient, tip: str
) -> None:
    github.faults |= {1: Fault(), 2: Fault("after"), 3: Fault("after", 502)}
    for number in (1, 2):
        with pytest.raises(httpx.TransportError):
            await client.post(f"{REPO}/git/refs", json={"ref": f"refs/heads/x{number}", "sha": tip})
    assert (await status(client, "POST", "/git/refs", ref="refs/heads/x3", sha=tip))[0] == 502
    assert github.objects.branches().keys() == {"main", "x2", "x3"}
    assert (await status(client, "POST", "/git/refs", ref="refs/heads/x4", sha=tip))[0] == 201


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("GET", "/git/tags/1", None, "no such operation"),
        ("DELETE", "/branches/main", None, "no such operation"),
        ("GET", "/pulls?state=some", None, "'some' is not one of"),
        ("GET", "/pulls?colour=red", None, "colour is not described"),
        ("POST", "/git/refs", {"ref": "refs/heads/x"}, "'sha' is a required property"),
        ("POST", "/git/refs", {"ref": "refs/heads/x", "sha": NOBODY, "key": 1}, "key is not described"),
        ("POST", "/git/trees", {"tree": [{"path": "a", "mode": "644", "content": ""}]}, "'644' is not one of"),
        ("POST", "/git/commits", {"message": "M", "tree": 7}, "7 is not of type 'string'"),
        ("GET", "/branches/main", {"a": 1}, "a body where none is described"),
    ],
)
async def test_what_is_not_as_described_is_kept_as_a_problem(
    github: GitHub, client: httpx.AsyncClient, tip: str, method: str, path: str, body: object, problem: str
) -> None:
    await client.request(method, REPO + path, json=body)
    assert problem in " ".join(github.problems)
    github.problems.clear()


async def test_headers_that_github_asks_for_are_missed(github: GitHub, client: httpx.AsyncClient, tip: str) -> None:
    for name in ("accept", "x-github-api-version", "user-agent"):
        await client.get(REPO, headers={name: ""})
        assert name in github.problems.pop()


def test_an_answer_that_is_not_as_described_is_a_problem() -> None:
    of = description.operation("GET", f"{REPO}/git/ref/heads/a/b")
    assert of is not None
    assert of.values["ref"] == "heads/a/b"
    whole = description.example("git-ref")
    assert description.answer_problems(of, 200, whole) == []
    assert description.answer_problems(of, 200, whole | {"ref": 1})
    assert description.answer_problems(of, 200, {name: whole[name] for name in whole if name != "object"})
    assert description.answer_problems(of, 418, {})
    assert description.answer_problems(of, 401, {"message": 1})


async def test_a_list_comes_in_pages(github: GitHub, client: httpx.AsyncClient, tip: str) -> None:
    for number in range(3):
        github.commit({"new": f"{number}"}, f"x{number}")
        await client.post(f"{REPO}/pulls", json={"title": "T", "head": f"x{number}", "base": "main"})
    first = await client.get(f"{REPO}/pulls", params={"per_page": 2, "state": "all"})
    second = await client.get(first.links["next"]["url"])
    assert [pull["number"] for pull in first.json() + second.json()] == [3, 2, 1]
    assert "next" not in second.links
    one = await client.get(f"{REPO}/pulls", params={"head": "acme:x1"})
    assert [pull["head"]["ref"] for pull in one.json()] == ["x1"]
