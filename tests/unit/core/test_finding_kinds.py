"""What findings of different applications have in common."""

import pytest

from core.finding_kinds import MAX_KIND, kind_of
from core.findings import Finding

ORCHARDS = "Backend only: orchards with notes and trees (label); a tree belongs to an orchard"
CANALS = "Backend only: canals with a unique name; login required"
ALIKE = (
    ("downgrade to base leaves the tables orchards", "downgrade to base leaves the tables users"),
    ("to do: add column orchards.founded_on", "to do: add column canals.width"),
    ("to do: add index ix_trees_orchard_id on trees", "to do: add index ix_canals_name on canals"),
    (
        "get /api/orchards answered 500, which the contract does not document (it documents 200, 422)",
        "get /api/canals answered 500, which the contract does not document (it documents 200, 401, 422)",
    ),
    ("GET /api/orchards: sort=-label does not sort by `label`", "GET /api/canals: sort=-name does not sort by `name`"),
    (
        "Test test_a[\u2603 snow] failed: AssertionError: POST /api/trees {'label': 'x'} answered 201 instead of 422: "
        "{\"id\":1,\"at\":\"2026-11-27T18:40:00.1Z\"} assert 201 == 422 + where 201 = Answer(asked='POST', status=... "
        "(POST /api/trees answered 201, expected 422)",
        "Test test_b failed: AssertionError: POST /api/canals {'name': 'y', 'at': 7.5} answered 201 instead of 422: {'id': 'a'} "
        "assert 201 == 422 + where 201 = Answer(asked='POST /api/canals') (POST /api/canals answered 201, expected 422)",
    ),
    (
        "Test test_a failed: AssertionError: POST /api/trees {'label': 'xxxxx...2026-11-27T18 (POST answered 201, expected 422)",
        "Test test_b failed: AssertionError: POST /api/canals {'name': [{'yy...11 (POST answered 201, expected 422)",
    ),
    (
        "Test test_a failed: AssertionError: assert [1, 2] == [2, 1] At index 0 diff: 1 != 2 Use -v to get more diff",
        "Test test_b failed: AssertionError: assert [3, 4, 5] == [5, 4, 3]",
    ),
)  # fmt: skip
DIFFERENT = (
    ("orchard is unknown, expected 404, got 500", "orchard is unknown, expected 403, got 500"),
    ("the row is limited", "the row is not limited"),
    (
        "Test test_a failed: AssertionError: assert [1] == [2]",
        "Test test_a failed: AssertionError: assert ['a'] == ['b']",
    ),
    ("orchards are not sorted", "orchards are not limited"),
    ("tests that assert nothing", "tests that assert too much"),
)


def kind(message: str, sentence: str = ORCHARDS) -> str:
    return kind_of(Finding(check="behaviour", category="list", message=message), sentence)


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_the_same_mistake_in_two_applications_is_one_kind(one: str, other: str) -> None:
    assert kind(one, ORCHARDS) == kind(other, CANALS)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_mistakes_in_one_application_are_two_kinds(one: str, other: str) -> None:
    assert kind(one) != kind(other)


def test_a_kind_names_its_check_and_category_and_has_a_most() -> None:
    assert kind("trees are lost") == "behaviour list: … are lost"
    assert len(kind("lost " * 200)) <= MAX_KIND + len("behaviour list")
    assert kind("") == "behaviour list: "


def test_a_message_full_of_brackets_is_read_in_a_moment() -> None:
    assert kind("[" * 20_000 + "x" + "(" * 20_000).startswith("behaviour list")
