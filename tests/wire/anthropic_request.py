"""What the Anthropic Messages API accepts, and in which words it refuses.

Fields and rules: https://platform.claude.com/docs/en/api/messages (its SDK's `message_create_params.py`); errors:
https://platform.claude.com/docs/en/api/errors. That API checks with pydantic as well, so its sentences are pydantic's.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.types import Json
from tests.wire.schema_rules import anthropic_fault
from tests.wire.words import ANTHROPIC, Asked, Known, Refusal, Turn, tokens

MAX_BYTES = 32 << 20
MAX_BREAKPOINTS = 4
SCHEMA_BETA = "structured-outputs-2025-11-13"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class CacheControl(Part):
    type: Literal["ephemeral"]
    ttl: Literal["5m", "1h"] = "5m"


class Text(Part):
    type: Literal["text"]
    text: str
    cache_control: CacheControl | None = None


class Thinking(Part):
    """A turn of the model given back; it may carry no breakpoint."""

    type: Literal["thinking"]
    thinking: str
    signature: str


class Message(Part):
    role: Literal["user", "assistant"]
    content: str | list[Annotated[Text | Thinking, Field(discriminator="type")]]


class Enabled(Part):
    type: Literal["enabled"]
    budget_tokens: int = Field(ge=1024)
    display: Literal["summarized", "omitted"] | None = None


class Adaptive(Part):
    type: Literal["adaptive"]
    display: Literal["summarized", "omitted"] | None = None


class Disabled(Part):
    type: Literal["disabled"]


class Format(Part):
    type: Literal["json_schema"]
    schema_: dict[str, object] = Field(alias="schema")


class OutputConfig(Part):
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: Format | None = None


class Tool(Part):
    name: str = Field(pattern=r"^[a-zA-Z0-9_-]{1,128}$")
    description: str = ""
    input_schema: dict[str, object]
    strict: bool | None = None
    cache_control: CacheControl | None = None


class Choice(Part):
    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class Body(Part):
    model: str
    max_tokens: int = Field(ge=1)
    messages: list[Message]
    cache_control: CacheControl | None = None
    container: str | None = None
    inference_geo: str | None = None
    metadata: dict[str, str] | None = None
    output_config: OutputConfig | None = None
    output_format: Format | None = None
    service_tier: Literal["auto", "standard_only"] | None = None
    stop_sequences: list[str] | None = None
    stream: bool = False
    system: str | list[Text] = ""
    temperature: float | None = Field(default=None, ge=0, le=1)
    thinking: Annotated[Enabled | Adaptive | Disabled, Field(discriminator="type")] | None = None
    tool_choice: Choice | None = None
    tools: list[Tool] | None = None
    top_k: int | None = None
    top_p: float | None = Field(default=None, ge=0, le=1)


def refusal(status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> Refusal:
    body: Json = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_counterpart"}
    return Refusal(status, body, headers)


def invalid(message: str) -> Refusal:
    return refusal(400, "invalid_request_error", message)


def check(headers: Mapping[str, str], size: int, body: Json, keys: frozenset[str]) -> Asked:
    """What is asked. Raises Refusal, in the order in which the service looks."""
    if size > MAX_BYTES:
        raise refusal(413, "request_too_large", "Request exceeds the maximum size")
    _check_headers(headers, keys)
    if not isinstance(body, dict):
        raise invalid("The request body is not valid JSON")
    for number, message in enumerate(body["messages"] if isinstance(body.get("messages"), list) else []):
        if isinstance(message, dict) and message.get("role") == "system":
            raise invalid(
                f'messages.{number}: Unexpected role "system". The Messages API accepts a top-level `system` parameter, '
                'not "system" as an input message role.'
            )
    try:
        asked = Body.model_validate(body)
    except ValidationError as error:
        first = max(error.errors(include_url=False), key=lambda each: len(each["loc"]))
        place = ".".join(str(step) for step in first["loc"] if "[" not in str(step) and step != "str")
        raise invalid(f"{place}: {first['msg']}") from error
    if asked.model not in ANTHROPIC:
        raise refusal(404, "not_found_error", f"model: {asked.model}")
    known = ANTHROPIC[asked.model]
    _check_messages(asked, known)
    _check_breakpoints(asked)
    _check_numbers(asked, known)
    _check_thinking(asked, known)
    _check_format(asked, headers)
    return _asked(asked, known)


def _check_headers(headers: Mapping[str, str], keys: frozenset[str]) -> None:
    key = headers.get("x-api-key")
    if key is None:
        raise refusal(401, "authentication_error", "x-api-key header is required")
    if key not in keys:
        raise refusal(401, "authentication_error", "invalid x-api-key")
    if "anthropic-version" not in headers:
        raise invalid("anthropic-version: header is required")


def _check_messages(asked: Body, known: Known) -> None:
    """Consecutive turns of one role are taken together; https://platform.claude.com/docs/en/api/messages."""
    if not asked.messages:
        raise invalid("messages: at least one message is required")
    if asked.messages[0].role != "user":
        raise invalid('messages: first message must use the "user" role')
    last = len(asked.messages) - 1
    for number, message in enumerate(asked.messages):
        final_assistant = number == last and message.role == "assistant"
        if not message.content and not final_assistant:
            raise invalid(
                f"messages.{number}: all messages must have non-empty content except for the optional final assistant message"
            )
        if isinstance(message.content, list) and any(isinstance(b, Text) and not b.text for b in message.content):
            raise invalid("messages: text content blocks must be non-empty")
    if asked.messages[last].role == "assistant":
        if not known.prefill or isinstance(asked.thinking, Enabled | Adaptive):
            raise invalid(
                "This model does not support assistant message prefill. The conversation must end with a user message."
            )
        if _text(asked.messages[last].content)[-1:].isspace():
            raise invalid("messages: final assistant content cannot end with trailing whitespace")
    if isinstance(asked.system, list) and any(not block.text for block in asked.system):
        raise invalid("system: text content blocks must be non-empty")


