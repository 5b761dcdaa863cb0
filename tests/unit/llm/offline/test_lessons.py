"""Rules keep the apprentice from a mistake when they say the right thing, in whatever words; wrong rules ask for it."""

import pytest

from llm.offline.faults import FAULTS
from llm.offline.lessons import LESSONS, covered_by, demanded_by
from llm.offline.poison import POISON
from tests.unit.llm.offline.wordings import WORDINGS
from tests.workflows.fault_findings import recorded

GOOD = [pytest.param(kind, text, id=f"{kind}-{text[:40]}") for kind, (good, _) in WORDINGS.items() for text in good]
BAD = [pytest.param(kind, text, id=f"{kind}-{text[:40]}") for kind, (_, bad) in WORDINGS.items() for text in bad]


def test_every_mistake_has_a_lesson_and_wordings() -> None:
    assert set(LESSONS) == set(FAULTS) == set(WORDINGS) == set(recorded())


@pytest.mark.parametrize(("kind", "text"), GOOD)
def test_a_rule_that_says_the_lesson_in_its_own_words_covers_it(kind: str, text: str) -> None:
    assert kind in covered_by(text)
    assert demanded_by(text) == frozenset()


@pytest.mark.parametrize(("kind", "text"), BAD)
def test_a_rule_that_only_looks_alike_does_not_cover_it(kind: str, text: str) -> None:
    assert kind not in covered_by(text)


@pytest.mark.parametrize("kind", LESSONS)
def test_the_rule_of_a_lesson_is_a_general_sentence_that_covers_its_kind_and_asks_for_no_mistake(kind: str) -> None:
    rule = LESSONS[kind].rule
    assert kind in covered_by(rule)
    assert demanded_by(rule) == frozenset()
    assert 15 <= len(rule) <= 200
    assert rule[0].isupper()
    assert rule.endswith(".")
    assert not {"/", "_", "`", "{"} & set(rule), "it names no path and no identifier"


@pytest.mark.parametrize("kind", LESSONS)
def test_what_a_real_check_says_of_a_mistake_teaches_its_lesson(kind: str) -> None:
    found = recorded()[kind]
    assert any(LESSONS[kind].taught_by(finding.message) for finding in found), [one.message for one in found]
    assert FAULTS[kind].named_by(found)


def test_a_lesson_is_not_taught_by_what_is_found_of_other_mistakes() -> None:
    """But for a list without limit, of which the total is also wrong."""
    alike = {("wrong_total", "unbounded_list"), ("unbounded_list", "wrong_total"), ("unlabelled_field", "unsaid_error")}
    for kind, findings in recorded().items():
        for other, lesson in LESSONS.items():
            if other != kind and FAULTS[other].agent is FAULTS[kind].agent and (kind, other) not in alike:
                named = [finding.message for finding in findings if FAULTS[kind].named_by([finding])]
                assert not any(lesson.taught_by(message) for message in named), (kind, other, named)


def test_at_least_eight_mistakes_can_be_asked_for() -> None:
    demanded = {kind for kind, (_, bad) in WORDINGS.items() if any(kind in demanded_by(text) for text in bad)}
    assert len(demanded) >= 8, demanded


def test_each_of_the_five_wrong_rules_asks_for_a_mistake_of_its_agent_and_is_well_formed() -> None:
    rules = [(agent, rule) for agent, rules in POISON.items() for rule in rules]
    assert len(rules) == 5
    for agent, rule in rules:
        assert [FAULTS[kind].agent for kind in demanded_by(rule)] == [agent], rule
        assert covered_by(rule) == frozenset(), rule
        assert 15 <= len(rule) <= 200
        assert not {"/", "_", "`"} & set(rule)
