"""One streamed answer of LiteLLM's, read to its end: its text, why it ended, what it used."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from core.budget import estimate_tokens
from core.errors import ModelTransientError
from core.models import FinishReason, ModelRequest, ModelResponse
from core.ports import OnDelta
from core.types import Usage
from llm.think_tags import AnswerOnly

MOST_CHARACTERS_PER_TOKEN = 32
"""Of an answer as a whole; text and code have three to five."""


async def read_answer(
    stream: Any, request: ModelRequest, on_delta: OnDelta | None, stall_timeout_s: float
) -> ModelResponse:
    """Raises ModelTransientError when the stream ends before the answer does, TimeoutError after that long a silence."""
    pieces: list[str] = []
    usage: Usage | None = None
    answer = AnswerOnly()

    def take(text: str) -> None:
        if text:
            pieces.append(text)
            if on_delta is not None:
                on_delta(text)

    async for chunk in _chunks(stream, stall_timeout_s):
        if chunk.choices:
            take(answer.feed(chunk.choices[0].delta.content or ""))
        if stream.sent_stream_usage:
            # It comes last. To read on would make LiteLLM write its own log of the call.
            usage = _usage(getattr(chunk, "usage", None))
            break
    take(answer.rest())
    # The wrapper ends a stream that was cut with a made-up "stop"; only these two hold what the provider said.
    finish = stream.received_finish_reason or stream.intermittent_finish_reason
    if finish is None:
        raise ModelTransientError(f"{request.model}: the answer was cut off on the way", model=request.model)
    text = "".join(pieces)
    return ModelResponse(
        text=text,
        model=request.model,
        finish_reason=_finish_reason(str(finish), text),
        usage=_plausible(usage, _estimated(request, text), text),
    )


async def _chunks(stream: Any, stall_timeout_s: float) -> AsyncIterator[Any]:
    iterator = aiter(stream)
    while True:
        try:
            async with asyncio.timeout(stall_timeout_s):
                chunk = await anext(iterator)
        except StopAsyncIteration:
            return
        yield chunk


def _finish_reason(said: str, text: str) -> FinishReason:
    match said:
        case "length" | "max_tokens":
            return "length"
        case "content_filter":
            return "content_filter"
        case _:
            # LiteLLM leaves the words with which OpenAI's models decline out of a stream.
            return "stop" if text else "content_filter"


def _usage(reported: Any) -> Usage | None:
    """Reported usage, if it can be right; cache reads and writes are part of the input, as LiteLLM counts them."""
    asked = _count(getattr(reported, "prompt_tokens", None))
    if not asked:
        return None
    details = getattr(reported, "prompt_tokens_details", None)
    read = min(asked, _count(getattr(details, "cached_tokens", None)))
    return Usage(
        input_tokens=asked,
        output_tokens=_count(reported.completion_tokens),
        cache_read_tokens=read,
        cache_write_tokens=min(asked - read, _count(getattr(reported, "cache_creation_input_tokens", None))),
    )


def _plausible(reported: Usage | None, estimated: Usage, text: str) -> Usage:
    """What was reported, with the estimate where there is nothing, or less output than the text can have been."""
    if reported is None:
        return estimated
    if reported.output_tokens * MOST_CHARACTERS_PER_TOKEN >= len(text):
        return reported
    return reported.model_copy(update={"output_tokens": estimated.output_tokens})


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _estimated(request: ModelRequest, text: str) -> Usage:
    asked = sum(len(message.content) for message in request.messages)
    return Usage(input_tokens=estimate_tokens(asked), output_tokens=estimate_tokens(len(text)))
