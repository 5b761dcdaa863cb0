"""Documents of identities: what is read, what is refused, what prompts get."""

import json

import pytest

from core.errors import Damaged, InvalidInput, Refused
from core.identity import (
    MAX_IDENTITY_BYTES,
    MAX_LINES,
    SCHEMA_VERSION,
    Identity,
    RuleOrigin,
    TrialRule,
    check_identity,
    read_identity,
    render_identity,
)
from core.types import AgentName

QA = AgentName.QA


def test_trials_and_disabled_rules_are_kept_and_not_told() -> None:
    trial = TrialRule(text="On trial")
    identity = Identity(agent=QA, learned_rules=("Told", "Off"), disabled=("Off",), trials=(trial,))
    assert render_identity(identity) == "Rules learned:\n- Told"
    assert (identity.rules, identity.active_rules) == (("Told", "Off"), ("Told",))


@pytest.mark.parametrize(
    "changes", [{"version": 7}, {"origins": {"Told": RuleOrigin(by="ada")}}, {"trials": (TrialRule(text="New"),)}]
)
def test_a_prompt_stays_the_same_byte_for_byte_until_the_words_change(changes: dict[str, object]) -> None:
    identity = Identity(agent=QA, learned_rules=("Told",), beliefs={"b": "2", "a": "1"})
    assert render_identity(identity.model_copy(update=changes)) == render_identity(identity)


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '"x"', '{"agent": "nobody"}', '{"agent": "qa_agent", "x": 1}', "[" * 200_000]
)
def test_a_corrupt_document_is_named_with_its_version(body: str) -> None:
    with pytest.raises(Damaged, match="version 5 of qa_agent cannot be read") as damaged:
        read_identity(QA, 5, body)
    assert damaged.value.fields["version"] == 5


def test_a_document_of_another_agent_is_no_version_of_this_one() -> None:
    with pytest.raises(Damaged, match="it is that of planner"):
        read_identity(QA, 5, Identity(agent=AgentName.PLANNER).model_dump_json())


def test_a_document_of_a_newer_release_is_refused_whatever_else_it_holds() -> None:
    body = json.dumps({"agent": "qa_agent", "schema_version": SCHEMA_VERSION + 1, "dreams": ["of sheep"]})
    with pytest.raises(Refused, match="written by a newer release") as refused:
        read_identity(QA, 5, body)
    assert refused.value.fields["version"] == 5


def test_a_document_without_a_schema_is_of_the_first_one() -> None:
    assert read_identity(QA, 1, '{"agent": "qa_agent"}') == Identity(agent=QA)


def test_an_empty_entry_is_refused_by_its_field() -> None:
    with pytest.raises(InvalidInput, match="code_style: an entry is empty"):
        check_identity(Identity(agent=QA, code_style=("fine", " \n")))


def test_a_document_that_is_too_large_as_a_whole_is_refused() -> None:
    rules = tuple(f"{n:03d}" + "\u00e4" * 900 for n in range(MAX_LINES))
    with pytest.raises(InvalidInput, match="identity: has") as refused:
        check_identity(Identity(agent=QA, learned_rules=rules, correction_rules=rules))
    assert refused.value.fields["limit"] == MAX_IDENTITY_BYTES
