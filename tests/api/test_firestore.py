"""A service that keeps identities in Firestore: there, and away."""

from pathlib import Path

import pytest

from core.models import InteractionFilter
from core.types import AgentName
from tests.api.service import Service, run_service, until
from tests.emulator import Emulator, free_port
from tests.unit.memory.firestore.opened import own_collection
from tests.unit.memory.firestore.proxy import proxy_to

PROJECT = "demo-autonomy"


@pytest.mark.emulator
async def test_identities_live_in_firestore_and_outlive_the_data_directory(
    firestore: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore.host)
    collection = own_collection()
    async with run_service(tmp_path / "one", gcp_project_id=PROJECT, firestore_collection=collection) as service:
        rules = (await service.http.get("/agents/qa_agent/rules")).json()
        change = {"expected_version": 1, "pinned": True}
        answer = await service.http.patch(f"/agents/qa_agent/rules/{rules[0]['rule_id']}", json=change)
        assert answer.status_code == 200, answer.text
        check = await identities_part(service)
        assert (check["status"], collection in str(check["detail"])) == ("ok", True)
    async with run_service(tmp_path / "two", gcp_project_id=PROJECT, firestore_collection=collection) as service:
        identity = (await service.http.get("/agents/qa_agent/identity")).json()
        assert (identity["versions"], identity["identity"]["pinned"]) == ([2, 1], [rules[0]["text"]])
        assert await diffs_of(service) == [2], "what the new log did not know was told to it"


async def test_a_service_starts_and_works_while_firestore_is_away_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{free_port()}")
    async with run_service(tmp_path / "data", gcp_project_id=PROJECT) as service:
        assert (await service.http.get("/health")).json()["status"] == "ok"
        check = await identities_part(service)
        assert check["status"] == "failed"
        assert "cannot be reached" in str(check["detail"])
        assert "docs/stores.md" in str(check["fix"])
        answer = await service.http.get("/agents/qa_agent/identity")
        assert answer.status_code == 503
        assert "GCP_PROJECT_ID" in answer.json()["detail"]
        notices = await notices_of_a_task(service)
    assert "orchestrator works with the newest that can be read" in notices[0]
    assert "FIRESTORE_EMULATOR_HOST" in notices[0]


@pytest.mark.emulator
async def test_agents_work_with_what_they_knew_last_when_firestore_goes_away(
    firestore: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, rule = AgentName.ORCHESTRATOR, "Ask when a sentence has two readings"
    async with proxy_to(firestore) as proxy:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", proxy.host)
        settings = {"gcp_project_id": PROJECT, "firestore_collection": own_collection()}
        async with run_service(tmp_path / "data", **settings) as service:
            identities = service.application.api.identities
            shipped = await identities.load(agent)
            await identities.save(shipped.model_copy(update={"learned_rules": (rule,)}), 1)
            assert await notices_of_a_task(service) == []
            await proxy.leave()
            notices = await notices_of_a_task(service)
            calls = await service.application.api.interactions.list(InteractionFilter(agent=agent))
    assert "orchestrator works with the newest that can be read" in notices[0]
    assert [(call.task_id == calls[0].task_id, call.identity_version) for call in calls] == [(True, 2), (False, 2)]


async def identities_part(service: Service) -> dict[str, object]:
    answer = await service.http.post("/health/check", timeout=60)
    parts = {each["part"]: each for each in answer.json()["parts"]}
    return dict(parts["identities"])


async def diffs_of(service: Service) -> list[int]:
    """The versions that the log of memory diffs knows, which is told of them beside the start."""
    found: list[int] = []

    async def told() -> bool:
        answer = await service.http.get("/agents/qa_agent/memory-diffs")
        found[:] = [int(each["to_version"]) for each in answer.json()["items"]]
        return bool(found)

    await until(told)
    return found


async def notices_of_a_task(service: Service) -> list[str]:
    """Submits a task, whose model is away so that it asks at once; what its log warns of."""
    task_id = (await service.http.post("/tasks", json={"task_description": "A todo list"})).json()["task_id"]
    task = (await service.http.get(f"/tasks/{task_id}", params={"wait": 60})).json()
    assert task["status"] == "waiting_for_input", task
    events = await service.application.api.events.read(task_id=task_id)
    return [each.event.text for each in events if each.event.type == "notice" and each.event.level == "warning"]
