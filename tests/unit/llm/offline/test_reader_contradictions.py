"""Descriptions that contradict themselves: nothing is built that leaves one half of them out without a word."""

import pytest

from llm.offline.planning import plan_sentence


@pytest.mark.parametrize(
    ("bounds", "shown"),
    [
        (
            "a title of at least 80 characters and at most 40 characters",
            "at least 80 characters and at most 40 characters",
        ),
        ("a price of at least 20 and at most 10", "at least 20 and at most 10"),
        ("a price of at most 10, but at least 20.5", "at most 10, but at least 20.5"),
    ],
)
def test_bounds_that_no_value_is_within_are_named(bounds: str, shown: str) -> None:
    refused = plan_sentence(f"Backend only: tickets with a name and {bounds}")
    assert isinstance(refused, str)
    assert refused.startswith(f"The description contradicts itself: no value is {shown}.")


@pytest.mark.parametrize(
    "bounds",
    [
        "a price of at least 10 and at most 20",
        "a price of at least 10 and at most 10",
        "at least 10 chairs and at most 5 tables",
        "a title of at least 3 characters and a price of at most 2",
    ],
)
def test_bounds_of_one_value_that_agree_and_those_of_two_things_are_none(bounds: str) -> None:
    assert not isinstance(plan_sentence(f"Backend only: tickets with a name and {bounds}"), str)
