"""Rollbacks and changes of rules: versions, counters, the log of memory diffs, and crashes between the two."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.access import Actor
from core.agent_views import MemoryDiff, MemoryDiffFilter, NewRule, Rollback, RuleChange
from core.errors import Conflict, InvalidInput, NoRoom, NotFound
from core.identity import Identity, RuleOrigin, RuleStats, TrialRule
from core.ports import IdentityStore
from core.redaction import Redactor
from core.rules import rule_id
from core.types import AgentName
from observability.memory_diffs import SqliteMemoryDiffLog
from observability.storage import Storage
from tasks.identities import IdentityService, RuleLimits
from tests.unit.memory.clock import HandClock
from tests.unit.memory.stores import sqlite_stores

QA = AgentName.QA
ADA = Actor(via="dashboard", name="ada")
RULE = "Make every test create its own data"


class FullLog(SqliteMemoryDiffLog):
    """The log of a machine that stops right after the save."""

    async def record(self, diff: MemoryDiff) -> None:
        raise NoRoom("the machine stops here")


@dataclass(frozen=True)
class Learning:
    identities: IdentityStore
    diffs: SqliteMemoryDiffLog
    service: IdentityService
    interrupted: IdentityService
    clock: HandClock

    async def told(self) -> list[tuple[str, str, int, int | None, str, str]]:
        found = await self.diffs.list(MemoryDiffFilter(agent=QA))
        return [(each.diff_id, each.kind, each.from_version, each.to_version, each.why, each.by) for each in found]


@pytest.fixture
async def learning(tmp_path: Path) -> AsyncIterator[Learning]:
    """An agent that has learned a rule (version 2) and changed its mind (version 3)."""
    storage = await Storage.open(tmp_path / "interactions.db")
    async with sqlite_stores(tmp_path) as stores:
        diffs, identities = SqliteMemoryDiffLog(storage), stores.identities
        first = await identities.load(QA)
        second = await identities.save(first.model_copy(update={"learned_rules": (RULE,)}), 1)
        await identities.save(second.model_copy(update={"learned_rules": (RULE, "Something wrong")}), 2)
        stores.clock.time = 2_000.0
        limits = RuleLimits(40, Redactor(["hunter2-hunter2"]))
        services = (IdentityService(identities, log, stores.clock, limits) for log in (diffs, FullLog(storage)))
        yield Learning(identities, diffs, *services, stores.clock)
    await storage.close()


async def test_a_rollback_is_a_new_version_with_the_old_content_and_rules_that_stay_keep_their_counters(
    learning: Learning,
) -> None:
    await learning.identities.count_use(QA, [RULE], True, "t1")
    saved = await learning.service.roll_back(QA, Rollback(version=2, expected_version=3), ADA)
    assert (saved.version, saved.learned_rules, saved.saved_at) == (4, (RULE,), 2_000.0)
    assert saved.rule_stats[RULE] == RuleStats(use_count=1, success_count=1)
    assert await learning.identities.load(QA) == saved
    told = ("qa_agent-v4", "rollback", 3, 4, "rolled back to version 2", "ada")
    assert await learning.told() == [told]
    (diff,) = await learning.diffs.list(MemoryDiffFilter())
    assert (diff.ts, diff.added, diff.removed) == (2_000.0, (), ("Something wrong",))


async def test_rules_are_pinned_and_disabled_and_let_go_again(learning: Learning) -> None:
    changed = await learning.service.change_rule(
        QA, rule_id(RULE), RuleChange(pinned=True, disabled=True, expected_version=3), ADA
    )
    assert (changed.pinned, changed.disabled, changed.version) == ((RULE,), (RULE,), 4)
    freed = await learning.service.change_rule(QA, rule_id(RULE), RuleChange(disabled=False, expected_version=4), ADA)
    assert (freed.pinned, freed.disabled, freed.version) == ((RULE,), (), 5)
    assert [each[4] for each in await learning.told()] == [f"enabled: {RULE}", f"pinned and disabled: {RULE}"]
    same = await learning.service.change_rule(QA, rule_id(RULE), RuleChange(pinned=True, expected_version=5), ADA)
    assert same.version == 5, "what is so already makes no version"


async def test_whoever_looked_at_another_version_is_told_both(learning: Learning) -> None:
    with pytest.raises(Conflict, match="is at version 3, not 2"):
        await learning.service.roll_back(QA, Rollback(version=1, expected_version=2), ADA)
    with pytest.raises(Conflict, match="is at version 3, not 2"):
        await learning.service.change_rule(QA, rule_id(RULE), RuleChange(pinned=True, expected_version=2), ADA)
    with pytest.raises(Conflict, match="already"):
        await learning.service.roll_back(QA, Rollback(version=3, expected_version=3), ADA)
    assert (await learning.identities.load(QA)).version == 3
    assert await learning.told() == []


async def test_what_is_not_there_is_not_found(learning: Learning) -> None:
    with pytest.raises(NotFound, match="kept are 3, 2, 1"):
        await learning.service.roll_back(QA, Rollback(version=9, expected_version=3), ADA)
    with pytest.raises(NotFound, match="no rule"):
        await learning.service.change_rule(QA, "0" * 16, RuleChange(pinned=True, expected_version=3), ADA)


async def test_a_version_that_the_log_was_not_told_of_is_told_at_the_next_start(learning: Learning) -> None:
    with pytest.raises(NoRoom):
        await learning.interrupted.roll_back(QA, Rollback(version=2, expected_version=3), ADA)
    assert (await learning.identities.load(QA)).version == 4
    assert await learning.told() == []
    learning.clock.time = 9_000.0
    for _ in range(2):
        await learning.service.mend()
        assert await learning.told() == [("qa_agent-v4", "rollback", 3, 4, "rolled back to version 2", "ada")]
    (diff,) = await learning.diffs.list(MemoryDiffFilter())
    assert diff.ts == 2_000.0, "it is of the moment of the save"


async def test_a_version_that_the_log_was_not_told_of_is_told_before_the_next_change(learning: Learning) -> None:
    with pytest.raises(NoRoom):
        await learning.interrupted.change_rule(QA, rule_id(RULE), RuleChange(pinned=True, expected_version=3), ADA)
    await learning.service.roll_back(QA, Rollback(version=3, expected_version=4), ADA)
    assert [each[0] for each in await learning.told()] == ["qa_agent-v5", "qa_agent-v4"]


async def test_versions_of_earlier_releases_are_read(tmp_path: Path) -> None:
    later = {"pinned", "disabled", "saved_at", "cause", "why", "by"}
    old = Identity(agent=QA, learned_rules=(RULE,)).model_dump_json(exclude=later)
    async with sqlite_stores(tmp_path) as stores:
        await stores.database.write(
            lambda connection: connection.execute("INSERT INTO identities VALUES ('qa_agent', 1, ?)", (old,)).rowcount
        )
        loaded = await stores.identities.load(QA)
        assert (loaded.learned_rules, loaded.saved_at, loaded.why) == ((RULE,), 0.0, "")


async def test_a_rule_of_a_person_is_a_correction_that_says_whose_it_is(learning: Learning) -> None:
    saved = await learning.service.add_rule(QA, NewRule(text="  Ask\n twice ", expected_version=3), ADA)
    assert saved.correction_rules[-1] == "Ask twice"
    assert saved.origins["Ask twice"] == RuleOrigin(by="ada", why="added by a person", at=2_000.0)
    assert await learning.told() == [("qa_agent-v4", "rule_changed", 3, 4, "added: Ask twice", "ada")]
    with pytest.raises(Conflict, match="has this rule already"):
        await learning.service.add_rule(QA, NewRule(text="Ask twice", expected_version=4), ADA)
    with pytest.raises(Conflict, match="at version 4, not 3"):
        await learning.service.add_rule(QA, NewRule(text="Ask thrice", expected_version=3), ADA)


@pytest.mark.parametrize(("text", "said", "limit"), [
    (" \n ", "text: must not be empty", None),
    ("x" * 41, "text: has 41 characters, and 40 is the most", 40),
    ("log in with hunter2-hunter2", "text: holds what looks like a key", None),
])  # fmt: skip
async def test_a_rule_that_no_prompt_should_hold_is_refused_by_field_and_limit(
    learning: Learning, text: str, said: str, limit: int | None
) -> None:
    with pytest.raises(InvalidInput, match=said) as refused:
        await learning.service.add_rule(QA, NewRule(text=text, expected_version=3), ADA)
    assert (refused.value.fields["field"], refused.value.fields.get("limit")) == ("text", limit)
    assert (await learning.identities.load(QA)).version == 3


async def test_a_rule_that_is_added_is_on_trial_no_longer_and_one_on_trial_can_be_deleted(learning: Learning) -> None:
    current = await learning.identities.load(QA)
    trials = (TrialRule(text="Ask twice"), TrialRule(text="Ask thrice"))
    await learning.identities.save(current.model_copy(update={"trials": trials}), 3)
    saved = await learning.service.add_rule(QA, NewRule(text="Ask twice", why="it helps", expected_version=4), ADA)
    assert ([trial.text for trial in saved.trials], saved.origins["Ask twice"].why) == (["Ask thrice"], "it helps")
    assert (await learning.service.delete_rule(QA, rule_id("Ask thrice"), 5, ADA)).trials == ()


async def test_a_rule_is_deleted_with_its_counters_and_a_pinned_one_is_let_go_first(learning: Learning) -> None:
    await learning.identities.count_use(QA, [RULE], True, "t1")
    await learning.service.change_rule(QA, rule_id(RULE), RuleChange(pinned=True, expected_version=3), ADA)
    with pytest.raises(Conflict, match="is pinned; let it go first"):
        await learning.service.delete_rule(QA, rule_id(RULE), 4, ADA)
    await learning.service.change_rule(QA, rule_id(RULE), RuleChange(pinned=False, expected_version=4), ADA)
    saved = await learning.service.delete_rule(QA, rule_id(RULE), 5, ADA)
    assert (RULE in saved.rules, RULE in saved.rule_stats) == (False, False)
    assert (await learning.told())[0] == ("qa_agent-v6", "rule_changed", 5, 6, f"deleted: {RULE}", "ada")
    with pytest.raises(NotFound, match="has no rule"):
        await learning.service.delete_rule(QA, rule_id(RULE), 6, ADA)