def _check_breakpoints(asked: Body) -> None:
    """At most four, top-level one included; https://platform.claude.com/docs/en/build-with-claude/prompt-caching."""
    count = sum(1 for _ in _breakpoints(asked)) + (asked.cache_control is not None)
    if count > MAX_BREAKPOINTS:
        raise invalid(f"A maximum of {MAX_BREAKPOINTS} blocks with cache_control may be provided. Found {count}.")


def _breakpoints(asked: Body) -> Iterator[CacheControl]:
    texts = [asked.system, *(message.content for message in asked.messages)]
    blocks = [block for content in texts if isinstance(content, list) for block in content]
    for each in (*blocks, *(asked.tools or [])):
        if not isinstance(each, Thinking) and each.cache_control is not None:
            yield each.cache_control


def _check_numbers(asked: Body, known: Known) -> None:
    if asked.max_tokens > known.max_output:
        raise invalid(
            f"max_tokens: {asked.max_tokens} > {known.max_output}, which is the maximum allowed number of output tokens "
            f"for {asked.model}"
        )
    for name in ("temperature", "top_p", "top_k"):
        if getattr(asked, name) is not None and not known.takes_sampling:
            raise invalid(f"`{name}` is deprecated for this model.")
    if asked.temperature is not None and asked.top_p is not None:
        raise invalid("`temperature` and `top_p` cannot both be specified for this model. Please use only one.")


def _check_thinking(asked: Body, known: Known) -> None:
    """https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking and .../extended-thinking."""
    match asked.thinking:
        case None | Disabled():
            return
        case Adaptive() if not known.adaptive:
            raise invalid("adaptive thinking is not supported on this model")
        case Enabled() if not known.legacy_thinking:
            raise invalid(
                '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and '
                '"output_config.effort" to control thinking behavior.'
            )
        case Enabled(budget_tokens=budget) if budget >= asked.max_tokens:
            raise invalid("`max_tokens` must be greater than `thinking.budget_tokens`.")
    if asked.temperature not in (None, 1):
        raise invalid("`temperature` may only be set to 1 when thinking is enabled or in adaptive mode.")
    if asked.top_p is not None and asked.top_p < 0.95:
        raise invalid("`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.")
    if asked.top_k is not None:
        raise invalid("`top_k` must be unset when thinking is enabled.")
    if asked.tool_choice is not None and asked.tool_choice.type in ("any", "tool"):
        raise invalid("Thinking may not be enabled when tool_choice forces tool use.")


def _check_format(asked: Body, headers: Mapping[str, str]) -> None:
    """https://platform.claude.com/docs/en/build-with-claude/structured-outputs: `output_format` only with its beta header."""
    if asked.output_format and SCHEMA_BETA not in headers.get("anthropic-beta", ""):
        raise invalid("output_format: Extra inputs are not permitted")
    place = "output_format" if asked.output_format else "output_config.format"
    wanted = asked.output_format or (asked.output_config.format if asked.output_config else None)
    if wanted and (fault := anthropic_fault(wanted.schema_)):
        raise invalid(f"{place}.schema: {fault}")


def _asked(asked: Body, known: Known) -> Asked:
    turns = [Turn("system", _text(asked.system))] if asked.system else []
    turns += [Turn(message.role, _text(message.content)) for message in asked.messages]
    count = sum(tokens(turn.content) for turn in turns)
    if count > known.window:
        raise invalid(f"prompt is too long: {count} tokens > {known.window} maximum")
    forced = asked.tool_choice.name or "" if asked.tool_choice and asked.tool_choice.type == "tool" else ""
    return Asked(
        model=asked.model,
        turns=tuple(turns),
        stream=asked.stream,
        max_tokens=asked.max_tokens,
        input_tokens=count,
        thinks=isinstance(asked.thinking, Enabled | Adaptive),
        cached_prefix=_cached_prefix(asked),
        forced_tool=forced,
    )


def _cached_prefix(asked: Body) -> str:
    """Everything up to the last breakpoint."""
    texts = [asked.system, *(message.content for message in asked.messages)]
    said, cached = "", ""
    for content in texts:
        for block in content if isinstance(content, list) else [content]:
            said += block if isinstance(block, str) else block.text if isinstance(block, Text) else ""
            if isinstance(block, Text) and block.cache_control:
                cached = said
    return said if asked.cache_control else cached


def _text(content: str | list[Text] | list[Text | Thinking]) -> str:
    if isinstance(content, str):
        return content
    return "".join(block.text for block in content if isinstance(block, Text))
