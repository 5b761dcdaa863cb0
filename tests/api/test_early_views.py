"""What there is to look at of a task that has hardly begun."""

from tests.api.service import Service, asked
from tests.api.test_bad_input import expect
from tests.api.test_views import VIEWS


async def test_a_task_that_asks_before_it_has_a_plan_says_so_and_shows_what_there_is(service: Service) -> None:
    task_id, _ = await asked(service.http)
    expect(await service.http.get(f"/tasks/{task_id}/plan"), 404, "no plan yet")
    shown = {view: (await service.http.get(f"/tasks/{task_id}/{view}")).json() for view in VIEWS if view != "plan"}
    step, wait = shown["timeline"]["spans"]
    assert (step["lane"], step["status"], step["calls"]) == ("orchestrator", "failed", 1)
    assert (wait["title"], wait["status"]) == ("escalation", "waiting")
    assert [node["node_id"] for node in shown["graph"]["nodes"]] == ["orchestrator", "pose_blocked", "escalation"]
    assert shown["tree"] == {"ref": None, "base": None, "versions": [], "files": []}
    assert shown["tests"]["iterations"] == shown["reviews"]["iterations"] == []
    (call,) = shown["calls"]["items"]
    assert (call["success"], call["error"], shown["costs"]["shares"][0]["failures"]) == (False, "the model is away", 1)
