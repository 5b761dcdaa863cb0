"""What `autonomy models` prints of prices, keys and checks."""

import re

import pytest

from cli.models import describe_checks, describe_setup
from client.insight import ModelCheck, ModelChecks, ModelSetup
from config import Settings
from wiring import describe_models


async def setup(**values: object) -> ModelSetup:
    settings = Settings(_env_file=None, **values)  # type: ignore[arg-type]  # values are checked by the model
    return ModelSetup.model_validate_json((await describe_models(settings)).model_dump_json())


OWN = {"model_pricing": {"groq/own": {"input": 1, "output": 2.5}}, "model_qa": "groq/own"}
UNKNOWN = {"model_qa": "my-own", "openai_api_base": "http://127.0.0.1:1/v1"}
RATES = r"\$[\d.]+ in, \$[\d.]+ out per million tokens"


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"model_qa": "ollama/qwen3"}, "ollama/qwen3: free; no key needed"),
        ({"model_qa": "mailbox/box"}, "mailbox/box: free; no key needed"),
        ({"model_qa": "replay/box"}, "replay/box: free; no key needed"),
        ({"model_qa": "offline/scaffold?price=0.01"}, r"offline.*tokens, \$0\.01 for each call; no key needed"),
        (OWN, r"groq/own: \$1 in, \$2\.5 out per million tokens; key GROQ_API_KEY is NOT set"),
        ({**OWN, "groq_api_key": "canary"}, r"groq/own: .*; key GROQ_API_KEY is set"),
        ({**UNKNOWN}, rf"my-own: price unknown: a task asks .* with {RATES} once .*; no key needed"),
        ({**UNKNOWN, "unknown_price": "upper_bound"}, rf"my-own: price unknown: calls are reckoned at {RATES}; .*"),
        ({**UNKNOWN, "unknown_price": "deny"}, r"my-own: price unknown: calls are refused \(UNKNOWN_PRICE=deny\); .*"),
        ({"model_qa": "foo/bar"}, r"foo/bar: .*; its key, if it needs one, is for its provider's own setting"),
        ({"model_fallback": "gpt-5"}, "planner +offline/scaffold  no provider key is set; then gpt-5"),
        ({"agent_fallbacks": {"planner": "gpt-5"}}, "planner +offline/scaffold  no provider key is set; then gpt-5"),
        ({"agent_fallbacks": {"planner": "gpt-5"}}, "qa_agent +offline/scaffold  no provider key is set"),
        ({"model_fallback": "gpt-5"}, r"gpt-5: .*; key OPENAI_API_KEY is NOT set"),
    ],
)
async def test_a_line_says_price_and_key_of_a_model(values: dict[str, object], line: str) -> None:
    lines = list(describe_setup(await setup(**values)))
    assert any(re.fullmatch(line, each) for each in lines), lines
    assert "canary" not in "".join(lines)


async def test_parameters_are_those_of_all_layers() -> None:
    found = await setup(
        model_qa="gpt-5",
        model_llm_params={"gpt": {"top_p": 0.5, "seed": 1}},
        agent_llm_params={"qa_agent": {"seed": 2, "api_key": "canary"}},
    )
    line = next(line for line in describe_setup(found) if line.startswith("qa_agent"))
    assert line.endswith("MODEL_QA; parameters top_p=0.5, seed=2, api_key=[redacted]")


def test_a_check_is_a_line_with_what_it_cost() -> None:
    checks = (
        ModelCheck(model="a/b", ok=True, detail="answered 'ready'", cost_usd=0.0001, seconds=0.52),
        ModelCheck(model="c", ok=False, detail="no such model"),
    )
    told = list(describe_checks(ModelChecks(checks=checks, cost_usd=0.0001, cap_usd=0.1), "this process"))
    assert told == [
        "",
        "ok      a/b: answered 'ready' (0.5 s, $0.000100)",
        "FAILED  c: no such model (0.0 s)",
        "checked by this process: $0.000100 of at most $0.10",
    ]
