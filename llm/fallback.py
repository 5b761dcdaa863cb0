"""Asks a second model when the first one failed for good."""

from core.errors import ModelError
from core.models import ModelRequest, ModelResponse
from core.ports import ModelClient, OnDelta


class FallbackClient:
    """ModelClient around another; `fallback` is a model name, or empty for none."""

    def __init__(self, inner: ModelClient, fallback: str | None) -> None:
        self._inner = inner
        self._fallback = fallback

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """Raises the first model's error, with the fallback's beside it, when both fail."""
        try:
            return await self._inner.complete(request, on_delta)
        except ModelError as error:
            if not self._fallback or self._fallback == request.model:
                raise
            first = error
        try:
            return await self._inner.complete(request.model_copy(update={"model": self._fallback}), on_delta)
        except ModelError as second:
            message = f"{first} The fallback {self._fallback} failed too: {second}"
            raise type(first)(message, **first.fields) from second

    async def close(self) -> None:
        await self._inner.close()
