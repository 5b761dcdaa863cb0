"""The price table and the order in which prices are looked up."""

import sys

import pytest

from core.budget import FREE, Price, cost_usd, worst_case_usd
from core.errors import InvalidInput
from core.types import Usage
from llm.prices import PriceBook, litellm_prices, parse_prices


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


def test_the_dearest_price_is_an_upper_bound_of_all() -> None:
    book = PriceBook.load({"gold": {"input": 999, "output": 1, "per_call": 2}})
    bound = book.dearest()
    assert (bound.input, bound.per_call) == (999, 2)
    assert bound.output >= 15


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"m": {"input": -1, "output": 1}}, "m.input"),
        ({"m": {"input": 1}}, "m.output"),
        ({"m": {"input": 1, "output": float("nan")}}, "m.output"),
        ({"m": {"input": 1, "output": "dear"}}, "m.output"),
        ({"m": {"input": 1, "output": 1, "colour": 1}}, "m.colour"),
        ({"m": 3}, "m"),
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


@pytest.mark.parametrize("given", ["-1", "nan", "inf", "cheap", ""])
async def test_a_price_that_is_no_price_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput, match="price"):
        await PriceBook.load().find(f"offline/scaffold?price={given}")
