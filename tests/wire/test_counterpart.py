"""The counterpart itself: what it takes, what it refuses and in which words, and how it streams."""

import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.stopwatch import stopwatch
from tests.wire import openai_request
from tests.wire.driving import KEY, Counterpart

ANTHROPIC = {"x-api-key": KEY, "anthropic-version": "2023-06-01"}
OPENAI = {"authorization": f"Bearer {KEY}"}
USER = {"role": "user", "content": "Hello"}
CLAUDE: dict[str, Any] = {"model": "claude-sonnet-4-6", "max_tokens": 5_000, "messages": [USER]}
HAIKU, OPUS = CLAUDE | {"model": "claude-haiku-4-5"}, CLAUDE | {"model": "claude-opus-4-7"}
GPT: dict[str, Any] = {"model": "gpt-4o-mini", "messages": [USER]}
GPT_5 = GPT | {"model": "gpt-5"}
CLOSED = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
OPEN = {"type": "object", "properties": {"a": {"type": "string"}}}
HALF_REQUIRED = CLOSED | {"required": []}
THOUGHT = {"type": "thinking", "thinking": "t", "signature": "s", "cache_control": {"type": "ephemeral"}}
ADAPTIVE = {"thinking": {"type": "adaptive"}}


def text(content: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": content, **more}


def cached(count: int) -> list[dict[str, Any]]:
    return [text(f"part {number}", cache_control={"type": "ephemeral"}) for number in range(count)]


def budget(tokens: int) -> dict[str, Any]:
    return {"thinking": {"type": "enabled", "budget_tokens": tokens}}


def claude_format(schema: Any) -> dict[str, Any]:
    return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}


def gpt_format(schema: Any, name: str = "answer", **more: Any) -> dict[str, Any]:
    wanted = {"name": name, "schema": schema, "strict": True, **more}
    return {"response_format": {"type": "json_schema", "json_schema": wanted}}


ANTHROPIC_REFUSES: list[tuple[dict[str, Any], int, str]] = [
    ({"model": "claude-sonnet-4-6", "messages": [USER]}, 400, "max_tokens: Field required"),
    (CLAUDE | {"max_tokens": "5000"}, 400, "max_tokens: Input should be a valid integer"),
    (CLAUDE | {"frequency_penalty": 1}, 400, "frequency_penalty: Extra inputs are not permitted"),
    (CLAUDE | {"model": "claude-2"}, 404, "model: claude-2"),
    (CLAUDE | {"max_tokens": 200_000}, 400, "which is the maximum allowed number of output tokens"),
    (CLAUDE | {"messages": []}, 400, "at least one message is required"),
    (CLAUDE | {"messages": [{"role": "system", "content": "S"}, USER]}, 400, 'Unexpected role "system"'),
    (CLAUDE | {"messages": [{"role": "robot", "content": "S"}]}, 400, "messages.0.role: Input should be"),
    (CLAUDE | {"messages": [{"role": "assistant", "content": "A"}, USER]}, 400, 'must use the "user" role'),
    (CLAUDE | {"messages": [USER, {"role": "assistant", "content": ""}, USER]}, 400, "must have non-empty content"),
    (CLAUDE | {"messages": [{"role": "user", "content": [text("")]}]}, 400, "text content blocks must be non-empty"),
    (CLAUDE | {"messages": [USER, {"role": "assistant", "content": "A"}]}, 400, "does not support assistant message prefill"),
    (HAIKU | {"messages": [USER, {"role": "assistant", "content": "A "}]}, 400, "cannot end with trailing whitespace"),
    (CLAUDE | {"system": cached(3), "messages": [{"role": "user", "content": cached(2)}]}, 400, "maximum of 4 blocks.*Found 5"),
    (CLAUDE | {"system": cached(4), "cache_control": {"type": "ephemeral"}}, 400, "maximum of 4 blocks.*Found 5"),
    (CLAUDE | {"system": [text("S", cache_control={"type": "for ever"})]}, 400, "cache_control.type: Input should be"),
    (
        CLAUDE | {"messages": [{"role": "user", "content": [THOUGHT]}]},
        400,
        "cache_control: Extra inputs are not permitted",
    ),
    (CLAUDE | {"system": [{"type": "image"}]}, 400, "system"),
    (CLAUDE | {"temperature": 1.5}, 400, "temperature: Input should be less than or equal to 1"),
    (CLAUDE | {"temperature": 0.5, "top_p": 0.5}, 400, "cannot both be specified"),
    (OPUS | {"temperature": 1}, 400, "`temperature` is deprecated for this model"),
    (CLAUDE | ADAPTIVE | {"temperature": 0.5}, 400, "may only be set to 1 when thinking is enabled"),
    (CLAUDE | ADAPTIVE | {"top_k": 5}, 400, "`top_k` must be unset"),
    (CLAUDE | ADAPTIVE | {"top_p": 0.5}, 400, "greater than or equal to 0.95"),
    (HAIKU | ADAPTIVE, 400, "adaptive thinking is not supported"),
    (OPUS | budget(2_000), 400, 'Use "thinking.type.adaptive"'),
    (CLAUDE | budget(1_000), 400, "greater than or equal to 1024"),
    (CLAUDE | budget(5_000), 400, "`max_tokens` must be greater than `thinking.budget_tokens`"),
    (CLAUDE | ADAPTIVE | {"tool_choice": {"type": "any"}}, 400, "Thinking may not be enabled when tool_choice forces"),
    (CLAUDE | claude_format(OPEN), 400, "'additionalProperties' must be explicitly set to false"),
    (CLAUDE | claude_format(CLOSED | {"properties": {"a": OPEN}}), 400, "'additionalProperties' must be explicitly"),
    (CLAUDE | claude_format({"type": "array", "items": CLOSED, "maxItems": 3}), 400, "property 'maxItems' is not supported"),
    (CLAUDE | {"output_format": {"type": "json_schema", "schema": CLOSED}}, 400, "output_format: Extra inputs are not"),
    (HAIKU | {"messages": [{"role": "user", "content": "x" * 900_000}]}, 400, "prompt is too long: 225000 tokens > 200000"),
]  # fmt: skip

