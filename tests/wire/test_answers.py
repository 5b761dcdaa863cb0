"""What our client makes of answers: text and pieces, why they end, what they used; and what it sends to get them."""

from typing import Any

import pytest

from tests.stopwatch import stopwatch
from tests.wire.driving import KEY, Client, Counterpart

GPT, CLAUDE = "gpt-4o-mini", "claude-sonnet-4-6"
BOTH = pytest.mark.parametrize("model", [GPT, CLAUDE])
FLAGGED = "Invalid prompt: your prompt was flagged as potentially violating our usage policy."
LONG = "You are planner. " + "The rules of the house are as follows. " * 200
"""A system message that is long enough for the providers' caches: about 2,000 tokens of the counterpart's."""


@BOTH
def test_an_answer_comes_in_pieces_with_the_usage_that_the_provider_reported(
    counterpart: Counterpart, client: Client, model: str
) -> None:
    counterpart.script(model, {"pieces": 3})
    told = client.ask(model)
    assert told.response["text"] == "".join(told.deltas) == "You said: Plan a todo list."
    assert len(told.deltas) == 3
    assert (told.response["model"], told.response["finish_reason"]) == (model, "stop")
    (entry,) = counterpart.log()
    assert entry["body"]["stream"] is True
    assert told.usage["output_tokens"] == 7
    assert told.usage["input_tokens"] == (14 if model == GPT else 8)


@BOTH
def test_reads_from_and_writes_to_the_providers_cache_are_told_as_part_of_the_input(
    counterpart: Counterpart, client: Client, model: str
) -> None:
    first, second = (client.ask(model, LONG, f"Question {number}") for number in range(2))
    assert first.usage["cache_read_tokens"] == 0
    assert 1_900 < second.usage["cache_read_tokens"] < second.usage["input_tokens"]
    written = (first.usage["cache_write_tokens"], second.usage["cache_write_tokens"])
    assert written == ((second.usage["cache_read_tokens"], 0) if model == CLAUDE else (0, 0))
    assert first.usage["input_tokens"] == second.usage["input_tokens"]


def test_breakpoints_stand_on_the_system_message_and_at_the_end_and_only_where_they_are_known(
    counterpart: Counterpart, client: Client
) -> None:
    client.ask(CLAUDE, "Rules", "Question", "Answer", "Another")
    client.ask(GPT, "Rules", "Question")
    claude, gpt = (entry["body"] for entry in counterpart.log())
    assert claude["system"] == [{"type": "text", "text": "Rules", "cache_control": {"type": "ephemeral"}}]
    assert [message["role"] for message in claude["messages"]] == ["user", "assistant", "user"]
    assert gpt["messages"][0] == {"role": "system", "content": "Rules"}
    end = claude["messages"][-1]["content"]
    assert end == [{"type": "text", "text": "Another", "cache_control": {"type": "ephemeral"}}]
    assert "cache_control" not in str([claude["messages"][:-1], gpt])


@BOTH
@pytest.mark.parametrize("usage", ["missing", "wrong"])
def test_usage_that_is_missing_or_cannot_be_right_is_never_taken_for_nothing(
    counterpart: Counterpart, client: Client, model: str, usage: str
) -> None:
    counterpart.script(model, {"usage": usage, "text": "An answer of some length. " * 20, "pieces": 5})
    told = client.ask(model)
    assert told.usage["input_tokens"] >= 5
    assert told.usage["output_tokens"] >= 100


@BOTH
def test_an_answer_that_reached_its_limit_says_so(counterpart: Counterpart, client: Client, model: str) -> None:
    told = client.ask(model, "You plan.", "word " * 100, max_output_tokens=20)
    assert told.response["finish_reason"] == "length"
    assert len(told.response["text"]) == 80


@pytest.mark.parametrize(
    ("model", "step"),
    [
        (CLAUDE, {"thinking": "Let me see", "text": "The answer"}),
        (GPT, {"thinking": "Let me see", "text": "The answer"}),
        (GPT, {"text": "<think>Let me see</think>\n\nThe answer", "pieces": 20}),
        (GPT, {"text": "\n<think>\nLet me see\n</think>The answer", "pieces": 1}),
    ],
)
def test_what_a_model_thinks_is_no_part_of_its_answer(
    counterpart: Counterpart, client: Client, model: str, step: dict[str, Any]
) -> None:
    counterpart.script(model, step)
    told = client.ask(model)
    assert told.response["text"] == "".join(told.deltas) == "The answer"


@pytest.mark.parametrize(
    ("model", "step"),
    [
        (CLAUDE, {"refusal": "I cannot help with that", "text": ""}),
        (CLAUDE, {"refusal": "I cannot help with that", "text": "Well, "}),
        (GPT, {"refusal": "I cannot help with that", "text": ""}),
        (GPT, {"finish": "content_filter"}),
        (GPT, {"status": 400, "error_code": "content_policy_violation", "message": "rejected by our safety system"}),
        (GPT, {"status": 400, "error_code": "invalid_prompt", "message": FLAGGED}),
    ],
)
def test_an_answer_that_the_model_declines_to_give_is_an_error_of_its_own_kind(
    counterpart: Counterpart, client: Client, model: str, step: dict[str, Any]
) -> None:
    counterpart.script(model, step)
    told = client.ask(model, retries={"max_retries": 3, "base_delay_s": 0.01})
    assert told.error == "ContentFiltered"
    assert len(counterpart.log()) == 1, "the same question gets the same answer"


