"""How approved work gets onto a branch of a repository on GitHub, and what stops it."""

from pathlib import Path
from typing import Any

import pytest

from core.errors import CodeHostRefused, Conflict
from core.ports import Workspace
from tests.unit.code_host.github.work import BASE_BYTES, BRANCH, WORK, on_branch, publish, save
from tests.wire.github.hosts import BASE, Hosts
from tests.wire.github.server import GitHub


async def test_the_base_is_the_default_branch_as_it_is_now(hosts: Hosts, github: GitHub) -> None:
    base = await hosts.new().base()
    assert base.name == "main"
    assert base.commit == github.objects.branches()["main"]
    assert base.files.keys() == BASE.keys()
    github.commit({"more": "x"})
    assert "more" in (await hosts.new().base("main")).files


async def test_a_base_that_is_not_there_is_refused(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    for call in (hosts.new().base("dev"), publish(hosts.new(), workspace, base="dev")):
        with pytest.raises(CodeHostRefused) as refused:
            await call
        assert refused.value.fields["reason"] == "not_found"


async def test_a_base_that_was_renamed_is_not_taken_for_its_new_name(hosts: Hosts, github: GitHub) -> None:
    github.settings.renamed_branches = {"master": "main"}
    with pytest.raises(CodeHostRefused) as refused:
        await hosts.new().base("master")
    assert refused.value.fields["reason"] == "not_found"


async def test_ids_that_cannot_be_compared_are_refused(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    github.settings.sha256 = True
    for call in (hosts.new().base(), publish(hosts.new(), workspace)):
        with pytest.raises(CodeHostRefused, match="SHA-256") as refused:
            await call
        assert refused.value.fields["reason"] == "rejected"


async def test_the_work_is_laid_over_the_newest_base(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    tip = github.commit({"later.txt": "by a person"})
    published = await publish(hosts.new(), workspace)
    assert on_branch(github) == {**BASE_BYTES, **WORK, "later.txt": b"by a person"}
    assert published.onto == tip
    assert published.commit == github.objects.branches()[BRANCH]
    assert published.tree == github.objects.tree_of(published.commit)


async def test_a_base_with_a_slash_in_its_name(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    github.commit({"later.txt": "x"}, "release/1.x")
    assert "later.txt" in (await hosts.new().base("release/1.x")).files
    published = await publish(hosts.new(), workspace, base="release/1.x")
    assert published.onto == github.objects.branches()["release/1.x"]
    assert on_branch(github) == {**BASE_BYTES, **WORK, "later.txt": b"x"}


async def test_only_what_lies_between_origin_and_approved_is_written(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    github.commit({"app/main.py": "print('hello')\n", "README.md": "# By people\n"})
    origin = await workspace.head()
    await save(workspace, {"app/new.py": "x = 1\n"}, "app/main.py")
    await publish(hosts.new(), workspace, origin=origin)
    assert on_branch(github) == {**BASE_BYTES, "README.md": b"# By people\n", "app/new.py": b"x = 1\n"}


async def test_a_file_that_a_person_was_shown_as_replaced_is_replaced(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    github.commit({"README.md": "# Old\n"})
    shown = await hosts.new().base("main")
    replaces = {"README.md": shown.files["README.md"]}
    await publish(hosts.new(), workspace, replaces=replaces, shown_base=shown.commit)
    assert on_branch(github)["README.md"] == b"# Shop\n"


async def test_a_file_that_nobody_was_shown_is_a_conflict_and_nothing_is_left_behind(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    github.commit({"README.md": "# Old\n"})
    with pytest.raises(CodeHostRefused, match=r"README\.md") as refused:
        await publish(hosts.new(), workspace)
    assert refused.value.fields == {"reason": "conflict", "paths": ["README.md"]}
    assert BRANCH not in github.objects.branches()
    assert {entry.method for entry in github.log} == {"GET"}


async def test_a_symbolic_link_is_not_written_through(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    shown = github.objects.blob(b"elsewhere")
    tip = github.objects.branches()["main"]
    tree = github.objects.make_tree(github.objects.tree_of(tip), [("README.md", "120000", shown)])
    github.objects.set_branch("main", github.objects.make_commit(tree, [tip], "A link", 1_760_000_000))
    with pytest.raises(CodeHostRefused) as refused:
        await publish(hosts.new(), workspace, replaces={"README.md": shown})
    assert refused.value.fields == {"reason": "conflict", "paths": ["README.md"]}


async def test_modes_stay_and_other_repositories_in_the_tree_too(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    run, tip = github.objects.blob(b"#!/bin/sh\n"), github.objects.branches()["main"]
    rows = [("run.sh", "100755", run), ("lib", "160000", "1" * 40), ("link", "120000", run)]
    tree = github.objects.make_tree(github.objects.tree_of(tip), rows)
    github.objects.set_branch("main", github.objects.make_commit(tree, [tip], "Modes", 1_760_000_000))
    await save(workspace, {"run.sh": "#!/bin/sh\necho\n"})
    published = await publish(hosts.new(), workspace, replaces={"run.sh": run})
    rows_there = {row["path"]: row["mode"] for row in github.objects.rows(published.tree, recursive=True)}
    assert rows_there["run.sh"] == "100755"
    assert (rows_there["lib"], rows_there["link"]) == ("160000", "120000")
    assert rows_there["app/main.py"] == "100644"


@pytest.mark.parametrize("moves", [{"later.txt": "x"}, {"LICENSE": None}, {"app": "x"}, {"README.md": "# Other\n"}])
async def test_a_base_that_moves_while_it_is_read_is_read_again(
    hosts: Hosts, github: GitHub, workspace: Workspace, moves: dict[str, str | None]
) -> None:
    github.meanwhile["post", "/git/trees"] = lambda: github.commit(moves)
    if moves.keys() & {"app", "README.md"}:
        with pytest.raises(CodeHostRefused) as refused:
            await publish(hosts.new(), workspace)
        assert refused.value.fields["reason"] == "conflict"
        assert BRANCH not in github.objects.branches()
        return
    published = await publish(hosts.new(), workspace)
    assert published.onto == github.objects.branches()["main"]
    assert on_branch(github) == {**on_branch(github, "main"), **WORK}


async def test_a_base_that_moves_all_the_time_is_given_up(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    count = iter(range(100))

    def move() -> None:
        github.commit({f"{next(count)}.txt": "x"})
        github.meanwhile["post", "/git/trees"] = move

    github.meanwhile["post", "/git/trees"] = move
    with pytest.raises(CodeHostRefused, match="moves faster"):
        await publish(hosts.new(), workspace)
    assert next(count) == 5


async def test_what_was_read_before_does_not_hide_that_the_base_has_moved(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    host = hosts.new()
    github.commit({"README.md": "# Old\n"})
    await host.base()
    github.commit({"README.md": None, "later.txt": "x"})
    published = await publish(host, workspace)
    assert published.onto == github.objects.branches()["main"]
    assert on_branch(github) == {**BASE_BYTES, **WORK, "later.txt": b"x"}


async def test_an_empty_repository_gets_a_first_commit_and_the_work_beside_it(
    hosts: Hosts, workspace: Workspace
) -> None:
    base = await hosts.new().base()
    assert (base.name, base.commit, base.files) == ("main", None, {})
    published = await publish(hosts.new(), workspace)
    assert on_branch(hosts.github, "main") == {".gitkeep": b""}
    assert on_branch(hosts.github) == {".gitkeep": b"", **WORK}
    assert published.onto == hosts.github.objects.branches()["main"]


async def test_the_first_file_of_an_empty_repository_is_none_of_the_work(hosts: Hosts, workspace: Workspace) -> None:
    await save(workspace, {".gitkeep": "of the work\n"})
    await publish(hosts.new(), workspace)
    assert on_branch(hosts.github) == {".autonomy": b"", ".gitkeep": b"of the work\n", **WORK}


async def test_the_first_commit_of_an_empty_repository_may_be_somebody_elses(
    hosts: Hosts, workspace: Workspace
) -> None:
    hosts.github.meanwhile["put", "/contents/{path}"] = lambda: hosts.github.commit({".gitkeep": "", "a": "b"})
    await publish(hosts.new(), workspace)
    assert on_branch(hosts.github) == {".gitkeep": b"", "a": b"b", **WORK}


async def test_nothing_to_publish_is_said_and_not_published(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    github.commit({path: content.decode() for path, content in WORK.items()})
    with pytest.raises(CodeHostRefused, match="already") as refused:
        await publish(hosts.new(), workspace)
    assert refused.value.fields["reason"] == "rejected"
    assert BRANCH not in github.objects.branches()


@pytest.mark.parametrize("how", ["other", "amended", "untold", "on top"])
async def test_a_branch_that_holds_something_else_is_taken(
    hosts: Hosts, github: GitHub, workspace: Workspace, how: str
) -> None:
    tip = github.objects.branches()["main"]
    if how == "other":
        github.objects.set_branch(BRANCH, tip)
    else:
        published = await publish(hosts.new(), workspace)
        message = github.objects.commit(published.commit).message.decode()
        if how == "on top":
            github.commit({"by": "a person"}, BRANCH)
        else:
            files = [
                ("app/main.py", "100644", github.objects.blob(b"rm -rf\n" if how == "amended" else WORK["app/main.py"]))
            ]
            tree = github.objects.make_tree(published.tree, files)
            words = message if how == "amended" else "Add a shop"
            github.objects.set_branch(BRANCH, github.objects.make_commit(tree, [tip], words, 1_760_000_000))
    with pytest.raises(CodeHostRefused, match=BRANCH) as refused:
        await publish(hosts.new(), workspace)
    assert refused.value.fields["reason"] == "branch_taken"


async def test_a_repetition_finds_its_work_although_the_base_has_moved_under_it(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    first = await publish(hosts.new(), workspace)
    github.commit({"README.md": "# Other\n"})
    assert await publish(hosts.new(), workspace) == first


async def test_the_same_name_taken_at_the_last_moment_by_somebody_else(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    github.meanwhile["post", "/git/refs"] = lambda: github.commit({"x": "y"}, BRANCH)
    with pytest.raises(CodeHostRefused) as refused:
        await publish(hosts.new(), workspace)
    assert refused.value.fields["reason"] == "branch_taken"


async def test_a_tree_other_than_approved_is_not_published(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    real = github.objects.make_tree
    other = github.objects.blob(b"other")
    github.meanwhile["post", "/git/trees"] = lambda: setattr(
        github.objects, "make_tree", lambda base, rows: real(base, [(path, mode, other) for path, mode, _ in rows])
    )
    with pytest.raises(CodeHostRefused, match="made tree") as refused:
        await publish(hosts.new(), workspace)
    assert refused.value.fields["reason"] == "rejected"
    assert github.objects.branches().keys() == {"main"}


async def test_contents_other_than_approved_are_noticed_before_they_are_sent(
    hosts: Hosts, github: GitHub, workspace: Workspace, tmp_path: Path
) -> None:
    class Altering:
        def __getattr__(self, name: str) -> Any:
            return getattr(workspace, name)

        async def read(self, paths: Any = None, ref: str | None = None) -> dict[str, str]:
            return dict.fromkeys(await workspace.read(paths, ref), "other")

    with pytest.raises(Conflict, match="as it was approved"):
        await publish(hosts.new(), Altering(), commit_message="x")
    assert {entry.method for entry in github.log} == {"GET"}
