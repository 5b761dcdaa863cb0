"""What people look at of a task, from a real build: one fault, two rounds, an approval."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.task_views import PREVIEW_CHARS
from core.types import AgentName
from tests.api.service import client_of, in_thread, listening, submit, until_asked
from tests.api.test_bad_input import expect
from tests.workflows.house import open_house

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain, pytest.mark.timeout(600)]
FAULTY = "offline/scaffold?fault=missing_404&price=0.001"
VIEWS = ("timeline", "tests", "reviews", "plan", "graph", "costs", "tree", "calls")


@dataclass(frozen=True)
class Built:
    """A task that was repaired once, approved and published; `asking` are its views while it waited for the approval."""

    path: Path
    task_id: str
    asking: dict[str, Any]


@asynccontextmanager
async def build(data: Path) -> AsyncIterator[Built]:
    async with (
        open_house(data, model_backend=FAULTY) as house,
        listening(house.application) as path,
        client_of(path) as http,
    ):
        task_id = await submit(http, task_description="Backend only: a todo list", use_sandbox=True, budget_usd=5.0)
        await house.settled(task_id)
        asking = {view: (await http.get(f"/tasks/{task_id}/{view}")).json() for view in VIEWS}
        await house.decide(await house.question(task_id), "approve")
        assert (await house.settled(task_id, segment=1)).status == "completed"
        yield Built(path, task_id, asking)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """One build for all of these; none of them changes anything about it."""
    with in_thread(lambda: build(tmp_path_factory.mktemp("views") / "data"), limit_s=580) as made:
        yield made


@pytest.fixture
async def http(built: Built) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(built.path) as client:
        yield client


async def seen(http: httpx.AsyncClient, built: Built, view: str, **params: str | int) -> Any:
    answer = await http.get(f"/tasks/{built.task_id}/{view}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_timeline_has_every_agent_check_wait_and_effect(http: httpx.AsyncClient, built: Built) -> None:
    shown = await seen(http, built, "timeline")
    spans = {span["span_id"]: span for span in shown["spans"]}
    assert len(spans) == len(shown["spans"])
    task = (await http.get(f"/tasks/{built.task_id}")).json()
    assert {*task["pipeline"], "checks", "person", "outside"} == {span["lane"] for span in spans.values()}
    assert shown["future"] == []
    assert all(span["ended_at"] >= span["started_at"] and span["status"] != "running" for span in spans.values())
    (wait,) = [span for span in spans.values() if span["kind"] == "wait"]
    assert (wait["title"], wait["status"], wait["iteration"]) == ("approval", "done", 1)
    failed = [span["title"] for span in spans.values() if span["lane"] == "checks" and span["status"] == "failed"]
    assert failed
    (retry,) = shown["retries"]
    assert (spans[retry["from_span"]]["title"] in failed, retry["iteration"]) == (True, 1)
    to = spans[retry["to_span"]]
    assert (to["lane"], to["title"], to["iteration"]) == (AgentName.BACKEND, "fix", 1)
    assert "404" in retry["reason"]
    assert {span["title"] for span in spans.values() if span["lane"] == "outside"} == {"branch", "pull_request"}


async def test_steps_have_the_calls_that_the_log_has(http: httpx.AsyncClient, built: Built) -> None:
    spans = (await seen(http, built, "timeline"))["spans"]
    costs = await seen(http, built, "costs")
    assert sum(span["calls"] for span in spans) == len(costs["points"])
    assert sum(span["cost_usd"] for span in spans) == pytest.approx(costs["spent_usd"])


async def test_while_it_asks_the_timeline_and_the_graph_wait_for_the_person(built: Built) -> None:
    timeline, graph = built.asking["timeline"], built.asking["graph"]
    (wait,) = [span for span in timeline["spans"] if span["kind"] == "wait"]
    assert (wait["status"], wait["ended_at"]) == ("waiting", None)
    assert timeline["future"] == ["git_agent"]
    assert [node["name"] for node in graph["nodes"] if node["status"] != "done"] == ["approval"]
    assert next(node for node in graph["nodes"] if node["name"] == "approval")["status"] == "waiting"


async def test_tests_failed_in_the_first_round_and_passed_in_the_second(http: httpx.AsyncClient, built: Built) -> None:
    first, second = (await seen(http, built, "tests"))["iterations"]
    assert (first["passed"], second["passed"]) == (False, True)
    assert first["tests_failed"] > 0 == second["tests_failed"]
    assert second["tests_run"] > 10
    assert any(check["findings"] for check in first["checks"])
    assert set(second["coverage"]["covered"]) == set(second["coverage"]["promised"])
    assert first["flaky"] == second["flaky"] == []


async def test_the_review_has_scores_above_the_minimum(http: httpx.AsyncClient, built: Built) -> None:
    shown = await seen(http, built, "reviews")
    (review,) = shown["iterations"]
    assert review["iteration"] == 1
    assert min(review["scores"].values()) >= shown["minimum_score"] == 7.0
    assert all(found["since"] == 1 and not found["resolved"] for found in review["findings"])


async def test_the_plan_has_the_contract_whole_and_a_brief_for_each_agent(
    http: httpx.AsyncClient, built: Built
) -> None:
    shown = await seen(http, built, "plan")
    stored = (await http.get(f"/tasks/{built.task_id}/artifacts/contract/openapi.json")).json()
    assert shown["openapi"] == stored
    assert shown["plan"]["title"] == shown["title"]
    task = (await http.get(f"/tasks/{built.task_id}")).json()
    briefs = {brief["agent"]: brief for brief in shown["briefs"]}
    assert list(briefs) == list(AgentName)
    assert {agent for agent, brief in briefs.items() if brief["takes_part"]} == set(task["pipeline"])
    assert briefs["backend_agent"]["owns"]
    assert all(brief["why"] for brief in briefs.values())


async def test_the_graph_is_a_circle_or_unrolled(http: httpx.AsyncClient, built: Built) -> None:
    graph = await seen(http, built, "graph")
    nodes = {node["node_id"]: node for node in graph["nodes"]}
    assert (nodes["checks"]["count"], nodes["checks"]["kind"]) == (2, "check")
    assert (nodes["backend_agent"]["count"], nodes["backend_agent"]["kind"]) == (2, "agent")
    assert (nodes["approval"]["kind"], nodes["publish_branch"]["kind"], nodes["join"]["kind"]) == (
        "human",
        "effect",
        "step",
    )
    back = [(edge["source"], edge["target"]) for edge in graph["edges"] if edge["back"]]
    assert back == [("route", "backend_agent")]
    unrolled = await seen(http, built, "graph", mode="expanded")
    assert len(unrolled["nodes"]) == sum(node["count"] for node in nodes.values())
    assert {edge["source"] for edge in unrolled["edges"]} <= {node["node_id"] for node in unrolled["nodes"]}
    checkpoints = (await http.get(f"/tasks/{built.task_id}/checkpoints")).json()
    known = {checkpoint["checkpoint_id"] for checkpoint in checkpoints}
    assert {node["checkpoint_id"] for node in unrolled["nodes"]} <= known


async def test_costs_add_up(http: httpx.AsyncClient, built: Built) -> None:
    costs = await seen(http, built, "costs")
    assert costs["budget_usd"] == 5.0
    assert costs["spent_usd"] == pytest.approx(sum(share["cost_usd"] for share in costs["shares"]))
    assert costs["points"][-1]["spent_usd"] == pytest.approx(costs["spent_usd"])
    assert 0 < costs["retry_usd"] < costs["spent_usd"]
    assert sum(share["calls"] for share in costs["shares"]) == len(costs["points"])
    assert costs["input_tokens"] == sum(share["usage"]["input_tokens"] for share in costs["shares"])


async def test_the_tree_has_the_newest_files_and_what_the_last_round_changed(
    http: httpx.AsyncClient, built: Built
) -> None:
    tree = await seen(http, built, "tree")
    paths = (await http.get(f"/tasks/{built.task_id}", params={"include": "artifacts"})).json()["artifacts"]
    assert [one["path"] for one in tree["files"]] == sorted(paths)
    assert all(one["status"] == "added" and one["agent"] for one in tree["files"])
    first, second = tree["versions"]
    assert (first["iteration"], second["iteration"], second["commit"]) == (0, 1, tree["ref"])
    beside = await seen(http, built, "tree", ref=second["commit"][:10], base=first["commit"])
    assert (beside["ref"], beside["base"]) == (second["commit"], first["commit"])
    changed = [one for one in beside["files"] if one["status"] != "unchanged"]
    assert changed
    assert {one["agent"] for one in changed} == {"backend_agent"}
    assert all(one["status"] == "modified" and one["additions"] for one in changed)
    earlier = await seen(http, built, "tree", ref=first["commit"])
    assert len(earlier["files"]) == len(tree["files"])


async def test_a_version_that_is_not_there_is_refused_by_the_name_of_its_field(
    http: httpx.AsyncClient, built: Built
) -> None:
    for field in ("ref", "base"):
        answer = await http.get(f"/tasks/{built.task_id}/tree", params={field: "f" * 40})
        assert expect(answer, 404, field)["field"] == field
        expect(await http.get(f"/tasks/{built.task_id}/tree", params={field: "main"}), 422, field)


async def test_calls_are_listed_newest_first_in_pages_and_are_those_of_the_log(
    http: httpx.AsyncClient, built: Built
) -> None:
    whole = (await http.get("/logs", params={"task_id": built.task_id, "limit": 200})).json()["items"]
    found: list[Any] = []
    page = await seen(http, built, "calls", limit=5)
    while True:
        found += page["items"]
        if page["next"] is None:
            break
        page = await seen(http, built, "calls", limit=5, before=page["next"])
    assert [call["call_id"] for call in found] == [call["interaction_id"] for call in whole]
    for call, logged in zip(found, whole, strict=True):
        said = next(entry["content"] for entry in reversed(logged["messages"]) if entry["role"] == "user")
        assert (call["prompt"], call["prompt_chars"]) == (said[:PREVIEW_CHARS], len(said))
        assert (call["answer"], call["answer_chars"]) == (logged["response"][:PREVIEW_CHARS], len(logged["response"]))
    assert any(call["cut"] for call in found)
    expect(await http.get(f"/tasks/{built.task_id}/calls", params={"before": "unknown"}), 422, "before")


async def test_the_events_of_a_call_have_the_id_that_the_log_knows_it_by(http: httpx.AsyncClient, built: Built) -> None:
    called = {call["call_id"] for call in (await seen(http, built, "calls", limit=200))["items"]}
    for kind in ("llm_start", "llm_end"):
        page = await seen(http, built, "events/page", type=kind, limit=500)
        assert {entry["event"]["call_id"] for entry in page["items"]} == called


async def test_a_fork_knows_who_wrote_the_files_that_it_began_with(http: httpx.AsyncClient, built: Built) -> None:
    answer = await http.post(f"/tasks/{built.task_id}/fork", json={})
    fork = answer.json()["task"]["task_id"]
    await until_asked(http, fork)
    whole, forked = await seen(http, built, "tree"), (await http.get(f"/tasks/{fork}/tree")).json()
    assert forked == whole
    graph = (await http.get(f"/tasks/{fork}/graph")).json()
    before = {node["node_id"]: node for node in (await seen(http, built, "graph"))["nodes"]}
    after = {node["node_id"]: node for node in graph["nodes"]}
    assert (after.keys(), after["checks"]) == (before.keys(), before["checks"]), "its past is that of the other task"
    assert (after["approval"]["status"], after["approval"]["count"]) == ("waiting", 2)
    (wait,) = (await http.get(f"/tasks/{fork}/timeline")).json()["spans"]
    assert (wait["title"], wait["status"]) == ("approval", "waiting")


@pytest.mark.parametrize("view", VIEWS)
async def test_an_unknown_task_has_no_view(http: httpx.AsyncClient, view: str) -> None:
    expect(await http.get(f"/tasks/unknown/{view}"), 404, "unknown")
