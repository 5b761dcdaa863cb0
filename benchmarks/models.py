"""Models that answer at once what they have been asked before, so that the service around them is what is measured."""

import asyncio
from dataclasses import dataclass, field

from core.models import ModelRequest, ModelResponse
from core.ports import OnDelta
from llm.offline.client import OfflineModel


@dataclass
class RememberingModel:
    """The offline model with the latency of a quick hosted one. The same messages are thought about once."""

    wait_s: float = 0.05
    inner: OfflineModel = field(default_factory=OfflineModel)
    known: "dict[tuple[str, ...], asyncio.Future[ModelResponse]]" = field(default_factory=dict)

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        key = (request.agent, request.prompt_name, *(message.content for message in request.messages))
        if key not in self.known:
            self.known[key] = asyncio.ensure_future(self.inner.complete(request))
        await asyncio.sleep(self.wait_s)
        return await self.known[key]

    async def close(self) -> None:
        await self.inner.close()
