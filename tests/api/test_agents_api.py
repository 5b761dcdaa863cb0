"""Rules, versions and rollback over HTTP."""

from typing import Any

import httpx

from tests.api.test_bad_input import expect

AGENT = "/agents/planner"


async def rules(http: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await http.get(f"{AGENT}/rules")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_a_rule_that_is_disabled_shows_in_rules_versions_diff_and_memory_diffs(http: httpx.AsyncClient) -> None:
    first = (await rules(http))[0]
    assert (first["rate"], first["low"], first["weak"], first["disabled"]) == (None, None, False, False)
    change = {"disabled": True, "expected_version": 1}
    path = f"{AGENT}/rules/{first['rule_id']}"
    changed = (await http.patch(path, json=change, headers={"X-Client": "dashboard"})).json()
    assert changed["identity"]["disabled"] == [first["text"]]
    assert changed["versions"] == [2, 1]
    assert changed["rules"] == await rules(http)
    assert (await rules(http))[0]["disabled"] is True
    versions = (await http.get(f"{AGENT}/versions")).json()
    assert [(each["version"], each["why"], each["by"], each["current"]) for each in versions] == [
        (2, f"disabled: {first['text']}", "dashboard", True),
        (1, "shipped with the release", "", False),
    ]
    diff = (await http.get(f"{AGENT}/versions/2/diff")).json()
    assert (diff["base"], diff["version"]) == (1, 2)
    assert first["text"] in diff["before"]
    assert first["text"] not in diff["after"]
    reverse = (await http.get(f"{AGENT}/versions/1/diff", params={"base": 2})).json()
    assert (reverse["before"], reverse["after"]) == (diff["after"], diff["before"])
    page = (await http.get(f"{AGENT}/memory-diffs")).json()
    assert [(each["kind"], each["to_version"]) for each in page["items"]] == [("rule_changed", 2)]


async def test_a_rollback_makes_the_old_content_the_newest_version(http: httpx.AsyncClient) -> None:
    first = (await rules(http))[0]
    for version, pinned in ((1, True), (2, False), (3, True)):
        body = {"pinned": pinned, "expected_version": version}
        assert (await http.patch(f"{AGENT}/rules/{first['rule_id']}", json=body)).status_code == 200
    back = (await http.post(f"{AGENT}/rollback", json={"version": 1, "expected_version": 4})).json()
    assert (back["identity"]["version"], back["identity"]["pinned"], back["versions"]) == (5, [], [5, 4, 3, 2, 1])
    assert back["identity"]["why"] == "rolled back to version 1"
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await http.get(f"{AGENT}/memory-diffs", params={"limit": 3, **cursor})).json()
        seen += [each["diff_id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = {"before": page["next"]}
    assert seen == ["planner-v5", "planner-v4", "planner-v3", "planner-v2"]


async def test_what_is_out_of_date_unknown_or_senseless_is_refused_with_the_reason(http: httpx.AsyncClient) -> None:
    first = (await rules(http))[0]
    path = f"{AGENT}/rules/{first['rule_id']}"
    conflict = await http.patch(path, json={"pinned": True, "expected_version": 7})
    expect(conflict, 409, "version 1, not 7")
    assert (conflict.json()["version"], conflict.json()["expected_version"]) == (1, 7)
    expect(await http.post(f"{AGENT}/rollback", json={"version": 1, "expected_version": 7}), 409, "not 7")
    expect(await http.post(f"{AGENT}/rollback", json={"version": 9, "expected_version": 1}), 404, "kept are 1")
    expect(await http.patch(f"{AGENT}/rules/{'0' * 16}", json={"pinned": True, "expected_version": 1}), 404, "no rule")
    expect(await http.patch(f"{AGENT}/rules/xyz", json={"pinned": True, "expected_version": 1}), 422, "rule_id")
    expect(await http.patch(path, json={"pinned": True}), 422, "expected_version")
    expect(await http.get(f"{AGENT}/versions/1/diff"), 404, "version 0", "kept are 1")
    expect(await http.get("/agents/nobody/rules"), 422, "agent")
    expect(await http.get(f"{AGENT}/memory-diffs", params={"before": "nothing"}), 422, "before")


async def test_a_rule_is_added_seen_with_its_origin_and_deleted(http: httpx.AsyncClient) -> None:
    wanted = {"text": "Name every resource in the plural", "why": "reviews ask for it", "expected_version": 1}
    answer = await http.post(f"{AGENT}/rules", json=wanted, headers={"X-Client": "dashboard"})
    assert answer.status_code == 201, answer.text
    rule = next(each for each in answer.json()["rules"] if each["text"] == wanted["text"])
    assert (rule["source"], rule["origin"]["by"], rule["origin"]["why"]) == (
        "correction", "dashboard", "reviews ask for it",
    )  # fmt: skip
    shown = (await http.get(f"{AGENT}/identity")).json()
    assert (shown["rules"], shown["trials"]) == (answer.json()["rules"], [])
    again = await http.post(f"{AGENT}/rules", json={**wanted, "expected_version": 2})
    assert (again.status_code, "has this rule already" in again.json()["detail"]) == (409, True)
    long = await http.post(f"{AGENT}/rules", json={"text": "x" * 201, "expected_version": 2})
    assert (long.status_code, long.json()["limit"], long.json()["field"]) == (422, 200, "text")
    path = f"{AGENT}/rules/{rule['rule_id']}"
    assert (await http.delete(path)).status_code == 422
    assert (await http.delete(path, params={"expected_version": 1})).status_code == 409
    gone = (await http.delete(path, params={"expected_version": 2})).json()
    assert (gone["identity"]["version"], wanted["text"] in str(gone["rules"])) == (3, False)
    earlier = (await http.get(f"{AGENT}/versions/2")).json()
    assert (earlier["identity"]["version"], wanted["text"] in str(earlier["rules"])) == (2, True)
    assert (await http.get(f"{AGENT}/versions/9")).status_code == 404


async def test_the_list_of_agents_says_how_each_did(http: httpx.AsyncClient) -> None:
    planner = next(each for each in (await http.get("/agents")).json() if each["agent"] == "planner")
    assert planner["record"] == {
        "tasks": 0, "first_pass": 0, "rate": None, "low": None, "high": None, "rounds": None,
    }  # fmt: skip
    assert (planner["trials"], planner["weak"]) == (0, 0)


async def test_a_rule_is_tried_behind_the_answer_and_no_other_one_meanwhile(http: httpx.AsyncClient) -> None:
    first, second = (await rules(http))[:2]
    path, other = (f"{AGENT}/rules/{rule['rule_id']}/experiment" for rule in (first, second))
    expect(await http.get(path), 404, "since the service started", f"GET {AGENT}/memory-diffs")
    expect(await http.post(f"{AGENT}/rules/{'0' * 16}/experiment"), 404, "no rule 0000")
    begun = await http.post(path, headers={"X-Client": "dashboard"})
    assert (begun.status_code, begun.headers["Location"]) == (202, path)
    told = begun.json()
    assert (told["state"], told["rule"], told["by"], told["verdict"], told["memory_diffs"]) == (
        "running", first["text"], "dashboard", None, f"{AGENT}/memory-diffs",
    )  # fmt: skip
    assert (await http.post(path)).json() == (await http.get(path)).json() == told
    refused = await http.post(other)
    expect(refused, 409, first["rule_id"], "one at a time")
    assert (refused.json()["agent"], refused.json()["rule_id"]) == ("planner", first["rule_id"])
    audited = (await http.get("/audit")).json()["items"]
    assert [(each["action"], each["status"], each["via"]) for each in audited if each["status"] == 202] == [
        ("POST /agents/{agent}/rules/{rule_id}/experiment", 202, "api"),
        ("POST /agents/{agent}/rules/{rule_id}/experiment", 202, "dashboard"),
    ]
    assert (await rules(http))[0] == first
