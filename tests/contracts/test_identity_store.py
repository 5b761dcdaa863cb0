"""What every IdentityStore promises."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.errors import Conflict
from core.identity import Identity, RuleStats
from core.ports import IdentityStore
from core.types import AgentName
from tests.unit.memory.stores import sqlite_stores

QA = AgentName.QA


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[IdentityStore]:
    async with sqlite_stores(folder) as stores:
        yield stores.identities


@pytest.fixture(params=[sqlite])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[IdentityStore]:
    async with request.param(tmp_path) as opened:
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
    await asyncio.gather(*(store.count_use(QA, [rule], number % 3 != 0) for number in range(9)))
    identity = await store.load(QA)
    assert identity.version == 2
    assert identity.rule_stats[rule] == RuleStats(use_count=9, success_count=6)


async def test_counters_of_rules_that_the_agent_does_not_hold_are_not_made(store: IdentityStore) -> None:
    await store.count_use(QA, ["A rule that nobody has learned"], True)
    assert "A rule that nobody has learned" not in (await store.load(QA)).rule_stats


async def test_a_save_keeps_counters_that_moved_meanwhile_and_drops_those_of_rules_that_left(
    store: IdentityStore,
) -> None:
    stays, leaves, comes = "This rule will stay", "This rule will leave", "This rule will come"
    loaded = await learn(store, stays, leaves)
    await store.count_use(QA, [stays, leaves], True)
    saved = await store.save(loaded.model_copy(update={"learned_rules": (stays, comes)}), loaded.version)
    assert saved.rule_stats[stays] == RuleStats(use_count=1, success_count=1)
    assert saved.rule_stats[comes] == RuleStats()
    assert leaves not in saved.rule_stats
    assert await store.load(QA) == saved


async def test_identities_of_agents_are_apart(store: IdentityStore) -> None:
    await learn(store, "Only the tester knows this rule")
    assert (await store.load(AgentName.BACKEND)).version == 1
