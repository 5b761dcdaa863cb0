"""Our ids are git's."""

import subprocess
from pathlib import Path

import pytest

from code_host.git_ids import Entry, blob_id, tree_id

FILES = {
    "a": "1",
    "a.b": "dots sort before slashes",
    "a-b/c": "dashes too",
    "a/b": "a folder cannot be beside a file of its name, so this one is left out where it is",
    "a0": "and after them",
    "empty": "",
    "deep/er/and/deeper": "\r\n",
    "ü/ñ": "ü",
}


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.mark.parametrize("left_out", ["a", "a/b"])
def test_a_tree_has_the_id_that_git_gives_it(tmp_path: Path, left_out: str) -> None:
    files = {path: text for path, text in FILES.items() if path != left_out}
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(text.encode())
    (tmp_path / "a0").chmod(0o755)
    (tmp_path / "link").symlink_to("a0")
    git(tmp_path, "init", "-q")
    git(tmp_path, "-c", "core.autocrlf=false", "add", "--all")
    git(tmp_path, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},lib")
    entries = {path: Entry("100644", blob_id(text.encode())) for path, text in files.items()}
    entries["a0"] = Entry("100755", entries["a0"].blob)
    entries |= {"link": Entry("120000", blob_id(b"a0")), "lib": Entry("160000", "1" * 40)}
    assert tree_id(entries) == git(tmp_path, "write-tree")


def test_the_empty_tree_and_the_empty_file_have_their_well_known_ids() -> None:
    assert tree_id({}) == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    assert blob_id(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
