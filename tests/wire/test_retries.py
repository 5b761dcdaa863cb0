"""Retries and fallbacks over HTTP: who is asked, how often, and after how long a wait."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from tests.stopwatch import stopwatch
from tests.wire.driving import Client, Counterpart

GPT, CLAUDE = "gpt-4o-mini", "claude-sonnet-4-6"
QUICK: dict[str, Any] = {"max_retries": 2, "base_delay_s": 0.05, "max_delay_s": 0.1}
BUSY = {"status": 429}


def asked(counterpart: Counterpart) -> list[str]:
    return [entry["body"]["model"] for entry in counterpart.log()]


@pytest.mark.parametrize("model", [GPT, CLAUDE])
@pytest.mark.parametrize("step", [BUSY, {"status": 503}, {"status": 529}, {"reset": True}, {"stop_after": 1}], ids=str)
def test_what_passes_is_tried_again_until_it_has_passed(
    counterpart: Counterpart, client: Client, model: str, step: dict[str, Any]
) -> None:
    counterpart.script(model, step, step)
    told = client.ask(model, retries=QUICK)
    assert told.response["text"] == "You said: Plan a todo list.", told.text
    assert asked(counterpart) == [model] * 3


def test_a_failure_that_does_not_pass_is_raised_after_the_last_try(counterpart: Counterpart, client: Client) -> None:
    counterpart.script(GPT, *[BUSY] * 5)
    assert client.ask(GPT, retries=QUICK).error == "ModelTransientError"
    assert asked(counterpart) == [GPT] * 3


@pytest.mark.parametrize("model", [GPT, CLAUDE])
@pytest.mark.parametrize("status", [400, 401, 403])
def test_what_does_not_pass_is_not_tried_again(
    counterpart: Counterpart, client: Client, model: str, status: int
) -> None:
    counterpart.script(model, {"status": status})
    assert client.ask(model, retries=QUICK).error == "ModelError"
    assert asked(counterpart) == [model]


@pytest.mark.parametrize("model", [GPT, CLAUDE])
def test_the_provider_says_how_long_to_wait_in_either_form(
    counterpart: Counterpart, client: Client, model: str
) -> None:
    counterpart.script(model, BUSY | {"retry_after": "1"})
    with stopwatch() as spent:
        told = client.ask(model, retries=QUICK)
        assert spent() < 4
    assert told.response
    assert told.seconds >= 1
    at = datetime.now(UTC) + timedelta(seconds=2)
    counterpart.script(model, BUSY | {"retry_after": format_datetime(at, usegmt=True)})
    assert client.ask(model, retries=QUICK).response
    assert datetime.now(UTC) >= at.replace(microsecond=0)


def test_a_wait_that_is_longer_than_all_tries_may_take_is_not_begun(counterpart: Counterpart, client: Client) -> None:
    counterpart.script(GPT, BUSY | {"retry_after": "3600"})
    with stopwatch() as spent:
        told = client.ask(GPT, retries=QUICK | {"total_s": 10}, fallback=CLAUDE)
        assert spent() < 5
    assert told.response["model"] == CLAUDE
    assert asked(counterpart) == [GPT, CLAUDE]


def test_the_fallback_answers_after_the_last_try(counterpart: Counterpart, client: Client) -> None:
    counterpart.script(CLAUDE, *[{"status": 529}] * 3)
    told = client.ask(CLAUDE, retries=QUICK, fallback=GPT)
    assert (told.response["model"], told.response["text"]) == (GPT, "You said: Plan a todo list.")
    assert asked(counterpart) == [CLAUDE] * 3 + [GPT]


@pytest.mark.parametrize("step", [{"status": 401}, {"refusal": "No", "text": ""}], ids=str)
def test_the_fallback_answers_at_once_where_another_try_could_not_help(
    counterpart: Counterpart, client: Client, step: dict[str, Any]
) -> None:
    counterpart.script(CLAUDE, step)
    assert client.ask(CLAUDE, retries=QUICK, fallback=GPT).response["model"] == GPT
    assert asked(counterpart) == [CLAUDE, GPT]


def test_an_agent_has_its_own_fallback_and_another_none(counterpart: Counterpart, client: Client) -> None:
    fallbacks = {"planner": GPT, "devops_agent": ""}
    counterpart.script(CLAUDE, {"status": 401}, {"status": 401})
    assert client.ask(CLAUDE, agent="planner", fallback=fallbacks).response["model"] == GPT
    assert client.ask(CLAUDE, agent="devops_agent", fallback=fallbacks).error == "ModelError"
    assert asked(counterpart) == [CLAUDE, GPT, CLAUDE]


@pytest.mark.parametrize(
    ("fallback", "windows", "answers"),
    [
        ("gpt-4o-mini", {}, True),
        ("claude-haiku-4-5", {}, True),
        ("my-own-model", {}, False),
        ("my-own-model", {"my-own-model": 32_768}, True),
        ("my-own-model", {"my-own-model": 8_192}, False),
    ],
)
def test_what_is_too_large_goes_to_a_larger_model_only(
    counterpart: Counterpart, client: Client, fallback: str, windows: dict[str, int], answers: bool
) -> None:
    """gpt-4 takes 8,192 tokens, which LiteLLM's table knows; it does not know my-own-model."""
    told = client.ask(
        "gpt-4", "You plan.", "x" * 60_000, max_output_tokens=1_000, retries=QUICK, fallback=fallback, windows=windows
    )
    assert bool(told.response) is answers
    assert told.error == ("" if answers else "ContextOverflow")
    assert asked(counterpart) == ["gpt-4", *([fallback] if answers else [])]
