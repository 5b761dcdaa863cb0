"""Experiments: what their results do to rules, which rules are tried when, and what is paid for them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.agent_views import MemoryDiff
from core.budget import experiments_account
from core.errors import AutonomyError, BudgetExceeded, InvalidInput, NoRoom, NotFound, Refused, SandboxError
from core.identity import RuleOrigin, TrialRule
from core.learning import ExperimentResult
from core.rules import rule_id
from core.types import AgentName, TaskStatus
from observability.memory_diffs import SqliteMemoryDiffLog
from tasks.experimenting import AGAIN_S, REST_S, ExperimentWorker
from tasks.experiments import Promoter
from tests.unit.llm.scripted import ScriptedClient
from tests.unit.memory.stores import a_task
from tests.unit.tasks.learned import BACKEND, RULE, School, school, stats, trial

OLD = "Answer 200 for a resource that does not exist, before anything is changed"
HELPS, HURTS = (0.3, 0.1, 0.5), (-0.1, -0.3, 0.1)


@dataclass
class Experiments:
    """RuleExperiments with results that a test chooses; `gate` holds every one, `cut_off` are those that ended there."""

    difference: tuple[float, float, float] = HELPS
    tasks: int = 12
    trouble: AutonomyError | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    ran: list[tuple[AgentName, str, tuple[str, ...], str | None]] = field(default_factory=list)
    kinds: list[tuple[str, ...]] = field(default_factory=list)
    cut_off: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    async def run(
        self,
        agent: AgentName,
        rule: str,
        *,
        kinds: Collection[str] = (),
        leave_out: Collection[str] = (),
        account: str | None = None,
    ) -> ExperimentResult:
        self.kinds.append(tuple(kinds))
        self.ran.append((agent, rule, tuple(leave_out), account))
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cut_off.append(rule)
            raise
        if self.trouble:
            raise self.trouble
        difference, low, high = self.difference
        return ExperimentResult(
            experiment_id=f"x{len(self.ran)}",
            agent=agent,
            rule=rule,
            tasks=self.tasks,
            with_rule=0.5,
            without_rule=0.5 + difference,
            difference=difference,
            low=low,
            high=high,
            cost_usd=0.25,
        )


@pytest.fixture
async def learning(tmp_path: Path) -> AsyncIterator[School]:
    async with school(tmp_path, ScriptedClient()) as opened:
        await opened.finish_tasks(1)
        yield opened


def promoter(learning: School, runner: Experiments | None) -> Promoter:
    return Promoter(learning.for_experiments, runner, learning.stores.clock, budget_usd=1.0)


async def test_a_rule_that_helps_is_promoted_and_what_says_the_opposite_leaves(learning: School) -> None:
    await learning.change(learned_rules=(OLD, "Check twice"), trials=(trial(),))
    runner = Experiments()
    result, verdict = await promoter(learning, runner).try_rule(BACKEND, rule_id(RULE), by="")
    identity = await learning.identity()
    assert (verdict, identity.learned_rules, identity.trials) == ("promoted", ("Check twice", RULE), ())
    assert (identity.origins[RULE].experiment, identity.origins[RULE].by) == (result.experiment_id, "reflection")
    (diff,) = await learning.told()
    assert (diff.kind, diff.added, diff.removed, diff.to_version, diff.experiment) == (
        "experiment",
        (RULE,),
        (OLD,),
        3,
        "x1",
    )
    assert (
        "12 tasks: 0.50 kinds of findings a task with it, 0.80 without, +0.30 fewer, 95 % +0.10 to +0.50, $0.2500"
        in diff.why
    )
    assert runner.ran == [(BACKEND, RULE, ("A recipe box, number 1",), "experiments-1970-01-01")]
    assert (await learning.stores.ledger.spend(experiments_account("1970-01-01"))).cap_usd == 1.0


async def test_a_rule_that_does_not_help_leaves_and_is_remembered(learning: School) -> None:
    await learning.change(trials=(trial(),))
    _, verdict = await promoter(learning, Experiments(HURTS)).try_rule(BACKEND, rule_id(RULE), by="")
    (diff,) = await learning.told()
    assert (verdict, diff.removed, diff.added, (await learning.identity()).trials) == ("dropped", (RULE,), (), ())


@pytest.mark.parametrize(("shown", "verdict", "left"), [(HELPS, "kept", (OLD,)), (HURTS, "pruned", ())])
async def test_a_weak_rule_is_kept_when_it_helps_and_pruned_otherwise(
    learning: School, shown: tuple[float, float, float], verdict: str, left: tuple[str, ...]
) -> None:
    await learning.change(learned_rules=(OLD,), rule_stats={OLD: stats(10, 1)})
    assert (await promoter(learning, Experiments(shown)).try_rule(BACKEND, rule_id(OLD), by="ada"))[1] == verdict
    identity = await learning.identity()
    assert (identity.learned_rules, identity.by, identity.cause) == (left, "ada", "experiment")


async def test_a_pinned_rule_stays_and_a_result_without_tasks_decides_nothing(learning: School) -> None:
    await learning.change(learned_rules=(OLD,), pinned=(OLD,), trials=(trial("Write short functions in every file"),))
    assert (await promoter(learning, Experiments(HURTS)).try_rule(BACKEND, rule_id(OLD), by="ada"))[1] == "pruned"
    (diff,) = await learning.told()
    assert (diff.to_version, diff.by, (await learning.identity()).learned_rules) == (None, "ada", (OLD,))
    wanted = rule_id("Write short functions in every file")
    assert (await promoter(learning, Experiments(tasks=0)).try_rule(BACKEND, wanted, by=""))[1] == "undecided"
    assert ((await learning.identity()).version, len(await learning.told())) == (2, 1)


async def test_unknown_rules_and_missing_sets_are_said(learning: School) -> None:
    with pytest.raises(NotFound, match="no rule ffff"):
        await promoter(learning, Experiments()).try_rule(BACKEND, "ffff", by="")
    with pytest.raises(Refused, match="no evaluation sets"):
        await promoter(learning, None).try_rule(BACKEND, rule_id(RULE), by="")


class FullLog(SqliteMemoryDiffLog):
    async def record(self, diff: MemoryDiff) -> None:
        raise NoRoom("the machine stops here")


async def test_a_crash_behind_the_save_is_mended_from_the_version(learning: School) -> None:
    await learning.change(trials=(trial(),))
    stores = learning.for_experiments
    broken = stores.__class__(stores.identities, FullLog(learning.log), stores.episodes, stores.ledger)
    with pytest.raises(NoRoom):
        await Promoter(broken, Experiments(), learning.stores.clock, budget_usd=1.0).try_rule(
            BACKEND, rule_id(RULE), by=""
        )
    await learning.commands.mend()
    (diff,) = await learning.told()
    assert (diff.diff_id, diff.kind, diff.added, diff.experiment) == ("backend_agent-v3", "experiment", (RULE,), "x1")


def worker(learning: School, runner: Experiments | None) -> ExperimentWorker:
    stores = learning.stores
    return ExperimentWorker(
        promoter(learning, runner), learning.for_experiments, stores.tasks, stores.clock, poll_s=0.01
    )


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  # what is waited for happens in the worker
            await asyncio.sleep(0.005)


async def until_ran(runner: Experiments, count: int) -> None:
    await until(lambda: len(runner.ran) >= count)


async def until_learned(learning: School, rule: str) -> None:
    async with asyncio.timeout(60):
        while rule not in (await learning.identity()).learned_rules:  # noqa: ASYNC110  # the worker writes it down
            await asyncio.sleep(0.005)


async def a_while() -> None:
    """Some looks of the worker."""
    await asyncio.sleep(0.15)


async def test_what_came_in_most_tasks_is_tried_first_then_the_oldest_then_weak_rules_and_each_once(
    learning: School,
) -> None:
    often = TrialRule(text="Close every file again", origin=RuleOrigin(at=30.0, tasks=("t1", "t2")))
    await learning.change(
        learned_rules=("Weak but helps in the end",),
        rule_stats={"Weak but helps in the end": stats(10, 1)},
        trials=(trial("Write short functions in every file", 20.0), trial(RULE, 10.0), often),
    )
    runner = Experiments()
    working = worker(learning, runner)
    working.start()
    await until_ran(runner, 4)
    await a_while()
    await working.stop()
    assert [rule for _, rule, _, _ in runner.ran] == [
        often.text,
        RULE,
        "Write short functions in every file",
        "Weak but helps in the end",
    ]
    learning.stores.clock.time += AGAIN_S + 1
    again = worker(learning, runner)
    again.start()
    await until_ran(runner, 5)
    await again.stop()
    assert runner.ran[4][1] == "Weak but helps in the end"


async def test_nothing_is_tried_while_a_task_is_at_work_and_what_is_under_way_ends(learning: School) -> None:
    await learning.change(trials=(trial(),))
    runner = Experiments()
    runner.gate.clear()
    working = worker(learning, runner)
    working.start()
    await until_ran(runner, 1)
    await learning.stores.tasks.create(a_task("t9"))
    await until(lambda: runner.cut_off == [RULE])
    runner.gate.set()
    await a_while()
    assert (len(runner.ran), len((await learning.identity()).trials)) == (1, 1)
    await learning.stores.tasks.update("t9", status=TaskStatus.COMPLETED)
    await until_ran(runner, 2)
    await until_learned(learning, RULE)
    await working.stop()
    assert (await learning.identity()).learned_rules == (RULE,)


@pytest.mark.parametrize("trouble", [BudgetExceeded("used up"), SandboxError("broken")])
async def test_behind_trouble_nothing_is_tried_for_an_hour(learning: School, trouble: AutonomyError) -> None:
    await learning.change(trials=(trial(),))
    runner = Experiments(trouble=trouble)
    working = worker(learning, runner)
    working.start()
    await until_ran(runner, 1)
    await until(lambda: working._rests_until > 0)
    await a_while()
    assert len(runner.ran) == 1
    learning.stores.clock.time += REST_S
    await until_ran(runner, 2)
    await working.stop()
    assert (await learning.identity()).trials == (trial(),)


async def test_an_agent_without_held_out_tasks_is_not_tried_again(learning: School) -> None:
    await learning.change(trials=(trial(),))
    runner = Experiments(trouble=InvalidInput("no task of the sets is one of backend_agent"))
    working = worker(learning, runner)
    assert working.tries(BACKEND)
    working.start()
    await until_ran(runner, 1)
    await until(lambda: not working.tries(BACKEND))
    await a_while()
    await working.stop()
    assert (len(runner.ran), working.tries(BACKEND), working.tries(AgentName.QA)) == (1, False, True)


async def test_without_a_runner_rules_wait_on_trial_and_the_log_says_so_once(
    learning: School, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="tasks.experimenting")
    working = worker(learning, None)
    await working.run()
    assert caplog.messages == ["no experiment can be run: no evaluation sets are installed; rules on trial wait"]
    assert not working.tries(BACKEND)


async def test_the_origin_of_a_rule_that_is_gone_goes_with_it(learning: School) -> None:
    await learning.change(learned_rules=(OLD,), origins={OLD: RuleOrigin(by="import")}, disabled=(OLD,))
    await promoter(learning, Experiments(HURTS)).try_rule(BACKEND, rule_id(OLD), by="ada")
    identity = await learning.identity()
    assert (identity.origins, identity.disabled, identity.learned_rules) == ({}, (), ())
