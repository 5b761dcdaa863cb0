"""`make proof`: builds every example sentence and every planted fault for real, and writes the tables of docs/proof.md."""

import asyncio
import itertools
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import kills
from benchmarks.driving import build, events_of
from benchmarks.kill_drive import Point
from benchmarks.pages import write_between
from config import PROJECT, Settings
from core.events import CheckFinished, CoverageMeasured, LlmStart, ReviewFinished, Routed, StoredEvent
from core.findings import CheckStatus, Coverage
from core.tasks import Task, TaskRequest
from core.types import AgentName
from llm.offline.faults import FAULTS
from wiring import Application, open_application

PAGE = PROJECT / "docs" / "proof.md"
EVERY_KILL = 8
KILLS_AT_ONCE = 2
_SENTENCE = "Backend only: a blog with posts and comments; comments belong to a post; login required"
_OTHER_SENTENCES = {
    "wrong_default": "Build a REST API for a todo list with user auth and JWT",
    "forgotten_rule": "Backend only: events with a capacity, bookings by registered users, no overbooking",
    **dict.fromkeys(
        (fault.name for fault in FAULTS.values() if fault.agent is AgentName.FRONTEND), "Notes app with tags"
    ),
}
"""The first has no place for these mistakes."""
MODEL_SETTING = {
    AgentName.BACKEND: "model_backend",
    AgentName.DATABASE: "model_database",
    AgentName.FRONTEND: "model_frontend",
    AgentName.QA: "model_qa",
    AgentName.DEVOPS: "model_devops",
}


def fault_sentence(name: str) -> str:
    """The sentence that a fault is tried with."""
    return _OTHER_SENTENCES.get(name, _SENTENCE)


@dataclass(frozen=True)
class Outcome:
    """How one build went, read from its events."""

    sentence: str
    task: Task
    seconds: float
    checks: tuple[str, ...]
    not_executed: tuple[str, ...]
    tests_run: int
    coverage: Coverage
    scores: str
    routed: tuple[Routed, ...]
    corrected: frozenset[AgentName]
    """Who mended their own files before anybody else saw them."""


async def _build(application: Application, sentence: str) -> Outcome:
    began = time.perf_counter()
    task = await build(application, TaskRequest(task_description=sentence), via="proof")
    return _outcome(sentence, task, time.perf_counter() - began, await events_of(application, task.task_id))


def _outcome(sentence: str, task: Task, seconds: float, events: Sequence[StoredEvent]) -> Outcome:
    last = [entry.event for entry in events if isinstance(entry.event, CheckFinished)]
    results = [event.result for event in last if event.iteration == task.iteration]
    coverage = [entry.event.coverage for entry in events if isinstance(entry.event, CoverageMeasured)]
    scores = [entry.event.scores for entry in events if isinstance(entry.event, ReviewFinished)]
    return Outcome(
        sentence=sentence,
        task=task,
        seconds=seconds,
        checks=tuple(result.name for result in results if result.status is CheckStatus.PASSED),
        not_executed=tuple(result.name for result in results if result.status is CheckStatus.NOT_EXECUTED),
        tests_run=sum(result.tests_run for result in results),
        coverage=coverage[-1] if coverage else Coverage(),
        scores=f"{scores[-1].security:g} / {scores[-1].performance:g} / {scores[-1].quality:g}" if scores else "-",
        routed=tuple(entry.event for entry in events if isinstance(entry.event, Routed)),
        corrected=_corrected(events),
    )


def _corrected(events: Sequence[StoredEvent]) -> frozenset[AgentName]:
    before = itertools.takewhile(lambda event: not isinstance(event, Routed), (entry.event for entry in events))
    return frozenset(
        event.agent for event in before if isinstance(event, LlmStart) and event.prompt_name.endswith("fix")
    )


async def prove_sentences() -> tuple[str, bool]:
    """The table of the example sentences, and whether all of them ended as they must."""
    sentences = (PROJECT / "examples" / "sentences.txt").read_text().splitlines()
    rows = [
        "| sentence | ended | rounds | tests run | operations covered | checks passed | not executed | review | s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    good = True
    with tempfile.TemporaryDirectory(prefix="autonomy-proof-") as folder:
        async with open_application(Settings(data_dir=Path(folder), autonomy_offline=True)) as application:
            for sentence in filter(None, sentences):
                print(f"building: {sentence}", file=sys.stderr)
                done = await _build(application, sentence)
                covered, promised = len(done.coverage.covered), len(done.coverage.promised)
                good &= done.task.status == "completed" and done.tests_run > 0 and covered == promised > 0
                rows.append(
                    f"| {sentence} | {done.task.status} | {done.task.iteration} | {done.tests_run} | {covered} of {promised} "
                    f"| {len(done.checks)} | {', '.join(done.not_executed) or '-'} | {done.scores} | {done.seconds:.0f} |"
                )
    return "\n".join(rows), good


async def prove_faults() -> tuple[str, bool]:
    """The table of the faults that the offline model can be asked to make."""
    rows = ["| fault | made by | found by | went back to | rounds | ended | s |", "|---|---|---|---|---|---|---|"]
    good = True
    for name in FAULTS:
        print(f"fault: {name}", file=sys.stderr)
        row, as_it_must = await _prove_fault(name)
        print(row, file=sys.stderr)
        rows.append(row)
        good &= as_it_must
    return "\n".join(rows), good


async def _prove_fault(name: str) -> tuple[str, bool]:
    """One row of the table, and whether the fault was found, went to the agent that made it, and was repaired."""
    fault = FAULTS[name]
    with tempfile.TemporaryDirectory(prefix="autonomy-proof-") as folder:
        values = {
            "data_dir": Path(folder),
            "autonomy_offline": True,
            MODEL_SETTING[fault.agent]: f"offline/scaffold?fault={name}",
        }
        async with open_application(Settings.model_validate(values)) as application:
            done = await _build(application, fault_sentence(name))
    first = done.routed[0] if done.routed else None
    itself = fault.agent in done.corrected
    found_by = sorted({finding.check for finding in first.findings}) if first else ["its own check"] if itself else []
    to = first.to if first else (fault.agent,) if itself else ()
    row = (
        f"| `{name}` | {fault.agent} | {', '.join(found_by) or 'nothing'} | {', '.join(to) or '-'} "
        f"| {done.task.iteration} | {done.task.status} | {done.seconds:.0f} |"
    )
    return row, done.task.status == "completed" and to == (fault.agent,)


async def prove_kills() -> tuple[str, bool]:
    """The kill matrix, and whether nothing was lost or done twice at any of its points."""
    expected, points = await asyncio.to_thread(kills.undisturbed)
    places = asyncio.Semaphore(KILLS_AT_ONCE)

    async def kill(point: Point) -> kills.Kill:
        async with places:
            done = await asyncio.to_thread(kills.kill_at, point, expected)
            print(f"kill {point[0]}, passed {point[1]} times: {done.wrong or 'well'}", file=sys.stderr)
            return done

    done = await asyncio.gather(*map(kill, kills.chosen(points, EVERY_KILL)))
    return kills.table(done), all(kill.killed for kill in done) and not any(kill.wrong for kill in done)


PARTS = {"sentences": prove_sentences, "faults": prove_faults, "kills": prove_kills}


async def prove(parts: Sequence[str]) -> int:
    """Make the tables of `parts` anew. Returns the exit code: 1 when something did not end as it must."""
    good = True
    for part in parts:
        table, as_it_must = await PARTS[part]()
        write_between(PAGE, part, "make proof", table)
        print(table)
        good &= as_it_must
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(prove(sys.argv[1:] or list(PARTS))))
