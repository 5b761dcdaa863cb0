"""What every IdentityStore promises."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.errors import Conflict, InvalidInput
from core.identity import MAX_LINE_CHARS, MAX_LINES, Identity, RuleOrigin, RuleStats, TrialRule
from core.ports import IdentityStore
from core.types import AgentName
from tests.emulator import Emulator
from tests.unit.memory.firestore.opened import firestore_identities
from tests.unit.memory.stores import sqlite_stores

QA = AgentName.QA


@asynccontextmanager
async def sqlite(request: pytest.FixtureRequest) -> AsyncIterator[IdentityStore]:
    async with sqlite_stores(request.getfixturevalue("tmp_path")) as stores:
        yield stores.identities


@asynccontextmanager
async def firestore(request: pytest.FixtureRequest) -> AsyncIterator[IdentityStore]:
    emulator: Emulator = request.getfixturevalue("firestore")
    async with firestore_identities(emulator.host) as opened:
        yield opened


@pytest.fixture(params=[sqlite, pytest.param(firestore, marks=pytest.mark.emulator)])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[IdentityStore]:
    async with request.param(request) as opened:
        yield opened


async def learn(store: IdentityStore, *rules: str) -> Identity:
    current = await store.load(QA)
    return await store.save(current.model_copy(update={"learned_rules": rules}), current.version)


async def test_every_agent_begins_with_an_identity_of_use_as_version_one(store: IdentityStore) -> None:
    for agent in AgentName:
        identity = await store.load(agent)
        assert (identity.agent, identity.version) == (agent, 1)
        assert identity.expertise
        assert identity.code_style
        assert identity.correction_rules


async def test_a_save_makes_the_next_version(store: IdentityStore) -> None:
    saved = await learn(store, "Make every test create its own data")
    assert saved.version == 2
    assert await store.load(QA) == saved
    assert [identity.version for identity in await store.versions(QA)] == [2, 1]


async def test_every_version_says_when_it_was_saved_and_what_made_it(store: IdentityStore) -> None:
    first = await store.load(QA)
    assert (first.saved_at > 0, first.cause, first.why, first.by) == (True, "shipped", "shipped with the release", "")
    told = {"cause": "rule_changed", "why": "pinned", "by": "ada", "pinned": first.rules[:1], "saved_at": 5.0}
    saved = await store.save(first.model_copy(update=told), 1)
    assert (saved.cause, saved.why, saved.by, saved.pinned) == ("rule_changed", "pinned", "ada", first.rules[:1])
    assert saved.saved_at >= first.saved_at > 5.0, "the moment is the store's"
    assert await store.versions(QA) == (saved, first)


async def test_of_two_saves_over_one_version_the_second_is_a_conflict(store: IdentityStore) -> None:
    current = await store.load(QA)
    saves = [store.save(current.model_copy(update={"beliefs": {"n": str(n)}}), 1) for n in range(10)]
    outcomes = await asyncio.gather(*saves, return_exceptions=True)
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 9
    assert (await store.load(QA)).version == 2


async def test_a_save_before_anything_was_loaded_goes_over_the_shipped_version(store: IdentityStore) -> None:
    saved = await store.save(Identity(agent=QA), expected_version=1)
    assert saved.version == 2
    assert [identity.version for identity in await store.versions(QA)] == [2, 1]


async def test_the_last_ten_versions_are_kept_newest_first(store: IdentityStore) -> None:
    for number in range(13):
        await learn(store, f"Rule number {number} of the test")
    versions = await store.versions(QA)
    assert [identity.version for identity in versions] == list(range(14, 4, -1))
    assert versions[0] == await store.load(QA)


async def test_an_older_version_can_be_restored_as_a_new_one(store: IdentityStore) -> None:
    first = await store.load(QA)
    await learn(store, "Something that turned out wrong")
    restored = await store.save(first, expected_version=2)
    assert (restored.version, restored.learned_rules) == (3, first.learned_rules)


async def test_counters_move_without_a_new_version(store: IdentityStore) -> None:
    rule = "Make every test create its own data"
    await learn(store, rule)
    await asyncio.gather(*(store.count_use(QA, [rule], number % 3 != 0, f"t{number}") for number in range(9)))
    identity = await store.load(QA)
    assert identity.version == 2
    assert identity.rule_stats[rule] == RuleStats(use_count=9, success_count=6)


async def test_counters_of_rules_that_the_agent_does_not_hold_are_not_made(store: IdentityStore) -> None:
    await store.count_use(QA, ["A rule that nobody has learned"], True, "t1")
    assert "A rule that nobody has learned" not in (await store.load(QA)).rule_stats


async def test_a_save_keeps_counters_that_moved_meanwhile_and_drops_those_of_rules_that_left(
    store: IdentityStore,
) -> None:
    stays, leaves, comes = "This rule will stay", "This rule will leave", "This rule will come"
    loaded = await learn(store, stays, leaves)
    await store.count_use(QA, [stays, leaves], True, "t1")
    saved = await store.save(loaded.model_copy(update={"learned_rules": (stays, comes)}), loaded.version)
    assert saved.rule_stats[stays] == RuleStats(use_count=1, success_count=1)
    assert saved.rule_stats[comes] == RuleStats()
    assert leaves not in saved.rule_stats
    assert await store.load(QA) == saved


async def test_identities_of_agents_are_apart(store: IdentityStore) -> None:
    await learn(store, "Only the tester knows this rule")
    assert (await store.load(AgentName.BACKEND)).version == 1


async def test_a_task_counts_once_however_often_it_is_told(store: IdentityStore) -> None:
    rule = "Make every test create its own data"
    await learn(store, rule)
    await asyncio.gather(*(store.count_use(QA, [rule, rule], True, "t1") for _ in range(4)))
    await store.count_use(QA, [rule], False, "t1")
    await store.count_use(QA, [rule], False, "t2")
    assert (await store.load(QA)).rule_stats[rule] == RuleStats(use_count=2, success_count=1)


async def test_a_task_counts_for_each_agent_that_it_was_told_to(store: IdentityStore) -> None:
    backend = (await store.load(AgentName.BACKEND)).rules[0]
    await store.count_use(QA, (await store.load(QA)).rules, True, "t1")
    await store.count_use(AgentName.BACKEND, [backend], True, "t1")
    assert (await store.load(AgentName.BACKEND)).rule_stats[backend].use_count == 1


async def test_where_rules_come_from_and_what_is_on_trial_is_kept(store: IdentityStore) -> None:
    origin = RuleOrigin(by="reflection", why="it came twice", at=7.5, interactions=("i1",), tasks=("t1", "t2"))
    current = await store.load(QA)
    trial = TrialRule(text="Ask for the second page, too", origin=origin)
    saved = await store.save(
        current.model_copy(update={"trials": (trial,), "origins": {current.rules[0]: origin}}), current.version
    )
    assert await store.load(QA) == saved
    assert (saved.trials, saved.origins) == ((trial,), {current.rules[0]: origin})
    assert trial.text not in saved.rules


@pytest.mark.parametrize(
    ("changes", "field", "limit"),
    [
        ({"learned_rules": ("x" * 10_000_000,)}, "learned_rules", MAX_LINE_CHARS),
        ({"correction_rules": tuple(f"rule {n}" for n in range(100_000))}, "correction_rules", MAX_LINES),
        ({"trials": (TrialRule(text="y" * 2_000),)}, "trials", MAX_LINE_CHARS),
        ({"beliefs": {"a": "z" * 2_000}}, "beliefs", MAX_LINE_CHARS),
    ],
)
async def test_what_is_too_large_is_refused_with_its_limit_and_changes_nothing(
    store: IdentityStore, changes: dict[str, object], field: str, limit: int
) -> None:
    current = await store.load(QA)
    with pytest.raises(InvalidInput, match=field) as refused:
        await store.save(current.model_copy(update=changes), current.version)
    assert (refused.value.fields["field"], refused.value.fields["limit"]) == (field, limit)
    assert await store.load(QA) == current


async def test_a_document_as_large_as_allowed_is_stored_whole(store: IdentityStore) -> None:
    rules = tuple(f"{n:03d} {'w' * (MAX_LINE_CHARS - 4)}" for n in range(MAX_LINES))
    saved = await learn(store, *rules)
    assert (await store.load(QA)) == saved
    assert saved.learned_rules == rules


async def test_a_history_is_taken_over_as_it_is_where_there_is_none(store: IdentityStore) -> None:
    history = [
        Identity(agent=QA, version=8, learned_rules=("New",), rule_stats={"New": RuleStats(use_count=3)}, saved_at=9.0),
        Identity(agent=QA, version=7, learned_rules=("Old",), saved_at=8.0, why="because"),
    ]
    await store.load(QA)
    assert await store.adopt(history)
    assert list(await store.versions(QA)) == history
    assert await store.load(QA) == history[0]
    assert not await store.adopt(history[1:]), "there is a history now"
    assert list(await store.versions(QA)) == history
    assert (await learn(store, "Newer")).version == 9


async def test_a_history_that_is_too_large_is_not_taken_over(store: IdentityStore) -> None:
    before = await store.versions(QA)
    with pytest.raises(InvalidInput, match="learned_rules"):
        await store.adopt([Identity(agent=QA, version=2, learned_rules=("x" * 5_000,)), *before])
    assert await store.versions(QA) == before
