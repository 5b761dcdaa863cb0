"""Answers as models really write them: at least 95 % of those that can be read are, and none is read wrong."""

import pytest

from agents.answers import AnswerError, continued, decode_files, decode_json
from core.types import JsonObject
from tests.unit.agents.answers.cases import Case, all_cases

CASES = tuple(all_cases())
LEAST_CASES = 150
LEAST_SHARE = 0.95
Reading = JsonObject | tuple[dict[str, str], list[str]]


def read(case: Case) -> Reading:
    """What the decoder makes of a case, as Conversation would ask it. Raises AnswerError."""
    text = case.answer
    for more in case.more:
        text = continued(text, more)
    if case.is_json:
        return decode_json(text, case.schema, finished=case.finished)
    answer = decode_files(text, case.shown, finished=case.finished)
    return answer.files, list(answer.deletes)


def wanted(case: Case) -> Reading:
    return case.json if case.json is not None else (case.files, case.deletes)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_answer_is_read_wrong(case: Case) -> None:
    try:
        reading = read(case)
    except AnswerError as error:
        message = str(error)
        assert all(text in message for text in case.error), message
    else:
        assert not case.error, f"read, though it has two readings or none: {reading}"
        assert reading == wanted(case)


def test_nearly_all_that_can_be_read_are() -> None:
    readable = [case for case in CASES if not case.error]
    missed = []
    for case in readable:
        try:
            read(case)
        except AnswerError as error:
            missed.append(f"{case.name}: {error}")
    assert len(CASES) >= LEAST_CASES
    assert len(missed) <= (1 - LEAST_SHARE) * len(readable), missed


@pytest.mark.parametrize("case", [case for case in CASES if case.error], ids=lambda case: case.name)
def test_what_cannot_be_read_is_told_of_with_its_place_and_in_few_words(case: Case) -> None:
    with pytest.raises(AnswerError) as caught:
        read(case)
    assert len(str(caught.value)) < 3_000


def test_every_case_says_what_it_imitates_and_expects_one_thing() -> None:
    for case in CASES:
        assert len(case.imitates) > 10, case.name
        assert not (case.error and (case.files or case.deletes or case.json is not None)), case.name
        assert case.is_json or case.json is None, case.name
        assert not case.is_json or case.error or case.json is not None, case.name