@pytest.mark.parametrize(("model", "characters"), [("gpt-4", 40_000), ("claude-haiku-4-5", 900_000)])
def test_messages_that_do_not_fit_are_an_error_of_their_own_kind(
    counterpart: Counterpart, client: Client, model: str, characters: int
) -> None:
    told = client.ask(model, "You plan.", "x" * characters, retries={"max_retries": 3, "base_delay_s": 0.01})
    assert told.error == "ContextOverflow", told.text
    assert len(counterpart.log()) == 1


def test_the_three_layers_of_parameters_end_up_in_the_body(counterpart: Counterpart, client: Client) -> None:
    layers = {
        "model_params": {"gpt": {"temperature": 0.1, "top_p": 0.9, "seed": 7}},
        "agent_params": {"devops_agent": {"temperature": 0.2, "top_p": 0.8}},
        "params": {"temperature": 0.3},
    }
    assert client.ask(GPT, **layers).response
    (entry,) = counterpart.log()
    sent = {name: entry["body"][name] for name in ("temperature", "top_p", "seed", "max_tokens")}
    assert sent == {"temperature": 0.3, "top_p": 0.8, "seed": 7, "max_tokens": 5_000}


@pytest.mark.parametrize(
    ("model", "name"), [("gpt-5", "temperature"), ("claude-opus-4-7", "temperature"), (CLAUDE, "seed")]
)
def test_parameters_that_the_model_does_not_take_are_left_out(
    counterpart: Counterpart, client: Client, model: str, name: str
) -> None:
    told = client.ask(model, params={name: 0.5 if name == "temperature" else 7})
    assert told.response, told.text
    (entry,) = counterpart.log()
    assert name not in entry["body"]
    limit = "max_completion_tokens" if model == "gpt-5" else "max_tokens"
    assert entry["body"][limit] == 5_000


def test_no_more_output_is_asked_for_than_the_model_can_give(counterpart: Counterpart, client: Client) -> None:
    assert client.ask(GPT, max_output_tokens=60_000).response
    assert counterpart.log()[0]["body"]["max_tokens"] == 16_384


@pytest.mark.parametrize("model", ["my-own-model", "meta-llama/Llama-3.3-70B-Instruct"])
def test_an_endpoint_of_ones_own_serves_models_that_litellm_does_not_know(
    counterpart: Counterpart, client: Client, model: str
) -> None:
    with stopwatch() as spent:
        told = client.ask(model)
        assert spent() < 5, "nothing is fetched to count tokens with"
    assert (told.response["model"], told.response["text"]) == (model, "You said: Plan a todo list.")
    assert counterpart.log()[0]["body"]["model"] == model


@pytest.mark.parametrize(
    ("model", "path", "name"),
    [
        ("groq/llama-3.3-70b-versatile", "/groq/openai/v1/chat/completions", "llama-3.3-70b-versatile"),
        ("groq/openai/gpt-oss-120b", "/groq/openai/v1/chat/completions", "openai/gpt-oss-120b"),
        ("deepseek/deepseek-chat", "/deepseek/beta/chat/completions", "deepseek-chat"),
        (
            "openrouter/anthropic/claude-sonnet-4.6",
            "/openrouter/api/v1/chat/completions",
            "anthropic/claude-sonnet-4.6",
        ),
        ("anthropic/claude-haiku-4-5", "/v1/messages", "claude-haiku-4-5"),
        ("openai/gpt-4o-mini", "/v1/chat/completions", "gpt-4o-mini"),
    ],
)
def test_a_name_goes_to_its_provider(
    counterpart: Counterpart, client: Client, model: str, path: str, name: str
) -> None:
    provider = model.split("/")[0]
    base = path.removesuffix("/chat/completions").removesuffix("/v1/messages")
    told = client.ask(model, bases={provider: f"{counterpart.url}{base}"})
    assert told.response["text"] == "You said: Plan a todo list.", told.text
    (entry,) = counterpart.log()
    assert (entry["path"], entry["body"]["model"]) == (path, name)
    assert entry["body"]["stream"] is True
    header = "x-api-key" if provider == "anthropic" else "authorization"
    assert entry["headers"][header] == "[key]"


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini/gemini-2.5-pro", "/models/gemini-2.5-pro:streamGenerateContent"),
        ("ollama/qwen3:8b", "/api/chat"),
    ],
)
def test_providers_with_a_dialect_of_their_own_are_asked_in_it(
    counterpart: Counterpart, client: Client, model: str, path: str
) -> None:
    """The counterpart does not speak these; what is sent is what is looked at."""
    told = client.ask(
        model, bases={model.split("/")[0]: counterpart.url}, model_params={"ollama/": {"num_ctx": 32_768}}
    )
    assert told.fields["provider_status"] == 404
    (entry,) = counterpart.log()
    assert entry["body"].get("options", {}).get("num_ctx") == (32_768 if model.startswith("ollama/") else None)
    assert entry["path"].split("?")[0] == path
    assert "Plan a todo list." in str(entry["body"])


def test_litellm_is_loaded_at_the_first_call_and_fetches_nothing(counterpart: Counterpart, client: Client) -> None:
    client.ask(GPT)
    about = client.about()
    assert about["loaded_early"] is False
    assert about["environment"] == {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOG": "CRITICAL",
    }
    assert KEY not in str(about)
