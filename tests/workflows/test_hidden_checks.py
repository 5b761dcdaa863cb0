"""Hidden checks hold of an application that is right, and each kind of them catches the mistake that it is there for."""

import json
from pathlib import Path

import pytest

from evals.datasets import EvalTask, HiddenCheck, load_suite
from llm.offline.faults import FAULTS
from tests.workflows.checking import local_sandbox
from wiring.alone import given_files
from wiring.evaluating import run_hidden

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]
POSTS, TODOS = "backend/app/services/posts.py", "backend/app/services/todos.py"
DROPPED = "    db.delete(get_{one}(db, {one}_id))\n"
Bug = str | tuple[str, str, str]
"""The name of a planted mistake, or a file with what is in it and what is in its place."""
BUGS: dict[tuple[str, str], Bug] = {
    ("mend-status", "a post is kept, changed and gone"): (POSTS, DROPPED.format(one="post"), ""),
    ("mend-update", "a post is kept, changed and gone"): "wrong_status_code",
    ("mend-reference", "a comment belongs to a post that is there"): (
        "backend/app/services/comments.py", "sa.select(models.Comment)", "sa.select(models.Comment).where(sa.false())",
    ),
    ("mend-open-door", "nobody without signing in"): "missing_authorization",
    ("mend-missing-404", "what is not there is answered 404"): "missing_404",
    ("mend-length", "titles have a limit"): "missing_validation",
    ("fault-unbounded-list", "a page has as many posts as are asked for"): "unbounded_list",
    ("mend-lost-search", "search finds a post by its title"): (POSTS, "statement.where(matching)", "statement"),
    ("backend-todo", "a todo is its owner's alone"): "missing_authorization",
    ("backend-todo", "a todo is open until it is done"): "wrong_default",
    ("backend-events", "no more bookings than the capacity"): (
        "backend/app/services/bookings.py", '    _check_booking_capacity(db, values["event_id"])\n', "",
    ),
    ("frontend-notes", "a note is kept and gone"): (
        "backend/app/services/notes.py", DROPPED.format(one="note"), "    get_note(db, note_id)\n",
    ),
    ("expenses", "an expense is its owner's alone"): "missing_authorization",
    ("issues", "an issue goes its way"): (
        "backend/app/services/issues.py", "raise Conflict(", "return None\n    raise Conflict(",
    ),
    ("fountain-pens", "a fountain pen is not inked until somebody says so"): "wrong_default",
    ("street-murals", "street murals are filtered by artist"): "lost_filter",
    ("greenhouse", "a sowing ends after it starts"): "forgotten_rule",
    ("fencing", "no two fencers have the same email"): "missing_unique",
    ("sled-dogs", "a page has as many sleds as are asked for"): "wrong_total",
    ("sundials", "nobody changes anything without signing in"): "missing_authorization",
    ("cider", "no two rentals of one cider press at the same time"): (
        "backend/app/services/rentals.py", "other.end_date > start_date", "other.end_date < start_date",
    ),
    ("ghosts", "notes have a limit"): ("backend/app/schemas/sighting.py", "max_length=60, ", ""),
}  # fmt: skip


def find(task_id: str, name: str) -> tuple[EvalTask, HiddenCheck]:
    tasks = (*load_suite("standard"), *load_suite("held-out"))
    task = next(task for task in tasks if task.task_id == task_id)
    return task, next(check for check in task.hidden if check.name == name)


@pytest.mark.parametrize(("task_id", "name"), BUGS, ids=lambda part: part.replace(" ", "-"))
async def test_a_hidden_check_holds_until_there_is_the_mistake_that_it_looks_for(
    tmp_path: Path, task_id: str, name: str
) -> None:
    task, check = find(task_id, name)
    files, plan = given_files(task.sentence, None)
    bug = BUGS[task_id, name]
    if isinstance(bug, str):
        wrong = FAULTS[bug].inject(dict(files), plan)
    else:
        path, old, new = bug
        assert old in files[path]
        wrong = {**files, path: files[path].replace(old, new)}
    assert wrong != files
    asked = json.dumps(check.model_dump(mode="json"))
    async with local_sandbox(tmp_path) as provider:
        assert (await run_hidden(provider, "right", files, asked)).status == "passed"
        caught = await run_hidden(provider, "wrong", wrong, asked)
    assert caught.status == "failed"
    assert caught.findings[0].message.startswith("step ")


async def test_an_application_that_has_nothing_of_that_name_fails_with_what_it_has(tmp_path: Path) -> None:
    task, check = find("mend-status", "a post is kept, changed and gone")
    files, _ = given_files("Backend only: kites with a name", None)
    async with local_sandbox(tmp_path) as provider:
        result = await run_hidden(provider, "other", files, json.dumps(check.model_dump(mode="json")))
    assert "the plan has nothing that is called 'post'; it has Kite" in result.findings[0].message
    assert task.sentence.endswith("login required")
