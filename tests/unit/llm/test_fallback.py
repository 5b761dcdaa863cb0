"""The fallback model."""

import pytest

from core.errors import BudgetExceeded, ContentFiltered, ContextOverflow, ModelError, ModelTransientError
from core.models import FinishReason, ModelRequest, ModelResponse
from core.ports import OnDelta
from core.types import AgentName
from llm.fallback import FallbackClient
from tests.unit.llm.scripted import ScriptedClient, a_request


async def test_the_fallback_answers_under_its_own_name_when_the_model_failed() -> None:
    inner = ScriptedClient(ModelError("down"), "from the other one")
    response = await FallbackClient(inner, "groq/other").complete(a_request())
    assert (response.text, response.model) == ("from the other one", "groq/other")
    assert [request.model for request in inner.requests] == ["claude-sonnet-4-6", "groq/other"]


async def test_when_both_fail_the_error_names_both_and_keeps_the_first_ones_kind() -> None:
    inner = ScriptedClient(ModelTransientError("first is busy"), ModelError("second is locked"))
    with pytest.raises(ModelTransientError, match=r"first is busy.*groq/other failed too: second is locked"):
        await FallbackClient(inner, "groq/other").complete(a_request())


@pytest.mark.parametrize("fallback", [None, "", "claude-sonnet-4-6"])
async def test_without_a_fallback_of_another_name_the_error_is_the_models(fallback: str | None) -> None:
    inner = ScriptedClient(ModelError("down"))
    with pytest.raises(ModelError, match=r"^down$"):
        await FallbackClient(inner, fallback).complete(a_request())
    assert len(inner.requests) == 1


async def test_a_budget_that_is_used_up_is_not_answered_by_a_fallback() -> None:
    inner = ScriptedClient(BudgetExceeded("no money"))
    with pytest.raises(BudgetExceeded):
        await FallbackClient(inner, "groq/other").complete(a_request())
    assert len(inner.requests) == 1


WINDOWS = {"claude-sonnet-4-6": 200_000, "larger": 1_000_000, "smaller": 8_000}


async def window(model: str) -> int | None:
    return WINDOWS.get(model)


@pytest.mark.parametrize(("fallback", "asked"), [("larger", True), ("smaller", False), ("unknown", False)])
async def test_what_does_not_fit_is_given_to_a_model_with_a_larger_window_only(fallback: str, asked: bool) -> None:
    inner = ScriptedClient(ContextOverflow("too long"), "an answer")
    client = FallbackClient(inner, fallback, context_window=window)
    if asked:
        assert (await client.complete(a_request())).model == "larger"
    else:
        with pytest.raises(ContextOverflow, match=r"^too long$"):
            await client.complete(a_request())
    assert len(inner.requests) == 1 + asked


async def test_a_window_that_nobody_knows_is_not_smaller_than_another() -> None:
    inner = ScriptedClient(ContextOverflow("too long"), "an answer")
    with pytest.raises(ContextOverflow):
        await FallbackClient(inner, "larger", context_window=window).complete(a_request(model="unknown"))


async def test_agents_have_fallbacks_of_their_own() -> None:
    inner = ScriptedClient(ModelError("down"), "from the other one", ModelError("down"))
    client = FallbackClient(inner, {AgentName.PLANNER: "groq/other"})
    assert (await client.complete(a_request())).model == "groq/other"
    with pytest.raises(ModelError, match=r"^down$"):
        await client.complete(a_request(agent=AgentName.QA))


class Ending:
    """Answers each model with a text and a reason for its end."""

    def __init__(self, answers: dict[str, tuple[str, FinishReason]]) -> None:
        self._answers = answers

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        text, finish = self._answers[request.model]
        return ModelResponse(text=text, model=request.model, finish_reason=finish)

    async def close(self) -> None:
        """Nothing is held."""


async def test_an_answer_that_was_declined_is_asked_of_the_fallback_and_an_error_without_one() -> None:
    inner = Ending({"claude-sonnet-4-6": ("Well,", "content_filter"), "other": ("Gladly", "stop")})
    assert (await FallbackClient(inner, "other").complete(a_request())).text == "Gladly"
    with pytest.raises(ContentFiltered, match="claude-sonnet-4-6 declined"):
        await FallbackClient(inner).complete(a_request())


@pytest.mark.parametrize(("text", "usable"), [("", False), ("half of it", True)])
async def test_a_limit_that_left_nothing_of_an_answer_is_an_error_and_half_an_answer_is_none(
    text: str, usable: bool
) -> None:
    client = FallbackClient(Ending({"claude-sonnet-4-6": (text, "length")}))
    if usable:
        assert (await client.complete(a_request())).finish_reason == "length"
    else:
        with pytest.raises(ModelError, match="used up its 1000 output tokens"):
            await client.complete(a_request())
