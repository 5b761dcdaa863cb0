"""Prices and bounds."""

import math

import pytest

from core.budget import (
    FREE,
    LongRates,
    Price,
    Scope,
    check_cap,
    cost_usd,
    day_account,
    find_price,
    micro_charge,
    micro_usd,
    scope_of,
    worst_case_usd,
)
from core.errors import InvalidInput
from core.types import Usage

SONNET = Price(input=3, output=15, cache_read=0.3, cache_write=3.75)


def test_cache_reads_and_writes_are_priced_on_their_own() -> None:
    usage = Usage(input_tokens=1_000_000, output_tokens=100_000, cache_read_tokens=600_000, cache_write_tokens=200_000)
    assert cost_usd(SONNET, usage) == pytest.approx(0.2 * 3 + 0.6 * 0.3 + 0.2 * 3.75 + 0.1 * 15)


def test_no_call_can_cost_more_than_its_worst_case() -> None:
    for read, write in ((0, 0), (1000, 0), (0, 1000), (500, 500)):
        usage = Usage(input_tokens=1000, output_tokens=50, cache_read_tokens=read, cache_write_tokens=write)
        assert cost_usd(SONNET, usage) <= worst_case_usd(SONNET, 1000, 50) + 1e-12


@pytest.mark.parametrize("amount", [-0.01, math.nan, math.inf, 1e308])
def test_nonsense_amounts_are_refused(amount: float) -> None:
    with pytest.raises(InvalidInput, match="between 0 and"):
        micro_usd(amount)


def test_amounts_are_rounded_up_to_whole_micro_dollars() -> None:
    assert micro_usd(0.5) == 500_000
    assert micro_usd(0.0000001) == 1


@pytest.mark.parametrize(
    ("model", "price"),
    [
        ("claude-x", SONNET),
        ("anthropic/claude-x", SONNET),
        ("offline/scaffold", FREE),
        ("offline/scaffold?fault=x", FREE),
        ("replay/tapes/claude-x", FREE),
        ("replay/tape?speed=1", FREE),
        ("ollama/llama3", FREE),
        ("ollama/claude-x", FREE),
        ("openrouter/meta/llama:free", FREE),
        ("openrouter/anthropic/claude-x", SONNET),
        ("openrouter/anthropic/claude-x:online", None),
        ("openrouter/somebody/new-model", None),
        ("somebody/claude-x", None),
        ("claude-x:free", None),
        ("somebody/anything:free", None),
        ("ft:claude-x:me::1", None),
        ("claude-x-2027-01-01", None),
        ("Offline/scaffold", None),
        ("gpt-unknown?price=0", None),
        ("", None),
        ("gpt-unknown", None),
    ],
)
def test_a_price_is_known_by_name_or_not_at_all(model: str, price: Price | None) -> None:
    assert find_price({"claude-x": SONNET}, model) == price


LONG = Price(input=1, output=5, cache_write=1.25, long=LongRates(tokens=1_000, input=2, output=7))


@pytest.mark.parametrize(("tokens", "usd"), [(1_000, 1_000 * 1 + 10 * 5), (1_001, 1_001 * 2 + 10 * 7)])
def test_a_long_prompt_has_its_own_rates(tokens: int, usd: float) -> None:
    assert cost_usd(LONG, Usage(input_tokens=tokens, output_tokens=10)) * 1e6 == pytest.approx(usd)


def test_the_worst_case_of_a_prompt_that_may_be_long_covers_both_rates() -> None:
    for tokens in (10, 999, 1_000, 1_001, 5_000):
        for written in (0, tokens):
            usage = Usage(input_tokens=tokens, output_tokens=10, cache_write_tokens=written)
            for bound in (tokens, tokens + 600):
                assert cost_usd(LONG, usage) <= worst_case_usd(LONG, bound, 10) + 1e-12


def test_several_calls_are_paid_several_times() -> None:
    price = Price(input=1, output=1, per_call=0.5)
    assert cost_usd(price, Usage(input_tokens=1_000_000), calls=3) == pytest.approx(2.5)


@pytest.mark.parametrize("amount", [0, -0.0, -1, math.nan, math.inf, 1e308, 1_000_000.01])
def test_no_cap_is_nothing_less_than_nothing_or_everything(amount: float) -> None:
    with pytest.raises(ValueError, match="more than 0 and at most 1,000,000 USD"):
        check_cap(amount)


def test_a_charge_may_be_more_than_any_cap() -> None:
    assert micro_charge(2_000_000) == 2_000_000_000_000
    assert micro_charge(math.inf) == micro_charge(1e300) == 10**15


@pytest.mark.parametrize(
    ("account", "scope"),
    [
        ("0123abc", Scope.TASK),
        ("0123abc-replies", Scope.TASK),
        (day_account("2027-01-31"), Scope.DAY),
        (day_account("2027-01-31", "ada@example.org"), Scope.CALLER),
    ],
)
def test_the_name_of_an_account_says_what_it_counts(account: str, scope: Scope) -> None:
    assert scope_of(account) is scope
