"""Tasks that go round in circles, through the real graph: each stops and asks, with the evidence, and pays for no third turn.

The reviewer says what a test has it say, and so do the agents that are to repair it; everything else is real.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from core.access import Actor
from core.events import Notice, Routed
from core.history import ForkRequest
from core.tasks import Action, Decision, Interrupt, InterruptKind
from core.types import AgentName
from tests.workflows.house import Call, House, Interfere, open_house

pytestmark = [pytest.mark.sandbox]
BACK, DATA, QA, DEVOPS, REVIEWER = (
    AgentName.BACKEND, AgentName.DATABASE, AgentName.QA, AgentName.DEVOPS, AgentName.REVIEWER,
)  # fmt: skip
MAIN, SESSION, TESTS = "backend/app/main.py", "backend/app/db/session.py", "backend/tests/conftest.py"
Said = tuple[str, str]
"""A finding of the reviewer: file, message."""
MANY = 8
"""Rounds that the tasks here may take."""


def review(*said: Said) -> str:
    findings = [{"file": file, "severity": "high", "category": "quality", "message": text} for file, text in said]
    scores = dict.fromkeys(("security", "performance", "quality"), 9 if not said else 3)
    return json.dumps({"scores": scores, "summary": "Read.", "findings": findings})


def written(path: str, text: str) -> str:
    return f"Done.\n\n````python path={path}\n# {text}\n````\n"


def playing(reviews: Sequence[Sequence[Said]], fixes: Callable[[Call], str | None]) -> Interfere:
    """The reviewer's findings, review by review (the last ones again and again), and what `fix` is answered with."""

    def interfere(call: Call) -> str | None:
        if call.agent is REVIEWER:
            return review(*reviews[min(call.number, len(reviews)) - 1])
        return fixes(call) if call.step == "fix" else None

    return interfere


def something_new(call: Call) -> str:
    """An answer that changes a file of the agent's to what it never was."""
    path = {BACK: MAIN, DATA: SESSION, QA: TESTS}[call.agent]
    return written(path, f"attempt {call.number}")


async def asked_about(house: House, **values: object) -> Interrupt:
    given = {"use_sandbox": False, "max_iterations": MANY, **values}
    task = await house.settled((await house.submit(**given)).task_id)
    return await house.question(task.task_id)


def evidence(asked: Interrupt) -> dict[str, object]:
    """The first of what the question says that repeats."""
    assert asked.kind is InterruptKind.ESCALATION, asked.prompt
    loops = asked.payload["loops"]
    assert isinstance(loops, list)
    (loop, *_) = loops
    assert isinstance(loop, dict)
    assert str(loop["says"]) in asked.prompt
    assert "calls have cost $" in asked.prompt
    return {name: loop[name] for name in ("pattern", "times", "iterations", "equal")}


def fixes_of(house: House, agent: AgentName) -> int:
    return house.model.steps(agent).count("fix")


async def test_a_round_that_changes_no_file_is_the_last(tmp_path: Path) -> None:
    play = playing([[(MAIN, "no health check")]], lambda call: "I see nothing wrong.")
    async with open_house(tmp_path / "data", play) as house:
        told = evidence(await asked_about(house))
        assert (told["pattern"], told["times"], told["iterations"]) == ("same_tree", 2, [0, 1])
        assert (fixes_of(house, BACK), house.model.steps(REVIEWER)) == (1, ["review"] * 2)


async def test_the_same_finding_at_another_line_is_the_same(tmp_path: Path) -> None:
    reviews = [[(MAIN, f"main.py:{line}:1 the handler of line {line} has no timeout")] for line in range(10, 30)]
    async with open_house(tmp_path / "data", playing(reviews, something_new)) as house:
        told = evidence(await asked_about(house))
        assert (told["pattern"], told["iterations"]) == ("same_findings", [0, 1])
        assert "backend_agent" in str(told["equal"])
        assert fixes_of(house, BACK) == 1


