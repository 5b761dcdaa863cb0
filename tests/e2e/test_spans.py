"""What a collector gets from the real server: whole traces without content, however the server or the collector fares."""

import hashlib
import json
import re
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.types import AgentName
from tests.e2e.collector import Received, running_collector
from tests.e2e.processes import Server, run_command, running_server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
SENTENCE = "A REST API for books with title and author, no UI"
OFTEN = {"OTEL_BSP_SCHEDULE_DELAY": "100"}
TYPES: dict[str, dict[str, type]] = {
    "invoke_workflow": {
        "gen_ai.agent.name": str,
        "gen_ai.conversation.id": str,
        "autonomy.segment": int,
        "autonomy.task.status": str,
    },
    "invoke_agent": {
        "gen_ai.agent.name": str,
        "gen_ai.conversation.id": str,
        "autonomy.step": str,
        "autonomy.iteration": int,
    },
    "execute_tool": {"gen_ai.tool.name": str, "gen_ai.agent.name": str, "gen_ai.conversation.id": str},
    "chat": {
        "gen_ai.provider.name": str,
        "gen_ai.conversation.id": str,
        "gen_ai.request.model": str,
        "gen_ai.request.max_tokens": int,
        "gen_ai.request.stream": bool,
        "gen_ai.output.type": str,
        "gen_ai.prompt.name": str,
        "gen_ai.prompt.version": str,
        "gen_ai.response.model": str,
        "gen_ai.response.finish_reasons": list,
        "gen_ai.response.time_to_first_chunk": float,
        "gen_ai.usage.input_tokens": int,
        "gen_ai.usage.output_tokens": int,
        "autonomy.cost_usd": float,
    },
    "": {
        "gen_ai.conversation.id": str,
        "process.executable.name": str,
        "process.exit.code": int,
        "autonomy.sandbox.toolchain": str,
        "autonomy.sandbox.outcome": str,
        "autonomy.sandbox.seconds": float,
        "autonomy.sandbox.peak_bytes": int,
    },
}
"""By operation ("" are runs in the sandbox) what a span of a task that goes well has to say, and of which type it is."""
NAMES = {
    "invoke_workflow": "invoke_workflow {gen_ai.agent.name}",
    "invoke_agent": "invoke_agent {gen_ai.agent.name}",
    "execute_tool": "execute_tool {gen_ai.tool.name}",
    "chat": "chat {gen_ai.request.model}",
    "": "sandbox run {process.executable.name}",
}
PARENTS = {
    "invoke_workflow": {""},
    "invoke_agent": {"", "invoke_workflow"},
    "chat": {"invoke_agent"},
    "execute_tool": {"invoke_agent"},
}


def submit(server: Server, **fields: object) -> str:
    body = {"task_description": SENTENCE, "use_sandbox": False, **fields}
    return str(server.http.post("/tasks", json=body).json()["task_id"])


def segment_has_come(number: int) -> Any:
    return lambda spans: any(span.attributes.get("autonomy.segment") == number for span in spans)


def until_recorded(data: Path, run: str) -> None:
    """Until the engine has written down that a run has ended: a kill before that begins it again, with another span."""
    until = time.monotonic() + 120
    with closing(sqlite3.connect(f"file:{data / 'engine.db'}?mode=ro", uri=True)) as connection:
        wanted = "SELECT 1 FROM workflow_status WHERE workflow_uuid = ? AND status = 'SUCCESS'"
        while connection.execute(wanted, (run,)).fetchone() is None:
            assert time.monotonic() < until, f"the run {run} has no end"
            time.sleep(0.05)


def statuses(spans: list[Received]) -> list[Any]:
    """How the task stood at the end of each segment."""
    return [span.attributes.get("autonomy.task.status") for span in spans if span.operation == "invoke_workflow"]


def check_whole(spans: list[Received], task_id: str) -> None:
    """One trace in which everything hangs under what it happened in, named and typed as the conventions say."""
    assert {span.trace for span in spans} == {hashlib.sha256(task_id.encode()).hexdigest()[:32]}
    by_id = {span.id: span for span in spans}
    assert len(by_id) == len(spans)
    for span in spans:
        check_one(span, task_id)
        above = by_id[span.parent] if span.parent else None
        if span.operation:
            assert (above.operation if above else "") in PARENTS[span.operation], span.name
        if above is not None:
            assert above.start <= span.start <= span.end <= above.end, span.name


def check_one(span: Received, task_id: str) -> None:
    """Named and typed as the conventions say, and without a failure."""
    assert span.name == re.sub(r"\{([^}]+)\}", lambda found: str(span.attributes[found[1]]), NAMES[span.operation])
    assert span.kind == ("INTERNAL" if span.operation else "CLIENT")
    assert (span.status, span.said, span.events) == ("UNSET", "", 0), span.name
    said = {name: type(value) for name, value in span.attributes.items()}
    assert {name: said.get(name) for name in TYPES[span.operation]} == TYPES[span.operation], span.name
    assert span.attributes["gen_ai.conversation.id"] == task_id
    assert span.resource["service.name"] == "books-builder"


