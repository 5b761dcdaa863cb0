"""Every hosted or local provider through LiteLLM, which is imported in a thread at the first call and never before."""

import asyncio
from collections.abc import Mapping
from types import ModuleType

import orjson

from core.errors import ModelError, ModelTransientError
from core.model_params import RESERVED
from core.models import ModelRequest, ModelResponse
from core.ports import OnDelta
from core.types import JsonObject
from llm.features import answer_format, thinking
from llm.litellm_errors import model_error
from llm.litellm_module import import_litellm
from llm.litellm_stream import read_answer
from llm.model_table import ModelTable
from llm.providers import provider_of, wire_messages, wire_name

_FORMAT = "response_format"


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
        table: ModelTable | None = None,
        adaptive_thinking: bool = True,
        stall_timeout_s: float = 120.0,
        call_timeout_s: float = 3_600.0,
    ) -> None:
        """Silence of `stall_timeout_s` ends a call, and so does an answer that is not complete after `call_timeout_s`."""
        self._api_keys = dict(api_keys or {})
        self._api_bases = dict(api_bases or {})
        self._table = table or ModelTable()
        self._adaptive_thinking = adaptive_thinking
        self._stall_timeout_s = stall_timeout_s
        self._call_timeout_s = call_timeout_s
        self._refused_schemas: set[tuple[str, bytes]] = set()
        self._loading = asyncio.Lock()
        self._litellm: ModuleType | None = None

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """Exactly one try. Raises ModelTransientError (with `retry_after_s` where the provider said), ContentFiltered,
        ContextOverflow or ModelError.
        """
        arguments = await self._arguments(request)
        litellm = await self._module()
        try:
            async with asyncio.timeout(self._call_timeout_s) as whole:
                return await self._ask(litellm, arguments, request, on_delta)
        except TimeoutError as error:
            how = f"took longer than {self._call_timeout_s:g} s" if whole.expired() else "was silent for too long"
            raise ModelTransientError(f"{request.model} {how}", model=request.model) from error
        except ModelError:
            raise
        except Exception as error:
            # A foreign edge: LiteLLM raises its own types, httpx's, openai's and plain ones for provider failures.
            keys = [*self._api_keys.values(), str(request.params.get("api_key", ""))]
            told = model_error(request.model, error, keys)
            raise self._without_schema_next(request, arguments, told) from error

    async def close(self) -> None:
        """Close LiteLLM's connections, if it was ever loaded."""
        if self._litellm is not None:
            await self._litellm.close_litellm_async_clients()

    async def _module(self) -> ModuleType:
        async with self._loading:
            if self._litellm is None:
                self._litellm = await asyncio.to_thread(import_litellm)
            return self._litellm

    async def _ask(
        self, litellm: ModuleType, arguments: Mapping[str, object], request: ModelRequest, on_delta: OnDelta | None
    ) -> ModelResponse:
        async with asyncio.timeout(self._stall_timeout_s):
            stream = await litellm.acompletion(**arguments)
        try:
            return await read_answer(stream, request, on_delta, self._stall_timeout_s)
        finally:
            await stream.aclose()

    async def _arguments(self, request: ModelRequest) -> dict[str, object]:
        refused = sorted(RESERVED.keys() & request.params.keys())
        if refused:
            raise ModelError(
                f"{request.model}: not a parameter that may be set: {', '.join(refused)}", model=request.model
            )
        provider = await self._provider(request.model)
        name = wire_name(request.model, provider) if provider else request.model
        facts = await self._table.find(request.model)
        return {
            **(thinking(request, facts) if self._adaptive_thinking else {}),
            **({} if _schema_key(request) in self._refused_schemas else answer_format(request, facts)),
            **self._access(provider, request.params),
            **request.params,
            "model": name,
            "messages": wire_messages(name, request.messages, request.breakpoints),
            "max_tokens": min(request.max_output_tokens, facts.max_output or request.max_output_tokens),
            "stream": True,
            "stream_options": {"include_usage": True},
            "num_retries": 0,
            "max_retries": 0,
            "drop_params": True,
        }

    def _access(self, provider: str | None, params: JsonObject) -> dict[str, str]:
        """The address and the key that are set for a provider; parameters may bring others."""
        base, key = self._api_bases.get(provider or ""), self._api_keys.get(provider or "")
        # A local endpoint wants no key, but the OpenAI client refuses to be made without one.
        found = {"api_base": base, "api_key": key or ("none" if base or "api_base" in params else None)}
        return {name: value for name, value in found.items() if value}

    async def _provider(self, model: str) -> str | None:
        """Who serves it: who the name says, else the OpenAI-compatible endpoint if there is one, else LiteLLM decides."""
        named = provider_of(model)
        if "openai" in self._api_bases and (named is None or not await self._table.knows_provider(named)):
            return "openai"
        return named

    def _without_schema_next(
        self, request: ModelRequest, arguments: Mapping[str, object], told: ModelError
    ) -> ModelError:
        """A provider that does not take the schema is asked without it from now on, by the next try if there is one."""
        refused = told.fields.get("provider_status") in (400, 422) and _is_about_schema(str(told))
        if _FORMAT not in arguments or not refused:
            return told
        self._refused_schemas.add(_schema_key(request))
        return ModelTransientError(str(told), **{**told.fields, "retry_after_s": 0.0})


def _schema_key(request: ModelRequest) -> tuple[str, bytes]:
    return request.model, orjson.dumps(request.answer_schema, option=orjson.OPT_SORT_KEYS)


def _is_about_schema(message: str) -> bool:
    lowered = message.lower()
    return any(word in lowered for word in ("response_format", "output_format", "output_config", "schema", "grammar"))
