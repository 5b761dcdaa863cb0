"""The server as a process: how it starts, what it refuses, how it ends."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from config import PROJECT
from tests.e2e.processes import COMMAND, environment, run_command, running_server, wait_until_listening

pytestmark = pytest.mark.e2e
HEAVY = (
    "litellm", "google", "e2b", "telegram", "openapi_spec_validator", "opentelemetry.exporter", "opentelemetry.proto",
    "prometheus_client", "pythonjsonlogger",
)  # fmt: skip
KEPT_OUT = (*HEAVY, "opentelemetry.sdk", "rich", "pygments")
"""What a server that is started by its own command does without, though libraries would load it for themselves."""
ANSWER = """
import asyncio, json, sys
import httpx, main
async def answer():
    app = main.app
    async with app.router.lifespan_context(app):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return (await client.get("/health")).json()["status"]
print(json.dumps([asyncio.run(answer()), sorted(sys.modules)]))
"""


def test_the_service_answers_without_loading_what_only_hosted_models_need(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ANSWER], cwd=PROJECT, env=environment(tmp_path), capture_output=True, text=True, timeout=240,
        check=True,
    )  # fmt: skip
    status, modules = json.loads(done.stdout)
    assert status == "ok"
    assert [name for name in HEAVY if name in modules] == []


def test_a_server_without_a_terminal_and_without_spans_loads_nothing_for_them(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", *COMMAND[1:], "serve", "--port", "0"]
    with (tmp_path / "imports").open("w") as stderr:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environment(tmp_path / "data"), stdout=subprocess.PIPE, stderr=stderr
        )
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"Autonomy is ready")
        process.terminate()
        process.communicate(timeout=60)
    lines = (tmp_path / "imports").read_text().splitlines()
    loaded = {line.rsplit("|", 1)[1].strip() for line in lines if line.startswith("import time:")}
    assert "wiring" in loaded
    assert [name for name in KEPT_OUT if name in loaded] == []


def test_uvicorn_serves_main_app(tmp_path: Path) -> None:
    path = tmp_path / "s"
    arguments = ["-m", "uvicorn", "main:app", "--uds", str(path), "--log-level", "warning"]
    process = subprocess.Popen([sys.executable, *arguments], cwd=PROJECT, env=environment(tmp_path / "data"))
    try:
        wait_until_listening(path)
        transport = httpx.HTTPTransport(uds=str(path))
        with httpx.Client(transport=transport, base_url="http://localhost", timeout=60) as client:
            assert client.get("/health").json()["status"] == "ok"
    finally:
        process.terminate()
        process.wait(timeout=60)


def test_a_server_says_where_it_is_and_that_the_offline_model_answers(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"], cwd=PROJECT, env=environment(tmp_path, AUTONOMY_OFFLINE="false"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=60)
    assert line.startswith("Autonomy is ready on http://127.0.0.1:")
    assert "no provider key is set" in line
    assert "not a language model" in line
    assert (process.returncode, rest) == (0, "")
    assert "Traceback" not in errors


def test_a_second_server_on_the_same_data_refuses_and_names_the_first(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        second = run_command(tmp_path, "serve", "--port", "0")
        assert second.returncode == 4
        assert server.url in second.stderr
        assert str(server.process.pid) in second.stderr
        assert "Traceback" not in second.stderr
        tasks = run_command(tmp_path, "tasks")
        assert tasks.returncode == 0
        assert "no tasks yet" in tasks.stdout
        refused = run_command(tmp_path, "build", "a todo list", "--model", "offline/scaffold")
        assert refused.returncode == 4
        assert "--model" in refused.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3"])
def test_serving_other_machines_without_a_key_is_refused(tmp_path: Path, host: str) -> None:
    done = run_command(tmp_path, "serve", "--host", host, "--port", "0")
    assert done.returncode == 4
    assert "API_KEY" in done.stderr
    assert "--insecure" in done.stderr
    assert done.stdout == ""


def test_a_port_that_is_taken_is_a_sentence(tmp_path: Path) -> None:
    with running_server(tmp_path / "one") as server:
        done = run_command(tmp_path / "two", "serve", "--port", server.url.rsplit(":", 1)[1])
    assert done.returncode == 4
    assert "--port" in done.stderr
