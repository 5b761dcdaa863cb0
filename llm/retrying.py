"""Tries again what is worth another try: rate limits, overload, lost connections. Nothing else."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.errors import ModelTransientError
from core.models import ModelRequest, ModelResponse
from core.ports import ModelClient, OnDelta

OnRetry = Callable[[ModelRequest], None]


@dataclass(frozen=True)
class RetryPolicy:
    """Waits double from `base_delay_s` up to `max_delay_s`; no further try begins after `total_s`."""

    max_retries: int = 6
    base_delay_s: float = 5.0
    max_delay_s: float = 60.0
    total_s: float = 900.0


class RetryingClient:
    """ModelClient around another. A provider's Retry-After is honoured when it fits into `total_s`.

    `on_retry` is told of every further try when it begins.
    """

    def __init__(
        self,
        inner: ModelClient,
        policy: RetryPolicy,
        *,
        on_retry: OnRetry = lambda request: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._inner = inner
        self._policy = policy
        self._on_retry = on_retry
        self._sleep = sleep
        self._jitter = jitter

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """Raises the last ModelTransientError when tries or time are used up; any other error at once."""
        started = time.monotonic()
        for attempt in range(self._policy.max_retries + 1):
            try:
                return await self._inner.complete(request, on_delta)
            except ModelTransientError as error:
                delay = self._delay(attempt, error)
                left = self._policy.total_s - (time.monotonic() - started)
                if attempt == self._policy.max_retries or delay > left:
                    raise
            await self._sleep(delay)
            self._on_retry(request)
        raise AssertionError("the last attempt returns or raises")

    async def close(self) -> None:
        await self._inner.close()

    def _delay(self, attempt: int, error: ModelTransientError) -> float:
        """What the provider asked for, else an exponential wait of which up to a half is random; seconds."""
        asked = error.fields.get("retry_after_s")
        if isinstance(asked, int | float) and asked >= 0:
            return float(asked)
        full = min(self._policy.max_delay_s, self._policy.base_delay_s * float(2**attempt))
        return full * (1 - self._jitter() / 2)
