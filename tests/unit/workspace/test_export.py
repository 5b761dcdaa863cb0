"""Writing files out of a workspace: nothing ever lands outside the folder that was named."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from core.errors import PathRefused, Refused
from workspace.export import archive, export_files

FILES = {"app/main.py": "print('ü')\r\n", "README.md": "", "a/b/c": "x"}


def test_files_are_written_under_a_folder_that_is_made(tmp_path: Path) -> None:
    target = tmp_path / "new" / "output"
    export_files(FILES, target)
    assert {path: (target / path).read_bytes().decode() for path in FILES} == FILES
    assert sorted(path.name for path in target.iterdir()) == ["README.md", "a", "app"]
    assert (target / "README.md").stat().st_mode & 0o777 == 0o644 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_writing_again_replaces_files_and_leaves_others_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    export_files({"a": "1"}, tmp_path)
    export_files({"a": "2"}, tmp_path)
    assert (tmp_path / "a").read_text() == "2"
    assert (tmp_path / "mine.txt").read_text() == "kept"


@pytest.mark.parametrize("path", ["../out", "/tmp/out", "a/../../out", ".git/config", "a\\b", ""])
def test_a_path_that_leaves_the_folder_is_refused_before_anything_is_written(tmp_path: Path, path: str) -> None:
    target = tmp_path / "output"
    with pytest.raises(PathRefused):
        export_files({"ok": "1", path: "2"}, target)
    assert not target.exists()
    with pytest.raises(PathRefused):
        archive({path: "x"})


def test_a_link_in_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    outside, target = tmp_path / "outside", tmp_path / "output"
    outside.mkdir()
    target.mkdir()
    (target / "app").symlink_to(outside)
    with pytest.raises(Refused, match=r"app/main\.py cannot be written"):
        export_files({"app/main.py": "x"}, target)
    assert list(outside.iterdir()) == []


def test_a_link_in_place_of_a_file_is_replaced_and_what_it_names_is_untouched(tmp_path: Path) -> None:
    secret, target = tmp_path / "secret", tmp_path / "output"
    secret.write_text("secret")
    target.mkdir()
    (target / "a").symlink_to(secret)
    export_files({"a": "x"}, target)
    assert secret.read_text() == "secret"
    assert not (target / "a").is_symlink()
    assert (target / "a").read_text() == "x"


def test_a_dangling_link_creates_nothing_at_its_end(tmp_path: Path) -> None:
    target = tmp_path / "output"
    target.mkdir()
    (target / "a").symlink_to(tmp_path / "made")
    (target / "b").symlink_to(tmp_path / "made-folder")
    export_files({"a": "x"}, target)
    with pytest.raises(Refused):
        export_files({"b/c": "x"}, target)
    assert not (tmp_path / "made").exists()
    assert not (tmp_path / "made-folder").exists()


def test_the_folder_itself_must_not_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "output").symlink_to(tmp_path / "outside")
    with pytest.raises(Refused):
        export_files({"a": "x"}, tmp_path / "output")
    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize("make", ["file", "dangling link"])
def test_something_else_in_place_of_the_folder_is_refused(tmp_path: Path, make: str) -> None:
    target = tmp_path / "output"
    target.write_text("mine") if make == "file" else target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(Refused, match="output cannot be written"):
        export_files({"a": "x"}, target)


def test_a_folder_in_place_of_a_file_is_refused_and_nothing_half_written_stays(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(Refused):
        export_files({"a": "x"}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert list((tmp_path / "a").iterdir()) == []


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    with pytest.raises(Refused):
        export_files({"a/b": "x"}, tmp_path)
    assert (tmp_path / "a").read_text() == "mine"


def test_a_hard_link_to_a_file_outside_is_broken_not_written_through(tmp_path: Path) -> None:
    secret, target = tmp_path / "secret", tmp_path / "output"
    secret.write_text("secret")
    target.mkdir()
    os.link(secret, target / "a")
    export_files({"a": "x"}, target)
    assert secret.read_text() == "secret"


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    export_files(FILES, tmp_path)
    assert len(os.listdir("/proc/self/fd")) == before


def test_an_archive_is_the_same_for_the_same_files_in_any_order() -> None:
    assert archive(FILES) == archive(dict(reversed(FILES.items())))


def test_an_archive_unpacks_to_the_files() -> None:
    with tarfile.open(fileobj=io.BytesIO(archive(FILES)), mode="r:gz") as tar:
        members = {member.name: member for member in tar.getmembers()}
        content = {name: tar.extractfile(member).read().decode() for name, member in members.items()}  # type: ignore[union-attr]  # all are files
    assert content == FILES
    assert list(members) == sorted(FILES)
    assert {(member.mtime, member.uid, member.gid, member.mode) for member in members.values()} == {(0, 0, 0, 0o644)}
