"""What differs between two runs: in pairs, for people, and as data whose shape stays."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.app import app
from core.errors import InvalidInput
from core.types import Usage
from evals.comparing import compare
from evals.report import comparison_document, comparison_lines
from evals.results import Result, Results, Run

FIGURES = [
    "tasks_done", "ended_as_they_must", "tests_passed", "contract_covered", "hidden_checks_passed", "rounds",
    "findings_missed", "cost_usd", "tokens", "seconds",
]  # fmt: skip
MEMBERS = ["kind", "before", "after", "difference", "low", "high", "shows"]


def a_run(run_id: str, *tasks: str) -> Run:
    return Run(run_id=run_id, suite="smoke", arm="m", digest="d", started_at=1.0, tasks=tasks, budget_usd=1.0)


def a_result(run_id: str, task: str, cost_usd: float, *, done: bool = True) -> Result:
    return Result(
        run_id=run_id, task=task, tier=3, arm="m", seed=0, end="completed", as_expected=done, rounds=1, tests_run=4,
        tests_failed=0 if done else 1, operations_covered=1, operations_promised=2, cost_usd=cost_usd,
        usage=Usage(input_tokens=70, output_tokens=30), seconds=2.0,
    )  # fmt: skip


BEFORE, AFTER = a_run("r1", "a", "b", "c", "d"), a_run("r2", "a", "b", "c", "e")
FIRST = [a_result("r1", task, cost) for task, cost in (("a", 0.1), ("b", 0.2), ("c", 0.3), ("d", 9.0))]
SECOND = [
    a_result("r2", task, cost, done=task != "a") for task, cost in (("a", 1.1), ("b", 1.3), ("c", 1.2), ("e", 9.0))
]


def test_the_document_has_every_figure_with_its_interval_and_both_runs() -> None:
    document: dict[str, Any] = comparison_document(compare(FIRST, SECOND), BEFORE, AFTER)
    figures = document.pop("figures")
    assert document == {
        "format": 1, "before": BEFORE.model_dump(mode="json"), "after": AFTER.model_dump(mode="json"), "tasks": 3,
        "left_out": ["d", "e"], "level": 0.95,
    }  # fmt: skip
    assert [list(figures), *map(list, figures.values())] == [FIGURES, *([MEMBERS] * len(FIGURES))]
    done, cost = figures["tasks_done"], figures["cost_usd"]
    assert (done["kind"], done["before"], done["shows"]) == ("share", 1.0, None)
    assert done["difference"] == pytest.approx(-1 / 3)
    # differences 1.0, 1.1, 0.9: mean 1.0, standard deviation 0.1, t(2) = 4.302653
    assert (cost["kind"], cost["before"], cost["after"]) == ("mean", pytest.approx(0.2), pytest.approx(1.2))
    assert (cost["low"], cost["high"]) == (pytest.approx(1 - 0.248414, abs=1e-5), pytest.approx(1 + 0.248414, abs=1e-5))
    assert (cost["shows"], figures["tokens"]["shows"], figures["tokens"]["before"]) == ("higher", None, 100)
    back: dict[str, Any] = comparison_document(compare(SECOND, FIRST), AFTER, BEFORE)
    assert back["figures"]["cost_usd"]["shows"] == "lower"


def test_one_pair_has_an_interval_without_ends_and_that_is_json() -> None:
    document: dict[str, Any] = comparison_document(compare(FIRST[:1], SECOND[:1]), BEFORE, AFTER)
    cost = json.loads(json.dumps(document, allow_nan=False))["figures"]["cost_usd"]
    assert (cost["difference"], cost["low"], cost["high"], cost["shows"]) == (pytest.approx(1.0), None, None, None)


def test_lines_say_the_same_for_people() -> None:
    head, *lines, left_out = comparison_lines(compare(FIRST, SECOND), BEFORE, AFTER)
    assert head == "r1 (m) against r2 (m), 3 tasks in pairs, 95 %:"
    assert len(lines) == len(FIGURES)
    assert lines[7].split("  ")[1:2] == ["cost (USD)"]
    assert "+1 [+0.7516, +1.248] higher (Student's t over pairs)" in lines[7]
    assert left_out == "  in one of the runs only: d, e"


def test_runs_without_a_common_task_are_not_compared() -> None:
    with pytest.raises(InvalidInput, match="no task in common"):
        compare(FIRST[:1], SECOND[1:])


def test_the_command_writes_the_document_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def keep() -> None:
        results = Results(tmp_path / "evals" / "results.db")
        for run in (BEFORE, AFTER):
            await results.begin(run)
        for result in (*FIRST, *SECOND):
            await results.add(result)

    asyncio.run(keep())
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    shown = CliRunner().invoke(app, ["eval", "compare", "r1", "r2", "--json"])
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout) == comparison_document(compare(FIRST, SECOND), BEFORE, AFTER)
    assert CliRunner().invoke(app, ["eval", "compare", "r1", "r2"]).stdout.splitlines()[0].startswith("r1 (m) against")
    unknown = CliRunner().invoke(app, ["eval", "compare", "r1", "r9", "--json"])
    assert (unknown.exit_code, unknown.stdout, "there is no run r9" in unknown.stderr) == (1, "", True)
