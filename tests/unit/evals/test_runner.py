"""Runs: what is done is kept, what is missing is done, and the budget is not passed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import Conflict, InvalidInput, NotFound
from core.tasks import InterruptKind
from evals.arms import ArmSpec
from evals.results import Results
from evals.runner import Runner, Wanted
from tests.unit.evals.arms import Script, Scripted, task

TASKS = tuple(task(f"t{number}") for number in range(5))


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path / "evals" / "results.db")


def wanted(**values: object) -> Wanted:
    return Wanted(suite="own", arm="one", **values)  # type: ignore[arg-type]  # each test says what it gives


async def test_every_task_is_done_and_its_figures_are_kept(results: Results) -> None:
    scripted = Scripted(play=lambda spec, sentence: Script(cost_usd=0.01))
    runner = Runner(scripted.open, results)
    run = await runner.begin(wanted(seeds=2), TASKS)
    done = await runner.run(run, tasks=TASKS)
    assert [(each.task, each.seed) for each in done] == [(f"t{number}", seed) for number in range(5) for seed in (0, 1)]
    assert all(each.passed and each.end == "completed" and each.hidden_passed == 1 for each in done)
    assert all(each.cost_usd == 0.01 and each.calls == 1 for each in done)
    assert await results.of(run.run_id) == done


async def test_a_run_goes_on_with_what_is_missing(results: Results) -> None:
    scripted = Scripted(play=failing_after(2))
    runner = Runner(scripted.open, results, parallel=1)
    run = await runner.begin(wanted(), TASKS)
    with pytest.raises(ExceptionGroup):
        await runner.run(run, tasks=TASKS)
    before = await results.of(run.run_id)
    assert len(before) == 2
    again = Scripted()
    done = await Runner(again.open, results, parallel=1).run(await results.run(run.run_id), tasks=TASKS)
    assert len(done) == 5
    assert len(again.done) == 3


def failing_after(count: int) -> Callable[[ArmSpec, str], Script]:
    left = iter(range(count))

    def play(spec: ArmSpec, sentence: str) -> Script:
        if next(left, None) is None:
            raise OSError("the machine is gone")
        return Script()

    return play


async def test_a_run_does_not_go_on_with_a_suite_that_has_changed(results: Results) -> None:
    runner = Runner(Scripted().open, results)
    run = await runner.begin(wanted(), TASKS)
    with pytest.raises(Conflict, match="has changed since run"):
        await runner.run(run, tasks=TASKS[:4])


async def test_what_the_budget_does_not_suffice_for_stays_missing(results: Results) -> None:
    scripted = Scripted(play=lambda spec, sentence: Script(cost_usd=0.4))
    runner = Runner(scripted.open, results)
    run = await runner.begin(wanted(budget_usd=1.0), TASKS)
    done = await runner.run(run, tasks=TASKS, task_budget_usd=0.5)
    assert len(done) == 3
    assert max(scripted.budgets) == 0.5
    assert min(scripted.budgets) == pytest.approx(0.2)


async def test_an_escalation_is_the_end_that_is_wanted_only_where_it_says_the_words(results: Results) -> None:
    tasks = [
        task("says-so", end="escalated", says=["forbids it"]),
        task("says-else", end="escalated", says=["for another reason"]),
        task("could-be-done"),
    ]
    scripted = Scripted(
        play=lambda spec, sentence: Script(kind=InterruptKind.ESCALATION, says="The contract FORBIDS it")
    )
    runner = Runner(scripted.open, results)
    done = await runner.run(await runner.begin(wanted(), tasks), tasks=tasks)
    assert {each.task: each.passed for each in done} == {"says-so": True, "says-else": False, "could-be-done": False}
    assert {each.end for each in done} == {"escalated"}


async def test_a_hidden_check_that_fails_in_finished_work_is_a_finding_missed(results: Results) -> None:
    runner = Runner(Scripted(holds=False).open, results)
    (done,) = await runner.run(await runner.begin(wanted(), TASKS[:1]), tasks=TASKS[:1])
    assert (done.passed, done.missed) == (False, ("hidden: there",))
    assert done.hidden[0].why == "it does not hold"


async def test_a_planted_mistake_that_comes_back_to_nobody_is_missed(results: Results) -> None:
    tasks = [task("planted", tier=4, agent="backend_agent", fault="missing_404")]
    scripted = Scripted()
    runner = Runner(scripted.open, results)
    (done,) = await runner.run(await runner.begin(wanted(), tasks), tasks=tasks)
    assert done.missed == ("planted: missing_404",)
    assert [spec.faults for spec in scripted.opened] == [(("backend_agent", "missing_404"),)]


async def test_unknown_tasks_and_runs_are_named(results: Results) -> None:
    runner = Runner(Scripted().open, results)
    with pytest.raises(InvalidInput, match="no task nine"):
        await runner.begin(wanted(tasks=("nine",)), TASKS)
    with pytest.raises(NotFound, match="there is no run x"):
        await results.run("x")
    with pytest.raises(NotFound, match="there is no suite 'own'; there are held-out"):
        await runner.begin(wanted())
