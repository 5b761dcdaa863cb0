"""The state of a task, folded from its events."""

import pytest

from cli.progress import Progress
from client.events import (
    AgentFinished,
    AgentStarted,
    Artifact,
    CheckFinished,
    CheckResult,
    Event,
    InterruptDecided,
    InterruptOpened,
    LlmEnd,
    TaskUpsert,
    Usage,
)
from client.models import Action, InterruptKind, TaskStatus
from core.types import AgentName
from tests.unit.cli.stored import START, log_of

ASKED = InterruptOpened(interrupt_id="i", kind=InterruptKind.APPROVAL, prompt="Publish?", payload={}, digest="d")


def after(*events: Event) -> Progress:
    progress = Progress()
    for stored in log_of(*events):
        progress.apply(stored)
    return progress


def call(cost_usd: float) -> LlmEnd:
    return LlmEnd(
        agent=AgentName.BACKEND, model="m", prompt_name="p", call_id="c", usage=Usage(input_tokens=1), cost_usd=cost_usd
    )


def passed(name: str, tests: int) -> CheckFinished:
    return CheckFinished(iteration=0, result=CheckResult(name=name, status="passed", tests_run=tests))


def test_an_agent_adds_up_its_files_calls_and_time_over_rounds() -> None:
    agent = AgentName.BACKEND
    progress = after(
        AgentStarted(agent=agent, step="build"),
        Artifact(agent=agent, commit="c1", paths=("a.py", "b.py")),
        AgentFinished(agent=agent, step="build"),
        AgentStarted(agent=agent, step="fix"),
        Artifact(agent=agent, commit="c2", paths=("b.py",)),
        call(0.25),
        call(0.5),
    )
    state = progress.agents[agent]
    assert (state.status, state.step, len(state.files), state.calls) == ("running", "fix", 2, 2)
    assert state.elapsed_s(START + 10) == pytest.approx(2 + 7)
    assert progress.files == 2
    assert progress.cost_usd == pytest.approx(0.75)


def test_a_new_round_of_checks_forgets_the_results_of_the_last() -> None:
    checks = AgentStarted(agent=AgentName.QA, step="checks")
    progress = after(checks, passed("pytest", 5), passed("vitest", 2), checks, passed("pytest", 7))
    assert (progress.tests_run, list(progress.checks)) == (7, ["pytest"])


def test_a_question_is_open_until_it_is_decided() -> None:
    assert after(ASKED).question == ASKED
    decided = InterruptDecided(interrupt_id="i", kind=InterruptKind.APPROVAL, action=Action.APPROVE)
    assert after(ASKED, decided).question is None


def test_time_stands_still_when_the_task_has_ended() -> None:
    running = TaskUpsert(status=TaskStatus.RUNNING)
    assert after(running, running).elapsed_s(START + 100) == 100
    assert after(running, TaskUpsert(status=TaskStatus.COMPLETED)).elapsed_s(START + 100) == 1
    assert Progress().elapsed_s(START) == 0
