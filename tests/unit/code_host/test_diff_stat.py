"""The diff stat against what git prints."""

import subprocess
from pathlib import Path

import pytest

from code_host.diff_stat import diff_stat

CASES: dict[str, tuple[dict[str, bytes], dict[str, bytes]]] = {
    "one line": ({}, {"a": b"1\n"}),
    "one line away": ({"a": b"1\n"}, {}),
    "both ways": ({"a": b"1\n2\n3\n", "same": b"x"}, {"a": b"1\ntwo\n3\nfour", "same": b"x"}),
    "empty files": ({"gone": b""}, {"new": b""}),
    "many lines": ({}, {"app/main.py": b"x\n" * 341, "b.py": b"y\n" * 2, "README.md": b"z\n" * 57}),
    "no end of line": ({"a": b"1"}, {"a": b"1\n"}),
}


@pytest.mark.parametrize("name", CASES)
def test_files_counts_and_total_are_those_of_git(name: str, tmp_path: Path) -> None:
    old, new = CASES[name]

    def git(*arguments: str) -> str:
        command = ["git", "-c", "user.name=P", "-c", "user.email=p@example.invalid", *arguments]
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    git("init", "-q")
    for version in (old, new):
        git("rm", "-rq", "--ignore-unmatch", ".")
        for path, content in version.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(content)
        git("add", "-A")
        git("commit", "-qm", "x", "--allow-empty")
    said = git("diff", "--no-renames", "--stat=200,60,200", "--stat-graph-width=20", "HEAD~1", "HEAD").splitlines()
    ours = diff_stat(old, new).splitlines()
    assert [line.split("|")[0].strip() for line in ours] == [line.split("|")[0].strip() for line in said]
    assert [line.split("|")[1].split()[:1] for line in ours[:-1]] == [
        line.split("|")[1].split()[:1] for line in said[:-1]
    ]


def test_nothing_changed_says_nothing() -> None:
    assert diff_stat({"a": b"1"}, {"a": b"1"}) == ""


def test_long_names_lose_their_beginning_and_bars_their_length() -> None:
    text = diff_stat({}, {"folder/" * 12 + "name.py": b"x\n" * 1000, "b": b"x\n"})
    assert max(map(len, text.splitlines())) < 100
    assert ".../folder/" in text
    assert text.splitlines()[0].endswith("1 +")
