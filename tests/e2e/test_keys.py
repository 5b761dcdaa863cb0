"""No key is in anything that a process writes or answers, whatever providers say of it."""

import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.collector import running_collector
from tests.e2e.processes import Server, run_command, running_server
from tests.e2e.test_logs import records
from tests.wire.driving import Counterpart, running_counterpart

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
SENTENCE = "A REST API for books with title and author, no UI"
API_KEY = "canary-of-the-api"
PROVIDERS = {
    "OPENAI_API_KEY": "sk-canary-of-openai",
    "ANTHROPIC_API_KEY": "sk-ant-canary-of-anthropic",
    "GROQ_API_KEY": "gsk_canary_of_groq",
    "DEEPSEEK_API_KEY": "canary.of.deepseek",
    "OPENROUTER_API_KEY": "or/canary+of=openrouter",
    "GEMINI_API_KEY": "canary of gemini",
}
CANARIES = PROVIDERS | {
    "API_KEY": API_KEY,
    "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20canary-of-the-collector",
}
MODELS = {
    "ORCHESTRATOR": ("gpt-4o-mini", "gpt-4o-mini"),
    "PLANNER": ("claude-sonnet-4-6", "claude-sonnet-4-6"),
    "BACKEND": ("groq/openai/gpt-oss-120b", "openai/gpt-oss-120b"),
    "DATABASE": ("deepseek/deepseek-chat", "deepseek-chat"),
    "QA": ("openrouter/anthropic/claude-sonnet-4.6", "anthropic/claude-sonnet-4.6"),
    "REVIEWER": ("gemini/gemini-2.5-pro", "*"),
}
"""By agent: the model as we name it, and as the counterpart scripts it."""
QUOTED = {"quote_key": True, "message": "Incorrect API key provided"}


def settings(counterpart: Counterpart) -> dict[str, str]:
    """A provider for each agent, all at the counterpart; some addresses are read by LiteLLM itself."""
    url = counterpart.url
    return {
        **CANARIES, **{f"MODEL_{agent}": model for agent, (model, _) in MODELS.items()},
        "MODEL_FRONTEND": "offline/scaffold", "MODEL_GIT": "offline/scaffold", "MODEL_DEVOPS": "offline/scaffold",
        "OPENAI_API_BASE": f"{url}/v1", "ANTHROPIC_API_BASE": url, "GROQ_API_BASE": f"{url}/groq",
        "DEEPSEEK_API_BASE": f"{url}/deepseek", "OPENROUTER_API_BASE": f"{url}/openrouter", "GEMINI_API_BASE": url,
        "AUTONOMY_OFFLINE": "false", "UNKNOWN_PRICE": "upper_bound", "LLM_RETRY_BASE_DELAY": "0.01",
        "LLM_RETRY_MAX_DELAY": "0.01", "LOG_LEVEL": "DEBUG",
    }  # fmt: skip


def written(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below `folder`, those that git has packed unpacked."""
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            yield str(path.relative_to(folder)), content
            if path.parent.parent.name == "objects" and content[:1] == b"\x78":
                yield f"{path.name} unpacked", zlib.decompress(content)


def answers(server: Server, task_id: str) -> dict[str, str]:
    """What the API tells of the task, of its calls and of itself."""
    task = f"/tasks/{task_id}"
    paths = ("/health", "/logs", "/stats", "/metrics", "/interrupts?include=payload", task, f"{task}/effects")
    return {path: server.http.get(path).raise_for_status().text for path in paths}


def test_no_key_is_in_anything_that_a_server_stores_logs_sends_or_answers(tmp_path: Path) -> None:
    """Every provider is asked: it first fails with the key in its words, then answers, and one fails for good."""
    log = tmp_path / "log"
    keys = tuple(PROVIDERS.values())
    with running_counterpart(*keys, brain="offline") as counterpart, running_collector(tmp_path) as collector:
        for _, name in MODELS.values():
            counterpart.script(name, QUOTED | {"status": 401 if name == "*" else 500})
        changes = settings(counterpart) | {"LOG_FORMAT": "json", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        with log.open("w") as stderr, running_server(tmp_path / "data", stderr=stderr, **changes) as server:
            server.http.headers.update({"X-API-Key": API_KEY})
            body = {"task_description": SENTENCE, "use_sandbox": False, "budget_usd": 500}
            task_id = server.http.post("/tasks", json=body).json()["task_id"]
            task = server.wait_for(task_id)
            assert task["needs_human_input"], "the reviewer's model fails for good"
            counterpart.script("gpt-4o-mini", QUOTED | {"status": 401})
            reply = server.http.post(f"/tasks/{task_id}/reply", json={"message": "try it once more"})
            assert reply.status_code == 502, reply.text
            told = answers(server, task_id) | {"reply": reply.text, "task": json.dumps(task)}
            collector.wait_for(bool)
        asked = counterpart.log()
    failed = [entry for entry in asked if entry["status"] != 200]
    assert len(failed) == len(PROVIDERS) + 1
    assert all(any(key in str(entry["error"]) for key in keys) for entry in failed), "each was told its key"
    assert len({entry["path"] for entry in asked if entry["status"] == 200}) == len(PROVIDERS) - 1
    assert "Incorrect API key provided: " in told["reply"]
    assert any(line["level"] == "DEBUG" for line in records(log))
    assert str(task_id) in log.read_text()
    files = dict(written(tmp_path))
    assert {"data/autonomy.db", "data/interactions.db", "data/checkpoints.db", "log", "spans.jsonl"} <= files.keys()
    assert [name for name, content in files.items() if b"canary" in content] == []
    assert [name for name, text in told.items() if "canary" in text] == []


def test_no_key_is_in_anything_that_a_command_logs_or_prints(tmp_path: Path) -> None:
    """At the level at which libraries log the most, with a collector that does not take its key either."""
    with running_counterpart() as counterpart, running_collector(tmp_path, "--answer", "401") as collector:
        counterpart.script("gpt-4o-mini", QUOTED | {"status": 401}, QUOTED | {"status": 401})
        changes = settings(counterpart) | {"LOG_FORMAT": "text", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        done = run_command(tmp_path / "data", "build", SENTENCE, "--no-sandbox", "--budget", "5", **changes)
        asked = counterpart.log()
    assert done.returncode == 3, done.stderr
    assert [entry["status"] for entry in asked] == [401], "the counterpart does not know the key"
    assert "canary" not in done.stdout + done.stderr
    assert "LiteLLM" not in done.stdout + done.stderr, "it logs to the log"
    files = dict(written(tmp_path))
    assert b"gpt-4o-mini" in files["data/autonomy.log"]
    assert [name for name, content in files.items() if b"canary" in content] == []
