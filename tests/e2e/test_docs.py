"""What the documentation says about commands and operations is what there is."""

import asyncio
import json
import re
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook

from benchmarks.receiver import SECRET
from config import PROJECT
from core.notifications import Notification
from notifiers.webhook import payload
from tests.e2e.processes import COMMAND, environment, running_server, wait_until_listening

pytestmark = pytest.mark.e2e
COMMANDS = (
    "build", "serve", "tasks", "show", "reply", "replay", "checkpoints", "fork", "cancel", "doctor", "models", "audit",
    "demo", "mcp", "mailbox", "keys", "eval", "agents", "agent", "rollback", "rule", "import", "export",
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
            ["sh", "build.sh"], cwd=tmp_path, env=surroundings, capture_output=True, text=True, timeout=240, check=False
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
    assert set(re.findall(r"`((?:GET|POST|PATCH|DELETE) /[^`?]*)`", text.split("## Errors")[0])) == there


def test_the_receiver_of_the_webhooks_page_takes_what_the_service_posts(tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "webhooks.md").read_text()
    script = textwrap.dedent(page.split("A receiver:\n\n")[1]).replace("whsec_...", SECRET)
    (tmp_path / "receiver.py").write_text(script)
    command = [
        sys.executable,
        "-u",
        "-m",
        "uvicorn",
        "receiver:app",
        "--uds",
        str(tmp_path / "s"),
        "--log-level",
        "error",
    ]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as receiver:
        try:
            wait_until_listening(tmp_path / "s")
            assert [post_signed(tmp_path / "s", "m1", "ship it") for _ in range(2)] == [200, 200]
            assert post_signed(tmp_path / "s", "m2", "forged", signed="another text") == 500
            assert post_signed(tmp_path / "s", "m3", "done") == 200
        finally:
            receiver.terminate()
            told = receiver.communicate(timeout=60)[0]
    assert told.splitlines() == ["interrupt.opened ship it", "interrupt.opened done"]


def post_signed(path: Path, message_id: str, text: str, *, signed: str | None = None) -> int:
    """Post a message as the service does, or with the signature of another text; the status of the answer."""

    def note(words: str) -> Notification:
        return Notification(id=message_id, type="interrupt.opened", task_id="t1", ts=1.0, text=words, data={})

    async def post() -> int:
        now = datetime.now(UTC)
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(SECRET).sign(message_id, now, payload(note(signed or text)).decode()),
        }
        transport = httpx.AsyncHTTPTransport(uds=str(path))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60) as http:
            return (await http.post("/hook", content=payload(note(text)), headers=headers)).status_code

    return asyncio.run(post())


def test_help_loads_nothing_of_the_service() -> None:
    command = [sys.executable, "-X", "importtime", *COMMAND[1:], "--help"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    loaded = {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert [name for name in ("langgraph", "fastapi", "dbos", "wiring", "uvicorn") if name in loaded] == []
