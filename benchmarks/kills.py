"""The kill matrix: one build with a retry round, its server killed at a point and started again; nothing lost, nothing twice."""

import hashlib
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.kill_drive import Driver, Point
from benchmarks.receiver import Receiver, receiving

MESSAGES_S = 60.0
ONCE = ("artifact", "published", "interrupt.opened", "interrupt.decided")
"""Events of what must happen once; others may say that a node began again, which is true."""


@dataclass(frozen=True)
class Story:
    """What came of a build, as its clients and the outside saw it."""

    status: str
    error: str | None
    tree: str
    rounds: int
    pull_requests: int
    questions: tuple[tuple[str, str], ...]
    output: str
    told: tuple[tuple[str, int], ...]
    events_whole: bool
    effects: tuple[tuple[str, str], ...]
    calls_repeated: int
    calls_in_flight: int
    messages: tuple[str, ...]
    messages_repeated: int
    killed: bool = False

    def differs_from(self, expected: "Story") -> Iterator[str]:
        """A phrase for everything that is not as it is without a kill."""
        for name in (
            "status",
            "error",
            "tree",
            "rounds",
            "pull_requests",
            "questions",
            "output",
            "told",
            "effects",
            "messages",
        ):
            mine, theirs = getattr(self, name), getattr(expected, name)
            if mine != theirs:
                yield f"{name}: {mine!r}, not {theirs!r}"
        if not self.events_whole:
            yield "the stream has a gap or a repetition"
        if self.calls_repeated:
            yield f"{self.calls_repeated} recorded calls were made again"
        if self.messages_repeated > 1:
            yield f"{self.messages_repeated} messages were repeated"


@dataclass(frozen=True)
class Kill:
    """One point: its name, whether the server reached it and was killed, and what was wrong at the end."""

    point: Point
    killed: bool
    in_flight: int
    messages_repeated: int
    wrong: tuple[str, ...]


def undisturbed() -> tuple[Story, list[Point]]:
    """The story of a build that nothing kills, and the points in the order in which it passed them."""
    with tempfile.TemporaryDirectory(prefix="autonomy-kills-") as folder:
        story = _build(Path(folder), None)
        passed: Counter[str] = Counter()
        points: list[Point] = []
        for name in (Path(folder) / "points").read_text().splitlines():
            points.append((name, passed[name]))
            passed[name] += 1
        return story, points


def kill_at(point: Point, expected: Story) -> Kill:
    """Kill at one point, start again, and compare with the undisturbed build."""
    with tempfile.TemporaryDirectory(prefix="autonomy-kills-") as folder:
        story = _build(Path(folder), point)
    wrong = tuple(story.differs_from(expected))
    return Kill(point, story.killed, story.calls_in_flight, story.messages_repeated, wrong)


def _build(data: Path, kill_at: Point | None) -> Story:
    with receiving() as receiver:
        driver = Driver(data, receiver, kill_at)
        try:
            task = driver.finish()
            if kill_at is not None:
                driver.until_killed(MESSAGES_S)
            _until_told(receiver)
            return _story(driver, data, task, receiver)
        finally:
            driver.stop()


def _until_told(receiver: Receiver) -> None:
    until = time.monotonic() + MESSAGES_S
    while "task.completed" not in receiver.kinds() and time.monotonic() < until:
        time.sleep(0.02)


def _effects(driver: Driver, task_id: str) -> list[dict[str, Any]]:
    """What was done outside, once none of it is under way: a message is taken before that is written down."""
    until = time.monotonic() + MESSAGES_S
    while True:
        effects: list[dict[str, Any]] = driver.call("GET", f"/tasks/{task_id}/effects")
        if all(effect["status"] != "intended" for effect in effects) or time.monotonic() > until:
            return effects
        time.sleep(0.05)


def _story(driver: Driver, data: Path, task: dict[str, Any], receiver: Receiver) -> Story:
    task_id = str(task["task_id"])
    shown = [event["event"] for event in task["events"]]
    effects = _effects(driver, task_id)
    seqs = [event["seq"] for event in task["events"]]
    calls = Counter((data / "calls").read_text().split())
    recorded = dict(line.split() for line in (data / "recorded").read_text().splitlines())
    kinds = Counter(event["type"] for event in shown)
    ids = Counter(message.id for message in receiver.taken)
    return Story(
        status=task["status"],
        error=task["error"],
        tree=_published_tree(driver, task_id),
        rounds=task["iteration"],
        pull_requests=len(list((data / "data" / "code_host" / "pulls").glob("*.json"))),
        questions=tuple((one["type"], one["kind"]) for one in shown if one["type"].startswith("interrupt.")),
        output=_digest(data / "output" / task_id),
        told=tuple((kind, kinds[kind]) for kind in ONCE),
        events_whole=seqs == list(range(1, len(seqs) + 1)),
        effects=tuple(sorted((one["key"]["kind"].split(":")[0], one["status"]) for one in effects)),
        calls_repeated=sum(calls[key] - int(then) for key, then in recorded.items()),
        calls_in_flight=sum(count - 1 for count in calls.values()),
        messages=tuple(dict.fromkeys(receiver.kinds())) if not receiver.refused else ("refused", *receiver.refused),
        messages_repeated=sum(count - 1 for count in ids.values()),
        killed=driver.killed,
    )


def _published_tree(driver: Driver, task_id: str) -> str:
    try:
        return str(driver.call("GET", f"/tasks/{task_id}/pull_request")["tree"])
    except RuntimeError:
        return "none"


def _digest(folder: Path) -> str:
    """One hash over the paths and contents of a folder."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def chosen(points: Sequence[Point], every: int = 1) -> list[Point]:
    """Every n-th point, whatever its kind, and the first and last of each kind always."""
    first = {name: number for number, (name, _) in reversed(list(enumerate(points)))}
    last = {name: number for number, (name, _) in enumerate(points)}
    always = {*first.values(), *last.values()}
    return [point for number, point in enumerate(points) if number in always or number % every == 0]


def table(kills: Sequence[Kill]) -> str:
    """Markdown: a row per kind of point."""
    rows = [
        "| killed | points | reached | calls in flight made again | messages repeated (same id) | anything else lost or twice |",
        "|---|---|---|---|---|---|",
    ]
    for name in Counter(kill.point[0] for kill in kills):
        of_kind = [kill for kill in kills if kill.point[0] == name]
        wrong = sorted({text for kill in of_kind for text in kill.wrong})
        rows.append(
            f"| {name} | {len(of_kind)} | {sum(kill.killed for kill in of_kind)} | {sum(kill.in_flight for kill in of_kind)} "
            f"| {sum(kill.messages_repeated for kill in of_kind)} | {'; '.join(wrong) or 'no'} |"
        )
    return "\n".join(rows)
