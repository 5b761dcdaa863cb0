"""The git side of a workspace: what the real git says of the repository, kills in the middle, odd authors and messages."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import Conflict
from core.workspaces import Author, Change
from tests.contracts.fixed_clock import FixedClock
from workspace.git import GitWorkspace, GitWorkspaceProvider
from workspace.repository import Repository

REPOSITORY = Path(__file__).resolve().parents[3]
CLOCK = FixedClock(1_760_000_000.9)


def change(
    files: dict[str, str], *deletes: str, name: str = "planner", message: str = "Plan", **trailers: str
) -> Change:
    author = Author(name=name, email="planner@autonomy.invalid")
    return Change(author=author, message=message, files=files, deletes=deletes, trailers=trailers)


def git(repository: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def provider(tmp_path: Path) -> GitWorkspaceProvider:
    return GitWorkspaceProvider(tmp_path / "workspaces", CLOCK)


@pytest.fixture
async def workspace(provider: GitWorkspaceProvider) -> GitWorkspace:
    return await provider.open("task-1")


async def test_git_finds_nothing_wrong_with_the_repository(
    provider: GitWorkspaceProvider, workspace: GitWorkspace
) -> None:
    first = await workspace.commit(change({"app/main.py": "1", "app-x": "1", "app.py": "2", "ü": "3", "a/b/c/d": "4"}))
    await workspace.commit(change({"app/z.py": "5"}, "a/b/c/d", Task="task-1"), branch="stage/qa_agent")
    await workspace.commit(change({"app/z.py": "5", ".gitattributes": "*.py text\n", ".gitignore": "x"}, "app-x"))
    await workspace.revert(first.commit, change({}))
    assert git(provider.path("task-1"), "fsck", "--strict", "--no-dangling", "--full") == ""


async def test_git_clone_brings_every_byte(
    provider: GitWorkspaceProvider, workspace: GitWorkspace, tmp_path: Path
) -> None:
    files = {"a/b.py": "x = 1\r\n", "ü.md": "Ω", "empty": "", "run.sh": "#!/bin/sh\n"}
    await workspace.commit(change(files))
    git(tmp_path, "clone", "-q", str(provider.path("task-1")), str(tmp_path / "clone"))
    for path, text in files.items():
        assert (tmp_path / "clone" / path).read_bytes() == text.encode()


async def test_a_commit_says_who_when_and_what(provider: GitWorkspaceProvider, workspace: GitWorkspace) -> None:
    await workspace.commit(
        change({"a": "1"}, message="Plan it\n\nIn two steps.\n", **{"Task": "task-1", "Prompt hash": "ab\ncd: x"})
    )
    shown = git(provider.path("task-1"), "log", "-1", "--format=%an <%ae>|%cn <%ce>|%at %ct|%B", "main")
    assert shown.rstrip("\n") == (
        "planner <planner@autonomy.invalid>|autonomy <autonomy@autonomy.invalid>|1760000000 1760000000|"
        "Plan it\n\nIn two steps.\n\nTask: task-1\nPrompt-hash: ab cd: x"
    )
    trailers = git(provider.path("task-1"), "log", "-1", "--format=%(trailers:key=Task,valueonly)", "main")
    assert trailers.strip() == "task-1"


@pytest.mark.parametrize("name", ["", "a <b> c\nd\0", "<>", " . ", "Ünal", "\ud800", "x" * 500])
async def test_any_author_and_message_make_a_valid_commit(
    provider: GitWorkspaceProvider, workspace: GitWorkspace, name: str
) -> None:
    author = Author(name=name, email=name)
    await workspace.commit(Change(author=author, message=name, files={"a": "1"}, trailers={name: name}))
    git(provider.path("task-1"), "fsck", "--strict")
    assert git(provider.path("task-1"), "rev-list", "--count", "main") == "2\n"


async def test_commits_are_the_same_for_the_same_changes_and_clock(tmp_path: Path) -> None:
    heads = []
    for folder in ("one", "two"):
        workspace = await GitWorkspaceProvider(tmp_path / folder, CLOCK).open("task-1")
        heads.append((await workspace.commit(change({"a": "1"}))).commit)
    assert heads[0] == heads[1]


async def test_every_entry_is_a_plain_file(provider: GitWorkspaceProvider, workspace: GitWorkspace) -> None:
    await workspace.commit(change({"a/b": "1", "link": "/etc/passwd", ".gitmodules": '[submodule "x"]'}))
    modes = {line.split()[0] for line in git(provider.path("task-1"), "ls-tree", "-r", "main").splitlines()}
    assert modes == {"100644"}


async def test_a_hook_does_not_run(provider: GitWorkspaceProvider, workspace: GitWorkspace, tmp_path: Path) -> None:
    hooks = provider.path("task-1") / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-commit", "post-commit", "update", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        (hooks / name).chmod(0o755)
    await workspace.commit(change({"a": "1"}))
    assert not (tmp_path / "ran").exists()


async def test_a_kill_before_the_branch_moved_leaves_the_old_version_and_the_repetition_completes_it(
    provider: GitWorkspaceProvider, workspace: GitWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = await workspace.head()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Repository, "advance", killed)  # a kill cannot be asked for at just this point
        with pytest.raises(KeyboardInterrupt):
            workspace._commit(change({"a": "1"}), None)
    assert await workspace.head() == head
    assert await workspace.files() == {}
    committed = await workspace.commit(change({"a": "1"}))
    assert await workspace.read() == {"a": "1"}
    assert git(provider.path("task-1"), "rev-list", "--count", "main") == "2\n"
    assert committed.commit == await workspace.head()


async def test_lock_files_of_a_killed_process_do_not_lock_the_next_one_out(
    provider: GitWorkspaceProvider, workspace: GitWorkspace
) -> None:
    committed = await workspace.commit(change({"a": "1"}))
    path = provider.path("task-1")
    blob = (await workspace.files())["a"]
    shutil.rmtree(path / "objects" / blob[:2])
    (path / "objects" / blob[:2]).mkdir()
    for lock in (
        path / "refs" / "heads" / "main.lock",
        path / "HEAD.lock",
        path / "objects" / blob[:2] / f"{blob[2:]}.lock",
    ):
        lock.write_text("half")
    next_process = await GitWorkspaceProvider(path.parent, CLOCK).open("task-1")
    assert (await next_process.commit(change({"a": "1", "b": "2"}))).commit != committed.commit
    assert await next_process.read() == {"a": "1", "b": "2"}


async def test_kill_9_while_committing_loses_no_commit_and_breaks_nothing(provider: GitWorkspaceProvider) -> None:
    path = provider.path("task-1")
    command = [sys.executable, "-m", "tests.unit.workspace.commit_child", str(path.parent)]
    seen = 0
    for _ in range(4):
        child = await asyncio.create_subprocess_exec(*command, cwd=REPOSITORY)
        try:
            async with asyncio.timeout(120.0):
                while await commits(path) < seen + 5:  # noqa: ASYNC110  # another process makes them
                    await asyncio.sleep(0.01)
        finally:
            child.kill()
            await child.wait()
        git(path, "fsck", "--strict", "--no-dangling")
        assert await commits(path) >= seen + 5
        seen = await commits(path)
    workspace = await provider.open("task-1")
    assert len(await workspace.files()) == seen - 1
    await workspace.commit(change({"last": "1"}))
    assert await commits(path) == seen + 1


async def commits(path: Path) -> int:
    if not await asyncio.to_thread(path.exists):
        return 0
    return int(await asyncio.to_thread(git, path, "rev-list", "--count", "main"))


async def test_a_half_made_repository_is_not_taken_for_a_workspace(
    provider: GitWorkspaceProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Repository, "write_commit", no_space)  # a full disk, at this point
        with pytest.raises(OSError, match="No space"):
            await provider.open("task-2")
    assert list(provider.path("task-2").parent.iterdir()) == []
    assert await (await provider.open("task-2")).files() == {}


async def test_head_moved_by_another_process_is_not_overwritten(
    provider: GitWorkspaceProvider, workspace: GitWorkspace
) -> None:
    head = await workspace.head()
    await workspace.commit(change({"a": "1"}))
    repository = Repository(provider.path("task-1"))
    with pytest.raises(Conflict):
        repository.advance(head, head)
    assert await workspace.read() == {"a": "1"}


async def test_a_cancelled_commit_is_made_whole_or_not_at_all(
    provider: GitWorkspaceProvider, workspace: GitWorkspace
) -> None:
    tasks = [asyncio.create_task(workspace.commit(change({f"f{n}": "x"}))) for n in range(8)]
    await asyncio.sleep(0.005)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await workspace.commit(change({"last": "x"}))
    assert {"f1", "f3", "f5", "f7", "last"} <= set(await workspace.files())
    git(provider.path("task-1"), "fsck", "--strict", "--no-dangling")
