"""Prices and bounds."""

import math

import pytest

from core.budget import FREE, Price, cost_usd, find_price, micro_usd, worst_case_usd
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
        ("gpt-unknown", None),
    ],
)
def test_an_unknown_price_is_never_zero(model: str, price: Price | None) -> None:
    assert find_price({"claude-x": SONNET}, model) == price
