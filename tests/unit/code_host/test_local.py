"""What is particular to the local code host: kills between steps, its files, hooks, what a person does to it by hand."""

import os
import subprocess
from pathlib import Path

import pytest

from code_host.bare import BareRepository
from code_host.local import LocalCodeHost
from core.errors import NotFound
from core.ports import Workspace
from core.publication import PullRequest, PullRequestDraft
from core.workspaces import Author, Change
from tests.contracts.fixed_clock import FixedClock
from workspace.git import GitWorkspaceProvider

CLOCK = FixedClock()
DRAFT = PullRequestDraft(key="t1", branch="autonomy/todo-t1", title="T", body="B", commit_message="Add a todo API")


@pytest.fixture
async def workspace(tmp_path: Path) -> Workspace:
    workspace = await GitWorkspaceProvider(tmp_path / "workspaces", CLOCK).open("t1")
    author = Author(name="planner", email="planner@autonomy.invalid")
    await workspace.commit(Change(author=author, message="m", files={"a/b.py": "x = 1\n", "c": "2"}))
    return workspace


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "host"


def git(*arguments: str | Path) -> str:
    return subprocess.run(["git", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class Killed(BaseException):
    """Ends the call where it stands, as a kill would; nothing may handle it."""


@pytest.mark.parametrize("step", ["create", "write_tree", "write_commit", "add_branch"])
@pytest.mark.parametrize("after", [True, False])
async def test_a_kill_at_any_step_of_publishing_is_mended_by_repeating(
    step: str, after: bool, root: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = await workspace.head()
    real = getattr(BareRepository, step)

    def killed(*arguments: object) -> None:
        if after:
            real(*arguments)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(BareRepository, step, killed)  # a kill cannot be asked for at just this point
        with pytest.raises(Killed):
            await LocalCodeHost(root, CLOCK).publish(workspace, head, DRAFT)
    host = LocalCodeHost(root, CLOCK)
    published = (await host.publish(workspace, head, DRAFT)).commit
    request = await host.open_pull_request(DRAFT, published)
    repository = root / "todo-t1.git"
    assert git("-C", repository, "for-each-ref", "--format=%(refname)").split() == [
        "refs/heads/autonomy/todo-t1",
        "refs/heads/main",
    ]
    assert git("-C", repository, "rev-list", "--count", "main..autonomy/todo-t1") == "1\n"
    assert request.tree == await workspace.tree(head)
    assert names_in(root / "pulls") == ["t1.json"]


async def test_a_kill_while_the_request_is_written_leaves_none_or_the_whole_one(
    root: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = LocalCodeHost(root, CLOCK)
    published = (await host.publish(workspace, await workspace.head(), DRAFT)).commit

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)  # a kill cannot be asked for at just this point
        with pytest.raises(Killed):
            await host.open_pull_request(DRAFT, published)
    assert await LocalCodeHost(root, CLOCK).find("t1") is None
    assert (await LocalCodeHost(root, CLOCK).open_pull_request(DRAFT, published)).number == 1


async def test_lock_files_of_a_killed_process_do_not_lock_the_next_one_out(root: Path, workspace: Workspace) -> None:
    host = LocalCodeHost(root, CLOCK)
    head = await workspace.head()
    await host.publish(workspace, head, DRAFT)
    other = DRAFT.model_copy(update={"branch": "other/todo-t1"})
    lock = root / "todo-t1.git" / "refs" / "heads" / "other" / "todo-t1.lock"
    lock.parent.mkdir()
    lock.write_text("half")
    assert await LocalCodeHost(root, CLOCK).publish(workspace, head, other)


async def test_the_request_is_a_file_that_people_and_programs_can_read(root: Path, workspace: Workspace) -> None:
    host = LocalCodeHost(root, CLOCK)
    request = await host.open_pull_request(DRAFT, (await host.publish(workspace, await workspace.head(), DRAFT)).commit)
    path = root / "pulls" / "t1.json"
    assert request.url == path.as_uri()
    assert PullRequest.model_validate_json(path.read_bytes()) == request
    assert request.clone_url == (root / "todo-t1.git").as_uri()


async def test_a_branch_that_does_not_end_in_the_key_is_kept_under_the_key(root: Path, workspace: Workspace) -> None:
    other = DRAFT.model_copy(update={"branch": "feature/x"})
    await LocalCodeHost(root, CLOCK).publish(workspace, await workspace.head(), other)
    assert (root / "t1.git").is_dir()


async def test_a_push_to_the_branch_shows_in_the_request(root: Path, workspace: Workspace, tmp_path: Path) -> None:
    host = LocalCodeHost(root, CLOCK)
    request = await host.open_pull_request(DRAFT, (await host.publish(workspace, await workspace.head(), DRAFT)).commit)
    clone = tmp_path / "clone"
    git("clone", "-q", "-b", DRAFT.branch, request.clone_url, clone)
    (clone / "by-hand").write_text("x")
    git("-C", clone, "add", ".")
    git("-C", clone, "-c", "user.name=P", "-c", "user.email=p@example.invalid", "commit", "-q", "-m", "By hand")
    git("-C", clone, "push", "-q")
    found = await host.find("t1")
    assert found is not None
    assert found.tree == git("-C", clone, "rev-parse", "HEAD^{tree}").strip() != request.tree


async def test_a_request_of_which_the_branch_is_gone_is_not_shown_as_open(root: Path, workspace: Workspace) -> None:
    host = LocalCodeHost(root, CLOCK)
    await host.open_pull_request(DRAFT, (await host.publish(workspace, await workspace.head(), DRAFT)).commit)
    git("-C", root / "todo-t1.git", "branch", "-D", DRAFT.branch)
    with pytest.raises(NotFound, match="which is gone"):
        await host.find("t1")


async def test_a_hook_does_not_run(root: Path, workspace: Workspace, tmp_path: Path) -> None:
    head = await workspace.head()
    await LocalCodeHost(root, CLOCK).publish(workspace, head, DRAFT)
    hooks = root / "todo-t1.git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("update", "post-receive", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        (hooks / name).chmod(0o755)
    await LocalCodeHost(root, CLOCK).publish(workspace, head, DRAFT.model_copy(update={"branch": "second/todo-t1"}))
    assert not (tmp_path / "ran").exists()


async def test_a_folder_that_cannot_be_written_says_how_to_fix_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    probe = await LocalCodeHost(tmp_path / "file" / "host", CLOCK).probe()
    assert not probe.ok
    assert str(tmp_path / "file" / "host") in probe.fix


async def test_the_probe_leaves_nothing_behind(root: Path) -> None:
    assert (await LocalCodeHost(root, CLOCK).probe()).ok
    assert names_in(root) == []


async def test_a_clone_has_one_commit_on_an_empty_base_and_exactly_the_approved_tree(
    root: Path, workspace: Workspace, tmp_path: Path
) -> None:
    host = LocalCodeHost(root, CLOCK)
    published = await host.publish(workspace, await workspace.head(), DRAFT)
    request = await host.open_pull_request(DRAFT, published.commit)
    clone = tmp_path / "clone"
    git("clone", "-q", request.clone_url, clone)
    assert git("-C", clone, "ls-files") == ""
    log = git("-C", clone, "log", "--format=%s|%an|%at", f"origin/main..origin/{DRAFT.branch}")
    assert log.strip() == "Add a todo API|autonomy|1760000000"
    assert published.tree == await workspace.tree(await workspace.head())


async def test_the_diff_stat_is_what_git_says(root: Path, workspace: Workspace, tmp_path: Path) -> None:
    host = LocalCodeHost(root, CLOCK)
    author = Author(name="planner", email="planner@autonomy.invalid")
    files = {"long.py": "x\n" * 70, "one.py": "x\n", "empty": "", "a b/n.txt": "no end of line"}
    head = (await workspace.commit(Change(author=author, message="m", files=files, deletes=("c",)))).commit
    request = await host.open_pull_request(DRAFT, (await host.publish(workspace, head, DRAFT)).commit)
    clone = tmp_path / "clone"
    git("clone", "-q", request.clone_url, clone)
    said = git("-C", clone, "diff", "--stat=200,60,200", "--stat-graph-width=20", "origin/main", request.commit)
    assert [line.split() for line in request.diff_stat.splitlines()] == [line.split() for line in said.splitlines()]
