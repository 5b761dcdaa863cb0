"""The log of real processes: every line an object that names what it is about."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from config import PROJECT
from tests.e2e.collector import Received, running_collector
from tests.e2e.processes import environment, running_server, wait_until_listening

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
SENTENCE = "A REST API for books with title and author, no UI"


def records(path: Path) -> list[dict[str, Any]]:
    """Every line of a log; each has to be an object with the fields that are promised."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        stamp = datetime.fromisoformat(line["timestamp"])
        assert stamp.utcoffset() == timedelta(0)
        assert abs(datetime.now(UTC) - stamp) < timedelta(minutes=15)
        assert line["level"] in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
        assert {"logger", "message", "task_id", "request_id"} <= set(line)
    return lines


def test_lines_of_a_run_name_their_task_and_lines_of_a_request_its_id(tmp_path: Path) -> None:
    """A file where the folder of workspaces should be makes the run and the request fail, which is logged."""
    data, log = tmp_path / "data", tmp_path / "log"
    data.mkdir()
    (data / "workspaces").write_text("in the way")
    with running_collector(tmp_path) as collector, log.open("w") as stderr:
        changes = {"LOG_FORMAT": "json", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        with running_server(data, stderr=stderr, **changes) as server:
            body = {"task_description": SENTENCE, "use_sandbox": False}
            tasks = [server.http.post("/tasks", json=body).json()["task_id"] for _ in range(2)]
            assert {server.wait_for(task_id)["status"] for task_id in tasks} == {"failed"}
            failed = server.http.get(f"/tasks/{tasks[0]}/artifacts/x", headers={"X-Request-ID": "asked-by-a-test"})
            assert failed.status_code == 500

            def have_come(spans: list[Received]) -> bool:
                ended = [span for span in spans if span.attributes.get("autonomy.task.status") == "failed"]
                return {span.attributes["gen_ai.conversation.id"] for span in ended} == set(tasks)

            spans = collector.wait_for(have_come)
    lines = records(log)
    for task_id in tasks:
        ours = [line for line in lines if line["task_id"] == task_id]
        assert any("failed" in line["message"] for line in ours)
        assert {line["request_id"] for line in ours} == {None}, "a run is nobody's request"
        segments = {span.id: span.trace for span in spans if span.attributes["gen_ai.conversation.id"] == task_id}
        assert {line["span_id"] for line in ours} <= set(segments)
        assert {line["trace_id"] for line in ours} == set(segments.values())
    (bug,) = (line for line in lines if line["logger"] == "api.problems")
    assert (bug["request_id"], bug["task_id"]) == ("asked-by-a-test", None)
    assert bug["exception"].startswith("Traceback")
    assert "trace_id" not in bug, "no span is open"
    outside = [line for line in lines if line["logger"] == "wiring.application"]
    assert {(line["task_id"], line["request_id"]) for line in outside} == {(None, None)}


def test_in_text_a_line_names_its_task_as_well(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / "log"
    data.mkdir()
    (data / "workspaces").write_text("in the way")
    with log.open("w") as stderr, running_server(data, stderr=stderr) as server:
        body = {"task_description": SENTENCE, "use_sandbox": False}
        task_id = server.http.post("/tasks", json=body).json()["task_id"]
        assert server.wait_for(task_id)["status"] == "failed"
    lines = [line for line in log.read_text().splitlines() if "graph.runner" in line]
    assert lines
    assert all(f"graph.runner: [task {task_id}] " in line for line in lines)


def test_under_uvicorn_its_own_lines_are_objects_too_and_name_the_request(tmp_path: Path) -> None:
    path, log = tmp_path / "s", tmp_path / "log"
    command = [sys.executable, "-m", "uvicorn", "main:app", "--uds", str(path)]
    surroundings = environment(tmp_path / "data", LOG_FORMAT="json")
    with log.open("w") as stderr:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=surroundings, stdout=subprocess.PIPE, stderr=stderr, text=True
        )
        try:
            wait_until_listening(path)
            transport = httpx.HTTPTransport(uds=str(path))
            with httpx.Client(transport=transport, base_url="http://localhost", timeout=60) as client:
                answer = client.get("/health", headers={"X-Request-ID": "asked-by-a-test"})
        finally:
            process.terminate()
            said, _ = process.communicate(timeout=60)
    assert answer.status_code == 200
    assert said == ""
    (access,) = (line for line in records(log) if line["logger"] == "uvicorn.access")
    assert "GET /health" in access["message"]
    assert access["request_id"] == "asked-by-a-test"
