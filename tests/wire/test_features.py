"""Thinking and schemas of answers: asked for where a model has them, left out elsewhere, and within the provider's rules."""

from typing import Any

import pytest

from tests.stopwatch import stopwatch
from tests.wire.driving import Client, Counterpart

CLAUDE, GPT = "claude-sonnet-4-6", "gpt-4o-mini"
SCHEMA = {
    "type": "object",
    "properties": {
        "reason": {"type": "string", "minLength": 3},
        "findings": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "properties": {"line": {"type": "integer", "minimum": 1}},
                "required": ["line"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["reason", "findings"],
    "additionalProperties": False,
}
OPEN_SCHEMA = {"type": "object", "properties": {"openapi": {"type": "object"}}, "required": ["openapi"]}
AS_PYDANTIC_HAS_IT = {
    "type": "object",
    "$defs": {"F": {"type": "object", "properties": {"line": {"type": "integer", "default": 1}}}},
    "properties": {"reason": {"type": "string", "default": ""}, "worst": {"$ref": "#/$defs/F", "description": "one"}},
}


def body(counterpart: Counterpart) -> dict[str, Any]:
    (entry,) = counterpart.log()
    assert entry["status"] == 200, entry["error"]
    found: dict[str, Any] = entry["body"]
    return found


@pytest.mark.parametrize("model", [CLAUDE, "claude-opus-4-7", f"anthropic/{CLAUDE}"])
@pytest.mark.parametrize("agent", ["orchestrator", "planner", "backend_agent"])
def test_agents_that_decide_think_adaptively_on_models_that_can(
    counterpart: Counterpart, client: Client, model: str, agent: str
) -> None:
    counterpart.script(model.removeprefix("anthropic/"), {"thinking": "Let me see", "text": "The plan"})
    told = client.ask(model, agent=agent)
    assert told.response["text"] == "".join(told.deltas) == "The plan"
    assert body(counterpart)["thinking"]["type"] == "adaptive"
    assert body(counterpart)["max_tokens"] == 5_000


@pytest.mark.parametrize(
    "call",
    [
        {"model": CLAUDE, "agent": "qa_agent"},
        {"model": CLAUDE, "options": {"adaptive_thinking": False}},
        {"model": CLAUDE, "max_output_tokens": 2_000},
        {"model": CLAUDE, "params": {"temperature": 0.2}},
        {"model": CLAUDE, "params": {"top_p": 0.5}},
        {"model": CLAUDE, "params": {"top_k": 5}},
        {"model": "claude-haiku-4-5"},
        {"model": GPT},
        {"model": "gpt-5"},
        {"model": "my-own-model"},
        {"model": "openrouter/anthropic/claude-sonnet-4.6"},
        {"model": "deepseek/deepseek-chat"},
    ],
    ids=str,
)
def test_elsewhere_and_with_sampling_set_by_hand_nobody_is_told_to_think(
    counterpart: Counterpart, client: Client, call: dict[str, Any]
) -> None:
    provider = call["model"].split("/")[0]
    elsewhere = {"bases": {provider: f"{counterpart.url}/{provider}"}} if "/" in call["model"] else {}
    told = client.ask(**{"agent": "planner", **elsewhere, **call})
    assert told.response, told.text
    assert "thinking" not in body(counterpart)
    assert "reasoning_effort" not in body(counterpart)
    for name, value in call.get("params", {}).items():
        assert body(counterpart)[name] == value


def test_thinking_that_was_set_by_hand_is_what_is_sent(counterpart: Counterpart, client: Client) -> None:
    by_hand = {"type": "enabled", "budget_tokens": 2_000}
    assert client.ask("claude-haiku-4-5", agent="planner", params={"thinking": by_hand}).response
    assert body(counterpart)["thinking"] == by_hand


def test_an_answer_that_thinking_has_eaten_up_is_an_error_which_the_fallback_can_mend(
    counterpart: Counterpart, client: Client
) -> None:
    eaten = {"thinking": "Hm hm hm", "text": "", "finish": "length"}
    counterpart.script(CLAUDE, eaten, eaten)
    told = client.ask(CLAUDE, agent="planner")
    assert told.error == "ModelError"
    assert "before it began to answer" in told.text
    assert client.ask(CLAUDE, agent="planner", fallback=GPT).response["model"] == GPT


@pytest.mark.parametrize("model", [CLAUDE, "claude-haiku-4-5", GPT, "gpt-5"])
def test_the_schema_of_an_answer_is_asked_for_where_a_model_can_be_held_to_it(
    counterpart: Counterpart, client: Client, model: str
) -> None:
    counterpart.script(model, {"text": '{"reason": "why", "findings": []}'})
    told = client.ask(model, agent="planner", answer_schema=SCHEMA)
    assert told.response["text"] == "".join(told.deltas) == '{"reason": "why", "findings": []}', told.text
    sent = body(counterpart)
    if model.startswith("claude"):
        assert set((sent.get("output_format") or sent["output_config"]["format"])["schema"]["properties"]) == {
            "reason",
            "findings",
        }
    else:
        assert sent["response_format"]["json_schema"] == {"name": "answer", "schema": SCHEMA, "strict": True}


@pytest.mark.parametrize("model", [CLAUDE, GPT])
def test_members_that_may_be_left_out_are_asked_for_all_the_same(
    counterpart: Counterpart, client: Client, model: str
) -> None:
    assert client.ask(model, answer_schema=AS_PYDANTIC_HAS_IT).response
    sent = body(counterpart)
    assert "response_format" in sent or "output_format" in sent or "output_config" in sent


@pytest.mark.parametrize(
    ("model", "base"),
    [("gpt-4", ""), ("my-own-model", ""), ("groq/llama-3.3-70b-versatile", "/groq")],
)
def test_other_models_are_asked_without_one(counterpart: Counterpart, client: Client, model: str, base: str) -> None:
    bases = {"bases": {"groq": f"{counterpart.url}{base}"}} if base else {}
    assert client.ask(model, answer_schema=SCHEMA, max_output_tokens=1_000, **bases).response
    sent = body(counterpart)
    assert not {"response_format", "tools", "tool_choice"} & sent.keys()
    assert sent["stream"] is True


def test_a_schema_with_open_objects_is_a_hint_to_openai_and_nothing_to_anthropic(
    counterpart: Counterpart, client: Client
) -> None:
    for model in (GPT, CLAUDE):
        told = client.ask(model, answer_schema=OPEN_SCHEMA)
        assert told.response, told.text
    gpt, claude = (entry["body"] for entry in counterpart.log())
    assert gpt["response_format"]["json_schema"]["strict"] is False
    assert not {"output_format", "output_config"} & claude.keys()


def test_a_provider_that_refuses_the_schema_is_asked_without_it_from_then_on(
    counterpart: Counterpart, client: Client
) -> None:
    """LiteLLM's table says of deepseek-chat that it takes one, and its API says that it does not."""
    bases = {"deepseek": f"{counterpart.url}/deepseek"}
    ask: dict[str, Any] = {"answer_schema": SCHEMA, "bases": bases, "retries": {"max_retries": 1, "base_delay_s": 20}}
    with stopwatch() as spent:
        first = client.ask("deepseek/deepseek-chat", **ask)
        assert spent() < 10, "there is nothing to wait for"
    assert first.response, first.text
    assert client.ask("deepseek/deepseek-chat", **ask).response
    formats = ["response_format" in entry["body"] for entry in counterpart.log()]
    assert formats == [True, False, False]
    assert [entry["status"] for entry in counterpart.log()] == [400, 200, 200]