OPENAI_REFUSES: list[tuple[dict[str, Any], int, str]] = [
    ({"messages": [USER]}, 400, "you must provide a model parameter"),
    ({"model": "gpt-4o-mini"}, 400, "Missing required parameter: 'messages'"),
    (GPT | {"messages": []}, 400, "Expected an array with minimum length 1"),
    (GPT | {"thinking": {}}, 400, "Unrecognized request argument supplied: thinking"),
    (GPT | {"model": "gpt-9"}, 404, "The model `gpt-9` does not exist"),
    (GPT | {"messages": [{"role": "robot", "content": "x"}]}, 400, "Invalid value: 'robot'. Supported values"),
    (GPT | {"messages": [{"role": "user", "content": cached(1)}]}, 400, "Unknown parameter"),
    (GPT | {"messages": [{"role": "user", "content": None}]}, 400, "expected a string, got null"),
    (GPT | {"temperature": "hot"}, 400, "Invalid type for 'temperature': expected a decimal, but got a string instead"),
    (GPT | {"temperature": 3}, 400, "Invalid 'temperature'"),
    (GPT | {"max_tokens": 20_000}, 400, "max_tokens is too large: 20000. This model supports at most 16384"),
    (GPT | {"stream_options": {"include_usage": True}}, 400, "only allowed when 'stream' is enabled"),
    (GPT_5 | {"max_tokens": 100}, 400, "Use 'max_completion_tokens' instead"),
    (GPT_5 | {"temperature": 0.5}, 400, r"Only the default \(1\) value is supported"),
    (GPT | {"response_format": {"type": "json_object"}}, 400, "must contain the word 'json'"),
    (GPT | gpt_format(CLOSED, name="an answer"), 400, "does not match pattern"),
    (GPT | gpt_format(OPEN), 400, "'additionalProperties' is required to be supplied and to be false"),
    (GPT | gpt_format(HALF_REQUIRED), 400, "'required' is required to be supplied.*Missing 'a'"),
    (GPT | gpt_format({"type": "array", "items": CLOSED}), 400, "schema must be a JSON Schema of 'type: \"object\"'"),
    (GPT | {"model": "gpt-4"} | gpt_format(CLOSED), 400, "'json_schema' is not supported with this model"),
    (
        GPT | {"model": "gpt-4", "messages": [{"role": "user", "content": "x" * 40_000}]},
        400,
        "maximum context length is 8192 tokens",
    ),
]  # fmt: skip

TAKEN: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("/v1/messages", ANTHROPIC, CLAUDE | ADAPTIVE | {"temperature": 1, "system": cached(4)}),
    ("/v1/messages", ANTHROPIC, CLAUDE | {"messages": [USER, USER, {"role": "assistant", "content": "A"}, USER]}),
    ("/v1/messages", ANTHROPIC, CLAUDE | budget(1_024) | claude_format(CLOSED)),
    ("/v1/messages", ANTHROPIC, HAIKU | {"messages": [USER, {"role": "assistant", "content": "A"}]}),
    ("/v1/chat/completions", OPENAI, GPT | gpt_format(CLOSED) | {"max_tokens": 100, "temperature": 0.5}),
    ("/v1/chat/completions", OPENAI, GPT | gpt_format(OPEN, strict=False)),
    ("/v1/chat/completions", OPENAI, GPT_5 | {"max_completion_tokens": 100, "reasoning_effort": "low"}),
]


def message_of(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["message"])


@pytest.mark.parametrize(("body", "status", "said"), ANTHROPIC_REFUSES)
def test_the_anthropic_api_refuses(counterpart: Counterpart, body: dict[str, Any], status: int, said: str) -> None:
    answer = counterpart.http.post("/v1/messages", json=body, headers=ANTHROPIC)
    assert answer.status_code == status, answer.text
    assert answer.json()["type"] == "error"
    assert re.search(said, message_of(answer)), message_of(answer)


