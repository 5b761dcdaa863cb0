"""Patches: what git itself makes of them."""

import random
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.workspaces import Diff
from workspace.diff import MAX_COMPARED_LINES, diff_files


def diff(old: Mapping[str, str], new: Mapping[str, str], max_bytes: int = 10_000_000) -> Diff:
    contents = {str(hash(text)).rjust(40, "0"): text.encode() for text in [*old.values(), *new.values()]}

    def ids(files: Mapping[str, str]) -> dict[str, str]:
        return {path: str(hash(text)).rjust(40, "0") for path, text in files.items()}

    def read(blobs: Mapping[str, str]) -> dict[str, bytes]:
        return {path: contents[blob] for path, blob in blobs.items()}

    return diff_files(ids(old), ids(new), read, max_bytes=max_bytes)


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())


def contents(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes().decode() for path in files}


CASES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "changed": ({"a": "1\n2\n3\n"}, {"a": "1\nb\n3\n"}),
    "no end of line before": ({"a": "1\n2"}, {"a": "1\n2\n"}),
    "no end of line after": ({"a": "1\n2\n"}, {"a": "1\n2"}),
    "no end of line at all": ({"a": "1"}, {"a": "2"}),
    "other line ends inside": ({"a": "1\r\n2\x0b3\x0c\u2028\x85\n"}, {"a": "1\n2\x0b3\x0c\u2028\x85!\n"}),
    "looks like a header": ({"a": "-- x\n++ y\n"}, {"a": "++ x\n-- y\n"}),
    "added, deleted and emptied": ({"gone/x": "1\n", "kept": "1\n"}, {"new/y": "1\n2", "kept": ""}),
    "empty files": ({"gone": ""}, {"new": ""}),
    "names": ({"with space.txt": "1\n", "ü/ñ.txt": "1\n"}, {"with space.txt": "2\n", "ü/ñ.txt": "2\n", "né w": "x\n"}),
    "far apart": (
        {"a": "".join(f"{n}\n" for n in range(99))},
        {"a": "x\n" + "".join(f"{n}\n" for n in range(98))},
    ),
    "very long": (
        {"a": "".join(f"{n}\n" for n in range(MAX_COMPARED_LINES + 1))},
        {"a": "".join(f"{n}\n" for n in range(1, MAX_COMPARED_LINES + 3))},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_git_apply_turns_the_old_files_into_the_new_ones(name: str, tmp_path: Path) -> None:
    old, new = CASES[name]
    write(tmp_path, old)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    result = diff(old, new)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=result.patch.encode(), check=True)
    assert contents(tmp_path) == new
    numbers = subprocess.run(
        ["git", "apply", "--numstat", "-z", "-"],
        cwd=tmp_path,
        input=result.patch.encode(),
        check=True,
        capture_output=True,
    ).stdout.decode()
    counted = {line.split("\t")[2]: tuple(map(int, line.split("\t")[:2])) for line in numbers.split("\0") if line}
    assert counted == {file.path: (file.additions, file.deletions) for file in result.files}


def test_a_random_series_of_edits_applies(tmp_path: Path) -> None:
    dice = random.Random(7)
    lines = [f"line {number % 17}" for number in range(200)]
    for _ in range(5):
        edited = [line for line in lines if dice.random() > 0.1]
        for _ in range(10):
            edited.insert(dice.randrange(len(edited)), f"new {dice.random()}")
        folder = tmp_path / str(dice.random())
        old, new = {"a": "\n".join(lines)}, {"a": "\n".join(edited) + "\n"}
        write(folder, old)
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
        subprocess.run(["git", "apply", "-"], cwd=folder, input=diff(old, new).patch.encode(), check=True)
        assert contents(folder) == new
        lines = edited


def test_files_made_to_be_slow_to_compare_are_not_slow() -> None:
    lines = [str(number) for number in range(100_000)]
    swapped = [line for pair in zip(lines[1::2], lines[::2], strict=True) for line in pair]
    began = time.process_time()
    result = diff({"a": "\n".join(lines)}, {"a": "\n".join(swapped)}, max_bytes=1000)
    assert time.process_time() - began < 5.0
    assert (result.additions, result.deletions) == (100_000, 100_000)
    assert result.truncated


def test_nothing_is_left_of_a_patch_with_no_room() -> None:
    result = diff({}, {"a": "1\n"}, max_bytes=0)
    assert result.patch == ""
    assert result.truncated
    assert result.additions == 1
    assert not diff({"a": "1"}, {"a": "1"}, max_bytes=0).truncated
