"""Reflections: what comes in, what leaves, what is told of it; and what a crash between any two steps leaves."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.agent_views import MemoryDiff
from core.budget import reflection_account
from core.errors import BudgetExceeded, Conflict, ModelError, NoRoom
from core.identity import Identity
from core.models import InteractionFilter
from core.observing import reflection_id
from core.rules import rule_id
from core.types import AgentName, Usage
from memory.identities import SqliteIdentityStore
from observability.memory_diffs import SqliteMemoryDiffLog
from tasks.reflection import ReflectionPolicy
from tests.unit.llm.scripted import ScriptedClient
from tests.unit.tasks.learned import BACKEND, RULE, School, answer, school, stats, trial

OTHER = "Validate the length of every string at the border"
WEAK = "Write long comments above every function"
NAME = reflection_id(BACKEND, ["t1", "t2", "t3"])


@pytest.fixture
def model() -> ScriptedClient:
    return ScriptedClient(
        answer(RULE, "Recipes must have at least one step"), usage=Usage(input_tokens=2_000, output_tokens=100)
    )


@pytest.fixture
async def learning(tmp_path: Path, model: ScriptedClient) -> AsyncIterator[School]:
    async with school(tmp_path, model) as opened:
        yield opened


async def test_a_rule_that_findings_support_comes_in_on_trial_and_the_log_tells_all_of_it(
    learning: School, model: ScriptedClient
) -> None:
    await learning.finish_tasks(1, 2, 3)
    diff = await learning.reflector().reflect_when_due(BACKEND)
    assert diff is not None
    identity = await learning.identity()
    (on_trial,) = identity.trials
    assert (on_trial.text, on_trial.origin.by, on_trial.origin.why) == (RULE, "reflection", "it came back")
    assert (set(on_trial.origin.tasks), set(on_trial.origin.interactions)) == (
        {"t1", "t2", "t3"},
        {"call-1", "call-2", "call-3"},
    )
    assert (identity.version, identity.cause, identity.why) == (
        2,
        "reflection",
        f"{NAME} on 3 tasks: 1 on trial, 1 refused",
    )
    assert RULE not in identity.active_rules
    assert await learning.told() == [diff]
    assert (diff.diff_id, diff.from_version, diff.to_version, diff.trials, diff.added) == (NAME, 1, 2, (RULE,), ())
    assert set(diff.interactions) == {"call-1", "call-2", "call-3"}
    assert [(each.text, "'recipes', a word of the task" in each.reason) for each in diff.rejected] == [
        ("Recipes must have at least one step", True)
    ]
    assert await learning.open_episodes() == []


async def test_the_model_is_asked_with_what_came_back_and_paid_from_an_account_of_its_own(
    learning: School, model: ScriptedClient
) -> None:
    await learning.change(learned_rules=(OTHER,), rule_stats={OTHER: stats(4, 3)})
    await learning.finish_tasks(1, 2, 3)
    await learning.reflector().reflect(BACKEND)
    (request,) = model.requests
    asked = request.messages[-1].content
    assert '"finding_id":"f1","check":"contract","severity":"high","message":"expected 404, got 500","tasks":3' in asked
    assert f'{{"id":"{rule_id(OTHER)}","text":"{OTHER}","uses":4,"rate":0.75}}' in asked
    assert (request.task_id, request.account) == (NAME, f"{NAME}-budget")
    spent = await learning.stores.ledger.spend(reflection_account(NAME))
    assert (spent.cap_usd, spent.reserved_usd, spent.spent_usd) == (0.05, 0.0, pytest.approx(0.0075))
    (call,) = await learning.interactions.list(InteractionFilter(task_id=NAME))
    assert (call.agent, call.prompt_name, call.identity_version) == (BACKEND, "backend_agent/reflect", 2)


async def test_nobody_looks_back_before_the_interval_is_full(learning: School, model: ScriptedClient) -> None:
    await learning.finish_tasks(1, 2)
    assert await learning.reflector().reflect_when_due(BACKEND) is None
    assert (model.requests, await learning.open_episodes()) == ([], ["t2", "t1"])
    assert await learning.reflector().reflect(AgentName.QA) is None


async def test_without_findings_no_model_is_asked_and_weak_rules_leave_all_the_same(
    learning: School, model: ScriptedClient
) -> None:
    await learning.change(
        learned_rules=(OTHER, WEAK, RULE),
        rule_stats={OTHER: stats(10, 9), WEAK: stats(10, 5), RULE: stats(10, 0)},
        pinned=(RULE,),
    )
    await learning.finish_tasks(1, 2, 3, message="")
    diff = await learning.reflector().reflect_when_due(BACKEND)
    assert diff is not None
    assert (model.requests, diff.removed, diff.to_version) == ([], (WEAK,), 3)
    identity = await learning.identity()
    assert (identity.learned_rules, identity.rule_stats[OTHER]) == ((OTHER, RULE), stats(10, 9))


async def test_weak_rules_are_left_to_experiments_where_there_are_some(learning: School) -> None:
    await learning.change(learned_rules=(WEAK,), rule_stats={WEAK: stats(10, 0)})
    await learning.finish_tasks(1, 2, 3, message="")
    diff = await learning.reflector(ReflectionPolicy(tries=lambda agent: agent is BACKEND)).reflect_when_due(BACKEND)
    assert diff is not None
    assert (diff.removed, diff.to_version, (await learning.identity()).learned_rules) == ((), None, (WEAK,))


async def test_a_dry_run_tells_what_would_change_saves_nothing_and_is_not_repeated(learning: School) -> None:
    await learning.finish_tasks(1, 2, 3)
    reflector = learning.reflector(ReflectionPolicy(dry_run=True))
    diff = await reflector.reflect_when_due(BACKEND)
    assert diff is not None
    assert (diff.dry_run, diff.trials, diff.to_version) == (True, (RULE,), None)
    assert ((await learning.identity()).version, await learning.told()) == (1, [diff])
    assert await reflector.reflect_when_due(BACKEND) is None


async def test_where_there_is_no_room_the_trial_leaves_that_waits_longest_then_the_rule_that_did_worst(
    learning: School,
) -> None:
    await learning.change(
        learned_rules=("Good rule one", "Bad rule two", "Pinned rule three"),
        rule_stats={"Good rule one": stats(9, 9), "Bad rule two": stats(9, 5), "Pinned rule three": stats(9, 0)},
        pinned=("Pinned rule three",),
        trials=(trial("Waiting rule four", at=900.0),),
    )
    await learning.finish_tasks(1, 2, 3)
    reflector = learning.reflector(ReflectionPolicy(max_rules=4))
    first = await reflector.reflect(BACKEND)
    assert first is not None
    assert first.removed == ("Waiting rule four",)
    await learning.change(trials=())
    await learning.change(learned_rules=(*(await learning.identity()).learned_rules, "Never used rule five"))
    await learning.finish_tasks(4, message="expected 404, got 501")
    await learning.change(trials=())
    second = await learning.reflector(ReflectionPolicy(max_rules=4)).reflect(BACKEND)
    assert second is not None
    assert second.removed == ("Bad rule two",)


async def test_where_nothing_may_leave_a_rule_is_refused_for_want_of_room(learning: School) -> None:
    await learning.change(learned_rules=(OTHER,))
    await learning.finish_tasks(1)
    diff = await learning.reflector(ReflectionPolicy(max_rules=1)).reflect(BACKEND)
    assert diff is not None
    assert diff.rejected[0].reason == "there are 1 rules, which is the most, and none of them may leave for it"


@pytest.mark.parametrize(("days", "status", "back"), [(0, 500, True), (0, 501, False), (31, 501, True)])
async def test_what_an_experiment_has_dropped_comes_back_with_time_or_with_findings_of_three_tasks(
    learning: School, days: int, status: int, back: bool
) -> None:
    gone = MemoryDiff(
        diff_id="backend_agent-v2",
        agent=BACKEND,
        ts=1_000.0,
        kind="experiment",
        from_version=1,
        to_version=2,
        removed=(RULE,),
    )
    await learning.diffs.record(gone)
    await learning.finish_tasks(1, 2)
    diff = await learning.reflector().reflect(BACKEND)
    assert diff is not None
    assert diff.rejected[0].reason == "tried on 1970-01-01 and did not help"
    learning.stores.clock.time += days * 86_400
    await learning.finish_tasks(3, message=f"expected 404, got {status}")
    later = await learning.reflector().reflect(BACKEND)
    assert (later.trials if later else ()) == ((RULE,) if back else ())


async def test_two_at_once_are_one_reflection(learning: School, model: ScriptedClient) -> None:
    await learning.finish_tasks(1, 2, 3)
    reflector = learning.reflector()
    diffs = await asyncio.gather(*(reflector.reflect_when_due(BACKEND) for _ in range(5)))
    assert [diff.diff_id for diff in diffs if diff] == [NAME]
    assert (len(model.requests), len(await learning.told())) == (1, 1)


async def test_a_change_by_a_person_meanwhile_is_kept(learning: School, model: ScriptedClient) -> None:
    class Busy(SqliteIdentityStore):
        """Somebody else saves in the last moment, once."""

        disturbed = False

        async def save(self, identity: Identity, expected_version: int) -> Identity:
            if not self.disturbed:
                self.disturbed = True
                current = await self.load(identity.agent)
                await super().save(current.model_copy(update={"code_style": ("By a person",)}), current.version)
            return await super().save(identity, expected_version)

    await learning.finish_tasks(1, 2, 3)
    busy = Busy(learning.stores.database, {}, learning.stores.clock)
    reflector = learning.reflector(identities=busy)
    diff = await reflector.reflect(BACKEND)
    assert diff is not None
    identity = await learning.identity()
    assert (identity.version, diff.from_version, diff.to_version) == (3, 2, 3)
    assert (identity.code_style, identity.trials[0].text, len(model.requests)) == (("By a person",), RULE, 1)


async def test_an_identity_that_changes_for_ever_is_given_up_for_now(learning: School) -> None:
    class Racing(SqliteIdentityStore):
        async def save(self, identity: Identity, expected_version: int) -> Identity:
            raise Conflict("another was first", version=expected_version + 1)

    await learning.finish_tasks(1, 2, 3)
    reflector = learning.reflector(identities=Racing(learning.stores.database, {}, learning.stores.clock))
    with pytest.raises(Conflict):
        await reflector.reflect(BACKEND)
    assert await learning.told() == []
    done = await learning.reflector().reflect_when_due(BACKEND)
    assert done is not None
    assert done.diff_id == NAME


@pytest.mark.parametrize("text", ["no JSON at all", '```json\n{"rules": "many"}\n```'])
async def test_an_answer_that_cannot_be_read_ends_the_reflection_and_says_so(tmp_path: Path, text: str) -> None:
    async with school(tmp_path, ScriptedClient(text)) as learning:
        await learning.finish_tasks(1, 2, 3)
        diff = await learning.reflector().reflect_when_due(BACKEND)
        assert diff is not None
        assert "no answer that can be used" in diff.why
        assert (diff.to_version, await learning.open_episodes()) == (None, [])


async def test_a_model_that_fails_leaves_the_reflection_to_be_done_with_the_same_tasks(tmp_path: Path) -> None:
    async with school(tmp_path, ScriptedClient(ModelError("down"), answer(RULE))) as learning:
        await learning.finish_tasks(1, 2, 3)
        reflector = learning.reflector()
        with pytest.raises(ModelError):
            await reflector.reflect_when_due(BACKEND)
        await learning.finish_tasks(4)
        diff = await reflector.reflect_when_due(BACKEND)
        assert diff is not None
        assert (diff.diff_id, diff.trials, await learning.open_episodes()) == (NAME, (RULE,), ["t4"])


async def test_a_budget_that_is_too_small_for_the_question_ends_the_reflection_and_that_of_the_day_does_not(
    learning: School, model: ScriptedClient
) -> None:
    await learning.finish_tasks(1, 2, 3)
    diff = await learning.reflector(ReflectionPolicy(budget_usd=0.001)).reflect(BACKEND)
    assert diff is not None
    assert (
        diff.why
        == f"{NAME} on 3 tasks: nothing changes; REFLECTION_BUDGET_USD ($0.001) does not suffice for the question"
    )
    assert model.requests == []


async def test_a_day_that_is_used_up_puts_the_reflection_off(tmp_path: Path) -> None:
    client = ScriptedClient(BudgetExceeded("the day is used up", account="day:2026-01-01", ends_at=2_000.0))
    async with school(tmp_path, client) as learning:
        await learning.finish_tasks(1)
        with pytest.raises(BudgetExceeded):
            await learning.reflector().reflect(BACKEND)
        assert await learning.told() == []


class FullLog(SqliteMemoryDiffLog):
    """The log of a machine that stops right after the save."""

    async def record(self, diff: MemoryDiff) -> None:
        raise NoRoom("the machine stops here")


async def test_a_crash_behind_the_save_is_mended_from_the_version_and_nothing_is_asked_or_saved_twice(
    learning: School, model: ScriptedClient
) -> None:
    await learning.finish_tasks(1, 2, 3)
    with pytest.raises(NoRoom):
        await learning.reflector(diffs=FullLog(learning.log)).reflect(BACKEND)
    assert ((await learning.identity()).version, await learning.told()) == (2, [])
    await learning.finish_tasks(4)
    diff = await learning.reflector().reflect_when_due(BACKEND)
    assert diff is not None
    assert (diff.diff_id, diff.to_version, diff.trials, set(diff.interactions)) == (
        NAME, 2, (RULE,), {"call-1", "call-2", "call-3"},
    )  # fmt: skip
    await learning.commands.mend()
    assert (await learning.told(), len(model.requests)) == ([diff], 1)
    assert ((await learning.identity()).version, await learning.open_episodes()) == (2, ["t4"])


async def test_a_start_mends_the_log_before_anybody_looks_back(learning: School) -> None:
    await learning.finish_tasks(1, 2, 3)
    with pytest.raises(NoRoom):
        await learning.reflector(diffs=FullLog(learning.log)).reflect(BACKEND)
    await learning.commands.mend()
    (diff,) = await learning.told()
    assert (diff.diff_id, diff.kind, diff.trials) == (NAME, "reflection", (RULE,))
    assert await learning.reflector().reflect_when_due(BACKEND) is None


async def test_an_end_during_the_call_leaves_it_to_be_done_and_a_paid_answer_is_not_paid_again(tmp_path: Path) -> None:
    slow = ScriptedClient(answer(RULE), pause_s=30.0)
    async with school(tmp_path, slow) as learning:
        await learning.finish_tasks(1, 2, 3)
        work = asyncio.create_task(learning.reflector().reflect(BACKEND))
        while not slow.requests:  # noqa: ASYNC110  # what is waited for happens in the reflection
            await asyncio.sleep(0.01)
        work.cancel()
        await asyncio.wait([work])
        assert (await learning.told(), (await learning.identity()).version) == ([], 1)
    quick = ScriptedClient(answer(RULE))
    async with school(tmp_path, quick) as learning:
        diff = await learning.reflector().reflect_when_due(BACKEND)
        assert diff is not None
        assert (diff.diff_id, diff.to_version) == (NAME, 2)
    never = ScriptedClient(ModelError("nobody asks me"))
    async with school(tmp_path, never) as learning:
        assert await learning.reflector().reflect_when_due(BACKEND) is None
        assert (len(await learning.told()), (await learning.identity()).trials[0].text) == (1, RULE)


async def test_a_kill_between_the_answer_and_the_save_takes_the_answer_from_the_journal(
    learning: School, model: ScriptedClient
) -> None:
    class Stopping(SqliteIdentityStore):
        async def save(self, identity: Identity, expected_version: int) -> Identity:
            raise NoRoom("the machine stops here")

    await learning.finish_tasks(1, 2, 3)
    stopping = learning.reflector(identities=Stopping(learning.stores.database, {}, learning.stores.clock))
    with pytest.raises(NoRoom):
        await stopping.reflect(BACKEND)
    diff = await learning.reflector().reflect_when_due(BACKEND)
    assert diff is not None
    assert (diff.trials, len(model.requests)) == ((RULE,), 1)