async def test_findings_that_come_back_after_others_are_told_with_their_rounds(tmp_path: Path) -> None:
    reviews = [[(MAIN, "too strict")], [(MAIN, "too lax")]] * MANY
    async with open_house(tmp_path / "data", playing(reviews, something_new)) as house:
        asked = await asked_about(house)
        told = evidence(asked)
        assert (told["pattern"], told["iterations"]) == ("same_findings", [0, 2])
        assert fixes_of(house, BACK) == 2
        routed = [entry.event for entry in await house.events(asked.task_id) if isinstance(entry.event, Routed)]
        assert [bool(event.loops) for event in routed] == [False, False, True]
        assert [loop.model_dump(mode="json") for loop in routed[-1].loops] == asked.payload["loops"]
        task = await house.application.commands.get(asked.task_id)
        assert any(entry.event == "routed" and "open as after" in entry.summary for entry in task.timeline)


async def test_files_that_alternate_are_found_though_the_findings_are_new_each_time(tmp_path: Path) -> None:
    reviews = [[(MAIN, f"wish {'abcdefghij'[number]}")] for number in range(MANY)]

    def there_and_back(call: Call) -> str:
        return written(MAIN, "one" if call.number % 2 else "two")

    async with open_house(tmp_path / "data", playing(reviews, there_and_back)) as house:
        told = evidence(await asked_about(house))
        assert (told["pattern"], told["iterations"]) == ("same_tree", [1, 3])
        assert fixes_of(house, BACK) == 3


async def test_a_finding_that_two_agents_hand_to_each_other(tmp_path: Path) -> None:
    text = "the status of a missing todo is not 404"
    reviews = [
        [(TESTS if number % 2 else MAIN, text), (SESSION, f"wish {'abcdefghij'[number]}")] for number in range(MANY)
    ]
    async with open_house(tmp_path / "data", playing(reviews, something_new)) as house:
        told = evidence(await asked_about(house))
        assert (told["pattern"], told["iterations"]) == ("ping_pong", [0, 1, 2])
        assert "'owners': ['backend_agent', 'qa_agent']" in str(told["equal"])
        assert (fixes_of(house, BACK), fixes_of(house, QA), fixes_of(house, DATA)) == (1, 1, 2)


async def test_one_file_that_alternates_while_another_agent_goes_on(tmp_path: Path) -> None:
    reviews = [[(MAIN, f"a {'abcdefghij'[n]}"), (SESSION, f"b {'abcdefghij'[n]}")] for n in range(MANY)]

    def answers(call: Call) -> str:
        if call.agent is BACK:
            return written(MAIN, "one" if call.number % 2 else "two")
        return something_new(call)

    async with open_house(tmp_path / "data", playing(reviews, answers)) as house:
        told = evidence(await asked_about(house))
        assert (told["pattern"], told["equal"]) == ("ping_pong", {"files": [MAIN]})
        assert told["iterations"] == [1, 2, 3, 4]


async def test_an_agent_that_changes_nothing_while_another_goes_on(tmp_path: Path) -> None:
    reviews = [[(MAIN, f"a {'abcdefghij'[n]}"), (SESSION, f"b {'abcdefghij'[n]}")] for n in range(MANY)]

    def answers(call: Call) -> str:
        return "That finding is wrong." if call.agent is BACK else something_new(call)

    async with open_house(tmp_path / "data", playing(reviews, answers)) as house:
        told = evidence(await asked_about(house))
        assert (told["pattern"], told["iterations"]) == ("monologue", [0, 1, 2])
        assert fixes_of(house, BACK) == 2


async def test_slow_progress_is_not_stopped(tmp_path: Path) -> None:
    wishes = [(MAIN, f"wish {letter}") for letter in "abcdef"]
    reviews = [wishes[number:] for number in range(len(wishes) + 1)]
    async with open_house(tmp_path / "data", playing(reviews, something_new)) as house:
        asked = await asked_about(house)
        assert asked.kind is InterruptKind.APPROVAL, asked.prompt
        assert fixes_of(house, BACK) == len(wishes)
    with sqlite3.connect(tmp_path / "data" / "checkpoints.db") as connection:
        (largest,) = connection.execute("SELECT max(length(checkpoint)) FROM checkpoints").fetchone()
    connection.close()
    assert largest < 4_000, "the record of seven rounds is their ids"


