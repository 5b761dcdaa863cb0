"""The models `offline/...`: deterministic, in this process, and seeing only the rendered messages."""

import importlib
from collections.abc import Callable

from core.computing import compute
from core.errors import ModelError
from core.models import ModelRequest, ModelResponse
from core.offline_models import fault_in_offline_name
from core.ports import OnDelta
from core.types import Usage
from llm.offline.prompt_view import PromptView, view

CHARACTERS_PER_TOKEN = 4
DELTAS = 6


class OfflineModel:
    """ModelClient of the models `offline/...`.

    `offline/scaffold?fault=NAME,NAME` makes mistakes in a first attempt; `offline/apprentice?seed=N&rate=R` draws them, but
    for those that a rule of its identity keeps it from. `?ask=AGENT:AGENT` makes the first of them ask the second one before
    it writes; `:WORDS` behind says what. The same messages give the same answer. Tokens are estimated, so that statistics and
    `?price=` have something to count.
    """

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """Answer one request. Raises ModelError for another model's name and for prompts that it does not know."""
        check_name(request.model)
        text, cut = await compute(_answer, request)
        if on_delta is not None:
            for piece in _pieces(text):
                on_delta(piece)
        given = sum(len(message.content) for message in request.messages)
        usage = Usage(input_tokens=_tokens(given), output_tokens=_tokens(len(text)))
        return ModelResponse(text=text, model=request.model, finish_reason="length" if cut else "stop", usage=usage)

    async def close(self) -> None:
        """Nothing is held."""


def check_name(model: str) -> None:
    """Raises ModelError when there is no such offline model, or its options cannot be read."""
    if fault := fault_in_offline_name(model):
        raise ModelError(f"there is no offline model {model!r}: {fault}")


def _answer(request: ModelRequest) -> tuple[str, bool]:
    """The answer, from where an earlier one was cut off, and whether it is cut off again.

    On one thread: CPython 3.11 counts the depth of `ast.parse` once for all, so that two at once can fail with SystemError.
    """
    prompt = view(request.messages)
    whole = _load()(prompt, request.model)
    rest = whole[len(prompt.said) :] if prompt.said and whole.startswith(prompt.said) else whole
    limit = request.max_output_tokens * CHARACTERS_PER_TOKEN
    return rest[:limit], len(rest) > limit


def _load() -> Callable[[PromptView, str], str]:
    """The rules and templates, loaded with the first question: who has a provider's key never needs them."""
    answer: Callable[[PromptView, str], str] = importlib.import_module("llm.offline.steps").answer
    return answer


def _tokens(characters: int) -> int:
    return max(1, characters // CHARACTERS_PER_TOKEN)


def _pieces(text: str) -> list[str]:
    size = max(1, -(-len(text) // DELTAS))
    return [text[start : start + size] for start in range(0, len(text), size)]
