"""Rules on held-out tasks: pairs, what counts as an improvement, what is not done twice, and who pays."""

from pathlib import Path

import pytest

from agents.conversation import MalformedAnswer
from core.errors import BudgetExceeded, InvalidInput, ModelError
from core.finding_kinds import kind_of
from core.findings import Finding
from core.identity import Identity
from core.tasks import InterruptKind
from core.types import AgentName
from evals.arms import ArmSpec
from evals.experiments import HeldOutExperiments, draw
from evals.results import Results
from tests.unit.evals.arms import Script, Scripted, task

RULE = "Answer 404 for what is not there."
TASKS = tuple(task(f"t{number}") for number in range(12))
BACKEND = AgentName.BACKEND


def finding(number: int, severity: str = "high", owner: AgentName = BACKEND) -> Finding:
    said = {"check": "behaviour", "severity": severity, "message": "m" * number, "owner": owner}
    return Finding.model_validate(said)


def kind(number: int) -> str:
    return kind_of(finding(number), "")


def experiments(scripted: Scripted, folder: Path, **values: object) -> HeldOutExperiments:
    given = {"count": 8, "task_budget_usd": 0.5, "tasks": TASKS, **values}
    return HeldOutExperiments(scripted.open, Results(folder / "results.db"), **given)  # type: ignore[arg-type]  # as above


def helped_by_the_rule(spec: ArmSpec, sentence: str) -> Script:
    return Script() if spec.with_rule else Script(InterruptKind.ESCALATION, [finding(1), finding(2)])


async def test_a_rule_helps_when_the_same_tasks_go_better_with_it(tmp_path: Path) -> None:
    result = await experiments(Scripted(play=helped_by_the_rule), tmp_path).run(BACKEND, RULE)
    assert (result.tasks, result.with_rule, result.without_rule) == (8, 0.0, 2.0)
    assert (result.difference, result.low, result.high, result.helps) == (2, 2, 2, True)


async def test_a_rule_that_changes_nothing_does_not_help(tmp_path: Path) -> None:
    result = await experiments(Scripted(), tmp_path).run(BACKEND, RULE)
    assert (result.difference, result.low, result.high, result.helps) == (0, 0, 0, False)


async def test_a_rule_that_helps_now_and_then_is_not_shown_to_help(tmp_path: Path) -> None:
    def once(spec: ArmSpec, sentence: str) -> Script:
        better = spec.with_rule and sentence == f"Build {draw(TASKS, BACKEND, RULE, 8)[0].task_id}"
        return Script() if better else Script(InterruptKind.ESCALATION, [finding(1)])

    result = await experiments(Scripted(play=once), tmp_path).run(BACKEND, RULE)
    assert result.difference > 0
    assert result.low < 0
    assert not result.helps


async def test_a_rule_that_harms_has_an_interval_below_zero(tmp_path: Path) -> None:
    def worse(spec: ArmSpec, sentence: str) -> Script:
        return Script(InterruptKind.ESCALATION, [finding(1)]) if spec.with_rule else Script()

    result = await experiments(Scripted(play=worse), tmp_path).run(BACKEND, RULE)
    assert result.high < 0


async def test_only_the_kinds_that_a_rule_was_drawn_from_are_counted(tmp_path: Path) -> None:
    def other(spec: ArmSpec, sentence: str) -> Script:
        return Script(findings=[finding(1)] if spec.with_rule else [finding(1), finding(2)])

    trying = experiments(Scripted(play=other), tmp_path)
    assert not (await trying.run(BACKEND, RULE, kinds=[kind(1)])).helps
    result = await trying.run(BACKEND, RULE, kinds=[kind(2)])
    assert (result.with_rule, result.without_rule, result.helps) == (0, 1, True)


async def test_a_rule_that_trades_one_finding_for_more_of_others_does_not_help(tmp_path: Path) -> None:
    def traded(spec: ArmSpec, sentence: str) -> Script:
        return Script(findings=[finding(2), finding(3)] if spec.with_rule else [finding(1)])

    result = await experiments(Scripted(play=traded), tmp_path).run(BACKEND, RULE, kinds=[kind(1)])
    assert (result.difference, result.low, result.harms, result.helps) == (1, 1, True, False)


async def test_a_rule_with_which_the_agent_breaks_down_does_not_help(tmp_path: Path) -> None:
    def broken(spec: ArmSpec, sentence: str) -> Script:
        error = MalformedAnswer("no JSON") if spec.with_rule else None
        return Script(findings=[finding(1), finding(2)], raises=error)

    result = await experiments(Scripted(play=broken), tmp_path).run(BACKEND, RULE)
    assert (result.with_rule, result.without_rule, result.helps, result.harms) == (3, 2, False, True)