@pytest.mark.parametrize(("body", "status", "said"), OPENAI_REFUSES)
def test_the_openai_api_refuses(counterpart: Counterpart, body: dict[str, Any], status: int, said: str) -> None:
    answer = counterpart.http.post("/v1/chat/completions", json=body, headers=OPENAI)
    assert answer.status_code == status, answer.text
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    assert re.search(said, message_of(answer)), message_of(answer)


@pytest.mark.parametrize(("path", "headers", "body"), TAKEN)
def test_what_keeps_the_rules_is_answered(
    counterpart: Counterpart, path: str, headers: dict[str, str], body: dict[str, Any]
) -> None:
    answer = counterpart.http.post(path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert "You said: " in answer.text


def test_the_openai_api_takes_the_fields_that_its_sdk_sends_and_no_others() -> None:
    package = find_spec("openai")
    assert package is not None
    assert package.origin is not None
    text = (Path(package.origin).parent / "types/chat/completion_create_params.py").read_text()
    base, streaming = (text.split(f"class CompletionCreateParams{name}(")[1] for name in ("Base", "Streaming"))
    named = re.findall(r"^    ([a-z_]+): ", base.split("\nclass ")[0] + streaming.split("\nclass ")[0], re.M)
    assert set(openai_request.Body.model_fields) == set(named)


def test_keys_are_asked_for_in_each_apis_own_way_and_never_logged(counterpart: Counterpart) -> None:
    http = counterpart.http
    missing = [http.post("/v1/messages", json=CLAUDE), http.post("/v1/chat/completions", json=GPT)]
    wrong = [
        http.post("/v1/messages", json=CLAUDE, headers=ANTHROPIC | {"x-api-key": "sk-canary-12345678"}),
        http.post("/v1/chat/completions", json=GPT, headers={"authorization": "Bearer sk-canary-12345678"}),
    ]
    assert [each.status_code for each in (*missing, *wrong)] == [401] * 4
    assert "x-api-key header is required" in message_of(missing[0])
    assert "didn't provide an API key" in message_of(missing[1])
    assert "invalid x-api-key" in message_of(wrong[0])
    assert "Incorrect API key provided: sk-canar" in message_of(wrong[1])
    assert "canary-12345678" not in json.dumps(counterpart.log())
    assert http.post("/v1/messages", json=CLAUDE, headers={"x-api-key": KEY}).status_code == 400, "no version"


def events(answer: httpx.Response) -> list[Any]:
    """The data of each server-sent event, decoded; its name must be its type where it has one."""
    found = []
    for block in answer.text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        data = fields["data"] if fields["data"] == "[DONE]" else json.loads(fields["data"])
        if "event" in fields:
            assert data["type"] == fields["event"]
        found.append(data)
    return found


def test_an_anthropic_stream_has_its_events_in_their_order(counterpart: Counterpart) -> None:
    counterpart.script("claude-sonnet-4-6", {"thinking": "Let me see", "pieces": 2})
    answer = counterpart.http.post("/v1/messages", json=CLAUDE | {"stream": True}, headers=ANTHROPIC)
    assert answer.headers["content-type"].startswith("text/event-stream")
    types = [event["type"] for event in events(answer)]
    block = ["content_block_start", "content_block_delta", "content_block_stop"]
    assert [types[0], *types[-2:]] == ["message_start", "message_delta", "message_stop"]
    assert list(dict.fromkeys(types[2:-2])) == block
    starts = [event for event in events(answer) if event["type"] == "content_block_start"]
    assert [(each["index"], each["content_block"]["type"]) for each in starts] == [(0, "thinking"), (1, "text")]


@pytest.mark.parametrize("asked_for_usage", [True, False])
def test_an_openai_stream_ends_with_usage_for_those_who_ask(counterpart: Counterpart, asked_for_usage: bool) -> None:
    options = {"stream": True, "stream_options": {"include_usage": asked_for_usage}}
    answer = counterpart.http.post("/v1/chat/completions", json=GPT | options, headers=OPENAI)
    *chunks, last = events(answer)
    assert last == "[DONE]"
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    finished = [chunk for chunk in chunks if chunk["choices"] and chunk["choices"][0]["finish_reason"]]
    assert [chunk["choices"][0]["finish_reason"] for chunk in finished] == ["stop"]
    assert [chunk for chunk in chunks if chunk.get("usage")] == (chunks[-1:] if asked_for_usage else [])


def test_a_client_that_goes_away_is_noticed(counterpart: Counterpart) -> None:
    counterpart.script("gpt-4o-mini", {"pause_s": 5})
    with stopwatch() as spent:
        with (
            httpx.Client(base_url=counterpart.url, trust_env=False, timeout=30) as http,
            http.stream("POST", "/v1/chat/completions", json=GPT | {"stream": True}, headers=OPENAI) as answer,
        ):
            assert answer.status_code == 200
        entry = counterpart.finished()
        assert spent() < 4
    assert entry["disconnected"]
