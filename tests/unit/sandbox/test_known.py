"""Known boxes: the same files and the same command are asked once; whatever differs is asked anew."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.sandboxes import Limits, RunReason, RunResult
from sandbox.known import KnownBoxes


class Counting:
    """A sandbox that counts what it really ran."""

    def __init__(self, reason: RunReason = RunReason.OK) -> None:
        self.ran: list[tuple[str, ...]] = []
        self.reason = reason

    async def open(self, task_id: str, toolchain: str, files: Mapping[str, bytes | str]) -> "Counting":
        return self

    async def write(self, files: Mapping[str, bytes | str]) -> None: ...

    async def read(self, paths: Sequence[str]) -> dict[str, bytes]:
        return dict.fromkeys(paths, b"kept")

    async def run(self, argv: Sequence[str], **options: object) -> RunResult:
        self.ran.append(tuple(argv))
        return RunResult(
            exit_code=0, output=f"run {len(self.ran)}", reason=self.reason, seconds=1.5, files={"out": b"\x00\xff"},
            refused={"link": "a symbolic link"},
        )  # fmt: skip

    async def close(self) -> None: ...


async def ask(
    inner: Counting, folder: Path, *, tools: str = "1", toolchain: Any = "python", **options: Any
) -> RunResult:
    files = options.pop("files", {"a.py": "1"})
    box = await KnownBoxes(inner, folder, tools=tools).open("task", toolchain, files)  # type: ignore[arg-type]  # what a box needs of it
    return await box.run(options.pop("argv", ["python", "a.py"]), **options)


async def test_the_same_is_asked_once_and_answered_alike(tmp_path: Path) -> None:
    inner = Counting()
    first = await ask(inner, tmp_path, env={"A": "1", "B": "2"}, limits=Limits())
    again = await ask(inner, tmp_path, env={"B": "2", "A": "1"}, limits=Limits())
    assert first == again
    assert (again.files, again.refused) == ({"out": b"\x00\xff"}, {"link": "a symbolic link"})
    assert len(inner.ran) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"tools": "2"},
        {"toolchain": "node"},
        {"files": {"a.py": "2"}},
        {"files": {"b.py": "1"}},
        {"argv": ["python", "b.py"]},
        {"env": {"A": "1"}},
        {"outputs": ["out/*"]},
        {"limits": Limits(wall_s=1)},
    ],
    ids=lambda other: next(iter(other)),
)
async def test_what_differs_is_asked_anew(tmp_path: Path, other: dict[str, Any]) -> None:
    inner = Counting()
    await ask(inner, tmp_path)
    await ask(inner, tmp_path, **other)
    assert len(inner.ran) == 2


@pytest.mark.parametrize("reason", [RunReason.TIMEOUT, RunReason.MEMORY, RunReason.CPU, RunReason.INODES])
async def test_a_run_that_was_ended_is_not_kept(tmp_path: Path, reason: RunReason) -> None:
    inner = Counting(reason)
    await ask(inner, tmp_path)
    await ask(inner, tmp_path)
    assert len(inner.ran) == 2


async def test_what_is_kept_and_cannot_be_read_is_asked_anew(tmp_path: Path) -> None:
    inner = Counting()
    await ask(inner, tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_text('{"exit_code": 0')
    assert (await ask(inner, tmp_path)).output == "run 2"


async def test_who_needs_the_box_itself_gets_one_in_which_everything_has_run(tmp_path: Path) -> None:
    inner = Counting()
    await ask(inner, tmp_path)
    box = await KnownBoxes(inner, tmp_path, tools="1").open("task", "python", {"a.py": "1"})  # type: ignore[arg-type]  # as above
    await box.run(["python", "a.py"])
    assert len(inner.ran) == 1
    assert await box.read(["out"]) == {"out": b"kept"}
    assert len(inner.ran) == 2
