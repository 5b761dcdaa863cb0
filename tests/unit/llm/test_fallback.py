"""The fallback model."""

import pytest

from core.errors import BudgetExceeded, ModelError, ModelTransientError
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
