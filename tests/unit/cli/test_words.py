"""Events, questions and results in plain lines."""

import io
import json

import pytest
from rich.console import Console

from cli.live import LiveScreen
from cli.progress import Progress
from cli.screens import JsonScreen, LineScreen, plain
from cli.words import describe_end, describe_forecast, describe_question, describe_task
from client.events import (
    AgentAnswered,
    AgentAsked,
    AgentStarted,
    CheckFinished,
    CheckResult,
    ContractAmended,
    Event,
    Finding,
    InterruptOpened,
    LlmStart,
    Notice,
    Routed,
)
from client.models import Forecast, InterruptKind, PullRequest, Range, Task, TaskStatus
from client.words import describe
from core.types import AgentName
from tests.unit.cli.stored import log_of

FINDING = Finding(check="pytest", message="404 is missing", file="app/api.py", line=7, owner=AgentName.BACKEND)
EVIL = "ship\x1b[2Jit\x07 \u202etxt.exe"


def test_a_check_that_was_not_executed_is_never_called_passed() -> None:
    result = CheckResult(name="vitest", status="not executed", detail="there is no Node")
    line = describe(log_of(CheckFinished(iteration=0, result=result))[0])
    assert line == "vitest: not executed (there is no Node)"


def test_a_failed_check_names_what_where_and_whose() -> None:
    result = CheckResult(name="pytest", status="failed", tests_run=3, tests_failed=1, findings=(FINDING,))
    line = describe(log_of(CheckFinished(iteration=0, result=result))[0])
    assert line == "pytest: failed, 3 tests (1 failed)\n  high app/api.py:7 404 is missing [backend_agent]"


def test_work_that_goes_back_names_its_owners() -> None:
    line = describe(log_of(Routed(iteration=1, to=(AgentName.BACKEND,), findings=(FINDING,)))[0])
    assert line is not None
    assert line.startswith("back to backend_agent\n")


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            AgentAsked(question_id="q", agent="a", asked="b", step="build", iteration=0, question="Why\n so?"),
            "a asks b: Why so?",
        ),
        (
            AgentAnswered(question_id="q", agent="a", asked="b", iteration=0, answer="So.", wanted="A field."),
            "b answers a: So.\n  it wants the contract changed: A field.",
        ),
        (
            AgentAnswered(question_id="q", agent="a", asked="", iteration=0, refused="no name"),
            "nobody was not asked by a: no name",
        ),
        (ContractAmended(iteration=0, wanted_by=("a",), changes=("-x", "+y")), "contract changed for a\n  -x\n  +y"),
        (
            ContractAmended(iteration=0, refused="No."),
            "planner leaves the contract as it is, which a person wanted changed: No.",
        ),
    ],
)
def test_what_agents_ask_each_other_and_what_comes_of_it_is_told(event: Event, line: str) -> None:
    assert describe(log_of(event)[0]) == line


def test_what_only_programs_want_is_not_described() -> None:
    assert describe(log_of(LlmStart(agent=AgentName.QA, model="m", prompt_name="p", call_id="c"))[0]) is None


def test_a_question_is_shown_with_its_evidence() -> None:
    payload = {
        "covered": ["todos"], "not_covered": ["voice control: no audio"], "checks": ["pytest: passed"], "files": 3,
        "additions": 40, "branch": "autonomy/x", "cost_usd": 0.1, "cap_usd": 0.5, "review": {"security": 9.0},
        "findings": [{"severity": "high", "file": "a.py", "message": "open", "owner": "qa_agent"}],
        "objections": [{"agent": "backend_agent", "says": "the test is wrong"}],
        "loops": [{"says": "the last round changed nothing", "times": 2, "iterations": [0, 1]}],
    }  # fmt: skip
    asked = InterruptOpened(
        interrupt_id="i", kind=InterruptKind.APPROVAL, prompt="Publish?", payload=payload, digest="d"
    )
    text = "\n".join(describe_question(asked))
    for part in (
        "Publish?",
        "  todos",
        "  the last round changed nothing (2 times, in rounds 0, 1)",
        "  backend_agent: the test is wrong",
        "not covered:",
        "voice control",
        "pytest: passed",
        "security 9.0",
        "high a.py open",
    ):
        assert part in text
    assert "cost: $0.1000 of $0.50" in text