def check_no_content(spans: list[Received], server: Server, task_id: str) -> None:
    """Nothing of the sentence, of the prompts, of the answers and of the files is in any attribute."""
    texts = [json.dumps([span.attributes, span.resource, span.name]) for span in spans]
    calls = server.http.get("/logs", params={"task_id": task_id, "limit": 200}).json()["items"]
    written = [message["content"] for call in calls for message in call["messages"]] + [
        call["response"] for call in calls
    ]
    lines = {line.strip() for text in [SENTENCE, *written] for line in text.splitlines() if len(line.strip()) > 24}
    assert len(lines) > 100
    leaked = [line for line in lines if any(json.dumps(line)[1:-1] in text for text in texts)]
    assert leaked == []
    assert max(len(str(value)) for span in spans for value in span.attributes.values()) < 200


def check_tokens(spans: list[Received], server: Server) -> None:
    """By agent the same as in `GET /stats`."""
    found: dict[str, Counter[str]] = {}
    for span in spans:
        if span.operation == "chat":
            sums = found.setdefault(span.attributes["gen_ai.agent.name"], Counter())
            usage = {kind: span.attributes[f"gen_ai.usage.{kind}"] for kind in ("input_tokens", "output_tokens")}
            sums.update({"calls": 1, **usage})
    stats = server.http.get("/stats").json()["agents"]
    assert found == {
        entry["agent"]: {name: entry[name] for name in ("calls", "input_tokens", "output_tokens")} for entry in stats
    }


def test_a_task_is_one_trace_across_a_pause_and_a_kill(tmp_path: Path) -> None:
    """The answer is given in words, so that its reading is in the trace as well."""
    named = {"OTEL_SERVICE_NAME": "books-builder", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", **OFTEN}
    with running_collector(tmp_path) as collector:
        exported = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, **named}
        with running_server(tmp_path / "data", **exported) as server:
            task_id = submit(server)
            assert server.wait_for(task_id)["needs_human_input"]
            before = collector.wait_for(segment_has_come(0))
            until_recorded(tmp_path / "data", f"{task_id}:0")
            server.kill()
        with running_server(tmp_path / "data", **exported) as server:
            answered = server.http.post(f"/tasks/{task_id}/reply", json={"message": "looks great, ship it"})
            assert answered.status_code == 202, answered.text
            spans = collector.wait_for(segment_has_come(1))
            assert server.wait_for(task_id)["status"] == "completed"
            check_whole(spans, task_id)
            check_no_content(spans, server, task_id)
            check_tokens(spans, server)
    assert before
    segments = [span for span in spans if span.operation == "invoke_workflow"]
    assert [span.attributes["autonomy.task.status"] for span in segments] == ["waiting_for_input", "completed"]
    assert len({span.resource["service.instance.id"] for span in segments}) == 2, "two processes"
    tops = [(span.operation, span.attributes.get("autonomy.step")) for span in spans if not span.parent]
    assert tops == [("invoke_workflow", None), ("invoke_agent", "reply"), ("invoke_workflow", None)]
    turns = {span.attributes["gen_ai.agent.name"] for span in spans if span.operation == "invoke_agent"}
    assert turns == {agent.value for agent in AgentName if agent is not AgentName.FRONTEND}
    assert not [span for span in spans if span.operation == "execute_tool"], "this task runs nothing"


@pytest.mark.sandbox
@pytest.mark.toolchain
def test_every_check_and_every_run_in_the_sandbox_is_a_span_of_the_turn_that_it_is_for(tmp_path: Path) -> None:
    with running_collector(tmp_path) as collector:
        exported = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{collector.url}/v1/traces"}
        with running_server(tmp_path / "data", OTEL_SERVICE_NAME="books-builder", **exported, **OFTEN) as server:
            task_id = submit(server, use_sandbox=True)
            assert server.wait_for(task_id)["needs_human_input"]
            spans = collector.wait_for(segment_has_come(0))
            check_whole(spans, task_id)
            check_no_content(spans, server, task_id)
            summary = server.http.get(f"/tasks/{task_id}", params={"include": "summary"}).json()["summary"]
            metrics = server.http.get("/metrics").text
    by_id = {span.id: span for span in spans}
    tools = [span for span in spans if span.operation == "execute_tool"]
    in_checks = [span for span in tools if by_id[span.parent].attributes["autonomy.step"] == "checks"]
    told = {
        name: status.replace("_", " ")
        for span in in_checks
        for status in ("passed", "failed", "not_executed")
        for name in span.attributes.get(f"autonomy.checks.{status}", [])
    }
    assert told == summary["qa"]["checks"]
    own = [span for span in tools if span.attributes["gen_ai.tool.name"] == "own_files"]
    assert {"backend_agent", "database_agent"} <= {span.attributes["gen_ai.agent.name"] for span in own}
    assert all(
        by_id[span.parent].attributes["gen_ai.agent.name"] == span.attributes["gen_ai.agent.name"] for span in own
    )
    runs = [span for span in spans if not span.operation]
    assert {by_id[span.parent].operation for span in runs} == {"execute_tool"}
    assert {span.parent for span in runs} == {span.id for span in tools}, "each of these tools runs something"
    counted = re.findall(r"^autonomy_sandbox_run_duration_seconds_count\{\S+ (\S+)$", metrics, re.M)
    assert sum(map(float, counted)) == len(runs)


