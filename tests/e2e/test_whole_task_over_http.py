"""A whole build whose agents ask models over HTTP ends with the tree that it ends with in-process."""

from pathlib import Path

import pytest

from tests.e2e.processes import Server, running_server
from tests.wire.driving import KEY, running_counterpart

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
SENTENCE = "A REST API for books with title and author, no UI"
AGENTS = ("ORCHESTRATOR", "PLANNER", "BACKEND", "DATABASE", "FRONTEND", "QA", "REVIEWER", "GIT", "DEVOPS")


def build(server: Server) -> str:
    """The tree that is published, without running anything that was generated."""
    body = {"task_description": SENTENCE, "use_sandbox": False, "budget_usd": 20}
    answer = server.http.post("/tasks", json=body)
    assert answer.status_code == 201, answer.text
    task_id = answer.json()["task_id"]
    asks = server.wait_for(task_id)
    shown = server.http.get(f"/tasks/{task_id}/interrupts/{asks['interrupt_id']}").json()
    assert shown["kind"] == "approval", shown["prompt"]
    url = f"/tasks/{task_id}/interrupts/{asks['interrupt_id']}/decision"
    decided = server.http.post(url, json={"action": "approve", "expected_digest": shown["digest"]})
    assert decided.status_code == 202, decided.text
    done = server.wait_for(task_id)
    assert done["status"] == "completed", done["error"]
    return str(server.http.get(f"/tasks/{task_id}/pull_request").json()["tree"])


@pytest.fixture(scope="module")
def in_process_tree(tmp_path_factory: pytest.TempPathFactory) -> str:
    with running_server(tmp_path_factory.mktemp("in-process") / "data") as server:
        return build(server)


@pytest.mark.parametrize(
    ("model", "path"), [("gpt-4o-mini", "/v1/chat/completions"), ("claude-sonnet-4-6", "/v1/messages")]
)
def test_the_tree_is_the_same(in_process_tree: str, tmp_path: Path, model: str, path: str) -> None:
    with running_counterpart(KEY, brain="offline") as counterpart:
        settings = {f"MODEL_{agent}": model for agent in AGENTS} | {
            "AUTONOMY_OFFLINE": "false",
            "OPENAI_API_KEY": KEY,
            "OPENAI_API_BASE": f"{counterpart.url}/v1",
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_API_BASE": counterpart.url,
        }
        with running_server(tmp_path / "data", **settings) as server:
            assert build(server) == in_process_tree
            calls = server.http.get("/logs").json()["items"]
        log = counterpart.log()
    assert {(entry["path"], entry["status"]) for entry in log} == {(path, 200)}
    assert len(log) == len(calls) > 5, "every call went over the wire, and none twice"
    assert {call["model"] for call in calls} == {model}
    assert all(call["usage"]["input_tokens"] > 0 and call["cost_usd"] > 0 for call in calls)
    thought = [bool(entry["body"].get("thinking")) for entry in log]
    assert any(thought) is model.startswith("claude")
