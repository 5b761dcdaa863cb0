"""What models cost: the operator's own prices, then the table shipped here, then LiteLLM's (read without importing it)."""

import asyncio
import importlib.util
import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs

from pydantic import TypeAdapter, ValidationError

from core.budget import MAX_PER_CALL, MICRO, LongRates, Price, Rates, find_price
from core.errors import InvalidInput

_SHIPPED = Path(__file__).parent / "prices.json"
_PRICES: TypeAdapter[dict[str, Price]] = TypeAdapter(dict[str, Price])
_LITELLM_FILE = "model_prices_and_context_window_backup.json"
_LONGER = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")
_LITELLM_FIELDS = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
}


class PriceBook:
    """Prices by model name. An unknown model has no price (None); it is never free."""

    def __init__(self, own: Mapping[str, Price], shipped: Mapping[str, Price]) -> None:
        self._own = dict(own)
        self._shipped = dict(shipped)
        self._litellm: Mapping[str, Price] | None = None

    @classmethod
    def load(cls, own: Mapping[str, object] | None = None) -> Self:
        """The shipped table under the operator's `own` prices. Raises InvalidInput naming model and field."""
        return cls(parse_prices(own or {}), parse_prices(json.loads(_SHIPPED.read_bytes())))

    async def find(self, model: str) -> Price | None:
        """Price of `model`, None when nobody knows it. Raises InvalidInput for a nonsensical `?price=`."""
        known = self.known(model)
        if known is not None:
            return known
        if self._litellm is None:
            self._litellm = await asyncio.to_thread(litellm_prices)
        return find_price(self._litellm, model)

    def known(self, model: str) -> Price | None:
        """Like `find`, without LiteLLM's table; reads no file."""
        name, _, query = model.partition("?")
        if name in self._own:
            return self._own[name]
        if name.startswith("offline/") and query:
            return _price_of_query(model, query)
        # Local and free models first: `ollama/gpt-oss:20b` must not be charged like a hosted namesake.
        return find_price({}, model) or find_price(self._own, model) or find_price(self._shipped, model)

    def dearest(self) -> Price:
        """The highest rate of every kind in the own and the shipped table: what an unknown model is taken to cost."""
        prices = [*self._own.values(), *self._shipped.values()]
        long = [price.long for price in prices if price.long is not None]
        return Price(
            **_highest(prices),
            per_call=max(price.per_call for price in prices),
            long=LongRates(**_highest([*prices, *long]), tokens=min(rates.tokens for rates in long)) if long else None,
        )


def _highest(rates: Sequence[Rates]) -> dict[str, float]:
    return {
        "input": max(max(rate.input, rate.cache_write or 0, rate.cache_read or 0) for rate in rates),
        "output": max(rate.output for rate in rates),
    }


def parse_prices(table: Mapping[str, object]) -> dict[str, Price]:
    """Check a table of {model: {input, output, cache_read?, cache_write?, per_call?, long?}} in USD per million tokens.

    Raises InvalidInput with the model and the field.
    """
    try:
        return _PRICES.validate_python(dict(table))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(f"MODEL_PRICING: {place}: {message}", field="MODEL_PRICING") from error


def litellm_prices() -> dict[str, Price]:
    """LiteLLM's own table from its installed package; models that it gives no complete token price are left out."""
    spec = importlib.util.find_spec("litellm")
    if spec is None or spec.origin is None:
        return {}
    table = json.loads((Path(spec.origin).parent / _LITELLM_FILE).read_bytes())
    prices = {name: _litellm_price(entry) for name, entry in table.items() if name != "sample_spec"}
    return {name: price for name, price in prices.items() if price is not None}


def _litellm_price(entry: Mapping[str, object]) -> Price | None:
    """None where a rate is missing or makes no sense: then the price is unknown."""
    rates = _litellm_rates(entry, "")
    if not {"input", "output"} <= rates.keys():
        return None
    rates["output"] = max(rates["output"], _micro(entry.get("output_cost_per_reasoning_token")))
    longer = [int(found[1]) for name in entry if (found := _LONGER.fullmatch(name))]
    try:
        # With several steps the dearest counts from the first on.
        long = [{**rates, **_litellm_rates(entry, f"_above_{step}k_tokens")} for step in longer]
        dearest = {name: max(each[name] for each in long) for name in rates} if long else {}
        extra = {"long": {**dearest, "tokens": min(longer) * 1000}} if long else {}
        return Price.model_validate({**rates, **extra, "per_call": _litellm_per_call(entry)})
    except ValidationError:
        return None


def _litellm_rates(entry: Mapping[str, object], suffix: str) -> dict[str, float]:
    # A rate of 0 for writing to a cache means that the provider has no such rate, not that it is free.
    rates = {field: _micro(entry.get(f"{source}{suffix}")) for field, source in _LITELLM_FIELDS.items()}
    return {field: rate for field, rate in rates.items() if rate > 0}


def _litellm_per_call(entry: Mapping[str, object]) -> float:
    """USD. Perplexity searches for every answer, and is paid for it."""
    request = entry.get("input_cost_per_request")
    searches = entry.get("search_context_cost_per_query") if entry.get("litellm_provider") == "perplexity" else None
    fees = [request, *(searches.values() if isinstance(searches, dict) else ())]
    return max((fee for fee in fees if isinstance(fee, int | float)), default=0.0)


def _micro(rate: object) -> float:
    """USD per million tokens, of USD per token; 0 for what is no number."""
    return rate * MICRO if isinstance(rate, int | float) else 0.0


def _price_of_query(model: str, query: str) -> Price:
    """`offline/scaffold?price=0.01` costs one cent for each call; without `price` it is free."""
    given = parse_qs(query, keep_blank_values=True).get("price", ["0"])[-1]
    try:
        amount = float(given)
    except ValueError:
        amount = math.nan
    if not 0 <= amount <= MAX_PER_CALL:
        limits = f"from 0 to {MAX_PER_CALL:,.0f} USD per call"
        raise InvalidInput(f"{model}: price must be a number {limits}, got {given[:40]!r}", field="model")
    return Price(input=0, output=0, per_call=amount)
