"""What both dialects of the counterpart share: the models it knows, what a request asks, and refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from core.types import Json, Value

Dialect = Literal["openai", "anthropic"]


@dataclass(frozen=True)
class Known:
    """A model. Sizes in tokens; the rest says what it refuses."""

    window: int
    max_output: int
    takes_sampling: bool = True
    reasoning: bool = False
    adaptive: bool = False
    legacy_thinking: bool = True
    prefill: bool = True
    json_schema: bool = True


ANTHROPIC: Mapping[str, Known] = {
    "claude-sonnet-4-6": Known(1_000_000, 128_000, adaptive=True, prefill=False),
    "claude-opus-4-7": Known(
        1_000_000, 128_000, takes_sampling=False, adaptive=True, legacy_thinking=False, prefill=False
    ),
    "claude-haiku-4-5": Known(200_000, 64_000),
}
"""Sizes and capabilities as in https://platform.claude.com/docs/en/about-claude/models/overview."""

OPENAI: Mapping[str, Known] = {
    "gpt-5": Known(400_000, 128_000, takes_sampling=False, reasoning=True),
    "gpt-4o-mini": Known(128_000, 16_384),
    "gpt-4": Known(8_192, 8_192, json_schema=False),
    "my-own-model": Known(32_768, 32_768, json_schema=False),
    "meta-llama/Llama-3.3-70B-Instruct": Known(131_072, 131_072, json_schema=False),
    "llama-3.3-70b-versatile": Known(131_072, 32_768, json_schema=False),
    "openai/gpt-oss-120b": Known(131_072, 65_536),
    "deepseek-chat": Known(131_072, 8_192, json_schema=False),
    "anthropic/claude-sonnet-4.6": Known(1_000_000, 64_000),
}
"""Sizes as in https://platform.openai.com/docs/models, and some of other providers that speak the same dialect."""


@dataclass(frozen=True)
class Turn:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Asked:
    """What a request that was not refused asks for."""

    model: str
    turns: tuple[Turn, ...]
    stream: bool
    max_tokens: int
    input_tokens: int
    usage_in_stream: bool = True
    thinks: bool = False
    cached_prefix: str = ""
    forced_tool: str = ""


class Usage(Value):
    """Tokens as they are reported; `input_tokens` is all of the input."""

    input_tokens: int
    output_tokens: int
    cache_read: int = 0
    cache_write: int = 0


class Refusal(Exception):
    """An answer that is an error: its status, its body in the dialect's form, and its headers."""

    def __init__(self, status: int, body: Json, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(body))
        self.status, self.body, self.headers = status, body, dict(headers or {})


class Step(Value):
    """What one request is answered with. Without any field set: by the brain behind the server, as it should be."""

    status: int | None = Field(default=None, description="refuse with this status instead of answering")
    error_type: str = ""
    error_code: str | None = None
    message: str = "scripted"
    retry_after: str | None = Field(default=None, description="the Retry-After header, as it is sent")
    quote_key: bool = Field(default=False, description="the message repeats the key that was sent, whole")
    silent: bool = Field(default=False, description="send no byte")
    reset: bool = Field(default=False, description="reset the connection before any byte")
    text: str | None = Field(default=None, description="the answer, in place of the brain's")
    thinking: str = ""
    pieces: int = Field(default=4, ge=1)
    pause_s: float = Field(default=0.0, description="before every piece")
    stop_after: int | None = Field(default=None, description="pieces after which `then` happens")
    unframed: bool = Field(
        default=False, description="only the end of the connection ends the answer, as behind old proxies"
    )
    then: Literal["cut", "half-close", "reset", "silent", "malformed", "error", "pings"] = "cut"
    finish: str | None = Field(default=None, description="the reason for the end, in place of the usual one")
    refusal: str = Field(default="", description="the model declines, in these words")
    usage: Literal["right", "missing", "wrong"] = "right"


@dataclass
class Entry:
    """A request in the log, and what became of it."""

    number: int
    method: str
    path: str
    headers: dict[str, str]
    body: Json
    status: int | None = None
    error: Json = None
    disconnected: bool = False
    finished: bool = False
    seconds: float = 0.0
    sent_pieces: int = 0


def tokens(text: str) -> int:
    """The counterpart's own tokenizer: four characters are one token."""
    return -(-len(text) // 4)


def pieces(text: str, count: int) -> list[str]:
    size = max(1, -(-len(text) // count))
    return [text[start : start + size] for start in range(0, len(text), size)]
