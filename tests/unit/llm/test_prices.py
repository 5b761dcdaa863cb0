"""The price table and the order in which prices are looked up."""

import sys

import pytest

from core.budget import FREE, LongRates, Price, cost_usd, worst_case_usd
from core.errors import InvalidInput
from core.types import Usage
from llm.prices import PriceBook, _litellm_price, litellm_prices, parse_prices


@pytest.mark.parametrize(
    ("model", "input_usd", "output_usd"),
    [
        ("claude-sonnet-4-6", 3.0, 15.0),
        ("claude-haiku-4-5", 1.0, 5.0),
        ("vertex_ai/claude-sonnet-4-6", 3.0, 15.0),
        ("gemini/gemini-2.5-flash", 0.3, 2.5),
        ("deepseek/deepseek-chat", 0.28, 0.42),
    ],
)
def test_the_main_models_have_their_list_price(model: str, input_usd: float, output_usd: float) -> None:
    price = PriceBook.load().known(model)
    assert price is not None
    assert (price.input, price.output) == (input_usd, output_usd)


async def test_litellms_table_is_second_and_is_read_without_importing_litellm() -> None:
    loaded_before = "litellm" in sys.modules
    book = PriceBook.load()
    assert book.known("mistral/mistral-large-latest") is None
    price = await book.find("mistral/mistral-large-latest")
    assert price is not None
    assert price.output > 0
    assert ("litellm" in sys.modules) is loaded_before


def test_the_shipped_table_agrees_with_litellms() -> None:
    theirs = litellm_prices()
    book = PriceBook.load()
    for name in ("claude-sonnet-4-6", "claude-haiku-4-5", "gpt-5", "gemini/gemini-2.5-pro", "deepseek/deepseek-chat"):
        ours, other = book.known(name), theirs[name]
        assert ours is not None
        assert (ours.long is None) == (other.long is None)
        assert ours.input == pytest.approx(other.input)
        assert ours.output == pytest.approx(other.output)


@pytest.mark.parametrize(
    "model", ["ollama/deepseek-chat", "offline/scaffold", "mailbox/inbox", "openrouter/x/gpt-5:free"]
)
async def test_local_and_free_models_cost_nothing_even_with_a_namesake_in_the_table(model: str) -> None:
    assert await PriceBook.load().find(model) == FREE


@pytest.mark.parametrize("model", ["nobody/knows-this", "my-own-model"])
async def test_an_unknown_model_has_no_price(model: str) -> None:
    assert await PriceBook.load().find(model) is None


async def test_the_operators_own_prices_come_first() -> None:
    own = {"claude-sonnet-4-6": {"input": 1, "output": 2}, "ollama/big": {"input": 0.5, "output": 0.5}}
    book = PriceBook.load(own)
    assert await book.find("claude-sonnet-4-6") == Price(input=1, output=2)
    assert await book.find("ollama/big") == Price(input=0.5, output=0.5)


def entry(**changes: object) -> dict[str, object]:
    return {"input_cost_per_token": 1e-6, "output_cost_per_token": 5e-6, **changes}


@pytest.mark.parametrize(
    "found",
    [
        entry(input_cost_per_token=None),
        entry(output_cost_per_token=0),
        entry(input_cost_per_token=float("nan")),
        entry(output_cost_per_token=-1e-6),
        entry(output_cost_per_token=1.0),
        entry(input_cost_per_token=1e-12),
        entry(input_cost_per_token="1e-6"),
        entry(input_cost_per_request=1e9),
    ],
)
def test_an_entry_of_litellm_that_makes_no_sense_leaves_the_price_unknown(found: dict[str, object]) -> None:
    assert _litellm_price(found) is None


def test_an_entry_of_litellm_is_read_with_all_that_it_asks_for() -> None:
    found = entry(
        output_cost_per_reasoning_token=9e-6,
        input_cost_per_token_above_200k_tokens=2e-6,
        output_cost_per_token_above_200k_tokens=8e-6,
        input_cost_per_token_above_272k_tokens=3e-6,
        input_cost_per_token_above_272k_tokens_flex=5e-7,
        search_context_cost_per_query={"search_context_size_high": 0.01},
    )
    long = LongRates(tokens=200_000, input=3, output=9)
    assert _litellm_price(found) == Price(input=1, output=9, long=long)
    perplexity = _litellm_price({**found, "litellm_provider": "perplexity", "input_cost_per_request": 0.005})
    assert perplexity is not None
    assert perplexity.per_call == 0.01


@pytest.mark.parametrize(
    "model",
    [
        "openrouter/new/model",
        "gpt-77",
        "ft:gpt-4o-mini-2024-07-18:org::id",
        "claude-x?price=0",
        "openai/gpt-77?price=0",
        "x:free",
    ],
)
async def test_a_name_that_nobody_priced_is_never_free(model: str) -> None:
    price = await PriceBook.load().find(model)
    assert price is None or price.input > 0 < price.output


async def test_nothing_that_is_known_is_free_but_what_runs_here_or_is_given_away() -> None:
    for name, price in litellm_prices().items():
        assert price.input > 0 < price.output, name


def test_the_dearest_price_is_an_upper_bound_of_all() -> None:
    book = PriceBook.load({"gold": {"input": 999, "output": 1, "per_call": 2}})
    bound = book.dearest()
    assert (bound.input, bound.per_call) == (999, 2)
    assert bound.output >= 180
    assert bound.long is not None
    assert bound.long.output >= 270


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"m": {"input": -1, "output": 1}}, "m.input"),
        ({"m": {"input": 1}}, "m.output"),
        ({"m": {"input": 1, "output": float("nan")}}, "m.output"),
        ({"m": {"input": 1, "output": "dear"}}, "m.output"),
        ({"m": {"input": 1, "output": 1, "colour": 1}}, "m.colour"),
        ({"m": 3}, "m"),
        ({"m": {"input": float("inf"), "output": 1}}, "m.input"),
        ({"m": {"input": 1e308, "output": 1}}, "m.input"),
        ({"m": {"input": 3e-6, "output": 15}}, "m.input"),
        ({"m": {"input": 1, "output": 1, "cache_write": -1}}, "m.cache_write"),
        ({"m": {"input": 1, "output": 1, "cache_read": float("nan")}}, "m.cache_read"),
        ({"m": {"input": 1, "output": 1, "per_call": 1e9}}, "m.per_call"),
        ({"m": {"input": 1, "output": 1, "long": {"input": 2, "output": 2}}}, "m.long.tokens"),
        ({"m": {"input": 1, "output": 1, "long": {"tokens": 9, "input": 0.5, "output": 2}}}, "m: `long`"),
    ],
)
def test_a_wrong_price_table_is_refused_by_name(table: dict[str, object], named: str) -> None:
    with pytest.raises(InvalidInput, match=f"MODEL_PRICING: {named}"):
        parse_prices(table)


async def test_the_offline_model_costs_what_its_query_says_for_each_call() -> None:
    price = await PriceBook.load().find("offline/scaffold?mistakes=1&price=0.01")
    assert price is not None
    assert cost_usd(price, Usage(input_tokens=5_000, output_tokens=900)) == 0.01
    assert worst_case_usd(price, 5_000, 16_000) == 0.01


@pytest.mark.parametrize("given", ["-1", "nan", "inf", "cheap", "", "1e308", "10001"])
async def test_a_price_that_is_no_price_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput, match="price"):
        await PriceBook.load().find(f"offline/scaffold?price={given}")
