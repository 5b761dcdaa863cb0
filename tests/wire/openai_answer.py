"""Answers of the OpenAI chat completions API, whole and as server-sent events.

Order and fields: https://platform.openai.com/docs/api-reference/chat-streaming/streaming. The usage chunk comes last,
without choices, and only for those who ask by `stream_options`.
"""

import json
from collections.abc import Iterator

from core.types import Json, JsonObject
from tests.wire.words import Asked, Usage

_FINISH = {"stop": "stop", "length": "length", "refusal": "stop"}


class OpenAIFrames:
    """One answer to `asked`."""

    def __init__(self, asked: Asked, number: int) -> None:
        self._asked = asked
        self._base: JsonObject = {
            "id": f"chatcmpl-{number}",
            "created": 1_700_000_000,
            "model": asked.model,
            "service_tier": "default",
            "system_fingerprint": "fp_counterpart",
        }

    def opening(self, usage: Usage, thinking: str) -> Iterator[bytes]:
        yield self._chunk({"role": "assistant", "content": "", "refusal": None})
        if thinking:  # as DeepSeek and vLLM have it; OpenAI itself shows none
            yield self._chunk({"reasoning_content": thinking})

    def piece(self, text: str) -> bytes:
        if self._asked.forced_tool:
            call: Json = {"index": 0, "function": {"arguments": text}}
            return self._chunk({"tool_calls": [call]})
        return self._chunk({"content": text})

    def closing(self, finish: str, usage: Usage | None, refusal: str) -> Iterator[bytes]:
        if refusal:
            yield self._chunk({"refusal": refusal})
        yield self._chunk({}, finish=_FINISH.get(finish, finish))
        if self._asked.usage_in_stream and usage is not None:
            yield self._event({**self._body(), "choices": [], "usage": _usage(usage)})
        yield b"data: [DONE]\n\n"

    def malformed(self) -> bytes:
        return b'data: {"id": "chatcmpl-1", "object": "chat.comp\n\n'

    def error(self) -> bytes:
        return self._event({"error": {"message": "The server had an error", "type": "server_error", "code": None}})

    def ping(self) -> bytes:
        return b": keep-alive\n\n"

    def whole(self, text: str, finish: str, usage: Usage | None, refusal: str, thinking: str) -> Json:
        message: JsonObject = {"role": "assistant", "content": text, "refusal": refusal or None, "annotations": []}
        if thinking:
            message["reasoning_content"] = thinking
        choice: Json = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": _FINISH.get(finish, finish),
        }
        body: JsonObject = {**self._base, "object": "chat.completion", "choices": [choice]}
        return body if usage is None else {**body, "usage": _usage(usage)}

    def _chunk(self, delta: JsonObject, finish: str | None = None) -> bytes:
        choice: Json = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self._event({**self._body(), "choices": [choice]})

    def _body(self) -> JsonObject:
        body = {**self._base, "object": "chat.completion.chunk"}
        return {**body, "usage": None} if self._asked.usage_in_stream else body

    @staticmethod
    def _event(body: Json) -> bytes:
        return f"data: {json.dumps(body)}\n\n".encode()


def _usage(usage: Usage) -> Json:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }
