"""Settings: what they mean, and that .env.example names every one."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from config import LIGHT_MODEL, OFFLINE_MODEL, PROJECT, STRONG_MODEL, Settings
from core.calendar import Calendar
from core.types import AgentName
from settings.places import default_data_dir


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]  # values are checked by the model under test


def test_the_example_file_names_every_setting_and_nothing_else() -> None:
    text = (PROJECT / ".env.example").read_text()
    named = re.findall(r"^([A-Z0-9_]+)=", text, re.M)
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


def test_the_values_of_the_example_file_are_the_defaults(tmp_path: Path) -> None:
    example = Settings(_env_file=PROJECT / ".env.example")  # type: ignore[call-arg]  # an option of pydantic-settings
    assert example == settings()


def test_data_is_kept_beside_the_code_of_a_checkout_and_in_the_users_folder_for_an_installed_package(
    tmp_path: Path,
) -> None:
    assert settings().data_dir == PROJECT / "data"
    assert default_data_dir(tmp_path / "site-packages") == Path.home() / ".local" / "share" / "autonomy"


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
    assert settings(autonomy_offline=True, model_qa="replay/tape").models()[AgentName.QA] == "replay/tape"


def test_every_model_says_where_it_comes_from() -> None:
    chosen = settings(anthropic_api_key="k", model_reviewer="gpt-5").model_choices()
    assert chosen[AgentName.REVIEWER] == ("gpt-5", "MODEL_REVIEWER")
    assert chosen[AgentName.QA] == (STRONG_MODEL, "default")
    assert settings().model_choices()[AgentName.QA] == (OFFLINE_MODEL, "no provider key is set")
    offline = settings(autonomy_offline=True, model_qa="gpt-5").model_choices()
    assert offline[AgentName.QA] == (OFFLINE_MODEL, "AUTONOMY_OFFLINE is set")


def test_a_cassette_is_neither_a_fallback_nor_recorded_into_while_it_is_replayed(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="MODEL_FALLBACK cannot be a cassette"):
        settings(model_fallback="replay/tape")
    replayed = f"replay/{tmp_path}?speed=1"
    with pytest.raises(ValidationError, match="RECORD must be another folder"):
        settings(model_qa=replayed, record=tmp_path)
    assert settings(model_qa=replayed, record=tmp_path / "other").record == tmp_path / "other"


def test_no_secret_is_shown() -> None:
    shown = settings(api_key="canary-1", openai_api_key="canary-2").redacted()
    assert "canary" not in str(shown)
    assert shown["api_key"] == shown["openai_api_key"] == "set"
    assert shown["groq_api_key"] is None


def test_the_secrets_that_logs_leave_out_are_the_keys_that_are_set() -> None:
    assert set(settings(api_key="canary-1", groq_api_key="canary-2").secrets) == {"canary-1", "canary-2"}
    assert settings().secrets == ()


def test_keys_among_parameters_are_secrets_and_are_not_shown() -> None:
    given = settings(
        model_llm_params={"gpt": {"extra_headers": {"Authorization": "Bearer canary-1"}, "top_p": 0.5}},
        agent_llm_params={AgentName.QA: {"api_key": "canary-2"}},
    )
    assert set(given.secrets) == {"Bearer canary-1", "canary-1", "canary-2"}
    assert "canary" not in str(given.redacted())
    assert given.redacted()["model_llm_params"] == {
        "gpt": {"extra_headers": {"Authorization": "[redacted]"}, "top_p": 0.5}
    }


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


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("model_llm_params", "{", "is not JSON"),
        ("model_llm_params", "[1]", "valid dictionary"),
        ("model_llm_params", '{"gpt": 5}', "valid dictionary"),
        ("model_llm_params", '{"gpt": {"stream": false}}', "gpt: stream may not be set"),
        (
            "agent_llm_params",
            '{"planner": {"temperature": "hot"}}',
            "planner: temperature must be a number from 0 to 2",
        ),
        ("agent_llm_params", '{"nobody": {}}', "nobody"),
        ("agent_fallbacks", '{"planner": "a b"}', "planner: 'a b' is not the name of a model: it has blanks"),
        ("model_context_windows", '{"x": 0}', "greater than or equal to 1"),
        ("model_planner", "groq/", "'groq/' is not the name of a model: a part of it is empty"),
        ("model_qa", "gpt 5", "it has blanks in it"),
        ("model_fallback", "offline/other", "the offline models are offline/scaffold and offline/apprentice"),
        ("model_backend", "offline/apprentice?rate=2", "rate must be a number from 0 to 1, got '2'"),
        ("model_git", "mailbox/", "the folder is missing"),
    ],
)
def test_nonsense_about_models_is_refused_by_its_setting_and_field(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name.upper(), value)
    with pytest.raises(ValidationError) as caught:
        settings()
    (first,) = caught.value.errors()
    assert first["loc"][0] == name
    assert said in f"{first['loc']} {first['msg']}"


def test_settings_in_json_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_FALLBACKS", '{"planner": "gpt-5"}')
    monkeypatch.setenv("MODEL_LLM_PARAMS", '{"ollama/": {"num_ctx": 32768}}')
    read = settings()
    assert read.agent_fallbacks == {AgentName.PLANNER: "gpt-5"}
    assert read.model_llm_params == {"ollama/": {"num_ctx": 32768}}


@pytest.mark.parametrize(
    "model",
    [
        "mailbox/a folder/b",
        "ollama/qwen3:8b",
        "openrouter/a/b:free",
        "offline/scaffold?price=1",
        "offline/apprentice?seed=7",
    ],
)
def test_names_of_models_that_can_be(model: str) -> None:
    assert settings(model_qa=model).models()[AgentName.QA] == model


def test_an_agents_own_fallback_comes_before_the_one_for_all_and_may_be_none() -> None:
    chosen = settings(
        anthropic_api_key="k", model_fallback="gpt-5", agent_fallbacks={"planner": "groq/x", "qa_agent": ""}
    ).fallbacks()
    assert chosen[AgentName.PLANNER] == "groq/x"
    assert chosen[AgentName.BACKEND] == "gpt-5"
    assert AgentName.QA not in chosen
    assert settings().fallbacks() == {}


def test_offline_no_fallback_leaves_this_machine() -> None:
    chosen = settings(autonomy_offline=True, model_fallback="gpt-5", agent_fallbacks={"planner": OFFLINE_MODEL})
    assert chosen.fallbacks() == {AgentName.PLANNER: OFFLINE_MODEL}


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