def test_a_run_that_the_end_of_the_server_interrupts_has_not_failed(tmp_path: Path) -> None:
    with running_collector(tmp_path) as collector:
        changes = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, **OFTEN}
        with running_server(tmp_path / "data", **changes) as server:
            task_id = submit(server)
            while server.http.get(f"/tasks/{task_id}").json()["status"] == "queued":
                time.sleep(0.01)
        with running_server(tmp_path / "data", **changes) as server:
            assert server.wait_for(task_id)["needs_human_input"]
            collector.wait_for(lambda spans: "waiting_for_input" in statuses(spans))
        spans = collector.spans()
    assert {span.trace for span in spans} == {hashlib.sha256(task_id.encode()).hexdigest()[:32]}
    assert {span.parent for span in spans} <= {"", *(span.id for span in spans)}
    assert {span.status for span in spans} == {"UNSET"}
    assert statuses(spans) in ([None, "waiting_for_input"], ["waiting_for_input"])


def test_a_variable_that_the_sdk_does_not_take_is_a_sentence(tmp_path: Path) -> None:
    done = run_command(tmp_path, "serve", "--port", "0", OTEL_TRACES_EXPORTER="console", OTEL_BSP_SCHEDULE_DELAY="0")
    assert done.returncode == 2
    assert "schedule_delay_millis" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("trouble", ["away", "refusing", "slow"])
def test_a_collector_in_trouble_disturbs_nobody_and_is_mentioned_once(tmp_path: Path, trouble: str) -> None:
    options = {"away": ("--answer", "503"), "refusing": ("--answer", "503"), "slow": ("--delay", "3600")}[trouble]
    with running_collector(tmp_path, *options) as collector:
        url = "http://127.0.0.1:9" if trouble == "away" else collector.url
        log = tmp_path / "log"
        changes = {"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_EXPORTER_OTLP_TIMEOUT": "1", **OFTEN}
        with log.open("w") as stderr, running_server(tmp_path / "data", stderr=stderr, **changes) as server:
            for _ in range(3):
                task_id = submit(server)
                assert server.wait_for(task_id)["needs_human_input"]
        said = log.read_text()
    where = url.removeprefix("http://")
    assert said.count(f"the collector at {where} takes no spans") == 1
    lines = [line for line in said.splitlines() if "opentelemetry" in line or "urllib3" in line]
    assert lines == []
    assert "Traceback" not in said
    assert server.process.returncode == 0, "it ended in order"


def test_a_protocol_that_is_not_spoken_is_refused_at_the_start(tmp_path: Path) -> None:
    changes = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    done = run_command(tmp_path, "serve", "--port", "0", **changes)
    assert done.returncode == 2
    assert "OTEL_EXPORTER_OTLP_PROTOCOL=grpc is not supported" in done.stderr
    assert "http/protobuf" in done.stderr
    assert done.stdout == ""


def test_nothing_is_sent_when_the_sdk_is_disabled(tmp_path: Path) -> None:
    with running_collector(tmp_path) as collector:
        changes = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_SDK_DISABLED": "true", **OFTEN}
        with running_server(tmp_path / "data", **changes) as server:
            assert server.wait_for(submit(server))["needs_human_input"]
        assert collector.spans() == []


def test_a_command_without_a_server_sends_its_spans_before_it_ends(tmp_path: Path) -> None:
    with running_collector(tmp_path) as collector:
        arguments = ("build", SENTENCE, "--yes", "--no-sandbox", "--json")
        done = run_command(tmp_path / "data", *arguments, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
        assert done.returncode == 0, done.stderr
        assert [json.loads(line) for line in done.stdout.splitlines()], "nothing but JSON on stdout"
        spans = collector.spans()
    segments = [span.attributes["autonomy.task.status"] for span in spans if span.operation == "invoke_workflow"]
    assert segments == ["waiting_for_input", "completed"]
