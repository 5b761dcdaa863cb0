"""The settings as people look at them."""

from pathlib import Path
from typing import Any

import pytest

from config import Settings
from core.analytics import SettingView


def shown(**values: Any) -> dict[str, SettingView]:
    return {view.name: view for view in Settings(**values).shown()}


def test_every_setting_has_a_group_and_a_description() -> None:
    views = Settings(_env_file=None).shown()
    assert {view.name for view in views} == {name.upper() for name in Settings.model_fields}
    assert [view.name for view in views if not view.group or not view.description] == []
    groups = {view.name: view.group for view in views}
    assert (groups["MODEL_QA"], groups["MAX_DEMOS"], groups["PR_DRAFT"]) == ("Models", "Sandbox", "Code host")
    assert (groups["PUBLIC_URL"], groups["LOG_FORMAT"]) == ("Notifications", "Service")


def test_each_says_whether_the_environment_the_file_or_nobody_set_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings").write_text("MAX_DEMOS=3\nMAX_ITERATIONS=4\nPR_LABELS=a,b\nAPI_KEY=\n")
    monkeypatch.setenv("MAX_ITERATIONS", "5")
    views = shown(_env_file=tmp_path / "settings", api_port=9000)
    assert (views["MAX_ITERATIONS"].value, views["MAX_ITERATIONS"].source) == (5, "environment")
    assert (views["MAX_DEMOS"].value, views["MAX_DEMOS"].source) == (3, "file")
    assert (views["PR_LABELS"].value, views["PR_LABELS"].source) == (["a", "b"], "file")
    assert (views["API_KEY"].source, views["API_KEY"].is_set) == ("default", False)
    assert views["API_PORT"].source == "environment"
    assert views["PR_DRAFT"].source == "default"


def test_a_secret_has_no_value_and_says_whether_it_is_set() -> None:
    secrets = {"openai_api_key": "canary-1", "telegram_proxy": "socks5://u:canary-2@h:1", "webhook_secret": "canary-3"}
    views = shown(_env_file=None, webhook_url="https://h/canary-4?k=canary-5", **secrets)
    assert "canary" not in str(views)
    for name in secrets:
        view = views[name.upper()]
        assert (view.value, view.secret, view.is_set) == (None, True, True)
    unset = views["GROQ_API_KEY"]
    assert (unset.value, unset.secret, unset.is_set) == (None, True, False)
    assert views["WEBHOOK_URL"].value == "https://h/..."


def test_settings_are_compared_by_their_values_alone() -> None:
    assert Settings(_env_file=None, max_demos=5) == Settings(_env_file=None)
