"""Retries: what is tried again, how long the waits are, when it ends."""

import pytest

from core.errors import BudgetExceeded, ModelError, ModelTransientError
from llm.retrying import RetryingClient, RetryPolicy
from tests.unit.llm.scripted import ScriptedClient, Step, a_request

BUSY = ModelTransientError("busy")


class Waits:
    """Takes the place of sleeping and remembers for how long."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def retrying(*steps: Step, jitter: float = 0.0, **policy: float) -> tuple[RetryingClient, ScriptedClient, Waits]:
    inner, waits = ScriptedClient(*steps), Waits()
    values = RetryPolicy(**policy)  # type: ignore[arg-type] # max_retries is whole in every call here
    return RetryingClient(inner, values, sleep=waits, jitter=lambda: jitter), inner, waits


async def test_waits_double_from_five_seconds_up_to_a_minute_and_then_the_error_is_raised() -> None:
    client, inner, waits = retrying(BUSY)
    with pytest.raises(ModelTransientError):
        await client.complete(a_request())
    assert waits.seconds == [5, 10, 20, 40, 60, 60]
    assert len(inner.requests) == 7


async def test_jitter_takes_away_at_most_half_of_a_wait() -> None:
    client, _, waits = retrying(BUSY, BUSY, "fine", jitter=1.0)
    assert (await client.complete(a_request())).text == "fine"
    assert waits.seconds == [2.5, 5]


async def test_what_the_provider_asked_for_is_waited_exactly() -> None:
    client, _, waits = retrying(ModelTransientError("busy", retry_after_s=17.0), "fine", jitter=1.0)
    await client.complete(a_request())
    assert waits.seconds == [17]


async def test_a_wait_that_does_not_fit_into_the_total_is_not_begun() -> None:
    client, inner, waits = retrying(ModelTransientError("busy", retry_after_s=3600.0), total_s=100.0)
    with pytest.raises(ModelTransientError):
        await client.complete(a_request())
    assert (len(inner.requests), waits.seconds) == (1, [])


@pytest.mark.parametrize("error", [ModelError("wrong key"), BudgetExceeded("no money")])
async def test_other_errors_are_raised_at_once(error: Exception) -> None:
    client, inner, waits = retrying(error)
    with pytest.raises(type(error)):
        await client.complete(a_request())
    assert (len(inner.requests), waits.seconds) == (1, [])


async def test_every_further_try_is_told_when_it_begins() -> None:
    told: list[str] = []
    inner = ScriptedClient(BUSY, BUSY, "fine")
    client = RetryingClient(inner, RetryPolicy(), sleep=Waits(), on_retry=lambda request: told.append(request.model))
    await client.complete(a_request())
    assert told == ["claude-sonnet-4-6"] * 2
    assert len(inner.requests) == 3
