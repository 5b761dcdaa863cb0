"""How a commit and a description tell whose work they are."""

import dataclasses

import pytest

from code_host.work import Work, in_conflict, marked_key, marker, unmarked
from core.publication import PullRequestDraft

DRAFT = PullRequestDraft(key="t1", branch="autonomy/x-t1", title="Add x", body="", commit_message="Add x\n\nBecause.\n")
WORK = Work(DRAFT, "a" * 40, {}, {})


def test_a_commit_tells_its_task_and_its_tree_in_its_last_lines() -> None:
    assert WORK.message == f"Add x\n\nBecause.\n\nAutonomy-Task: t1\nAutonomy-Tree: {'a' * 40}\n"
    assert WORK.is_told_by(WORK.message)
    assert WORK.is_told_by(WORK.message.rstrip())


@pytest.mark.parametrize("words", ["", "\0 \n"])
def test_a_draft_without_a_message_has_its_title(words: str) -> None:
    work = dataclasses.replace(WORK, draft=DRAFT.model_copy(update={"commit_message": words}))
    assert work.message.startswith("Add x\n\nAutonomy-Task")


@pytest.mark.parametrize(
    "message",
    [
        "Add x",
        f"Autonomy-Task: t1\nAutonomy-Tree: {'a' * 40}\n\nAdd x",
        f"Add x\n\nAutonomy-Task: t11\nAutonomy-Tree: {'a' * 40}\n",
        f"Add x\n\nAutonomy-Task: t1\nAutonomy-Tree: {'b' * 40}\n",
        "Add x\n\nAutonomy-Task: t1\n",
    ],
)
def test_other_commits_do_not_tell_it(message: str) -> None:
    assert not WORK.is_told_by(message)


def test_a_marker_is_the_last_thing_in_a_description() -> None:
    body = f"Text\n\n{marker('t-1_x')}"
    assert (marked_key(body), unmarked(body)) == ("t-1_x", "Text")
    assert (marked_key(body + "\r\n"), unmarked(body + "\r\n")) == ("t-1_x", "Text")
    assert marked_key(f"{marker('t1')}\n\nmore") is None
    assert (marked_key("Text"), unmarked("Text")) == (None, "Text")


def test_a_conflict_names_a_few_paths_and_carries_all() -> None:
    paths = [f"f{number}" for number in range(8)]
    refused = in_conflict("branch main on GitHub", reversed(paths))
    assert "f0, f1, f2, f3, f4 and 3 more; " in str(refused)
    assert refused.fields == {"reason": "conflict", "paths": paths}
