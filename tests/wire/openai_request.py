"""What the OpenAI chat completions API accepts, and in which words it refuses.

Fields: https://platform.openai.com/docs/api-reference/chat/create (`completion_create_params.py` of its SDK); errors:
https://platform.openai.com/docs/guides/error-codes.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.types import Json
from tests.wire.schema_rules import openai_fault
from tests.wire.words import OPENAI, Asked, Known, Refusal, Turn, tokens

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_TYPES = {
    "int_type": "an integer",
    "float_type": "a decimal",
    "bool_type": "a boolean",
    "string_type": "a string",
    "list_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}
_GIVEN = {
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    str: "a string",
    list: "an array",
    dict: "an object",
}
_MORE_FIELDS = {"openrouter": frozenset({"usage", "provider", "models", "reasoning", "transforms"})}
"""Fields that a provider of the same dialect takes beside those of OpenAI."""
_TAKES_BREAKPOINTS = frozenset({"openrouter"})
"""Who hands Anthropic's `cache_control` on: https://openrouter.ai/docs/features/prompt-caching."""


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Text(Part):
    type: Literal["text"]
    text: str
    cache_control: dict[str, str] | None = None


class Message(Part):
    role: str
    content: str | list[Text] | None = None
    name: str | None = None
    refusal: str | None = None
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = None


class StreamOptions(Part):
    include_usage: bool = False
    include_obfuscation: bool = True


class JsonSchema(Part):
    name: str
    description: str | None = None
    schema_: dict[str, Any] = Field(alias="schema", default_factory=dict)
    strict: bool | None = None


class TextFormat(Part):
    type: Literal["text", "json_object"]


class SchemaFormat(Part):
    type: Literal["json_schema"]
    json_schema: JsonSchema


class Body(Part):
    model: str
    messages: list[Message]
    audio: dict[str, Any] | None = None
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    function_call: str | dict[str, Any] | None = None
    functions: list[dict[str, Any]] | None = None
    logit_bias: dict[str, int] | None = None
    logprobs: bool | None = None
    max_completion_tokens: int | None = Field(default=None, ge=1)
    max_tokens: int | None = Field(default=None, ge=1)
    metadata: dict[str, str] | None = None
    modalities: list[str] | None = None
    moderation: dict[str, Any] | None = None
    n: int | None = Field(default=None, ge=1, le=128)
    parallel_tool_calls: bool | None = None
    prediction: dict[str, Any] | None = None
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    prompt_cache_key: str | None = None
    prompt_cache_options: dict[str, Any] | None = None
    prompt_cache_retention: Literal["in-memory", "24h"] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    response_format: Annotated[TextFormat | SchemaFormat, Field(discriminator="type")] | None = None
    safety_identifier: str | None = None
    seed: int | None = None
    service_tier: str | None = None
    stop: str | list[str] | None = None
    store: bool | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    tool_choice: str | dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None
    top_logprobs: int | None = None
    top_p: float | None = Field(default=None, ge=0, le=1)
    user: str | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    web_search_options: dict[str, Any] | None = None


