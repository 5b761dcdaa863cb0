"""Names of models, cache breakpoints, and what is read from errors."""

import pytest

from core.errors import ContentFiltered, ContextOverflow, ModelError, ModelTransientError
from core.models import Message
from llm.litellm_errors import model_error, retry_after_s
from llm.providers import provider_of, takes_cache_control, wire_messages, wire_name


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("claude-sonnet-4-6", "anthropic"),
        ("gpt-5", "openai"),
        ("o3-mini", "openai"),
        ("groq/llama", "groq"),
        ("openrouter/a/b", "openrouter"),
        ("my-own-model", None),
    ],
)
def test_the_provider_follows_from_the_name(model: str, provider: str | None) -> None:
    assert provider_of(model) == provider


@pytest.mark.parametrize(
    ("model", "provider", "name"),
    [
        ("claude-sonnet-4-6", "anthropic", "anthropic/claude-sonnet-4-6"),
        ("anthropic/claude-sonnet-4-6", "anthropic", "anthropic/claude-sonnet-4-6"),
        ("groq/openai/gpt-oss-120b", "groq", "groq/openai/gpt-oss-120b"),
        ("ollama/qwen3:8b", "ollama", "ollama_chat/qwen3:8b"),
        ("my-own-model", "openai", "openai/my-own-model"),
        ("meta-llama/Llama-3.3", "openai", "openai/meta-llama/Llama-3.3"),
    ],
)
def test_litellm_is_told_who_serves_a_model(model: str, provider: str, name: str) -> None:
    assert wire_name(model, provider) == name


@pytest.mark.parametrize(
    ("model", "takes"),
    [
        ("claude-sonnet-4-6", True),
        ("anthropic/claude-haiku-4-5", True),
        ("bedrock/anthropic.claude-sonnet-4-6", True),
        ("bedrock/amazon.nova-pro", False),
        ("vertex_ai/claude-opus-4-6", True),
        ("vertex_ai/gemini-2.5-pro", False),
        ("openrouter/anthropic/claude-sonnet-4.6", True),
        ("openrouter/openai/gpt-5", False),
        ("openai/claude-like", False),
        ("deepseek/deepseek-chat", False),
    ],
)
def test_only_claudes_own_providers_get_cache_breakpoints(model: str, takes: bool) -> None:
    assert takes_cache_control(model) is takes


def marked(text: str) -> dict[str, object]:
    return {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}


def test_breakpoints_stand_behind_what_other_calls_begin_with() -> None:
    messages = (Message(role="system", content="S"), Message(role="user", content="task, agent, step"))
    system, user = wire_messages("claude-sonnet-4-6", messages, (5, 12))
    assert system["content"] == [marked("S")]
    assert user["content"] == [marked("task,"), marked(" agent,"), {"type": "text", "text": " step"}]
    assert wire_messages("gpt-5", messages, (5, 12)) == [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "task, agent, step"},
    ]


def test_a_conversation_that_goes_on_is_cached_to_its_end_with_four_breakpoints_in_all() -> None:
    said = (("system", "S"), ("user", "task, step"), ("assistant", "A"), ("user", "again"))
    messages = tuple(Message.model_validate({"role": role, "content": text}) for role, text in said)
    wired = wire_messages("claude-sonnet-4-6", messages, (2, 5))
    assert [message["content"] for message in wired[2:]] == ["A", [marked("again")]]
    assert str(wired).count("cache_control") == 4


class ProviderError(Exception):
    def __init__(self, text: str, status_code: int, headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.status_code = status_code
        self.litellm_response_headers = headers


@pytest.mark.parametrize("status", [429, 500, 503, 529])
def test_overload_is_worth_another_try(status: int) -> None:
    error = model_error("m", ProviderError("later", status, {"Retry-After": "7"}), [])
    assert isinstance(error, ModelTransientError)
    assert error.fields["retry_after_s"] == 7


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_what_would_fail_again_is_not(status: int) -> None:
    error = model_error("m", ProviderError("no", status), [])
    assert isinstance(error, ModelError)
    assert not isinstance(error, ModelTransientError)


@pytest.mark.parametrize(
    ("text", "status", "kind"),
    [
        ("prompt is too long: 225001 tokens > 200000 maximum", 400, ContextOverflow),
        ("This model's maximum context length is 8192 tokens", 400, ContextOverflow),
        ('{"error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}', 413, ContextOverflow),
        ("The response was filtered due to the content management policy", 400, ContentFiltered),
        ("the context window of this API is an hour", 429, ModelTransientError),
    ],
)
def test_what_is_too_long_and_what_is_declined_are_kinds_of_their_own(
    text: str, status: int, kind: type[ModelError]
) -> None:
    assert type(model_error("m", ProviderError(text, status), [])) is kind


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("litellm.InternalServerError: AnthropicException - Overloaded", "m: Overloaded"),
        ("litellm.APIConnectionError: APIConnectionError: OpenAIException - lost Original exception: lost", "m: lost"),
        ("""litellm.AuthenticationError: AnthropicException - b'{"type":"error","error":{"message":"no \\u00e9"}}'""", "m: no é"),
        ("a plain\n  sentence", "m: a plain sentence"),
    ],
)  # fmt: skip
def test_what_is_told_is_the_providers_own_sentence(text: str, message: str) -> None:
    assert str(model_error("m", ProviderError(text, 500), [])) == message


def test_a_key_that_the_provider_has_half_hidden_is_left_out_whole() -> None:
    text = "Incorrect API key provided: canary-o******alue. You can find it there"
    told = str(model_error("m", ProviderError(text, 401), []))
    assert told.startswith("m: Incorrect API key provided: [")
    assert told.endswith("]. You can find it there")


def test_no_key_and_no_page_of_text_gets_into_an_error() -> None:
    text = f"litellm.AuthenticationError: AnthropicException - bad topsecret and sk-ant-abcdefghijklmnop {'x' * 5_000}"
    message = str(model_error("m", ProviderError(text, 401), ["topsecret", ""]))
    assert message.startswith("m: bad [redacted] and [redacted] x")
    assert len(message) < 700


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0),
        ("0.5", 0.5),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 40.0),
        ("Thu, 01 Jan 1970 00:00:10 GMT", 0.0),
        ("-3", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": value}, now=60.0) == seconds
