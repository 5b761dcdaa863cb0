"""The contract of the CodeHost port, over every adapter that needs no network."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import pytest

from core.errors import CodeHostRefused, Conflict, InvalidInput, NotFound
from core.ports import CodeHost, Workspace
from core.publication import PullRequestDraft
from core.workspaces import Author, Change
from tests.contracts.code_hosts import ADAPTERS
from tests.contracts.fixed_clock import FixedClock
from workspace.git import GitWorkspaceProvider

FILES = {
    "backend/app/main.py": "print('ü')\r\n",
    "README.md": "# Todo\n",
    "empty": "",
    "a b/ñ.txt": "no end of line",
    ".github/workflows/ci.yml": "on: push\n",
}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture(params=ADAPTERS)
async def make_host(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock
) -> AsyncIterator[Callable[[], CodeHost]]:
    """Each call is the host as a new process sees it."""
    async with request.param(tmp_path, clock) as make:
        yield make


@pytest.fixture
def host(make_host: Callable[[], CodeHost]) -> CodeHost:
    return make_host()


@pytest.fixture
async def workspace(tmp_path: Path, clock: FixedClock) -> Workspace:
    workspace = await GitWorkspaceProvider(tmp_path / "workspaces", clock).open("t1")
    await commit(workspace, FILES)
    return workspace


async def commit(workspace: Workspace, files: Mapping[str, str], *deletes: str) -> str:
    author = Author(name="planner", email="planner@autonomy.invalid")
    return (await workspace.commit(Change(author=author, message="m", files=dict(files), deletes=deletes))).commit


def draft(key: str = "t1", **changes: str) -> PullRequestDraft:
    fields = {
        "key": key,
        "branch": f"autonomy/todo-api-{key}",
        "title": "Add a todo API",
        "body": "What it does.\n\nAnd how.",
        "commit_message": "Add a todo API\n\nWith tests.",
    }
    return PullRequestDraft(**(fields | changes))


def git(*arguments: str | Path) -> str:
    return subprocess.run(["git", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


async def test_a_clone_of_the_branch_is_the_base_and_byte_for_byte_the_approved_files(
    host: CodeHost, workspace: Workspace, tmp_path: Path
) -> None:
    base = await host.base("main")
    approved = await workspace.head()
    await commit(workspace, {"later.txt": "not approved"})
    published = await host.publish(workspace, approved, draft())
    request = await host.open_pull_request(draft(), published.commit)
    clone = tmp_path / "clone"
    git("clone", "-q", "-b", request.branch, request.clone_url, clone)
    there = [path for path in clone.rglob("*") if path.is_file() and ".git" not in path.relative_to(clone).parts]
    found = {str(path.relative_to(clone)): path.read_bytes() for path in there}
    assert found.keys() == base.files.keys() | FILES.keys()
    assert {path: found[path] for path in FILES} == {path: text.encode() for path, text in FILES.items()}
    head, tree = git("-C", clone, "rev-parse", "HEAD", "HEAD^{tree}").split()
    assert head == published.commit
    assert published.tree in (tree, ""), "the tree of it, where the host tells it"
    assert (request.commit, request.tree) == (published.commit, published.tree)


async def test_the_branch_is_one_commit_on_the_base(host: CodeHost, workspace: Workspace, tmp_path: Path) -> None:
    published = await host.publish(workspace, await workspace.head(), draft())
    request = await host.open_pull_request(draft(), published.commit)
    clone = tmp_path / "clone"
    git("clone", "-q", request.clone_url, clone)
    assert git("-C", clone, "rev-parse", "origin/main", f"{published.commit}^").split() == [published.onto] * 2
    log = git("-C", clone, "log", "--format=%s|%at|%b", "origin/main..origin/autonomy/todo-api-t1")
    assert log.startswith("Add a todo API|1760000000|With tests.")
    assert git("-C", clone, "fsck", "--strict") == ""


async def test_the_diff_stat_ends_as_what_git_says(host: CodeHost, workspace: Workspace, tmp_path: Path) -> None:
    head = await commit(workspace, {"long.py": "x\n" * 70, "one.py": "x\n"}, "a b/ñ.txt")
    request = await host.open_pull_request(draft(), (await host.publish(workspace, head, draft())).commit)
    git("clone", "-q", request.clone_url, tmp_path / "clone")
    said = git("-C", tmp_path / "clone", "diff", "--stat", "origin/main", request.commit)
    assert request.diff_stat.splitlines()[-1] == said.splitlines()[-1]


async def test_publishing_the_same_again_changes_nothing(
    make_host: Callable[[], CodeHost], workspace: Workspace, clock: FixedClock
) -> None:
    head = await workspace.head()
    first = await make_host().publish(workspace, head, draft())
    clock.time += 60.0
    assert await make_host().publish(workspace, head, draft(commit_message="Other words")) == first


async def test_opening_the_same_request_again_returns_the_one_that_is_open(
    make_host: Callable[[], CodeHost], workspace: Workspace
) -> None:
    host = make_host()
    published = (await host.publish(workspace, await workspace.head(), draft())).commit
    first = await host.open_pull_request(draft(), published)
    assert await make_host().open_pull_request(draft(title="Other words"), published) == first
    assert await make_host().find("t1") == first


async def test_a_branch_that_is_there_with_other_content_is_a_conflict(host: CodeHost, workspace: Workspace) -> None:
    await host.publish(workspace, await workspace.head(), draft())
    changed = await commit(workspace, {"README.md": "other"})
    with pytest.raises((Conflict, CodeHostRefused), match="other content"):
        await host.publish(workspace, changed, draft())


async def test_everything_at_the_same_time_gives_one_commit_and_one_request(
    make_host: Callable[[], CodeHost], workspace: Workspace
) -> None:
    host, head = make_host(), await workspace.head()
    published = {
        done.commit for done in await asyncio.gather(*(host.publish(workspace, head, draft()) for _ in range(8)))
    }
    assert len(published) == 1
    (one,) = published
    requests = await asyncio.gather(*(host.open_pull_request(draft(), one) for _ in range(8)))
    assert len({request.model_dump_json() for request in requests}) == 1


async def test_numbers_grow_and_tasks_do_not_meet(
    make_host: Callable[[], CodeHost], workspace: Workspace, tmp_path: Path
) -> None:
    numbers, urls = [], []
    for key in ("t1", "t2", "t3"):
        host = make_host()
        published = (await host.publish(workspace, await workspace.head(), draft(key))).commit
        request = await host.open_pull_request(draft(key), published)
        numbers.append(request.number)
        urls.append(request.url)
    assert numbers == [1, 2, 3]
    assert len(set(urls)) == 3


async def test_a_request_says_what_was_drafted(host: CodeHost, workspace: Workspace) -> None:
    published = (await host.publish(workspace, await workspace.head(), draft())).commit
    request = await host.open_pull_request(draft(), published)
    assert (request.key, request.branch, request.base) == ("t1", "autonomy/todo-api-t1", "main")
    assert (request.title, request.body) == ("Add a todo API", "What it does.\n\nAnd how.")
    assert request.url


async def test_a_key_without_a_request_finds_nothing(host: CodeHost) -> None:
    assert await host.find("t9") is None


async def test_a_request_for_what_was_not_published_is_refused(host: CodeHost, workspace: Workspace) -> None:
    with pytest.raises((NotFound, CodeHostRefused)):
        await host.open_pull_request(draft(), "0" * 40)
    await host.publish(workspace, await workspace.head(), draft())
    with pytest.raises((Conflict, CodeHostRefused)):
        await host.open_pull_request(draft(), "0" * 40)
    assert await host.find("t1") is None


async def test_a_version_that_is_not_there_publishes_nothing(host: CodeHost, workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        await host.publish(workspace, "0" * 40, draft())


class Altering:
    """A workspace that hands out other content than its tree has."""

    def __init__(self, workspace: Workspace, *, drop: bool = False) -> None:
        self._workspace = workspace
        self._drop = drop

    def __getattr__(self, name: str) -> object:
        return getattr(self._workspace, name)

    async def read(self, paths: Sequence[str] | None = None, ref: str | None = None) -> Mapping[str, str]:
        files = dict(await self._workspace.read(paths, ref))
        if self._drop:
            del files["README.md"]
        else:
            files["README.md"] += " "
        return files


@pytest.mark.parametrize("drop", [True, False])
async def test_a_copy_that_is_not_the_approved_tree_is_not_published(
    host: CodeHost, workspace: Workspace, drop: bool
) -> None:
    with pytest.raises(Conflict):
        await host.publish(Altering(workspace, drop=drop), await workspace.head(), draft())  # type: ignore[arg-type]  # delegates
    with pytest.raises((NotFound, CodeHostRefused)):
        await host.open_pull_request(draft(), "0" * 40)


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "../x"},
        {"key": ""},
        {"key": "a/b"},
        {"branch": ""},
        {"branch": "../x"},
        {"branch": "a..b"},
        {"branch": "a.lock"},
        {"branch": "a/.b"},
        {"branch": "a b"},
        {"branch": "-a"},
        {"branch": "a\n"},
        {"branch": "main"},
        {"branch": "main/x"},
        {"base": "x:y"},
    ],
)
async def test_names_that_are_not_plain_are_refused(
    host: CodeHost, workspace: Workspace, changes: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput):
        await host.publish(workspace, await workspace.head(), draft(**changes))


async def test_a_host_that_works_says_so(host: CodeHost) -> None:
    probe = await host.probe()
    assert probe.ok
    assert probe.backend