async def test_a_hint_begins_the_record_anew(tmp_path: Path) -> None:
    play = playing([[(MAIN, "no health check")]], lambda call: "I see nothing wrong.")
    async with open_house(tmp_path / "data", play) as house:
        asked = await asked_about(house)
        hint = Decision(action=Action.RETRY, message="look at /health")
        await house.application.commands.decide(asked.task_id, asked.interrupt_id, hint, Actor(via="test"))
        await house.settled(asked.task_id, segment=1)
        again = await house.question(asked.task_id)
        assert fixes_of(house, BACK) == 3, "once with the hint, once after the round that it led to"
        told = evidence(again)
        assert (told["pattern"], told["iterations"]) == ("same_tree", [2, 3])


async def test_a_fork_begins_with_the_record_of_its_origin(tmp_path: Path) -> None:
    reviews = [[(MAIN, "too strict")], [(MAIN, "too lax")]] * MANY
    async with open_house(tmp_path / "data", playing(reviews, something_new)) as house:
        asked = await asked_about(house)
        views = await house.application.api.history.checkpoints(asked.task_id)
        view = next(one for one in reversed(views) if "route" in one.next)
        before = len(house.model.calls)
        fork = await house.application.api.history.fork(asked.task_id, ForkRequest(checkpoint_id=view.checkpoint_id))
        await house.settled(fork.task_id)
        told = evidence(await house.question(fork.task_id))
        assert (told["pattern"], told["iterations"]) == ("same_findings", [0, 2])
        assert len(house.model.calls) == before


async def test_a_writer_that_repeats_its_answer_is_not_asked_a_third_time(tmp_path: Path) -> None:
    def reach_out(call: Call) -> str | None:
        return written(MAIN, "mine now") if call.agent is DEVOPS else None

    async with open_house(tmp_path / "data", reach_out) as house:
        asked = await asked_about(house)
        assert asked.kind is InterruptKind.APPROVAL
        assert house.model.steps(DEVOPS) == ["build", "fix"]
        told = [entry.event.text for entry in await house.events(asked.task_id) if isinstance(entry.event, Notice)]
        (left,) = [text for text in told if "devops_agent left undone" in text]
        assert "answered step fix with the files of its answer to step build" in left
        assert "belongs to backend_agent" in left


async def test_a_turn_that_is_run_again_is_no_repetition(tmp_path: Path) -> None:
    """The machine fails within the turn; what was answered before comes from the journal."""

    def reach_out_once(call: Call) -> str | None:
        if call.agent is not DEVOPS or call.step == "repair":
            return None
        if call.step == "fix" and call.number == 1:
            raise OSError("the machine fails")
        return written(MAIN, "mine now") if call.step == "build" else None

    async with open_house(tmp_path / "data", reach_out_once) as house:
        asked = await asked_about(house)
        assert asked.kind is InterruptKind.APPROVAL
        assert house.model.steps(DEVOPS) == ["build", "fix", "fix"]
        told = [entry.event.text for entry in await house.events(asked.task_id) if isinstance(entry.event, Notice)]
        assert not any("left undone" in text for text in told)


async def test_a_planner_that_repeats_its_answer_is_asked_about(tmp_path: Path) -> None:
    def empty(call: Call) -> str | None:
        return "````json path=contract/plan.json\n{}\n````\n" if call.agent is AgentName.PLANNER else None

    async with open_house(tmp_path / "data", empty) as house:
        asked = await asked_about(house)
        assert asked.kind is InterruptKind.ESCALATION
        assert house.model.steps(AgentName.PLANNER) == ["plan", "repair"]
        assert "planner answered step repair with the files of its answer to step plan" in asked.prompt
