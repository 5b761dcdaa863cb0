"""The contract of the Workspace and WorkspaceProvider ports, over every adapter of them."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import InvalidInput, NotFound
from core.ports import Workspace, WorkspaceProvider
from core.workspaces import MAX_FILE_BYTES, Author, Change
from tests.contracts.fixed_clock import FixedClock
from workspace.git import GitWorkspaceProvider

BACKEND = Author(name="backend_agent", email="backend_agent@autonomy.invalid")
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def git_provider(folder: Path) -> WorkspaceProvider:
    return GitWorkspaceProvider(folder, FixedClock())


ADAPTERS = [git_provider]


@pytest.fixture(params=ADAPTERS)
def make_provider(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], WorkspaceProvider]:
    """Each call is the provider of a new process over the same folder."""
    return lambda: request.param(tmp_path / "workspaces")


@pytest.fixture
async def workspace(make_provider: Callable[[], WorkspaceProvider]) -> Workspace:
    return await make_provider().open("task-1")


def change(files: dict[str, str] | None = None, *deletes: str, message: str = "Change it") -> Change:
    return Change(author=BACKEND, message=message, files=files or {}, deletes=deletes, trailers={"Task": "task-1"})


async def test_a_new_workspace_has_a_head_and_no_files(workspace: Workspace) -> None:
    assert await workspace.files() == {}
    assert await workspace.tree() == EMPTY_TREE
    assert await workspace.tree(await workspace.head()) == EMPTY_TREE


async def test_what_is_committed_can_be_read_back_exactly(workspace: Workspace) -> None:
    files = {
        "app/main.py": "print('hi')\n",
        "crlf.txt": "a\r\nb\rc\u2028d",
        "empty": "",
        "ü ñ/日本.md": "# Ω\n",
        "bom.txt": "\ufeffx",
    }
    committed = await workspace.commit(change(files))
    assert await workspace.read() == files
    assert sorted(committed.written) == sorted(files)
    assert committed.refused == ()
    assert committed.commit == await workspace.head()
    assert committed.tree == await workspace.tree()


async def test_reading_names_leaves_out_those_that_are_unknown(workspace: Workspace) -> None:
    await workspace.commit(change({"a": "1", "b": "2"}))
    assert await workspace.read(["b", "c", "../../etc/passwd", ""]) == {"b": "2"}
    assert await workspace.read([]) == {}


async def test_earlier_versions_stay_readable(workspace: Workspace) -> None:
    first = await workspace.commit(change({"a": "1"}))
    second = await workspace.commit(change({"b": "2"}, "a"))
    assert await workspace.read(ref=first.commit) == {"a": "1"}
    assert await workspace.read(ref=first.tree) == {"a": "1"}
    assert await workspace.read(ref=second.commit) == {"b": "2"}
    assert second.deleted == ("a",)


async def test_equal_content_has_equal_ids_whatever_the_way_there(workspace: Workspace) -> None:
    first = await workspace.commit(change({"a/b": "1", "c": "2"}))
    await workspace.commit(change({"d/e/f": "3"}, "c"))
    third = await workspace.commit(change({"c": "2"}, "d/e/f"))
    assert third.tree == first.tree
    assert third.commit != first.commit
    assert await workspace.files(first.commit) == await workspace.files()


async def test_a_change_that_changes_nothing_makes_no_commit_and_reports_as_the_first_time(
    workspace: Workspace,
) -> None:
    await workspace.commit(change({"old": "0"}))
    first = await workspace.commit(change({"a": "1", "b": "2", "../x": "3"}, "old"))
    again = await workspace.commit(change({"a": "1", "b": "2", "../x": "3"}, "old"))
    assert again == first


async def test_a_refused_file_is_named_with_its_reason_and_the_rest_is_committed(workspace: Workspace) -> None:
    committed = await workspace.commit(
        change({"ok.py": "1", "../out.py": "2", "/etc/passwd": "3", "big": "x" * (MAX_FILE_BYTES + 1)}, ".git/config")
    )
    assert await workspace.read() == {"ok.py": "1"}
    assert committed.written == ("ok.py",)
    assert {refused.path for refused in committed.refused} == {".git/config", "../out.py", "/etc/passwd", "big"}
    assert all(refused.reason for refused in committed.refused)


async def test_a_change_of_which_all_is_refused_makes_no_commit(workspace: Workspace) -> None:
    head = await workspace.head()
    committed = await workspace.commit(change({"../out.py": "2"}))
    assert committed.commit == head
    assert committed.written == ()


async def test_diff_between_two_versions_counts_and_shows_lines(workspace: Workspace) -> None:
    first = await workspace.commit(change({"a.txt": "1\n2\n3\n", "b.txt": "x\n"}))
    second = await workspace.commit(change({"a.txt": "1\ntwo\n3\n", "c.txt": "y\nz"}, "b.txt"))
    diff = await workspace.diff(first.commit, second.commit)
    assert [(file.path, file.status, file.additions, file.deletions) for file in diff.files] == [
        ("a.txt", "modified", 1, 1),
        ("b.txt", "deleted", 0, 1),
        ("c.txt", "added", 2, 0),
    ]
    assert "-2\n+two\n" in diff.patch
    assert not diff.truncated
    assert diff == await workspace.diff(first.commit)


async def test_diff_from_nothing_shows_every_file_as_added(workspace: Workspace) -> None:
    await workspace.commit(change({"a": "1\n", "b": "2\n"}))
    diff = await workspace.diff(None)
    assert [(file.path, file.status) for file in diff.files] == [("a", "added"), ("b", "added")]
    assert (diff.additions, diff.deletions) == (2, 0)


async def test_a_long_patch_is_cut_at_a_line_and_its_counts_are_of_the_whole(workspace: Workspace) -> None:
    await workspace.commit(change({f"{name}.txt": "ä line\n" * 50 for name in "abc"}))
    diff = await workspace.diff(None, max_bytes=700)
    assert diff.truncated
    assert len(diff.patch.encode()) <= 700
    assert diff.patch.endswith("\n")
    assert diff.additions == 150
    assert len(diff.files) == 3


async def test_revert_brings_back_an_earlier_tree_as_a_new_commit(workspace: Workspace) -> None:
    first = await workspace.commit(change({"a": "1", "b": "1"}))
    second = await workspace.commit(change({"a": "2", "c": "2"}, "b"))
    reverted = await workspace.revert(first.commit, change(message="Go back"))
    assert reverted.commit not in (first.commit, second.commit)
    assert reverted.tree == first.tree
    assert reverted.written == ("a", "b")
    assert reverted.deleted == ("c",)
    assert await workspace.read() == {"a": "1", "b": "1"}
    assert (await workspace.revert(first.commit, change())).commit == reverted.commit


async def test_a_commit_under_a_branch_name_leaves_head_where_it_is(workspace: Workspace) -> None:
    head = (await workspace.commit(change({"a": "1"}))).commit
    staged = await workspace.commit(change({"b": "2"}), branch="stage/backend_agent")
    assert await workspace.head() == head
    assert await workspace.files(staged.commit) == await workspace.files(staged.tree)
    assert await workspace.read(ref=staged.commit) == {"a": "1", "b": "2"}
    again = await workspace.commit(change({"b": "2"}), branch="stage/backend_agent")
    assert again == staged


async def test_a_branch_is_replaced_by_the_next_commit_under_its_name(workspace: Workspace) -> None:
    first = await workspace.commit(change({"b": "1"}), branch="report")
    second = await workspace.commit(change({"c": "2"}), branch="report")
    assert await workspace.read(ref=second.commit) == {"c": "2"}
    assert await workspace.read(ref=first.commit) == {"b": "1"}
    nothing = await workspace.commit(change(), branch="report")
    assert nothing.commit == await workspace.head()


async def test_branches_made_at_the_same_time_are_all_kept(workspace: Workspace) -> None:
    names = [f"stage/agent-{number}" for number in range(6)]
    staged = await asyncio.gather(*(workspace.commit(change({name: "x"}), branch=name) for name in names))
    for name, commit in zip(names, staged, strict=True):
        assert await workspace.read(ref=commit.commit) == {name: "x"}


@pytest.mark.parametrize("branch", ["main", "", "../x", "a//b", "/a", "a/", "a.lock", "-a", "a b", "a\n", "x" * 101])
async def test_a_branch_name_that_is_not_plain_is_refused(workspace: Workspace, branch: str) -> None:
    with pytest.raises(InvalidInput):
        await workspace.commit(change({"a": "1"}), branch=branch)


@pytest.mark.parametrize("ref", ["0" * 40, "f" * 40, "main", "HEAD", "", "../../x", "g" * 40, "4b825d", "\ud800", "ä"])
async def test_a_version_that_is_not_there_is_not_found(workspace: Workspace, ref: str) -> None:
    for call in (
        workspace.files(ref),
        workspace.read(None, ref),
        workspace.tree(ref),
        workspace.diff(ref),
        workspace.diff(None, ref),
        workspace.revert(ref, change()),
    ):
        with pytest.raises(NotFound):
            await call


async def test_the_id_of_a_file_is_no_version(workspace: Workspace) -> None:
    await workspace.commit(change({"a": "1"}))
    with pytest.raises(NotFound):
        await workspace.files((await workspace.files())["a"])


async def test_commits_at_the_same_time_are_all_kept_one_after_another(
    make_provider: Callable[[], WorkspaceProvider],
) -> None:
    provider = make_provider()
    workspaces = await asyncio.gather(*(provider.open("task-1") for _ in range(12)))
    committed = await asyncio.gather(
        *(workspace.commit(change({f"file{number}": "x"})) for number, workspace in enumerate(workspaces))
    )
    assert len({result.commit for result in committed}) == 12
    assert len(await workspaces[0].files()) == 12


async def test_a_workspace_is_the_same_when_opened_again_and_after_a_restart(
    make_provider: Callable[[], WorkspaceProvider],
) -> None:
    provider = make_provider()
    committed = await (await provider.open("task-1")).commit(change({"a": "1"}))
    assert await (await provider.open("task-1")).head() == committed.commit
    assert await (await make_provider().open("task-1")).head() == committed.commit


async def test_tasks_do_not_see_each_other(make_provider: Callable[[], WorkspaceProvider]) -> None:
    provider = make_provider()
    one, two = await provider.open("task-1"), await provider.open("task-2")
    committed = await one.commit(change({"a": "1"}))
    assert await two.files() == {}
    with pytest.raises(NotFound):
        await two.files(committed.commit)
    assert provider.path("task-1") != provider.path("task-2")


@pytest.mark.parametrize("task_id", ["", ".", "..", "../x", "a/b", "/etc", "a b", "a\n", "ä", "x" * 65, ".new-1"])
async def test_a_task_id_that_is_no_plain_name_is_refused(
    make_provider: Callable[[], WorkspaceProvider], task_id: str
) -> None:
    provider = make_provider()
    with pytest.raises(InvalidInput):
        await provider.open(task_id)
    with pytest.raises(InvalidInput):
        provider.path(task_id)


async def test_a_copy_begins_at_a_version_of_its_source_and_goes_its_own_way(
    make_provider: Callable[[], WorkspaceProvider],
) -> None:
    provider = make_provider()
    source = await provider.open("task-1")
    first = await source.commit(change({"a": "1"}))
    second = await source.commit(change({"b": "2"}))
    copied = await provider.copy("task-1", "task-2", first.commit)
    assert (await copied.head(), await copied.read()) == (first.commit, {"a": "1"})
    assert await copied.read(None, second.commit) == {"a": "1", "b": "2"}
    await copied.commit(change({"c": "3"}))
    assert await source.read() == {"a": "1", "b": "2"}
    reopened = await make_provider().open("task-2")
    assert await reopened.read() == {"a": "1", "c": "3"}


async def test_a_copy_of_no_version_begins_with_nothing(make_provider: Callable[[], WorkspaceProvider]) -> None:
    provider = make_provider()
    source = await provider.open("task-1")
    await source.commit(change({"a": "1"}))
    await source.commit(change({"a": "2"}))
    copied = await provider.copy("task-1", "task-2", None)
    assert await copied.read() == {}
    assert (await copied.commit(change({"a": "3"}))).written == ("a",)


async def test_a_copy_that_is_there_is_left_as_it_is(make_provider: Callable[[], WorkspaceProvider]) -> None:
    provider = make_provider()
    source = await provider.open("task-1")
    committed = await source.commit(change({"a": "1"}))
    copied = await provider.copy("task-1", "task-2", committed.commit)
    await copied.commit(change({"a": "2"}))
    again = await make_provider().copy("task-1", "task-2", committed.commit)
    assert await again.read() == {"a": "2"}


async def test_a_copy_of_what_is_not_there_is_refused_and_leaves_nothing(
    make_provider: Callable[[], WorkspaceProvider],
) -> None:
    provider = make_provider()
    await provider.open("task-1")
    with pytest.raises(NotFound):
        await provider.copy("task-1", "task-2", "0" * 40)
    with pytest.raises(NotFound):
        await provider.copy("task-9", "task-2", None)
    with pytest.raises(InvalidInput):
        await provider.copy("task-1", "../task-2", None)
    assert sorted(path.name for path in provider.path("task-1").parent.iterdir()) == ["task-1"]


async def test_a_copy_of_a_workspace_that_is_being_written_is_whole(
    make_provider: Callable[[], WorkspaceProvider],
) -> None:
    provider = make_provider()
    source = await provider.open("task-1")
    committed = await source.commit(change({"a": "1"}))

    async def write() -> None:
        for number in range(20):
            await source.commit(change({f"f{number}": "x" * 1000}))

    writing = asyncio.create_task(write())
    for number in range(5):
        copied = await provider.copy("task-1", f"copy-{number}", committed.commit)
        assert await copied.read() == {"a": "1"}
    await writing
