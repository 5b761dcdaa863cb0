"""A model that repeats one mistake whatever it is told: with it a task cannot be done, and the only right end says so."""

from collections.abc import Sequence

from core.models import ModelRequest, ModelResponse
from core.ports import ModelClient, OnDelta
from evals.datasets import Edit


class InsistingModel:
    """ModelClient around another: the answers of the agents that `edits` name hold the mistake each time."""

    def __init__(self, inner: ModelClient, edits: Sequence[Edit]) -> None:
        self._inner = inner
        self._edits = edits

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        mine = [edit for edit in self._edits if edit.agent is request.agent]
        response = await self._inner.complete(request, None if mine else on_delta)
        if not mine:
            return response
        text = response.text
        for edit in mine:
            text = text.replace(edit.old, edit.new)
        if on_delta is not None:
            on_delta(text)
        return response.model_copy(update={"text": text})

    async def close(self) -> None:
        await self._inner.close()
