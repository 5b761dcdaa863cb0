"""Sends a request to the client that serves its model, with the operator's parameters laid under the caller's."""

from core.models import ModelRequest, ModelResponse
from core.ports import ModelClient, OnDelta
from llm.parameters import Parameters


class RouterClient:
    """ModelClient over three: `offline/...` in-process, `mailbox/DIR` by files, everything else over the network."""

    def __init__(
        self,
        *,
        offline: ModelClient,
        mailbox: ModelClient,
        remote: ModelClient,
        parameters: Parameters | None = None,
    ) -> None:
        self._offline, self._mailbox, self._remote = offline, mailbox, remote
        self._parameters = parameters or Parameters()

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """Raises ModelError (or ModelTransientError) of the client that served it."""
        params = self._parameters.of(request.model, request.agent, request.params)
        return await self._client(request.model).complete(request.model_copy(update={"params": params}), on_delta)

    async def close(self) -> None:
        """Close all three."""
        for client in (self._offline, self._mailbox, self._remote):
            await client.close()

    def _client(self, model: str) -> ModelClient:
        if model.startswith("offline/"):
            return self._offline
        if model.startswith("mailbox/"):
            return self._mailbox
        return self._remote
