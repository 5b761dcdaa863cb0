"""Asks a second model when the first one failed for good."""

from collections.abc import Awaitable, Callable, Mapping

from core.errors import ContentFiltered, ContextOverflow, ModelError
from core.models import ModelRequest, ModelResponse
from core.ports import ModelClient, OnDelta
from core.types import AgentName

Fallback = str | Mapping[AgentName, str] | None
"""A model for every agent, or one by agent; empty or None for none."""
ContextWindow = Callable[[str], Awaitable[int | None]]


async def _unknown(model: str) -> int | None:
    return None


class FallbackClient:
    """ModelClient around another. It asks the fallback after the retries of a model, or at once where they could not help.

    `context_window` tells a model's size in tokens: what does not fit into the first model goes to a larger one only.
    """

    def __init__(
        self,
        inner: ModelClient,
        fallback: Fallback = None,
        *,
        context_window: ContextWindow = _unknown,
    ) -> None:
        self._inner = inner
        self._fallback = fallback or ""
        self._context_window = context_window

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """An answer that the model gave. Raises the first model's error, with the fallback's beside it, when both fail.

        An answer that the model declined to give is raised as ContentFiltered.
        """
        try:
            return await self._ask(request, on_delta)
        except ModelError as error:
            fallback = self._of(request.agent)
            if not fallback or fallback == request.model or not await self._may_help(error, request.model, fallback):
                raise
            first = error
        try:
            return await self._ask(request.model_copy(update={"model": fallback}), on_delta)
        except ModelError as second:
            message = f"{first} The fallback {fallback} failed too: {second}"
            raise type(first)(message, **first.fields) from second

    async def close(self) -> None:
        await self._inner.close()

    def _of(self, agent: AgentName) -> str:
        return self._fallback if isinstance(self._fallback, str) else self._fallback.get(agent, "")

    async def _ask(self, request: ModelRequest, on_delta: OnDelta | None) -> ModelResponse:
        """Outside of what is paid: a declined answer is billed like any other."""
        response = await self._inner.complete(request, on_delta)
        if response.finish_reason == "content_filter":
            raise ContentFiltered(f"{response.model} declined to answer (content filter)", model=response.model)
        if response.finish_reason == "length" and not response.text:
            raise ModelError(
                f"{response.model} used up its {request.max_output_tokens} output tokens before it began to answer",
                model=response.model,
            )
        return response

    async def _may_help(self, error: ModelError, model: str, fallback: str) -> bool:
        if not isinstance(error, ContextOverflow):
            return True
        window, larger = await self._context_window(model), await self._context_window(fallback)
        return window is not None and larger is not None and larger > window
