"""`autonomy models` as people run it: from the settings alone, over a server, and with real calls to a provider on loopback."""

import json
from pathlib import Path

import pytest

from core.types import AgentName
from tests.e2e.processes import run_command, running_server
from tests.wire.driving import KEY, Counterpart, running_counterpart

pytestmark = pytest.mark.e2e
HELLO = {"text": "Hello, world"}
PRICES = json.dumps(
    {"openai/gpt-4o-mini": {"input": 2.0, "output": 10.0}, "openai/gpt-5": {"input": 2.0, "output": 10.0}}
)


def settings_for(there: Counterpart) -> dict[str, str]:
    """A service that asks it for models `openai/...`."""
    return {"OPENAI_API_BASE": f"{there.url}/v1", "OPENAI_API_KEY": KEY, "AUTONOMY_OFFLINE": "false"}


def test_settings_alone_say_which_models_there_are_and_why(tmp_path: Path) -> None:
    shown = run_command(
        tmp_path / "data",
        "models",
        AUTONOMY_OFFLINE="false",
        ANTHROPIC_API_KEY="sk-canary-0000000000",
        MODEL_QA="foo/unheard-of",
        MODEL_BACKEND="gpt-5",
        MODEL_FALLBACK="groq/llama-3.3-70b-versatile",
        AGENT_FALLBACKS='{"backend_agent": "deepseek/deepseek-chat"}',
        AGENT_LLM_PARAMS='{"qa_agent": {"temperature": 0.5, "api_key": "opaque-canary"}}',
    )
    assert shown.returncode == 0, shown.stderr
    assert "canary" not in shown.stdout + shown.stderr
    assert not (tmp_path / "data").exists(), "nothing of it was needed"
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in shown.stdout.splitlines() if line}
    second = "then groq/llama-3.3-70b-versatile"
    assert lines["planner"] == f"claude-sonnet-4-6 default; {second}"
    assert lines["backend_agent"] == "gpt-5 MODEL_BACKEND; then deepseek/deepseek-chat"
    assert lines["qa_agent"] == f"foo/unheard-of MODEL_QA; {second}; parameters temperature=0.5, api_key=[redacted]"
    assert lines["claude-sonnet-4-6:"] == "$3 in, $15 out per million tokens; key ANTHROPIC_API_KEY is set"
    assert lines["gpt-5:"].endswith("key OPENAI_API_KEY is NOT set")
    assert lines["foo/unheard-of:"].startswith("price unknown: a task asks before its first call")
    assert {"groq/llama-3.3-70b-versatile:", "deepseek/deepseek-chat:"} <= lines.keys(), "what a fallback costs, too"
    denied = run_command(
        tmp_path / "data", "models", MODEL_QA="foo/unheard-of", UNKNOWN_PRICE="deny", AUTONOMY_OFFLINE=""
    )
    assert "price unknown: calls are refused" in denied.stdout


def test_a_check_asks_each_model_once_and_says_what_it_cost(tmp_path: Path) -> None:
    with running_counterpart(KEY) as there:
        there.script("gpt-4o-mini", HELLO)
        there.script("gpt-5", {"status": 401, "message": "no", "quote_key": True})
        settings = {**settings_for(there), "MODEL_PRICING": PRICES, "MODEL_FALLBACK": "openai/gpt-4o-mini"}
        models = {"MODEL_PLANNER": "openai/gpt-4o-mini", "MODEL_QA": "openai/gpt-5", "MODEL_GIT": "openai/gpt-4o-mini"}
        others = {f"MODEL_{name}": "offline/scaffold" for name in ("ORCHESTRATOR", "BACKEND", "FRONTEND", "DEVOPS")}
        odd = {"MODEL_DATABASE": f"replay/{tmp_path}", "MODEL_REVIEWER": "offline/scaffold"}
        checked = run_command(tmp_path / "data", "models", "--check", "--json", **settings, **models, **others, **odd)
        asked = [entry["body"]["model"] for entry in there.log()]
        limits = [entry["body"].get("max_tokens", entry["body"].get("max_completion_tokens")) for entry in there.log()]
    assert checked.returncode == 1, checked.stderr
    assert KEY not in checked.stdout + checked.stderr
    document = json.loads(checked.stdout)
    found = {check["model"]: check for check in document["checks"]["checks"]}
    assert sorted(asked) == ["gpt-4o-mini", "gpt-5"], "no retry, and no fallback that would hide a failure"
    assert limits == [256, 256]
    assert (found["openai/gpt-4o-mini"]["ok"], found["openai/gpt-4o-mini"]["detail"]) == (
        True,
        "answered 'Hello, world'",
    )
    assert document["checks"]["cost_usd"] == found["openai/gpt-4o-mini"]["cost_usd"]
    assert 0 < document["checks"]["cost_usd"] < document["checks"]["cap_usd"] <= 0.1
    assert (found["openai/gpt-5"]["ok"], "[redacted]" in found["openai/gpt-5"]["detail"]) == (False, True)
    assert "there is no cassette.json" in found[f"replay/{tmp_path}"]["detail"]
    assert found["offline/scaffold"]["ok"] is True
    assert {entry["agent"] for entry in document["agents"]} == {agent.value for agent in AgentName}
    assert {entry["fallback"] for entry in document["agents"]} == {"openai/gpt-4o-mini", None}, "a cassette has none"


def test_a_server_answers_for_its_own_models_and_is_who_asks_them(tmp_path: Path) -> None:
    with running_counterpart(KEY) as there:
        there.script("gpt-4o-mini", HELLO)
        settings = {
            **settings_for(there),
            "MODEL_PLANNER": "openai/gpt-4o-mini",
            "MODEL_PRICING": PRICES,
            "API_KEY": "a key",
        }
        rest = {f"MODEL_{agent.value.split('_')[0].upper()}": "offline/scaffold" for agent in AgentName}
        rest = {name: model for name, model in rest.items() if name not in ("MODEL_PLANNER", "MODEL_CODE")}
        with running_server(tmp_path / "data", **settings, **rest, MODEL_REVIEWER="offline/scaffold") as server:
            shown = run_command(tmp_path / "data", "models", "--check", API_KEY="a key")
            refused = run_command(tmp_path / "data", "models", API_KEY="another")
            unreached = run_command(tmp_path / "other", "models", "--server", "http://127.0.0.1:9")
            assert server.http.get("/models").status_code == 401
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert f"models of the service at {server.url}" in shown.stdout
    assert "answered 'Hello, world'" in shown.stdout
    assert f"checked by the service at {server.url}: $0.000" in shown.stdout
    assert (refused.returncode, unreached.returncode) == (4, 1), refused.stderr + unreached.stderr
    assert KEY not in shown.stdout


def test_a_setting_that_is_wrong_is_a_wrong_use(tmp_path: Path) -> None:
    shown = run_command(tmp_path / "data", "models", MODEL_FALLBACK="replay/tape")
    assert shown.returncode == 2
    assert "MODEL_FALLBACK cannot be a cassette" in shown.stderr
