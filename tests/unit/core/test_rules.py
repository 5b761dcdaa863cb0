"""How rules did, and what differs between versions of an identity."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import NotFound
from core.identity import Identity, RuleOrigin, RuleStats, TrialRule, render_identity
from core.rules import diff_versions, find_rule, find_version, is_weak, memory_diff, rule_id, view_rules, wilson
from core.types import AgentName

QA = AgentName.QA
IDENTITY = Identity(
    agent=QA,
    expertise=("Tests",),
    learned_rules=("Be brief", "Both"),
    correction_rules=("Check twice", "Both"),
    past_mistakes=("Be brief",),
    beliefs={"tests": "matter"},
    rule_stats={"Be brief": RuleStats(use_count=10, success_count=5)},
)


def test_wilsons_interval_is_that_of_the_textbook() -> None:
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)
    with pytest.raises(ValueError, match="no share"):
        wilson(0, 0)


@given(st.integers(1, 10_000), st.data())
def test_the_interval_holds_the_share_and_lies_between_nothing_and_everything(uses: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, uses))
    low, high = wilson(successes, uses)
    assert 0.0 <= low <= successes / uses <= high <= 1.0


@pytest.mark.parametrize(("uses", "successes", "weak"), [(9, 0, False), (10, 5, True), (20, 11, False), (20, 10, True)])
def test_a_rule_is_weak_when_it_was_told_often_and_helped_seldom(uses: int, successes: int, weak: bool) -> None:
    assert is_weak(RuleStats(use_count=uses, success_count=successes)) is weak


def test_every_rule_is_shown_once_with_how_it_did() -> None:
    brief, both, twice = view_rules(IDENTITY.model_copy(update={"pinned": ("Both",), "disabled": ("Check twice",)}))
    assert brief.rule_id == hashlib.sha256(b"Be brief").hexdigest()[:16]
    assert (brief.source, brief.rate, brief.weak, brief.pinned, brief.disabled) == ("learned", 0.5, True, False, False)
    assert (brief.low, brief.high) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert (both.source, both.pinned, both.rate, both.low, both.high) == ("learned", True, None, None, None)
    assert (twice.source, twice.disabled) == ("correction", True)


def test_disabled_rules_are_left_out_of_prompts_and_nothing_else_is() -> None:
    whole = render_identity(IDENTITY)
    assert whole == (
        "Expertise:\n- Tests\nRules learned:\n- Be brief\n- Both\nPast mistakes to avoid:\n- Be brief\n"
        "Correction rules:\n- Check twice\n- Both\nBeliefs:\n- tests: matter"
    )
    fewer = render_identity(IDENTITY.model_copy(update={"disabled": ("Be brief", "Both")}))
    assert fewer == (
        "Expertise:\n- Tests\nPast mistakes to avoid:\n- Be brief\nCorrection rules:\n- Check twice\n"
        "Beliefs:\n- tests: matter"
    )
    told = {"pinned": ("Both",), "saved_at": 5.0, "why": "x", "by": "ada", "cause": "rollback", "version": 7}
    assert render_identity(IDENTITY.model_copy(update=told)) == whole


def test_a_rule_is_found_by_its_id_and_a_version_by_its_number() -> None:
    assert find_rule(IDENTITY, rule_id("Both")) == "Both"
    with pytest.raises(NotFound, match="no rule ffff"):
        find_rule(IDENTITY, "ffff")
    versions = [IDENTITY.model_copy(update={"version": number}) for number in (5, 4)]
    assert find_version(versions, 4).version == 4
    with pytest.raises(NotFound, match=r"version 3 of qa_agent is not kept; kept are 5, 4"):
        find_version(versions, 3)


def test_a_diff_has_the_sections_that_differ_and_both_texts() -> None:
    after = IDENTITY.model_copy(
        update={"version": 2, "learned_rules": ("Both", "New"), "beliefs": {}, "disabled": ("Both",)}
    )
    diff = diff_versions(IDENTITY, after)
    assert {each.name: (each.added, each.removed) for each in diff.sections} == {
        "Rules learned": (("New",), ("Be brief", "Both")),
        "Correction rules": ((), ("Both",)),
        "Beliefs": ((), ("tests: matter",)),
        "Disabled": (("Both",), ()),
    }
    assert (diff.base, diff.version, diff.before, diff.after) == (
        1,
        2,
        render_identity(IDENTITY),
        render_identity(after),
    )
    assert diff_versions(after, after).sections == ()


def test_a_memory_diff_follows_from_versions_that_people_made() -> None:
    after = IDENTITY.model_copy(
        update={"version": 2, "learned_rules": ("New",), "cause": "rollback", "why": "w", "by": "ada", "saved_at": 3.0}
    )
    diff = memory_diff(IDENTITY, after)
    assert diff is not None
    assert (diff.diff_id, diff.kind, diff.ts, diff.why, diff.by) == ("qa_agent-v2", "rollback", 3.0, "w", "ada")
    assert (diff.from_version, diff.to_version, diff.added, diff.removed) == (1, 2, ("New",), ("Be brief",))
    assert memory_diff(IDENTITY, IDENTITY.model_copy(update={"version": 2})) is None


def test_a_memory_diff_follows_from_versions_that_learning_made() -> None:
    trial = TrialRule(text="On trial now", origin=RuleOrigin(interactions=("c1",)))
    told = {"version": 2, "cause": "reflection", "why": "reflection-qa_agent-0123456789ab on 3 tasks: 1 on trial"}
    tried = IDENTITY.model_copy(update={**told, "trials": (trial,)})
    diff = memory_diff(IDENTITY, tried)
    assert diff is not None
    assert (diff.diff_id, diff.trials, diff.interactions) == (
        "reflection-qa_agent-0123456789ab", ("On trial now",), ("c1",),
    )  # fmt: skip
    said = {"version": 3, "cause": "experiment", "trials": ()}
    dropped = memory_diff(tried, tried.model_copy(update={**said, "why": "experiment x1: dropped: On trial now"}))
    assert dropped is not None
    assert (dropped.diff_id, dropped.experiment, dropped.removed) == ("qa_agent-v3", "x1", ("On trial now",))
    promoted = memory_diff(
        tried, tried.model_copy(update={**said, "learned_rules": (*IDENTITY.learned_rules, "On trial now")})
    )
    assert promoted is not None
    assert (promoted.added, promoted.removed, promoted.trials) == (("On trial now",), (), ())


def test_a_diff_shows_what_is_on_trial() -> None:
    after = IDENTITY.model_copy(update={"version": 2, "trials": (TrialRule(text="On trial now"),)})
    (section,) = diff_versions(IDENTITY, after).sections
    assert (section.name, section.added) == ("On trial", ("On trial now",))
