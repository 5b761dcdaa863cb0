"""Experiments that people ask for: one at a time, seen while they run and when they failed, and cut off by the end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.access import Actor
from core.agent_views import ExperimentView, MemoryDiff
from core.errors import BudgetExceeded, Conflict, NoRoom, NotFound, Refused
from core.rules import rule_id
from observability.memory_diffs import SqliteMemoryDiffLog
from tasks import trying
from tasks.experimenting import ExperimentWorker
from tasks.trying import BUG, CUT_OFF, AskedExperiments
from tests.unit.llm.scripted import ScriptedClient
from tests.unit.tasks.learned import BACKEND, RULE, School, school, stats, trial
from tests.unit.tasks.test_experiments import (
    HURTS,
    OLD,
    Experiments,
    a_while,
    promoter,
    until,
    until_learned,
    until_ran,
)

ADA = Actor(via="cli", name="ada")
TRIED, STANDING = rule_id(RULE), rule_id(OLD)


@pytest.fixture
async def learning(tmp_path: Path) -> AsyncIterator[School]:
    async with school(tmp_path, ScriptedClient()) as opened:
        await opened.change(learned_rules=(OLD,), trials=(trial(),))
        yield opened


def asked(learning: School, runner: Experiments | None) -> AskedExperiments:
    stores = learning.stores
    return AskedExperiments(promoter(learning, runner), stores.identities, learning.diffs, stores.clock)


async def until_ended(experiments: AskedExperiments, rule: str = TRIED) -> ExperimentView:
    async with asyncio.timeout(60):
        while (view := experiments.find(BACKEND, rule)).state == "running":  # noqa: ASYNC110  # it ends in a task of its own
            await asyncio.sleep(0.005)
    return view


async def test_the_answer_comes_at_once_and_what_came_of_it_afterwards(learning: School) -> None:
    runner = Experiments()
    runner.gate.clear()
    experiments = asked(learning, runner)
    begun = await experiments.begin(BACKEND, TRIED, ADA)
    assert (begun.state, begun.rule, begun.by, begun.from_version) == ("running", RULE, "ada", 2)
    assert experiments.find(BACKEND, TRIED) == begun
    await until_ran(runner, 1)
    learning.stores.clock.time += 60
    runner.gate.set()
    ended = await until_ended(experiments)
    assert (ended.state, ended.verdict, ended.to_version) == ("done", "promoted", 3)
    assert ended.result is not None
    assert ended.result.helps
    assert (ended.attempt_id, ended.ended_at) == (begun.attempt_id, begun.began_at + 60)
    (diff,) = await learning.told()
    assert (diff.diff_id, diff.added, diff.by) == (ended.diff_id, (RULE,), "ada")
    assert [account for *_, account in runner.ran] == [f"experiment-{BACKEND}-{TRIED}-{begun.began_at:.0f}"]


async def test_the_same_rule_is_not_begun_twice_another_one_is_refused_and_behind_the_end_all_may_begin(
    learning: School,
) -> None:
    runner = Experiments(HURTS)
    runner.gate.clear()
    experiments = asked(learning, runner)
    first, second = await asyncio.gather(*(experiments.begin(BACKEND, TRIED, ADA) for _ in range(2)))
    assert first == second
    with pytest.raises(Conflict, match=f"rule {TRIED} of backend_agent is tried") as refused:
        await experiments.begin(BACKEND, STANDING, ADA)
    assert refused.value.fields == {"agent": "backend_agent", "rule_id": TRIED}
    runner.gate.set()
    assert (await until_ended(experiments)).verdict == "dropped"
    again = await experiments.begin(BACKEND, STANDING, ADA)
    assert (await until_ended(experiments, STANDING)).verdict == "pruned"
    assert (again.attempt_id != first.attempt_id, len(runner.ran)) == (True, 2)


async def test_unknown_rules_and_missing_sets_are_said_before_anything_begins(learning: School) -> None:
    experiments = asked(learning, Experiments())
    with pytest.raises(NotFound, match="no rule ffff in version 2"):
        await experiments.begin(BACKEND, "ffff", ADA)
    with pytest.raises(NotFound, match=r"GET /agents/backend_agent/memory-diffs"):
        experiments.find(BACKEND, TRIED)
    with pytest.raises(Refused, match="no evaluation sets are installed"):
        await asked(learning, None).begin(BACKEND, TRIED, ADA)


async def test_one_that_failed_says_why_and_so_does_the_log(learning: School) -> None:
    experiments = asked(learning, Experiments(trouble=BudgetExceeded("the money did not suffice")))
    begun = await experiments.begin(BACKEND, TRIED, ADA)
    ended = await until_ended(experiments)
    assert (ended.state, ended.error, ended.result) == ("failed", "the money did not suffice", None)
    (diff,) = await learning.told()
    assert (diff.diff_id, diff.kind, diff.to_version, diff.by) == (begun.attempt_id, "experiment", None, "ada")
    assert diff.why == f"ended early: the money did not suffice (the rule: {RULE})"
    assert (await learning.identity()).trials == (trial(),)


async def test_a_result_that_changes_nothing_says_so(learning: School) -> None:
    await learning.change(pinned=(OLD,))
    experiments = asked(learning, Experiments(HURTS))
    await experiments.begin(BACKEND, STANDING, ADA)
    ended = await until_ended(experiments, STANDING)
    (diff,) = await learning.told()
    assert (ended.verdict, ended.to_version, ended.diff_id) == ("pruned", None, diff.diff_id)


class Broken(Experiments):
    async def run(self, *args: Any, **options: Any) -> Any:
        raise ZeroDivisionError


async def test_a_bug_is_loud_and_the_next_one_may_begin(learning: School, caplog: pytest.LogCaptureFixture) -> None:
    experiments = asked(learning, Broken())
    await experiments.begin(BACKEND, TRIED, ADA)
    ended = await until_ended(experiments)
    assert (ended.state, ended.error, experiments.at_work) == ("failed", BUG, False)
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]
    await experiments.stop()


class FullLog(SqliteMemoryDiffLog):
    async def record(self, diff: MemoryDiff) -> None:
        raise NoRoom("the disk is full")


async def test_a_failure_that_cannot_be_written_down_is_seen_all_the_same(
    learning: School, caplog: pytest.LogCaptureFixture
) -> None:
    runner = Experiments(trouble=BudgetExceeded("no money"))
    stores = learning.stores
    experiments = AskedExperiments(promoter(learning, runner), stores.identities, FullLog(learning.log), stores.clock)
    await experiments.begin(BACKEND, TRIED, ADA)
    ended = await until_ended(experiments)
    assert (ended.error, ended.diff_id) == ("no money", None)
    assert "ended early: no money" in caplog.text


async def test_the_end_of_the_service_cuts_it_off_and_says_so(learning: School) -> None:
    runner = Experiments()
    runner.gate.clear()
    experiments = asked(learning, runner)
    await experiments.stop()
    begun = await experiments.begin(BACKEND, TRIED, ADA)
    await until_ran(runner, 1)
    await experiments.stop()
    runner.gate.set()
    await a_while()
    ended = experiments.find(BACKEND, TRIED)
    assert (ended.state, ended.error, ended.diff_id) == ("failed", CUT_OFF, begun.attempt_id)
    assert [diff.diff_id for diff in await learning.told()] == [begun.attempt_id]
    assert (await learning.identity()).version == 2


@dataclass
class OneByOne(Experiments):
    """Counts how many are under way at once."""

    now: int = 0
    most: int = 0

    async def run(self, *args: Any, **options: Any) -> Any:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await super().run(*args, **options)
        finally:
            self.now -= 1


async def test_the_services_own_experiments_wait_while_a_person_has_one(learning: School) -> None:
    weak = "Weak but helps in the end"
    await learning.change(trials=(), rule_stats={weak: stats(10, 1)}, learned_rules=(weak, "Check twice"))
    runner = OneByOne()
    runner.gate.clear()
    experiments = asked(learning, runner)
    working = ExperimentWorker(
        promoter(learning, runner),
        learning.for_experiments,
        learning.stores.tasks,
        learning.stores.clock,
        gives_way=experiments,
        poll_s=0.01,
    )
    await experiments.begin(BACKEND, rule_id("Check twice"), ADA)
    await until_ran(runner, 1)
    working.start()
    await a_while()
    assert [rule for _, rule, _, _ in runner.ran] == ["Check twice"]
    runner.gate.set()
    await until_ended(experiments, rule_id("Check twice"))
    await until_ran(runner, 2)
    runner.gate.clear()
    await a_while()
    await working.stop()
    assert ([rule for _, rule, _, _ in runner.ran][1], runner.most) == (weak, 1)


async def test_one_of_the_services_own_ends_when_a_person_asks(learning: School) -> None:
    runner = Experiments()
    runner.gate.clear()
    experiments = asked(learning, runner)
    stores = learning.stores
    working = ExperimentWorker(
        promoter(learning, runner),
        learning.for_experiments,
        stores.tasks,
        stores.clock,
        gives_way=experiments,
        poll_s=0.01,
    )
    working.start()
    await until_ran(runner, 1)
    await experiments.begin(BACKEND, STANDING, ADA)
    await until(lambda: runner.cut_off == [RULE])
    await until_ran(runner, 2)
    runner.gate.set()
    await until_ended(experiments, STANDING)
    await until_ran(runner, 3)
    await until_learned(learning, RULE)
    await working.stop()
    assert [rule for _, rule, _, _ in runner.ran] == [RULE, OLD, RULE]
    assert (await learning.identity()).learned_rules.count(RULE) == 1


async def test_the_oldest_experiments_are_forgotten(learning: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "MOST_KEPT", 1)
    experiments = asked(learning, Experiments(HURTS))
    for rule in (TRIED, STANDING):
        await experiments.begin(BACKEND, rule, ADA)
        await until_ended(experiments, rule)
    assert experiments.find(BACKEND, STANDING).verdict == "pruned"
    with pytest.raises(NotFound):
        experiments.find(BACKEND, TRIED)
