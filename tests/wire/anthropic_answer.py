"""Answers of the Anthropic Messages API, whole and as server-sent events.

Order and fields: https://platform.claude.com/docs/en/build-with-claude/streaming. `input_tokens` there is what was neither
read from the cache nor written to it; the counts of `message_delta` are those of the whole message.
"""

import json
from collections.abc import Iterator

from core.types import Json, JsonObject
from tests.wire.words import Asked, Usage

_FINISH = {"stop": "end_turn", "length": "max_tokens", "refusal": "refusal"}


class AnthropicFrames:
    """One answer to `asked`."""

    def __init__(self, asked: Asked, number: int) -> None:
        self._asked = asked
        self._id = f"msg_{number:024d}"
        self._index = 0
        self._begun = False

    def opening(self, usage: Usage, thinking: str) -> Iterator[bytes]:
        message: Json = {
            **self._message([]),
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {**_usage(usage), "output_tokens": 1, "service_tier": "standard"},
        }
        yield _event({"type": "message_start", "message": message})
        yield self.ping()
        if thinking:
            yield self._block({"type": "thinking", "thinking": "", "signature": ""})
            for word in thinking.split(" "):
                yield self._delta({"type": "thinking_delta", "thinking": f"{word} "})
            yield self._delta({"type": "signature_delta", "signature": "EqQBCgIYAhIM"})
            yield self._stop()

    def piece(self, text: str) -> bytes:
        tool = self._asked.forced_tool
        begin = b""
        if not self._begun:
            self._begun = True
            block: JsonObject = {"type": "text", "text": ""}
            begin = self._block({"type": "tool_use", "id": "toolu_1", "name": tool, "input": {}} if tool else block)
        if tool:
            return begin + self._delta({"type": "input_json_delta", "partial_json": text})
        return begin + self._delta({"type": "text_delta", "text": text})

    def closing(self, finish: str, usage: Usage | None, refusal: str) -> Iterator[bytes]:
        if self._begun:
            yield self._stop()
        reason = "refusal" if refusal else _FINISH.get(finish, finish)
        ended: JsonObject = {
            "type": "message_delta",
            "delta": {"stop_reason": reason, "stop_sequence": None},
        }
        yield _event(ended if usage is None else {**ended, "usage": _usage(usage)})
        yield _event({"type": "message_stop"})

    def malformed(self) -> bytes:
        return b'event: content_block_delta\ndata: {"type": "content_block_delta", "index": 0, "delt\n\n'

    def error(self) -> bytes:
        return _event({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})

    def ping(self) -> bytes:
        return _event({"type": "ping"})

    def whole(self, text: str, finish: str, usage: Usage | None, refusal: str, thinking: str) -> Json:
        thoughts: list[Json] = [{"type": "thinking", "thinking": thinking, "signature": "EqQBCgIYAhIM"}]
        content = [*(thoughts if thinking else []), {"type": "text", "text": text}]
        reason = "refusal" if refusal else _FINISH.get(finish, finish)
        body: JsonObject = {**self._message(content), "stop_reason": reason, "stop_sequence": None}
        return body if usage is None else {**body, "usage": {**_usage(usage), "service_tier": "standard"}}

    def _message(self, content: list[Json]) -> JsonObject:
        return {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self._asked.model,
            "content": content,
        }

    def _block(self, block: JsonObject) -> bytes:
        return _event({"type": "content_block_start", "index": self._index, "content_block": block})

    def _delta(self, delta: JsonObject) -> bytes:
        return _event({"type": "content_block_delta", "index": self._index, "delta": delta})

    def _stop(self) -> bytes:
        self._index += 1
        return _event({"type": "content_block_stop", "index": self._index - 1})


def _event(body: JsonObject) -> bytes:
    return f"event: {body['type']}\ndata: {json.dumps(body)}\n\n".encode()


def _usage(usage: Usage) -> JsonObject:
    return {
        "input_tokens": usage.input_tokens - usage.cache_read - usage.cache_write,
        "cache_creation_input_tokens": usage.cache_write,
        "cache_read_input_tokens": usage.cache_read,
        "output_tokens": usage.output_tokens,
    }
