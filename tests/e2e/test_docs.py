"""What the documentation says about commands and operations is what there is."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config import PROJECT
from tests.e2e.processes import COMMAND, environment, running_server

pytestmark = pytest.mark.e2e
COMMANDS = (
    "build", "serve", "tasks", "show", "reply", "replay", "checkpoints", "fork", "cancel", "doctor", "mailbox",
)  # fmt: skip


def block(document: str, language: str) -> str:
    """The first code block of this language."""
    found = re.search(rf"^```{language}\n(.*?)^```", (PROJECT / "docs" / document).read_text(), re.M | re.S)
    assert found
    return found[1]


@pytest.mark.sandbox
@pytest.mark.toolchain
@pytest.mark.timeout(400)
def test_the_recipe_for_ci_submits_waits_approves_and_downloads(tmp_path: Path) -> None:
    (tmp_path / "task.json").write_text(block("ci.md", "json"))
    (tmp_path / "build.sh").write_text(block("ci.md", "sh"))
    with running_server(tmp_path / "data", API_KEY="a key") as server:
        surroundings = environment(tmp_path / "data", AUTONOMY_URL=server.url, API_KEY="a key")

        def recipe() -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                ["sh", "build.sh"], cwd=tmp_path, env={**surroundings, "CI_JOB_ID": "7"}, capture_output=True, text=True,
                timeout=300, check=False,
            )  # fmt: skip

        first, again = recipe(), recipe()
    assert first.returncode == 0, first.stdout + first.stderr
    task, clone_url = first.stdout.splitlines()
    assert clone_url.startswith("file://")
    listed = subprocess.run(
        ["tar", "tzf", "app.tar.gz"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert "backend/app/main.py" in listed
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, task), "the same key is the same task"


def test_the_recipe_for_ci_ends_with_2_when_the_service_does_not_take_the_task(tmp_path: Path) -> None:
    (tmp_path / "task.json").write_text('{"task_description": " "}')
    (tmp_path / "build.sh").write_text(block("ci.md", "sh"))
    with running_server(tmp_path / "data") as server:
        surroundings = environment(tmp_path / "data", AUTONOMY_URL=server.url)
        done = subprocess.run(
            ["sh", "build.sh"], cwd=tmp_path, env=surroundings, capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 2
    assert "task_description" in done.stderr


def test_every_command_and_option_stands_in_its_document() -> None:
    text = (PROJECT / "docs" / "cli.md").read_text()
    script = (
        "import json, typer.main; from cli.app import app; group = typer.main.get_command(app); "
        "print(json.dumps({n: [o for p in c.params for o in p.opts if o[:2] == '--'] for n, c in group.commands.items()}))"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout
    commands = json.loads(found)
    assert tuple(commands) == COMMANDS
    for name, options in commands.items():
        assert f"`{name}" in text
        for option in options:
            assert option in text, f"{name} {option}"


def test_every_operation_stands_in_its_document(tmp_path: Path) -> None:
    text = (PROJECT / "docs" / "api.md").read_text()
    with running_server(tmp_path / "data") as server:
        paths = server.http.get("/openapi.json").json()["paths"]
    there = {f"{method.upper()} {path}" for path, item in paths.items() for method in item}
    assert set(re.findall(r"`((?:GET|POST|DELETE) /[^`?]*)`", text.split("## Errors")[0])) == there


def test_help_loads_nothing_of_the_service() -> None:
    command = [sys.executable, "-X", "importtime", *COMMAND[1:], "--help"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    loaded = {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert [name for name in ("langgraph", "fastapi", "dbos", "wiring", "uvicorn") if name in loaded] == []
