"""Makes what is asked fit into the model's context window, and says to a person what is needed where it cannot."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from agents.condensing import characters, in_excerpts, without_outdated
from core.budget import estimate_tokens
from core.computing import compute
from core.errors import ContextOverflow
from core.models import Message, ModelRequest, ModelResponse
from core.ports import ModelClient, OnDelta
from core.types import AgentName

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Window:
    """Tokens that a model takes, answer and all; `largest` is that of its fallback where it takes more."""

    own: int
    largest: int


Windows = Callable[[AgentName, str], Awaitable[Window | None]]
"""The window of an agent's model, None when nobody knows it."""


class FittingClient:
    """ModelClient around another. Two guesses decide what is done before a call, and the provider's word what after it.

    What is out of date costs nothing to leave out: it goes as soon as the high guess (core.budget, two characters a
    token) does not fit. Excerpts lose text: they are sent when even the low guess (four characters a token) fits into no
    model that may be asked, or when the provider refused, which costs nothing. The ledger's bound would be tighter than
    the high guess, but belongs to the adapters, and looks at every word of every message.
    """

    def __init__(self, inner: ModelClient, windows: Windows, setting: Callable[[AgentName], str]) -> None:
        """`setting` names the variable that holds an agent's model."""
        self._inner = inner
        self._windows = windows
        self._setting = setting

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """Raises ContextOverflow, with what is needed and what can be set, and what the inner client raises."""
        window = await self._windows(request.agent, request.model)
        sent = request if window is None else await compute(fitted, request, window)
        try:
            return await self._inner.complete(sent, on_delta)
        except ContextOverflow as error:
            shorter = await compute(tightened, request, window)
            if shorter == sent:
                raise self._explained(sent, window, error) from error
        log.warning("%s: what %s asks does not fit; asked again, condensed", request.model, request.agent)
        try:
            return await self._inner.complete(shorter, on_delta)
        except ContextOverflow as error:
            raise self._explained(shorter, window, error) from error

    async def close(self) -> None:
        await self._inner.close()

    def _explained(self, sent: ModelRequest, window: Window | None, error: ContextOverflow) -> ContextOverflow:
        low, high = _least(sent.messages), _most(sent.messages)
        takes = f"takes {window.largest:,} tokens" if window else "takes an unknown number of tokens"
        return ContextOverflow(
            f"{sent.model} {takes} (MODEL_CONTEXT_WINDOWS, or LiteLLM's table), and {sent.prompt_name} needs {low:,} to {high:,} "
            f"beside {sent.max_output_tokens:,} for the answer, although it was condensed. Set {self._setting(sent.agent)} or a "
            f"fallback to a model that takes more. {error}",
            **{
                **error.fields,
                "model": sent.model,
                "window": window.largest if window else None,
                "needed_at_least": low,
                "needed_at_most": high,
            },
        )


def fitted(request: ModelRequest, window: Window) -> ModelRequest:
    """What is sent at first: as it is where the high guess fits."""
    messages = request.messages
    if _most(messages) > _room(request, window.own):
        messages = without_outdated(messages)
    if _least(messages) > _room(request, window.largest):
        messages = in_excerpts(messages, lambda made: _most(made) <= _room(request, window.own))
    left = max(window.own - _most(messages), _share(request, window.own))
    return _with(request, messages, min(request.max_output_tokens, left))


def tightened(request: ModelRequest, window: Window | None) -> ModelRequest:
    """What is sent when the provider refused: the shortest, with as little set aside for the answer."""
    if window is None:
        half = _most(request.messages) // 2
        messages = in_excerpts(request.messages, lambda made: _most(made) <= half)
        return _with(request, messages, max(1, request.max_output_tokens // 4))
    messages = in_excerpts(request.messages, lambda made: _most(made) <= _room(request, window.own))
    return _with(request, messages, _share(request, window.own))


def _with(request: ModelRequest, messages: tuple[Message, ...], max_output_tokens: int) -> ModelRequest:
    return request.model_copy(update={"messages": messages, "max_output_tokens": max_output_tokens})


def _share(request: ModelRequest, window: int) -> int:
    """Of a window, what the answer is left; a longer one is asked to go on."""
    return min(request.max_output_tokens, max(1, window // 4))


def _room(request: ModelRequest, window: int) -> int:
    return window - _share(request, window)


def _most(messages: Sequence[Message]) -> int:
    return estimate_tokens(characters(messages))


def _least(messages: Sequence[Message]) -> int:
    return characters(messages) // 4
