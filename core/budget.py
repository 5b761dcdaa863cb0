"""Pure rules of money: prices, worst cases, and whether a reservation fits. Amounts are USD."""

import math
from collections.abc import Mapping

from pydantic import Field

from core.errors import InvalidInput
from core.types import Usage, Value

MICRO = 1_000_000


class Price(Value):
    """List price in USD per million tokens; `per_call` is USD for each call, whatever its size."""

    input: float = Field(ge=0, allow_inf_nan=False)
    output: float = Field(ge=0, allow_inf_nan=False)
    cache_read: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    cache_write: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    per_call: float = Field(default=0, ge=0, allow_inf_nan=False)


FREE = Price(input=0, output=0)


class Spend(Value):
    """State of one task's account."""

    cap_usd: float
    spent_usd: float = 0.0
    reserved_usd: float = 0.0

    @property
    def free_usd(self) -> float:
        return self.cap_usd - self.spent_usd - self.reserved_usd


def micro_usd(amount_usd: float) -> int:
    """Round up to whole millionths of a dollar: the ledger counts integers, so that no sum drifts."""
    if not math.isfinite(amount_usd) or amount_usd < 0 or amount_usd > 1_000_000:
        raise InvalidInput(f"amount must be between 0 and 1,000,000 USD, got {amount_usd!r}", field="budget_usd")
    return math.ceil(round(amount_usd * MICRO, 3))


def cost_usd(price: Price, usage: Usage) -> float:
    """Cost of a finished call. Cache reads and writes are part of `input_tokens` and are priced on their own."""
    read, write = usage.cache_read_tokens, usage.cache_write_tokens
    plain = max(0, usage.input_tokens - read - write)
    read_price = price.input if price.cache_read is None else price.cache_read
    write_price = price.input if price.cache_write is None else price.cache_write
    total = plain * price.input + read * read_price + write * write_price + usage.output_tokens * price.output
    return total / MICRO + price.per_call


def worst_case_usd(price: Price, input_tokens: int, max_output_tokens: int) -> float:
    """Upper bound of a call's cost: dearest input rate for all input, and every output token used."""
    input_rate = max(price.input, price.cache_write or 0.0, price.cache_read or 0.0)
    return (input_tokens * input_rate + max_output_tokens * price.output) / MICRO + price.per_call


def estimate_tokens(characters: int) -> int:
    """Stated upper bound where no tokenizer is at hand: one token for every two characters, and 64 for the frame."""
    return characters // 2 + 64


def find_price(prices: Mapping[str, Price], model: str) -> Price | None:
    """Price of `model`: exact name; local and free models cost 0; the name without its provider; else None."""
    name = model.split("?", 1)[0]
    if name in prices:
        return prices[name]
    if name.startswith(("ollama/", "ollama_chat/", "offline/", "mailbox/", "replay/")) or name.endswith(":free"):
        return FREE
    return prices.get(name.rsplit("/", 1)[-1])
