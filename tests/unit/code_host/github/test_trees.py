"""Trees on GitHub: what they are made of, how many requests they take, and what is too large."""

from typing import Any

import pytest

from code_host import github_trees
from core.errors import CodeHostRefused
from core.ports import Workspace
from tests.unit.code_host.github.work import BASE_BYTES, WORK, draft, on_branch, publish, save
from tests.wire.github.hosts import BASE, Hosts
from tests.wire.github.server import GitHub


async def test_files_make_room_for_folders_and_folders_for_files(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    await save(workspace, {"a": "file", "b/c": "in a folder"})
    origin = await workspace.head()
    github.commit({"a": "file", "b/c": "in a folder", "README.md": "# Shop\n", "app/main.py": "print('hello')\n"})
    await save(workspace, {}, "a", "b/c")
    await save(workspace, {"a/x": "1", "b": "2"})
    await publish(hosts.new(), workspace, origin=origin)
    assert on_branch(github) == {**BASE_BYTES, **WORK, "a/x": b"1", "b": b"2"}


async def test_files_go_inline_or_as_blobs_and_many_in_several_requests(
    hosts: Hosts, github: GitHub, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github_trees, "REQUEST_ENTRIES", 10)
    many = {f"many/{number}.txt": f"{number}\r\n" for number in range(25)}
    head = await save(
        workspace, {**many, "large": "ü" * 200_000, "empty": "", "also/empty": "", "ñ ü/#+%.txt": "\x01\n"}
    )
    await hosts.new().publish(workspace, head, draft())
    wanted = {path: text.encode() for path, text in many.items()}
    found = on_branch(github)
    assert {path: found[path] for path in wanted} == wanted
    assert found["large"] == "ü".encode() * 200_000
    assert found["empty"] == found["also/empty"] == b""
    assert found["ñ ü/#+%.txt"] == b"\x01\n"
    assert [entry.path.rsplit("/", 1)[-1] for entry in github.log if entry.method == "POST"] == [
        "blobs", "trees", "trees", "trees", "trees", "commits", "refs",
    ]  # fmt: skip


async def test_an_empty_content_that_is_not_taken_inline_goes_as_a_blob(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    github.settings.empty_content = False
    await save(workspace, {"empty": "", "also/empty": ""})
    await publish(hosts.new(), workspace)
    assert on_branch(github) == {**BASE_BYTES, **WORK, "empty": b"", "also/empty": b""}


async def test_content_that_the_base_has_already_is_not_sent_again(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    github.settings.empty_content = False
    github.commit({"empty": ""})
    await save(workspace, {"other/empty": ""})
    await publish(hosts.new(), workspace)
    assert "blobs" not in " ".join(map(str, github.log))


async def test_a_tree_that_one_answer_does_not_hold_is_read_folder_by_folder(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    files: dict[str, str | None] = {f"{top}/{folder}/{file}": "x" for top in "ab" for folder in "cd" for file in "ef"}
    github.commit(files)
    github.settings.most_entries = 6
    base = await hosts.new().base("main")
    assert base.files.keys() == files.keys() | BASE.keys()
    await publish(hosts.new(), workspace)
    assert on_branch(github).keys() == files.keys() | BASE.keys() | WORK.keys()


async def test_a_folder_that_cannot_be_read_whole_is_refused(
    hosts: Hosts, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.settings.most_entries = 1
    with pytest.raises(CodeHostRefused) as refused:
        await hosts.new().base("main")
    assert refused.value.fields["reason"] == "too_large"
    github.settings.most_entries = 2
    github.commit({f"{name}/a/b": "x" for name in "xyz"} | dict.fromkeys(BASE))
    github.settings.most_entries = 3
    monkeypatch.setattr(github_trees, "MAX_FOLDERS", 2)
    with pytest.raises(CodeHostRefused, match="more than 2") as refused:
        await hosts.new().base("main")
    assert refused.value.fields["reason"] == "too_large"


@pytest.mark.parametrize("bound", ["MAX_BLOB_BYTES", "MAX_WORK_BYTES"])
async def test_what_is_too_large_is_refused_before_anything_is_written(
    hosts: Hosts, github: GitHub, workspace: Workspace, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github_trees, bound, 1_000)
    await save(workspace, {"large.txt": "x" * 1_001})
    with pytest.raises(CodeHostRefused, match=r"large\.txt") as refused:
        await publish(hosts.new(), workspace)
    assert refused.value.fields["reason"] == "too_large"
    paths: Any = refused.value.fields["paths"]
    assert "large.txt" in paths
    assert {entry.method for entry in github.log} == {"GET"}
