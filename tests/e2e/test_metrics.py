"""`GET /metrics` of the real server: as true after a kill as before, and the same as `GET /stats`."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.processes import Server, running_server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
KEY = {"Authorization": "Bearer the-key"}
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scrape(server: Server) -> Samples:
    answer = server.http.get("/metrics", headers=KEY)
    assert answer.status_code == 200
    families = list(text_string_to_metric_families(answer.text))
    assert all(family.documentation for family in families)
    found = [sample for family in families for sample in family.samples]
    assert all(sample.name.startswith(("autonomy_", "process_")) for sample in found)
    samples = {(sample.name, frozenset(sample.labels.items())): sample.value for sample in found}
    assert len(samples) == len(found), "no sample comes twice"
    return samples


def by_agent(samples: Samples, name: str, **labels: str) -> dict[str, float]:
    """Sums of a metric for each agent, over the samples with these labels."""
    sums: dict[str, float] = {}
    for (found, given), value in samples.items():
        if found == name and labels.items() <= dict(given).items():
            agent = dict(given)["agent"]
            sums[agent] = sums.get(agent, 0.0) + value
    return sums


def agrees_with_stats(samples: Samples, server: Server) -> None:
    stats = server.http.get("/stats").json()
    tasks = {dict(given)["status"]: value for (name, given), value in samples.items() if name == "autonomy_tasks"}
    assert tasks == stats["tasks"]
    agents = {entry["agent"]: entry for entry in stats["agents"]}

    def told(field: str) -> dict[str, float]:
        return {agent: entry[field] for agent, entry in agents.items()}

    assert by_agent(samples, "autonomy_model_calls_total") == told("calls")
    assert by_agent(samples, "autonomy_model_tokens_total", type="input") == told("input_tokens")
    assert by_agent(samples, "autonomy_model_tokens_total", type="output") == told("output_tokens")
    assert by_agent(samples, "autonomy_model_cost_usd_total") == pytest.approx(told("cost_usd"))
    assert by_agent(samples, "autonomy_model_call_seconds_total") == pytest.approx(told("seconds"))
    assert sum(by_agent(samples, "autonomy_model_cost_usd_total").values()) == pytest.approx(stats["total_cost_usd"])


def test_the_figures_are_those_of_stats_before_and_after_a_kill(tmp_path: Path) -> None:
    models = {"MODEL_PLANNER": "offline/scaffold?price=0.01", "MAX_TASK_BUDGET_USD": "5"}
    with running_server(tmp_path, API_KEY="the-key", **models) as server:
        server.http.headers["X-API-Key"] = "the-key"
        body = {"task_description": "A REST API for books with title and author, no UI", "use_sandbox": False}
        task_id = server.http.post("/tasks", json=body).json()["task_id"]
        assert server.wait_for(task_id)["needs_human_input"]
        before = scrape(server)
        agrees_with_stats(before, server)
        server.kill()
    with running_server(tmp_path, API_KEY="the-key") as server:
        server.http.headers["X-API-Key"] = "the-key"
        after = scrape(server)
        agrees_with_stats(after, server)
    stored = ("autonomy_tasks", "autonomy_model_calls", "autonomy_model_tokens", "autonomy_model_cost")
    assert {key: value for key, value in before.items() if key[0].startswith(stored)} == {
        key: value for key, value in after.items() if key[0].startswith(stored)
    }
    assert by_agent(after, "autonomy_model_cost_usd_total")["planner"] > 0
    delivered = ("autonomy_event_delivery_seconds_count", frozenset[tuple[str, str]]())
    assert before[delivered] > 20
    assert after[delivered] < before[delivered], "what only the process knew begins anew"
