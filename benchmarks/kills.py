"""The kill matrix: one build with a retry round, killed at a point, started again; nothing is lost and nothing done twice."""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from config import PROJECT
from core.types import JsonObject

LIMIT_S = 180.0
KILLED = -9


@dataclass(frozen=True)
class Kill:
    """One point: its name, whether the process reached it and was killed, and what was wrong after the next start."""

    number: int
    name: str
    killed: bool
    in_flight: int
    wrong: tuple[str, ...]


def undisturbed() -> tuple[JsonObject, list[str]]:
    """The story of a run that nothing kills, and the names of the points in the order in which it passed them."""
    with tempfile.TemporaryDirectory(prefix="autonomy-kills-") as folder:
        story = _run(Path(folder), -1)
        if story is None:
            raise RuntimeError("the undisturbed run was killed")
        return story, (Path(folder) / "points").read_text().splitlines()


def kill_at(number: int, name: str, expected: JsonObject) -> Kill:
    """Kill at one point, start again, and compare with the undisturbed run."""
    with tempfile.TemporaryDirectory(prefix="autonomy-kills-") as folder:
        data = Path(folder)
        first = _run(data, number)
        story = first or _run(data, -1)
        if story is None:
            raise RuntimeError(f"the second start after a kill {name} was killed too")
    return Kill(number, name, first is None, int(str(story["repeated_in_flight"])), tuple(_wrong(story, expected)))


def _run(data: Path, kill_at: int) -> JsonObject | None:
    """One process; None when it was killed. Raises RuntimeError when it failed."""
    command = [sys.executable, "-m", "benchmarks.kill_child", str(data), str(kill_at)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if done.returncode == KILLED:
        return None
    if done.returncode:
        raise RuntimeError(f"a run of the kill matrix failed: {done.stderr[-2000:]}")
    story: JsonObject = json.loads(done.stdout)
    return story


def _wrong(story: JsonObject, expected: JsonObject) -> Iterator[str]:
    same = ("status", "tree", "iterations", "pull_requests", "approvals", "questions")
    yield from (f"{key} is {story[key]!r}, not {expected[key]!r}" for key in same if story[key] != expected[key])
    if story["repeated_after_record"]:
        yield f"{story['repeated_after_record']} finished calls were made again"
    if not story["seq_whole"]:
        yield "the events have a gap or a repetition"


def chosen(names: Sequence[str], every: int = 1) -> list[tuple[int, str]]:
    """Every n-th point, whatever its kind, and the first and last of each kind always."""
    first = {name: number for number, name in reversed(list(enumerate(names)))}
    last = {name: number for number, name in enumerate(names)}
    always = {*first.values(), *last.values()}
    return [(number, name) for number, name in enumerate(names) if number in always or number % every == 0]


def table(kills: Sequence[Kill]) -> str:
    """Markdown: a row per kind of point."""
    rows = [
        "| killed | points | reached | calls repeated that were in flight | anything else lost or done twice |",
        "|---|---|---|---|---|",
    ]
    for name in Counter(kill.name for kill in kills):
        of_kind = [kill for kill in kills if kill.name == name]
        wrong = sorted({text for kill in of_kind for text in kill.wrong})
        rows.append(
            f"| {name} | {len(of_kind)} | {sum(kill.killed for kill in of_kind)} | {sum(kill.in_flight for kill in of_kind)} "
            f"| {'; '.join(wrong) or 'no'} |"
        )
    return "\n".join(rows)
