"""Every hosted or local provider through LiteLLM, which is imported in a thread at the first call and never before."""

import asyncio
import importlib
import os
from collections.abc import AsyncIterator, Mapping
from types import ModuleType
from typing import Any

from core.budget import estimate_tokens
from core.errors import ModelError, ModelTransientError
from core.models import FinishReason, ModelRequest, ModelResponse
from core.ports import OnDelta
from core.types import Usage
from llm.litellm_errors import model_error
from llm.providers import provider_of, wire_messages

_NOT_PARAMS = frozenset({"max_tokens", "max_completion_tokens", "n", "best_of", "stream", "num_retries", "fallbacks"})
"""What would cost more than was reserved, or is done by the wrappers."""


class LiteLLMClient:
    """ModelClient over the network. Always streams; an answer that ends without a finish reason is an error.

    `api_keys` and `api_bases` are by provider (`anthropic`, `openai`, `groq`, `ollama`, ...). With a base for `openai`
    a model whose provider is unknown is asked there, as any OpenAI-compatible endpoint.
    """

    def __init__(
        self,
        *,
        api_keys: Mapping[str, str] | None = None,
        api_bases: Mapping[str, str] | None = None,
        stall_timeout_s: float = 120.0,
    ) -> None:
        self._api_keys = dict(api_keys or {})
        self._api_bases = dict(api_bases or {})
        self._stall_timeout_s = stall_timeout_s
        self._loading = asyncio.Lock()
        self._litellm: ModuleType | None = None

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """Raises ModelTransientError (with `retry_after_s` where the provider said) or ModelError; exactly one try."""
        arguments = self._arguments(request)
        litellm = await self._module()
        try:
            async with asyncio.timeout(self._stall_timeout_s):
                stream = await litellm.acompletion(**arguments)
            try:
                return await self._read(stream, request, on_delta)
            finally:
                await stream.aclose()
        except TimeoutError as error:
            raise ModelTransientError(
                f"{request.model} was silent for {self._stall_timeout_s:g} s", model=request.model
            ) from error
        except ModelError:
            raise
        except Exception as error:
            # A foreign edge: LiteLLM raises its own types, httpx's, openai's and plain ones for provider failures.
            raise model_error(request.model, error, self._api_keys.values()) from error

    async def close(self) -> None:
        """Close LiteLLM's connections, if it was ever loaded."""
        if self._litellm is not None:
            await self._litellm.close_litellm_async_clients()

    async def _module(self) -> ModuleType:
        async with self._loading:
            if self._litellm is None:
                self._litellm = await asyncio.to_thread(_import_litellm)
            return self._litellm

    def _arguments(self, request: ModelRequest) -> dict[str, object]:
        refused = sorted(_NOT_PARAMS & request.params.keys())
        if refused:
            raise ModelError(
                f"{request.model}: not a parameter that may be set: {', '.join(refused)}", model=request.model
            )
        provider, model = provider_of(request.model), request.model
        if provider is None and "openai" in self._api_bases:
            provider, model = "openai", f"openai/{model}"
        arguments: dict[str, object] = {
            **request.params,
            "model": model,
            "messages": wire_messages(model, request.messages),
            "max_tokens": request.max_output_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
            "num_retries": 0,
            "max_retries": 0,
            "drop_params": True,
        }
        base, key = self._api_bases.get(provider or ""), self._api_keys.get(provider or "")
        if base:
            arguments["api_base"] = base
            # A local endpoint wants no key, but the OpenAI client refuses to be made without one.
            key = key or "none"
        if key:
            arguments["api_key"] = key
        return arguments

    async def _read(self, stream: Any, request: ModelRequest, on_delta: OnDelta | None) -> ModelResponse:
        pieces: list[str] = []
        usage: Usage | None = None
        async for chunk in self._chunks(stream):
            text = chunk.choices[0].delta.content if chunk.choices else None
            if text:
                pieces.append(text)
                if on_delta is not None:
                    on_delta(text)
            usage = _usage(getattr(chunk, "usage", None)) or usage
        # The wrapper ends a stream that was cut with a made-up "stop"; only these two hold what the provider said.
        finish = stream.received_finish_reason or stream.intermittent_finish_reason
        if finish is None:
            raise ModelTransientError(f"{request.model}: the answer was cut off on the way", model=request.model)
        text = "".join(pieces)
        return ModelResponse(
            text=text,
            model=request.model,
            finish_reason=_finish_reason(str(finish)),
            usage=usage or _estimated(request, text),
        )

    async def _chunks(self, stream: Any) -> AsyncIterator[Any]:
        iterator = aiter(stream)
        while True:
            try:
                async with asyncio.timeout(self._stall_timeout_s):
                    chunk = await anext(iterator)
            except StopAsyncIteration:
                return
            yield chunk


def _import_litellm() -> ModuleType:
    # LiteLLM reads these two while it is imported, and nowhere else can it be told not to fetch prices from the network
    # and not to load a `.env` from the working folder. Writing them here is the one exception to "config.py only".
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_MODE"] = "PRODUCTION"
    litellm = importlib.import_module("litellm")
    litellm.suppress_debug_info = True  # type: ignore[attr-defined] # ModuleType declares no attributes
    return litellm


def _finish_reason(said: str) -> FinishReason:
    match said:
        case "length" | "max_tokens":
            return "length"
        case "content_filter":
            return "content_filter"
        case _:
            return "stop"


def _usage(reported: Any) -> Usage | None:
    """Reported usage; cache reads and writes are part of the input, as LiteLLM counts them."""
    if reported is None or not reported.prompt_tokens:
        return None
    details = getattr(reported, "prompt_tokens_details", None)
    return Usage(
        input_tokens=reported.prompt_tokens,
        output_tokens=reported.completion_tokens or 0,
        cache_read_tokens=getattr(details, "cached_tokens", None) or 0,
        cache_write_tokens=getattr(reported, "cache_creation_input_tokens", None) or 0,
    )


def _estimated(request: ModelRequest, text: str) -> Usage:
    asked = sum(len(message.content) for message in request.messages)
    return Usage(input_tokens=estimate_tokens(asked), output_tokens=estimate_tokens(len(text)))