def refusal(
    status: int,
    message: str,
    *,
    kind: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Refusal:
    body: Json = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return Refusal(status, body, headers)


def check(headers: Mapping[str, str], body: Json, keys: frozenset[str], provider: str) -> Asked:
    """What is asked. Raises Refusal, in the order in which the service looks."""
    _check_key(headers, keys)
    if not isinstance(body, dict):
        raise refusal(400, "We could not parse the JSON body of your request.")
    if "model" not in body:
        raise refusal(400, "you must provide a model parameter")
    extra = _MORE_FIELDS.get(provider, frozenset())
    try:
        asked = Body.model_validate({name: value for name, value in body.items() if name not in extra})
    except ValidationError as error:
        raise _said(error, body) from error
    if asked.model not in OPENAI:
        raise refusal(
            404, f"The model `{asked.model}` does not exist or you do not have access to it.", code="model_not_found"
        )
    known = OPENAI[asked.model]
    _check_messages(asked, provider)
    _check_numbers(asked, known)
    _check_format(asked, known)
    if asked.stream_options and not asked.stream:
        raise refusal(
            400,
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )
    return _asked(asked, known)


def _check_key(headers: Mapping[str, str], keys: frozenset[str]) -> None:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        raise refusal(
            401,
            "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
            "(i.e. Authorization: Bearer YOUR_KEY).",
        )
    if key not in keys:
        shown = f"{key[:8]}{'*' * max(1, len(key) - 12)}{key[-4:]}"
        raise refusal(
            401,
            f"Incorrect API key provided: {shown}. You can find your API key at https://platform.openai.com/account/api-keys.",
            code="invalid_api_key",
        )


def _said(error: ValidationError, body: Mapping[str, Json]) -> Refusal:
    """What pydantic found deepest inside, in the service's words."""
    first = max(error.errors(include_url=False), key=lambda each: len(each["loc"]))
    steps = [step for step in first["loc"] if isinstance(step, int) or ("[" not in step and step != "str")]
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
    kind = first["type"]
    if kind == "extra_forbidden":
        if len(steps) == 1:
            return refusal(400, f"Unrecognized request argument supplied: {place}")
        return refusal(400, f"Unknown parameter: '{place}'.", param=place, code="unknown_parameter")
    if kind == "missing":
        return refusal(400, f"Missing required parameter: '{place}'.", param=place, code="missing_required_parameter")
    if kind in _TYPES:
        given = _GIVEN.get(type(first["input"]), "null")
        message = f"Invalid type for '{place}': expected {_TYPES[kind]}, but got {given} instead."
        return refusal(400, message, param=place, code="invalid_type")
    return refusal(400, f"Invalid '{place}': {first['msg']}.", param=place, code="invalid_value")


def _check_messages(asked: Body, provider: str) -> None:
    if not asked.messages:
        raise refusal(
            400,
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            param="messages",
            code="empty_array",
        )
    for number, message in enumerate(asked.messages):
        if message.role not in _ROLES:
            supported = ", ".join(f"'{role}'" for role in _ROLES)
            raise refusal(
                400,
                f"Invalid value: '{message.role}'. Supported values are: {supported}.",
                param=f"messages[{number}].role",
                code="invalid_value",
            )
        parts = message.content if isinstance(message.content, list) else []
        if provider not in _TAKES_BREAKPOINTS and any(part.cache_control for part in parts):
            place = f"messages[{number}].content[0].cache_control"
            raise refusal(400, f"Unknown parameter: '{place}'.", param=place, code="unknown_parameter")
        if message.content is None and not message.tool_calls:
            raise refusal(
                400,
                f"Invalid value for 'content': expected a string, got null. (messages[{number}])",
                param=f"messages[{number}].content",
            )


def _check_numbers(asked: Body, known: Known) -> None:
    if known.reasoning and asked.max_tokens is not None:
        raise refusal(
            400,
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            param="max_tokens",
            code="unsupported_parameter",
        )
    if not known.takes_sampling and asked.temperature not in (None, 1):
        raise refusal(
            400,
            f"Unsupported value: 'temperature' does not support {asked.temperature} with this model. Only the default (1) "
            "value is supported.",
            param="temperature",
            code="unsupported_value",
        )
    most = asked.max_completion_tokens or asked.max_tokens or 1
    if most > known.max_output:
        raise refusal(
            400,
            f"max_tokens is too large: {most}. This model supports at most {known.max_output} completion tokens, whereas you "
            f"provided {most}.",
            param="max_tokens",
            code="invalid_value",
        )


def _check_format(asked: Body, known: Known) -> None:
    """https://platform.openai.com/docs/guides/structured-outputs"""
    wanted = asked.response_format
    if wanted is None or wanted.type == "text":
        return
    if wanted.type == "json_object":
        if not any("json" in _text(message).lower() for message in asked.messages):
            raise refusal(
                400,
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
                param="messages",
            )
        return
    assert isinstance(wanted, SchemaFormat)
    if not known.json_schema:
        raise refusal(
            400,
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
            param="response_format",
        )
    name = wanted.json_schema.name
    if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name):
        raise refusal(
            400,
            "Invalid 'response_format.json_schema.name': string does not match pattern. Expected a string that matches the "
            "pattern '^[a-zA-Z0-9_-]+$'.",
            param="response_format.json_schema.name",
            code="invalid_value",
        )
    if wanted.json_schema.strict and (fault := openai_fault(wanted.json_schema.schema_)):
        raise refusal(400, f"Invalid schema for response_format '{name}': {fault}", param="response_format", code=None)


def _asked(asked: Body, known: Known) -> Asked:
    turns = tuple(Turn(_role(message.role), _text(message)) for message in asked.messages)
    count = sum(tokens(turn.content) + 3 for turn in turns)
    most = asked.max_completion_tokens or asked.max_tokens or known.max_output
    if count + (asked.max_tokens or 0) > known.window:
        raise refusal(
            400,
            f"This model's maximum context length is {known.window} tokens. However, you requested {count + most} tokens "
            f"({count} in the messages, {most} in the completion). Please reduce the length of the messages or completion.",
            param="messages",
            code="context_length_exceeded",
        )
    choice = asked.tool_choice if isinstance(asked.tool_choice, dict) else {}
    return Asked(
        model=asked.model,
        turns=turns,
        stream=bool(asked.stream),
        max_tokens=most,
        input_tokens=count,
        usage_in_stream=bool(asked.stream_options and asked.stream_options.include_usage),
        cached_prefix="".join(turn.content for turn in turns),
        forced_tool=str(choice.get("function", {}).get("name", "")),
    )


def _role(role: str) -> Literal["system", "user", "assistant"]:
    if role in ("system", "developer"):
        return "system"
    return "assistant" if role == "assistant" else "user"


def _text(message: Message) -> str:
    content = message.content or ""
    return content if isinstance(content, str) else "".join(part.text for part in content)
