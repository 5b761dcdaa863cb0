"""Looking back from the terminal: the story of a task, its checkpoints, and a fork that goes another way."""

import json
import re
from pathlib import Path

import pytest

from tests.e2e.processes import run_command

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SENTENCE = "Backend only: a blog with posts and comments; comments belong to a post"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A data directory with one task that is completed, and its id."""
    data = tmp_path_factory.mktemp("past") / "data"
    done = run_command(data, "build", SENTENCE, "--no-sandbox", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    return data, done.stdout.split()[1].rstrip(",")


def test_a_finished_run_is_told_from_its_log(built: tuple[Path, str]) -> None:
    data, task_id = built
    told = run_command(data, "replay", task_id)
    assert told.returncode == 0, told.stderr
    assert re.search(
        r"planner: asked offline/scaffold \(planner/plan\): [\d,]+ tokens in, [\d,]+ out, \$0\.0000", told.stdout
    )
    assert "Publish it as branch autonomy/blog-" in told.stdout
    assert "answer: approve via cli" in told.stdout
    assert f"task {task_id} completed after" in told.stdout
    quick = run_command(data, "replay", task_id, "--speed", "1000", "--json")
    *events, task = [json.loads(line) for line in quick.stdout.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert task["status"] == "completed"


def test_checkpoints_are_listed_and_one_of_them_is_gone_on_from(built: tuple[Path, str]) -> None:
    data, task_id = built
    listed = run_command(data, "checkpoints", task_id)
    assert listed.returncode == 0, listed.stderr
    number = next(line.split()[0] for line in listed.stdout.splitlines() if "next: approval" in line)
    assert "after planner; next: backend_agent, database_agent" in listed.stdout
    arguments = ["fork", task_id, "--at", number, "--feedback", "add a field subtitle to posts", "--yes"]
    other = run_command(data, *arguments)
    assert other.returncode == 0, other.stdout + other.stderr
    assert "model calls behind this checkpoint are made, and paid, again" in other.stdout
    forked_id = other.stdout.split()[1]
    shown = run_command(data, "show", forked_id)
    assert f"fork of task {task_id}" in shown.stdout
    story = run_command(data, "replay", forked_id)
    assert f"of task {task_id}: add a field subtitle to posts" in story.stdout


def test_a_point_that_is_not_there_is_a_sentence(built: tuple[Path, str]) -> None:
    data, task_id = built
    done = run_command(data, "fork", task_id, "--at", "99")
    assert done.returncode == 1
    assert f"task {task_id} does not have checkpoint 99" in done.stderr
    assert run_command(data, "checkpoints", "0123456789abcdef").returncode == 1
    assert run_command(data, "replay", "0123456789abcdef").returncode == 1
