"""What holds for every hosted code host: one commit on the newest base, with exactly the approved work, or a refusal."""

import subprocess

import pytest

from core.errors import CodeHostRefused, Conflict, InvalidInput, NotFound
from core.ports import Workspace
from core.publication import RequestState
from tests.unit.code_host.hosted.doing import FILES, published, reason
from tests.wire.hosted import World, commit, draft, texts


async def test_the_branch_is_one_commit_on_the_base_and_leaves_the_rest_of_it_alone(
    world: World, workspace: Workspace
) -> None:
    base = world.store.push("main", {"docs/a.md": "theirs", "empty": ""})
    done, request = await published(world, workspace, draft())
    assert done.onto == base
    assert world.store.branches == {"main": base, "autonomy/todo-api-t1": done.commit}
    assert world.store.parents(done.commit) == [base]
    there = texts(world.store, done.commit)
    assert there == {"docs/a.md": b"theirs"} | {path: text.encode() for path, text in FILES.items()}
    assert request.commit == done.commit
    assert (request.base, request.state) == ("main", RequestState.OPEN)


async def test_git_itself_finds_nothing_wrong_with_what_was_written(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"docs/a.md": "theirs"})
    await published(world, workspace, draft())
    checked = subprocess.run(["git", "-C", world.store.path, "fsck", "--strict"], check=True, capture_output=True)
    assert checked.stdout == b""


async def test_the_commit_says_whose_it_is(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    done, _ = await published(world, workspace, draft())
    message = world.store.show(done.commit).message.decode()
    assert message.startswith("Add a todo API\n\nWith tests.\n\nAutonomy-Task: t1\nAutonomy-Tree: ")
    assert await workspace.tree() in message


async def test_the_base_is_the_default_branch_with_its_files(world: World) -> None:
    assert (await world.host().base()).commit is None
    base = world.store.push("main", {"docs/a.md": "theirs"})
    there = await world.host().base()
    assert (there.name, there.commit, list(there.files)) == ("main", base, ["docs/a.md"])
    assert there == await world.host().base("main")
    with pytest.raises(CodeHostRefused) as caught:
        await world.host().base("elsewhere")
    assert reason(caught) == "not_found"


async def test_a_repository_without_commits_gets_a_base_and_exactly_the_approved_tree_on_it(
    world: World, workspace: Workspace
) -> None:
    done, request = await published(world, workspace, draft())
    assert world.store.tree(done.commit) == await workspace.tree()
    assert world.store.parents(done.commit) == [world.store.branches["main"]]
    assert request.base == "main"
    assert await world.host().publish(workspace, await workspace.head(), draft()) == done


async def test_work_that_changes_and_deletes_what_it_began_with(world: World, workspace: Workspace) -> None:
    world.store.push("main", FILES)
    origin = await workspace.head()
    await commit(workspace, {"README.md": "# Better\n", "new.txt": "new"}, "empty")
    done, _ = await published(world, workspace, draft(origin=origin))
    assert world.store.tree(done.commit) == await workspace.tree()


async def test_a_file_that_was_shown_as_replaced_is_replaced(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"README.md": "theirs", "other": "theirs"})
    shown = await world.host().base()
    wanted = draft(replaces={"README.md": shown.files["README.md"]}, shown_base=shown.commit)
    done, _ = await published(world, workspace, wanted)
    assert texts(world.store, done.commit)["README.md"] == FILES["README.md"].encode()


async def test_a_file_that_changed_after_it_was_shown_is_a_conflict(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"README.md": "theirs"})
    shown = await world.host().base()
    world.store.push("main", {"README.md": "theirs, and newer"})
    wanted = draft(replaces={"README.md": shown.files["README.md"]}, shown_base=shown.commit)
    with pytest.raises(CodeHostRefused) as caught:
        await published(world, workspace, wanted)
    assert reason(caught) == "conflict"
    assert caught.value.fields["paths"] == ["README.md"]
    assert "autonomy/todo-api-t1" not in world.store.branches


async def test_a_base_that_moved_elsewhere_after_it_was_shown_is_built_upon(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"README.md": "theirs"})
    shown = await world.host().base()
    moved = world.store.push("main", {"other": "newer"})
    wanted = draft(replaces={"README.md": shown.files["README.md"]}, shown_base=shown.commit)
    done, _ = await published(world, workspace, wanted)
    assert done.onto == moved


@pytest.mark.parametrize(
    ("theirs", "path"),
    [
        ({"README.md": "theirs"}, "README.md"),
        ({"backend": "a file"}, "backend/app/main.py"),
        ({"empty/a": "b"}, "empty"),
    ],
)
async def test_other_content_where_the_work_writes_is_a_conflict(
    world: World, workspace: Workspace, theirs: dict[str, str], path: str
) -> None:
    world.store.push("main", theirs)
    with pytest.raises(CodeHostRefused) as caught:
        await published(world, workspace, draft())
    assert reason(caught) == "conflict"
    assert caught.value.fields["paths"] == [path]


