"""What our client makes of failures: one try each, what is worth another, and connections that are let go."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from tests.stopwatch import stopwatch
from tests.wire.driving import KEY, Client, Counterpart

GPT, CLAUDE = "gpt-4o-mini", "claude-sonnet-4-6"
BOTH = pytest.mark.parametrize("model", [GPT, CLAUDE])
HASTY = {"stall_timeout_s": 1.0}
"""Enough for the request to be there before the client gives it up."""
LOST: list[dict[str, Any]] = [
    {"reset": True},
    *({"stop_after": 2, "then": how} for how in ("cut", "half-close", "reset", "malformed", "error")),
    {"stop_after": 0, "then": "cut"},
    {"stop_after": 2, "unframed": True},
    {"stop_after": 0, "unframed": True},
]


@BOTH
@pytest.mark.parametrize("status", [429, 500, 503, 529])
def test_overload_is_one_request_and_worth_another_try(
    counterpart: Counterpart, client: Client, model: str, status: int
) -> None:
    counterpart.script(model, {"status": status, "message": "Come back later"})
    told = client.ask(model)
    assert told.error == "ModelTransientError", told.text
    assert told.text == f"{model}: Come back later"
    assert told.fields["retry_after_s"] is None
    assert [entry["status"] for entry in counterpart.log()] == [status]


@BOTH
@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_what_would_fail_again_is_one_request_and_final(
    counterpart: Counterpart, client: Client, model: str, status: int
) -> None:
    counterpart.script(model, {"status": status, "message": "No"})
    told = client.ask(model)
    assert (told.error, told.text) == ("ModelError", f"{model}: No")
    assert told.fields["provider_status"] == status
    assert [entry["status"] for entry in counterpart.log()] == [status]


@BOTH
def test_retry_after_is_read_as_seconds_and_as_a_date(counterpart: Counterpart, client: Client, model: str) -> None:
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=200)
    date = format_datetime(at, usegmt=True)
    for status in (429, 503):
        counterpart.script(model, *({"status": status, "retry_after": after} for after in ("17", date)))
        assert client.ask(model).fields["retry_after_s"] == 17
        before = datetime.now(UTC)
        wait = timedelta(seconds=client.ask(model).fields["retry_after_s"])
        assert at - datetime.now(UTC) <= wait <= at - before


@BOTH
@pytest.mark.parametrize("step", LOST, ids=str)
def test_a_connection_that_is_lost_at_any_moment_is_one_request_and_worth_another_try(
    counterpart: Counterpart, client: Client, model: str, step: dict[str, Any]
) -> None:
    counterpart.script(model, step)
    told = client.ask(model)
    assert told.error == "ModelTransientError", told.text
    assert len(told.deltas) == step.get("stop_after", 0)
    assert len(counterpart.log()) == 1, "LiteLLM would post again by itself"
    assert counterpart.finished()["finished"], "our end of the connection is closed"


def test_an_answer_that_the_provider_ends_in_an_error_is_worth_another_try(
    counterpart: Counterpart, client: Client
) -> None:
    counterpart.script(GPT, {"finish": "error"})
    assert client.ask(GPT).error == "ModelTransientError"


def test_nobody_there_is_worth_another_try(counterpart: Counterpart, client: Client) -> None:
    for model in (GPT, CLAUDE):
        nowhere = {"openai": "http://127.0.0.1:9/v1", "anthropic": "http://127.0.0.1:9"}
        assert client.ask(model, bases=nowhere).error == "ModelTransientError"
    assert counterpart.log() == []


@BOTH
@pytest.mark.parametrize(
    "step",
    [{"silent": True}, {"stop_after": 2, "then": "silent"}, {"stop_after": 2, "then": "pings"}],
    ids=str,
)
def test_silence_ends_a_call_and_lets_the_connection_go(
    counterpart: Counterpart, client: Client, model: str, step: dict[str, Any]
) -> None:
    counterpart.script(model, step)
    with stopwatch() as spent:
        told = client.ask(model, options=HASTY)
        entry = counterpart.finished()
        assert spent() < 3
    assert told.error == "ModelTransientError"
    assert "silent" in told.text
    assert told.seconds > 0.3
    assert entry["disconnected"]


@BOTH
def test_slow_tokens_are_no_silence_but_have_an_end(counterpart: Counterpart, client: Client, model: str) -> None:
    """Each pause is far below the limits, and all together are beyond them."""
    slow, options = {"pause_s": 0.5, "pieces": 8}, {"stall_timeout_s": 3.0}
    counterpart.script(model, slow, slow)
    told = client.ask(model, options=options)
    assert told.response["finish_reason"] == "stop"
    assert told.seconds > 3
    told = client.ask(model, options=options | {"call_timeout_s": 2.5})
    assert (told.error, told.text) == ("ModelTransientError", f"{model} took longer than 2.5 s")
    assert counterpart.finished()["disconnected"]


@BOTH
@pytest.mark.parametrize(
    ("step", "when"),
    [
        ({"silent": True}, "asked"),
        ({"pause_s": 2}, "delta"),
        ({"stop_after": 1, "then": "silent"}, "delta"),
    ],
    ids=["before the first byte", "between two", "in a silence"],
)
def test_a_call_that_is_cancelled_closes_its_connection_at_once(
    counterpart: Counterpart, client: Client, model: str, step: dict[str, Any], when: str
) -> None:
    client.ask(model)  # so that loading LiteLLM is no part of it
    counterpart.reset()
    counterpart.script(model, step)
    at: dict[str, Any] = (
        {"cancel_when_asked": f"{counterpart.url}/_log"} if when == "asked" else {"cancel_at_delta": True}
    )
    told = client.ask(model, **at)
    assert told.error == "cancelled"
    assert told.cancelling_s < 0.5
    with stopwatch() as spent:
        assert counterpart.finished()["disconnected"]
        assert spent() < 1
    assert client.ask(model).response, "the client goes on"


@BOTH
@pytest.mark.parametrize("status", [401, 400, 500])
def test_a_key_that_the_provider_repeats_is_not_told(
    counterpart: Counterpart, client: Client, model: str, status: int
) -> None:
    counterpart.script(model, {"status": status, "message": "Incorrect API key provided", "quote_key": True})
    told = client.ask(model)
    assert KEY in str(counterpart.log()[0]["error"])
    assert "Incorrect API key provided" in told.text
    assert KEY not in told.text + str(told.fields)


def test_nor_is_a_key_that_came_with_the_parameters(counterpart: Counterpart, client: Client) -> None:
    counterpart.script(GPT, {"status": 400, "message": "Bad key", "quote_key": True})
    by_hand = {"api_key": KEY, "api_base": f"{counterpart.url}/other/v1"}
    told = client.ask(GPT, keys={}, bases={}, params=by_hand)
    assert counterpart.log()[0]["path"] == "/other/v1/chat/completions"
    assert told.text.startswith(f"{GPT}: Bad key: ")
    assert KEY not in told.text


def test_a_key_that_the_provider_does_not_take_is_not_told_in_part(counterpart: Counterpart, client: Client) -> None:
    told = client.ask(GPT, keys={"openai": "canary-of-openai-which-is-wrong"})
    assert "canary-o****" in str(counterpart.log()[0]["error"])
    assert told.fields["provider_status"] == 401
    assert told.text.startswith(f"{GPT}: Incorrect API key provided: ")
    assert "canary" not in told.text


def test_parameters_of_the_wrappers_are_refused_before_anything_is_asked(
    counterpart: Counterpart, client: Client
) -> None:
    told = client.ask(GPT, params={"n": 3, "max_tokens": 9})
    assert told.error == "ModelError"
    assert "max_tokens, n" in told.text
    assert counterpart.log() == []
