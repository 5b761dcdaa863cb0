"""Settings: what they mean, and that .env.example names every one."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from config import LIGHT_MODEL, OFFLINE_MODEL, PROJECT, STRONG_MODEL, Settings
from core.calendar import Calendar
from core.types import AgentName


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]  # values are checked by the model under test


def test_the_example_file_names_every_setting_and_nothing_else() -> None:
    text = (PROJECT / ".env.example").read_text()
    named = re.findall(r"^([A-Z_]+)=", text, re.M)
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


def test_the_values_of_the_example_file_are_the_defaults(tmp_path: Path) -> None:
    example = Settings(_env_file=PROJECT / ".env.example")  # type: ignore[call-arg]  # an option of pydantic-settings
    assert example == settings()


def test_without_any_key_every_agent_has_the_offline_model() -> None:
    assert set(settings().models().values()) == {OFFLINE_MODEL}


def test_with_a_key_agents_have_their_own_defaults_and_can_be_changed_one_by_one() -> None:
    models = settings(anthropic_api_key="k", model_qa="groq/x").models()
    assert models[AgentName.PLANNER] == STRONG_MODEL
    assert models[AgentName.REVIEWER] == models[AgentName.GIT] == LIGHT_MODEL
    assert models[AgentName.QA] == "groq/x"


def test_offline_beats_keys_and_models_but_keeps_offline_variants() -> None:
    models = settings(
        autonomy_offline=True, anthropic_api_key="k", model_qa="gpt-5", model_backend="offline/scaffold?fault=x"
    ).models()
    assert models[AgentName.QA] == OFFLINE_MODEL
    assert models[AgentName.BACKEND] == "offline/scaffold?fault=x"


def test_no_secret_is_shown() -> None:
    shown = settings(api_key="canary-1", openai_api_key="canary-2").redacted()
    assert "canary" not in str(shown)
    assert shown["api_key"] == shown["openai_api_key"] == "set"
    assert shown["groq_api_key"] is None


def test_the_secrets_that_logs_leave_out_are_the_keys_that_are_set() -> None:
    assert set(settings(api_key="canary-1", groq_api_key="canary-2").secrets) == {"canary-1", "canary-2"}
    assert settings().secrets == ()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("example.org", False)],
)
def test_loopback_is_known_when_it_is_seen(host: str, loopback: bool) -> None:
    assert settings(api_host=host).only_loopback is loopback


@pytest.mark.parametrize(
    "values",
    [
        {"max_iterations": 0},
        {"max_task_budget_usd": -1},
        {"max_task_budget_usd": float("nan")},
        {"max_task_budget_usd": 0},
        {"max_task_budget_usd": 1e308},
        {"max_daily_budget_usd": 0},
        {"max_daily_budget_usd": -5},
        {"max_daily_budget_usd": float("inf")},
        {"max_daily_budget_per_caller_usd": 0},
        {"max_daily_budget_per_caller_usd": float("nan")},
        {"max_daily_budget_per_caller_usd": 2_000_000},
        {"budget_timezone": "Mars/Olympus"},
        {"budget_timezone": "../etc/passwd"},
        {"budget_timezone": ""},
        {"unknown_price": "free"},
        {"llm_retry_base_delay": 90},
        {"api_port": 70_000},
        {"sandbox_backend": "none"},
    ],
)
def test_nonsense_is_refused_at_the_border(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings(**values)


@pytest.mark.parametrize("value", ["0", "-1", "nan", "1e308", "much"])
def test_a_cap_of_the_environment_is_refused_by_name_and_limit(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MAX_DAILY_BUDGET_USD", value)
    with pytest.raises(ValidationError, match="max_daily_budget_usd") as caught:
        settings()
    assert "1,000,000 USD" in str(caught.value) or value == "much"


def test_days_are_those_of_utc_unless_a_zone_is_named() -> None:
    noon = datetime(2027, 1, 28, 23, 30, tzinfo=UTC).timestamp()
    assert Calendar(settings().budget_zone).day(noon) == "2027-01-28"
    assert Calendar(settings(budget_timezone="Europe/Berlin").budget_zone).day(noon) == "2027-01-29"
