"""What is written onto a base, and what is a conflict."""

from hypothesis import given
from hypothesis import strategies as st

from core.publication import Overlay, lay_over

PATHS = st.sampled_from(["a", "a/b", "a/b/c", "d/e", "f"])
TREES = st.dictionaries(PATHS, st.sampled_from(["1", "2", "3"])).filter(
    lambda files: not any(other.startswith(f"{path}/") for path in files for other in files)
)


def test_new_files_lie_beside_what_is_there() -> None:
    assert lay_over({"README.md": "r"}, {"app.py": "a"}, {}, {}) == Overlay({"app.py": "a"}, (), ())


def test_a_file_that_was_shown_as_replaced_is_replaced_while_it_is_as_it_was_shown() -> None:
    shown = {"README.md": "old"}
    assert lay_over({"README.md": "old"}, {"README.md": "new"}, {}, shown).writes == {"README.md": "new"}
    assert lay_over({"README.md": "moved"}, {"README.md": "new"}, {}, shown).conflicts == ("README.md",)
    assert lay_over({"README.md": "old"}, {"README.md": "new"}, {}, {}).conflicts == ("README.md",)


def test_what_is_on_the_base_already_is_not_written_again() -> None:
    assert lay_over({"a": "1"}, {"a": "1", "b": "2"}, {}, {}) == Overlay({"b": "2"}, (), ())


def test_a_change_of_a_file_that_moved_or_went_is_a_conflict() -> None:
    assert lay_over({"a": "2"}, {"a": "3"}, {"a": "1"}, {}).conflicts == ("a",)
    assert lay_over({}, {"a": "3"}, {"a": "1"}, {}).conflicts == ("a",)
    assert lay_over({"a": "1"}, {"a": "3"}, {"a": "1"}, {}) == Overlay({"a": "3"}, (), ())


def test_a_file_that_the_work_took_away_goes_unless_it_moved() -> None:
    assert lay_over({"a": "1", "b": "2"}, {"b": "2"}, {"a": "1", "b": "2"}, {}) == Overlay({}, ("a",), ())
    assert lay_over({"a": "9", "b": "2"}, {"b": "2"}, {"a": "1", "b": "2"}, {}).conflicts == ("a",)
    assert lay_over({"b": "2"}, {"b": "2"}, {"a": "1", "b": "2"}, {}) == Overlay({}, (), ())


def test_a_file_where_the_other_side_has_a_folder_is_a_conflict() -> None:
    assert lay_over({"a/b": "1"}, {"a": "2"}, {}, {}).conflicts == ("a",)
    assert lay_over({"a": "1"}, {"a/b": "2"}, {}, {}).conflicts == ("a/b",)
    assert lay_over({"a": "1"}, {"a/b": "2"}, {"a": "1"}, {}) == Overlay({"a/b": "2"}, ("a",), ())


@given(base=TREES, approved=TREES)
def test_what_lies_over_a_base_without_conflict_holds_both_whole(
    base: dict[str, str], approved: dict[str, str]
) -> None:
    overlay = lay_over(base, approved, {}, {})
    laid = {path: blob for path, blob in base.items() if path not in overlay.deletes} | dict(overlay.writes)
    if not overlay.conflicts:
        assert {path: laid[path] for path in approved} == approved
        assert {path: blob for path, blob in laid.items() if path not in approved} == {
            path: blob for path, blob in base.items() if path not in approved
        }


@given(origin=TREES, approved=TREES)
def test_on_the_base_that_it_began_from_work_gives_the_approved_tree(
    origin: dict[str, str], approved: dict[str, str]
) -> None:
    overlay = lay_over(origin, approved, origin, {})
    assert overlay.conflicts == ()
    laid = {path: blob for path, blob in origin.items() if path not in overlay.deletes} | dict(overlay.writes)
    assert laid == approved
