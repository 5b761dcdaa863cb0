"""The commands as a person without a terminal runs them, the service inside their own process."""

import json
from pathlib import Path

import pytest

from tests.e2e.processes import run_command

pytestmark = [pytest.mark.e2e, pytest.mark.sandbox, pytest.mark.toolchain, pytest.mark.timeout(600)]
SENTENCE = "A REST API for books with title and author, no UI"


def test_a_build_without_a_terminal_waits_and_goes_on_when_it_is_answered(tmp_path: Path) -> None:
    built = run_command(tmp_path / "data", "build", SENTENCE, "--output", str(tmp_path / "out"))
    assert built.returncode == 3, built.stdout + built.stderr
    task_id = built.stdout.split()[1].rstrip(",")
    assert f'./autonomy reply {task_id} "ship it"' in built.stdout
    assert "covered:" in built.stdout
    listed = run_command(tmp_path / "data", "tasks")
    assert f"{task_id}  waiting_for_input" in listed.stdout
    answered = run_command(tmp_path / "data", "reply", task_id, "looks great, ship it")
    assert answered.returncode == 0, answered.stdout + answered.stderr
    assert (tmp_path / "out" / task_id / "backend" / "app" / "main.py").exists()
    shown = run_command(tmp_path / "data", "show", task_id)
    for part in (
        "covered:",
        "tests: ",
        "review: ",
        "cost: $",
        "pull request 1: ",
        "files changed",
        "git clone --branch",
    ):
        assert part in shown.stdout, part
    again = run_command(tmp_path / "data", "reply", task_id, "ship it")
    assert again.returncode == 1
    assert "asks nothing" in again.stderr


def test_an_unattended_build_prints_events_as_json_and_the_task_last(tmp_path: Path) -> None:
    built = run_command(tmp_path / "data", "build", SENTENCE, "--yes", "--json")
    assert built.returncode == 0, built.stderr
    *events, task = [json.loads(line) for line in built.stdout.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (task["status"], task["task_id"]) == ("completed", events[0]["task_id"])
    decided = [event["event"] for event in events if event["event"]["type"] == "interrupt.decided"]
    assert [(each["action"], each["via"]) for each in decided] == [("approve", "cli")]


def test_without_isolation_a_build_is_refused_with_the_remedy(tmp_path: Path) -> None:
    built = run_command(tmp_path / "data", "build", SENTENCE, SANDBOX_BACKEND="unsafe-subprocess")
    assert built.returncode == 4
    assert "SANDBOX_ALLOW_UNSANDBOXED" in built.stderr
    assert built.stdout == ""


def test_what_the_model_cannot_build_ends_failed_with_a_reason(tmp_path: Path) -> None:
    built = run_command(tmp_path / "data", "build", "What is the weather like today?")
    assert built.returncode == 1, built.stdout + built.stderr
    assert "reason: " in built.stdout


def test_yes_answers_approvals_and_nothing_else(tmp_path: Path) -> None:
    costly = ("--no-sandbox", "--budget", "0.01", "--model", "offline/scaffold?price=0.01")
    built = run_command(tmp_path / "data", "build", SENTENCE, "--yes", *costly)
    assert built.returncode == 3, built.stdout + built.stderr
    assert "budget" in built.stdout
    assert "another dollar" in built.stdout
    assert "forecast: " in built.stdout
    task_id = built.stdout.split()[1].rstrip(",")
    answered = run_command(tmp_path / "data", "reply", task_id, "--budget", "5")
    assert answered.returncode == 3, answered.stdout + answered.stderr
    assert "Publish it as branch" in answered.stdout, "the next question is about the work, and no longer about money"
