"""No call is paid for whose answer could not be stored."""

from collections.abc import Callable

from core.models import ModelRequest, ModelResponse
from core.ports import ModelClient, OnDelta


class RoomyClient:
    """ModelClient around another that first makes sure of the disk; `check_room` raises NoRoom."""

    def __init__(self, inner: ModelClient, check_room: Callable[[], None]) -> None:
        self._inner = inner
        self._check_room = check_room

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """Raises NoRoom, and what the inner client raises."""
        self._check_room()
        return await self._inner.complete(request, on_delta)

    async def close(self) -> None:
        await self._inner.close()
