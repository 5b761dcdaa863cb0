"""Settings and the parts of the service over HTTP."""

from pathlib import Path

from tests.api.service import Service, run_service


async def test_every_setting_is_shown_with_where_it_comes_from_and_no_secret(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data", api_key="canary-1", openai_api_key="canary-2") as service:
        answer = await service.http.get("/config", headers={"X-API-Key": "canary-1"})
    assert "canary" not in answer.text
    views = {view["name"]: view for view in answer.json()}
    key = views["API_KEY"]
    assert (key["value"], key["secret"], key["is_set"], key["source"]) == (None, True, True, "environment")
    assert (views["MAX_ITERATIONS"]["value"], views["MAX_ITERATIONS"]["source"]) == (3, "default")
    assert views["DATA_DIR"]["value"] == str(tmp_path / "data")


async def test_every_part_is_tried_and_what_is_not_set_up_says_how(service: Service) -> None:
    answer = await service.http.post("/health/check")
    assert answer.status_code == 200, answer.text
    parts = {each["part"]: each for each in answer.json()["parts"]}
    assert list(parts) == ["storage", "sandbox", "code_host", "telegram", "models", "e2b", "identities", "analytics"]
    assert (parts["storage"]["status"], parts["code_host"]["status"]) == ("ok", "ok")
    assert parts["models"]["status"] == "ok"
    assert "none was" in parts["models"]["detail"]
    assert (parts["telegram"]["status"], parts["e2b"]["status"]) == ("skipped", "skipped")
    assert "TELEGRAM_BOT_TOKEN" in parts["telegram"]["fix"]
    assert "E2B_API_KEY" in parts["e2b"]["fix"]
    assert parts["identities"]["status"] == "skipped"
    assert "GCP_PROJECT_ID" in parts["identities"]["fix"]
    probe = (await service.http.get("/health")).json()["sandbox"]
    assert (parts["sandbox"]["status"] == "ok") == probe["ok"]
    assert list(service.application.api.workspaces.path("x").parent.parent.glob(".check-*")) == []


async def test_parts_that_fail_are_told_with_a_remedy_and_are_no_error(tmp_path: Path) -> None:
    """A host that nothing listens on, a model without its key, a machine where generated code must not run."""
    nobody = "http://127.0.0.1:9"
    async with run_service(
        tmp_path / "data",
        autonomy_offline=False,
        model_qa="gpt-5",
        sandbox_backend="unsafe-subprocess",
        telegram_bot_token="4242424242:AAE-canary",
        telegram_chat_id=7,
        telegram_api_base=nobody,
    ) as service:
        answer = await service.http.post("/health/check", timeout=120)
    assert answer.status_code == 200, answer.text
    assert "canary" not in answer.text
    parts = {each["part"]: each for each in answer.json()["parts"]}
    failed = {name: each for name, each in parts.items() if each["status"] == "failed"}
    assert failed.keys() == {"sandbox", "telegram", "models"}
    assert all(each["fix"] for each in failed.values())
    assert "OPENAI_API_KEY" in failed["models"]["detail"]
    assert "SANDBOX_ALLOW_UNSANDBOXED" in failed["sandbox"]["fix"]
    assert "could not be reached" in failed["telegram"]["detail"]
