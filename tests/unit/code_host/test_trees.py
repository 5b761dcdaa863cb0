"""What a tree holds once work is laid over it, and its id by a listing, against git itself."""

import subprocess
from pathlib import Path

from code_host.git_ids import Entry, blob_id, tree_id
from code_host.trees import laid, listed_id, not_plain
from core.publication import Overlay

A, B = blob_id(b"a"), blob_id(b"b")


def test_files_keep_their_mode_new_ones_are_plain_and_deleted_ones_are_gone() -> None:
    base = {"run.sh": Entry("100755", A), "gone": Entry("100644", A), "kept": Entry("120000", A)}
    assert laid(base, Overlay({"run.sh": B, "new": B}, ("gone",), ())) == {
        "run.sh": Entry("100755", B),
        "kept": Entry("120000", A),
        "new": Entry("100644", B),
    }


def test_links_and_submodules_are_not_plain() -> None:
    base = {"file": Entry("100644", A), "link": Entry("120000", A), "module": Entry("160000", A)}
    assert not_plain(base, ["file", "link", "module", "new"]) == {"link", "module"}


def test_the_id_of_a_listing_is_that_of_git(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        command = ["git", "-c", "user.name=P", "-c", "user.email=p@example.invalid", *arguments]
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    git("init", "-q")
    for path in ("a.txt", "a/b", "a0", "ü"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(path)
    git("add", "-A")
    git("commit", "-qm", "x")
    listed = [line.split(None, 3) for line in git("ls-tree", "-z", "HEAD").split("\0") if line]
    entries = [(name, mode, object_id) for mode, _, object_id, name in listed]
    assert listed_id(entries) == git("rev-parse", "HEAD^{tree}").strip()
    assert listed_id([("a", "040000", tree_id({"b": Entry("100644", A)}))]) == tree_id({"a/b": Entry("100644", A)})
