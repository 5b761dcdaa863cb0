"""What models cost: the operator's own prices, then the table shipped here, then LiteLLM's (read without importing it)."""

import asyncio
import importlib.util
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs

from pydantic import TypeAdapter, ValidationError

from core.budget import MICRO, Price, find_price
from core.errors import InvalidInput

_SHIPPED = Path(__file__).parent / "prices.json"
_PRICES: TypeAdapter[dict[str, Price]] = TypeAdapter(dict[str, Price])
_LITELLM_FILE = "model_prices_and_context_window_backup.json"
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
        """The highest rate of every kind in the own and the shipped table: an upper bound for an unknown model."""
        prices = [*self._own.values(), *self._shipped.values()]
        return Price(
            input=max(max(price.input, price.cache_write or 0) for price in prices),
            output=max(price.output for price in prices),
            per_call=max(price.per_call for price in prices),
        )


def parse_prices(table: Mapping[str, object]) -> dict[str, Price]:
    """Check a table of {model: {input, output, cache_read?, cache_write?, per_call?}} in USD per million tokens."""
    try:
        return _PRICES.validate_python(dict(table))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"MODEL_PRICING: {place}: {first['msg']}", field="MODEL_PRICING") from error


def litellm_prices() -> dict[str, Price]:
    """LiteLLM's own table from its installed package; models that it gives no complete token price are left out."""
    spec = importlib.util.find_spec("litellm")
    if spec is None or spec.origin is None:
        return {}
    table = json.loads((Path(spec.origin).parent / _LITELLM_FILE).read_bytes())
    prices = {name: _litellm_price(entry) for name, entry in table.items() if name != "sample_spec"}
    return {name: price for name, price in prices.items() if price is not None}


def _litellm_price(entry: Mapping[str, object]) -> Price | None:
    rates = {field: entry.get(source) for field, source in _LITELLM_FIELDS.items()}
    # A rate of 0 for writing to a cache means that the provider has no such rate, not that it is free.
    numbers = {field: rate * MICRO for field, rate in rates.items() if isinstance(rate, int | float) and rate > 0}
    return Price.model_validate(numbers) if {"input", "output"} <= numbers.keys() else None


def _price_of_query(model: str, query: str) -> Price:
    """`offline/scaffold?price=0.01` costs one cent for each call; without `price` it is free."""
    given = parse_qs(query, keep_blank_values=True).get("price", ["0"])[-1]
    try:
        amount = float(given)
    except ValueError:
        amount = math.nan
    if not math.isfinite(amount) or amount < 0:
        raise InvalidInput(f"{model}: price must be a number of USD per call, 0 or more, got {given!r}", field="model")
    return Price(input=0, output=0, per_call=amount)