async def test_a_replaced_file_keeps_its_mode(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"README.md": "theirs"}, mode=0o100755)
    shown = await world.host().base()
    wanted = draft(replaces={"README.md": shown.files["README.md"]}, shown_base=shown.commit)
    done, _ = await published(world, workspace, wanted)
    modes = {path: file.mode for path, file in world.store.files(done.commit).items()}
    assert modes["README.md"] == 0o100755
    assert modes["empty"] == 0o100644


async def test_a_link_is_not_written_through(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"README.md": "elsewhere"}, mode=0o120000)
    shown = await world.host().base()
    replaces = {"README.md": "" if not shown.files else shown.files["README.md"]}
    with pytest.raises(CodeHostRefused) as caught:
        await published(world, workspace, draft(replaces=replaces, shown_base=shown.commit))
    assert reason(caught) == "conflict"


async def test_a_branch_that_somebody_else_made_is_taken(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    world.store.push("autonomy/todo-api-t1", {"a": "c"})
    with pytest.raises(CodeHostRefused) as caught:
        await published(world, workspace, draft())
    assert reason(caught) == "branch_taken"


async def test_a_branch_with_an_older_version_of_the_work_is_taken(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    await published(world, workspace, draft())
    await commit(workspace, {"README.md": "other"})
    with pytest.raises(CodeHostRefused) as caught:
        await published(world, workspace, draft())
    assert reason(caught) == "branch_taken"


async def test_a_commit_that_says_it_is_ours_and_holds_something_else_is_not_believed(
    world: World, workspace: Workspace
) -> None:
    base = world.store.push("main", {"a": "b"})
    done, _ = await published(world, workspace, draft())
    message = world.store.show(done.commit).message.decode()
    world.store.move("autonomy/todo-api-t1", base)
    world.store.push("autonomy/todo-api-t1", FILES | {"and more.txt": "forged"}, message=message)
    with pytest.raises(CodeHostRefused) as caught:
        await world.host().publish(workspace, await workspace.head(), draft())
    assert reason(caught) in ("rejected", "branch_taken")


async def test_work_that_is_there_already_is_not_published_again(world: World, workspace: Workspace) -> None:
    world.store.push("main", FILES)
    with pytest.raises(CodeHostRefused) as caught:
        await published(world, workspace, draft())
    assert reason(caught) == "rejected"


async def test_work_that_is_too_large_is_refused_before_anything_is_written(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    world.most_bytes = 20
    with pytest.raises(CodeHostRefused) as caught:
        await published(world, workspace, draft())
    assert reason(caught) == "too_large"
    assert all(asked.method == "GET" for asked in world.server.asked)


async def test_one_more_commit_goes_on_top_of_an_earlier_publication(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    first, opened = await published(world, workspace, draft())
    origin = await workspace.head()
    await commit(workspace, {"README.md": "# Better\n", "new.txt": "new"}, "empty")
    world.store.push("main", {"a": "moved on"})
    wanted = draft(origin=origin, continues=first.commit)
    second, request = await published(world, workspace, wanted)
    assert second.onto == first.commit
    assert world.store.parents(second.commit) == [first.commit]
    assert texts(world.store, second.commit)["a"] == b"b"
    assert (request.number, request.commit) == (opened.number, second.commit)
    assert await published(world, workspace, wanted) == (second, request)


async def test_a_branch_that_has_moved_is_not_continued(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    first, _ = await published(world, workspace, draft())
    origin = await workspace.head()
    await commit(workspace, {"README.md": "# Better\n"})
    theirs = world.store.push("autonomy/todo-api-t1", {"by hand": "x"})
    with pytest.raises(CodeHostRefused) as caught:
        await published(world, workspace, draft(origin=origin, continues=first.commit))
    assert reason(caught) == "conflict"
    assert world.store.branches["autonomy/todo-api-t1"] == theirs


async def test_a_branch_that_is_gone_is_not_continued(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    first, _ = await published(world, workspace, draft())
    world.store.delete_branch("autonomy/todo-api-t1")
    with pytest.raises(CodeHostRefused) as caught:
        await published(world, workspace, draft(continues=first.commit))
    assert reason(caught) == "not_found"


async def test_a_version_that_is_not_there_publishes_nothing(world: World, workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        await world.host().publish(workspace, "0" * 40, draft())
    assert world.server.asked == []


@pytest.mark.parametrize("changes", [{"key": "../x"}, {"branch": "a..b"}, {"branch": "main"}, {"base": "x:y"}])
async def test_names_that_are_not_plain_are_refused(
    world: World, workspace: Workspace, changes: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput):
        await world.host().publish(workspace, await workspace.head(), draft(**changes))


class Altering:
    """A workspace that hands out other content than its tree has."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def __getattr__(self, name: str) -> object:
        return getattr(self._workspace, name)

    async def read(self, paths: list[str] | None = None, ref: str | None = None) -> dict[str, str]:
        return dict(await self._workspace.read(paths, ref)) | {"README.md": "altered"}


async def test_a_copy_that_is_not_the_approved_tree_is_not_published(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    with pytest.raises(Conflict):
        await world.host().publish(Altering(workspace), await workspace.head(), draft())  # type: ignore[arg-type]  # delegates
    assert "autonomy/todo-api-t1" not in world.store.branches