def test_a_task_is_shown_whole() -> None:
    task = Task(
        task_id="t1", task_description="todos", status=TaskStatus.COMPLETED, iteration=1, budget_usd=0.5, total_cost_usd=0.1,
        summary={"plan": {"title": "Todos", "covered": ["todos"], "not_covered": ["voice"]}}, workflow="build", caller="ada",
        max_iterations=3, use_sandbox=True, created_at=0, updated_at=1,
    )  # fmt: skip
    request = PullRequest(
        number=1, url="u", branch="b", base="main", commit="c", title="Add todos", body="What it is", diff_stat=" a | 1 +",
        clone_url="file:///x.git",
    )  # fmt: skip
    text = "\n".join(describe_task(task, Progress(), request))
    for part in ("completed, iteration 1", "Todos", "  voice", "Add todos", "What it is", "a | 1 +"):
        assert part in text
    assert text.endswith("git clone --branch b file:///x.git")


def test_text_of_models_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    stored, progress = log_of(Notice(text=EVIL))[0], Progress()
    progress.apply(stored)
    LineScreen(interactive=False).show(stored, progress)
    written = io.StringIO()
    live = LiveScreen(Console(file=written, force_terminal=True, width=100))
    live.show(stored, progress)
    live.pause()
    for shown in (capsys.readouterr().out, plain(EVIL)):
        assert not {"\x1b", "\x07", "\u202e"} & set(shown)
    assert "\x1b[2J" not in written.getvalue()
    assert "\u202e" not in written.getvalue()


def test_square_brackets_are_text_and_no_markup() -> None:
    written = io.StringIO()
    LiveScreen(Console(file=written, width=100)).say(["a [red]b[/red] [/] c"])
    assert written.getvalue() == "a [red]b[/red] [/] c\n"


def test_json_alone_stands_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    screen, stored = JsonScreen(), log_of(AgentStarted(agent=AgentName.QA, step="checks"))[0]
    screen.say(["a sentence"])
    screen.show(stored, Progress())
    screen.finish({"task_id": "t1", "status": "completed"}, ["the end"])
    shown = capsys.readouterr()
    assert [json.loads(line)["task_id"] for line in shown.out.splitlines()] == ["t1", "t1"]
    assert shown.err == "a sentence\nthe end\n"


FORECAST = Forecast(
    source="same_models",
    tasks=12,
    usd=Range(low=0.081, expected=0.1, high=0.62),
    tokens=Range(low=40_000, expected=50_000, high=80_000),
    unknown_prices=("x/y",),
)


def test_a_forecast_says_how_much_on_what_ground_and_whether_the_budget_may_not_do() -> None:
    first, *others = describe_forecast(FORECAST, 0.5)
    assert first == (
        "forecast: $0.08 to $0.62, about $0.10; 40,000 to 80,000 tokens (from the last 12 finished tasks with these models)"
    )
    assert "price of x/y is unknown" in others[0]
    assert "budget of $0.50 may not do" in others[1]
    nothing = FORECAST.model_copy(update={"usd": Range(low=0, expected=0, high=0), "unknown_prices": ()})
    (line,) = describe_forecast(nothing, 0.5)
    assert line.startswith("forecast: no cost; 40,000 to 80,000 tokens")


def test_what_a_task_came_to_stands_beside_what_was_foreseen() -> None:
    task = Task(
        task_id="t1", task_description="todos", status=TaskStatus.COMPLETED, iteration=1, budget_usd=0.5, total_cost_usd=0.12,
        total_tokens=61_000, forecast=FORECAST, workflow="build", caller="ada",
        max_iterations=3, use_sandbox=True, created_at=0, updated_at=1,
    )  # fmt: skip
    assert "cost: $0.1200 of $0.50, foreseen $0.08 to $0.62; 61,000 tokens" in describe_task(task, Progress(), None)
    assert "cost $0.1200 of $0.50, foreseen $0.08 to $0.62" in next(iter(describe_end(task, Progress(), None)))