async def test_a_model_that_is_away_ends_the_experiment_and_what_was_done_before_is_kept(tmp_path: Path) -> None:
    away = Scripted(play=lambda spec, sentence: Script(raises=ModelError("no answer") if spec.with_rule else None))
    with pytest.raises(ModelError, match="no answer"):
        await experiments(away, tmp_path).run(BACKEND, RULE)
    back = Scripted()
    assert (await experiments(back, tmp_path).run(BACKEND, RULE)).tasks == len(back.done) == 8


@pytest.mark.parametrize(("kind", "reviewed"), [("review style: …", True), ("pytest: …", False)])
async def test_the_reviewer_reads_along_where_a_rule_came_from_a_review(
    tmp_path: Path, kind: str, reviewed: bool
) -> None:
    scripted = Scripted()
    await experiments(scripted, tmp_path).run(BACKEND, RULE, kinds=[kind])
    assert {(turn.agent, turn.reviewed) for turn in scripted.turns} == {(BACKEND, reviewed)}


async def test_who_decides_is_tried_in_whole_first_rounds(tmp_path: Path) -> None:
    scripted = Scripted(identity=Identity(agent=AgentName.PLANNER))
    tasks = tuple(task(f"t{number}", agents=["planner"]) for number in range(4))
    await experiments(scripted, tmp_path, tasks=tasks).run(AgentName.PLANNER, RULE)
    assert (len(scripted.done), scripted.turns) == (8, [])


async def test_findings_that_do_not_block_and_those_of_others_take_nothing_away(tmp_path: Path) -> None:
    found = [finding(1, "low"), finding(2, owner=AgentName.QA)]
    scripted = Scripted(play=lambda spec, sentence: Script(InterruptKind.ESCALATION, found))
    result = await experiments(scripted, tmp_path).run(BACKEND, RULE)
    assert (result.with_rule, result.without_rule) == (0, 0)


async def test_a_second_rule_on_the_same_version_does_only_its_own_arm(tmp_path: Path) -> None:
    scripted = Scripted(play=lambda spec, sentence: Script(cost_usd=0.01))
    trying = experiments(scripted, tmp_path, count=12)
    first = await trying.run(BACKEND, RULE)
    assert (len(scripted.done), first.cost_usd) == (24, pytest.approx(0.24))
    second = await trying.run(BACKEND, "Keep lists bounded, always.")
    assert len(scripted.done) == 36
    assert second.cost_usd == pytest.approx(0.12)


async def test_another_identity_is_tried_anew(tmp_path: Path) -> None:
    trying = experiments(Scripted(), tmp_path)
    await trying.run(BACKEND, RULE)
    other = Scripted(identity=Identity(agent=BACKEND, learned_rules=("Something else was learned.",)))
    await experiments(other, tmp_path).run(BACKEND, RULE)
    assert len(other.done) == 16


async def test_a_standing_rule_is_taken_out_of_the_arm_without_it(tmp_path: Path) -> None:
    scripted = Scripted(identity=Identity(agent=BACKEND, learned_rules=(RULE,)))
    await experiments(scripted, tmp_path).run(BACKEND, RULE)
    assert len(scripted.done) == 16, "both arms differ, so neither is the other's"


async def test_an_account_that_does_not_suffice_ends_it(tmp_path: Path) -> None:
    scripted = Scripted(play=lambda spec, sentence: Script(InterruptKind.BUDGET, says="the cap is reached"))
    with pytest.raises(BudgetExceeded, match="the cap is reached"):
        await experiments(scripted, tmp_path).run(BACKEND, RULE, account="experiments")
    assert [spec.account for spec in scripted.opened] == ["experiments"]


def test_the_draw_is_the_rules_and_leaves_out_what_the_rule_was_drawn_from() -> None:
    drawn = draw(TASKS, BACKEND, RULE, 6)
    assert drawn == draw(TASKS, BACKEND, RULE, 6)
    assert drawn != draw(TASKS, BACKEND, "Another rule.", 6)
    left_out = [f" BUILD {drawn[0].task_id}. "]
    assert drawn[0] not in draw(TASKS, BACKEND, RULE, 12, left_out)


def test_tasks_of_few_agents_come_first() -> None:
    large = tuple(task(f"l{number}", agents=["backend_agent", "frontend_agent"]) for number in range(6))
    drawn = draw((*large, *TASKS), BACKEND, RULE, 14)
    assert [len(each.agents) for each in drawn] == [1] * 12 + [2] * 2


def test_an_agent_that_no_task_has_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no held-out task is one of frontend_agent"):
        draw(TASKS, AgentName.FRONTEND, RULE, 6)
