"""Sends a request to the client that serves its model, with the operator's parameters laid under the caller's."""

from collections.abc import Mapping

from core.models import ModelRequest, ModelResponse
from core.ports import ModelClient, OnDelta
from core.types import AgentName, JsonObject


class RouterClient:
    """ModelClient over three: `offline/...` in-process, `mailbox/DIR` by files, everything else over the network.

    Parameters in three layers, lowest first: `model_params` (by longest matching model or provider prefix),
    `agent_params`, the request's own.
    """

    def __init__(
        self,
        *,
        offline: ModelClient,
        mailbox: ModelClient,
        remote: ModelClient,
        model_params: Mapping[str, JsonObject] | None = None,
        agent_params: Mapping[AgentName, JsonObject] | None = None,
    ) -> None:
        self._offline, self._mailbox, self._remote = offline, mailbox, remote
        self._model_params = model_params or {}
        self._agent_params = agent_params or {}

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """Raises ModelError (or ModelTransientError) of the client that served it."""
        params = {**self._layer(request.model), **self._agent_params.get(request.agent, {}), **request.params}
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

    def _layer(self, model: str) -> JsonObject:
        prefixes = sorted((prefix for prefix in self._model_params if model.startswith(prefix)), key=len)
        merged: JsonObject = {}
        for prefix in prefixes:
            merged |= self._model_params[prefix]
        return merged
