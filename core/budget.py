"""Pure rules of money: prices, worst cases, caps and their accounts. Amounts are USD."""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from core.errors import InvalidInput
from core.types import Usage, Value

MICRO = 1_000_000
MAX_USD = 1_000_000.0
MAX_CHARGE_USD = 1e9
"""The most that one call is taken to have cost, whatever its provider says."""
MAX_RATE, MIN_RATE = 20_000.0, 0.001
"""USD per million tokens. Below is a price per token that was written where one per million belongs."""
MAX_PER_CALL = 10_000.0
LIST_PRICES = frozenset(
    {"anthropic", "openai", "azure", "azure_ai", "vertex_ai", "gemini", "bedrock", "openrouter", "deepseek"}
)
"""Providers that ask for a model what its maker asks, so that its name without theirs finds the price."""


def check_cap(amount_usd: float) -> float:
    """Raises ValueError unless it can be the cap of something that costs money."""
    if not 0 < amount_usd <= MAX_USD:
        raise ValueError(f"must be more than 0 and at most {MAX_USD:,.0f} USD, not {amount_usd:g}")
    return amount_usd


CapUsd = Annotated[
    float, AfterValidator(check_cap), Field(json_schema_extra={"exclusiveMinimum": 0, "maximum": MAX_USD})
]


def _check_rate(rate: float) -> float:
    if rate != 0 and not MIN_RATE <= rate <= MAX_RATE:
        raise ValueError(f"must be 0, or from {MIN_RATE:g} to {MAX_RATE:,.0f} USD per million tokens, not {rate:g}")
    return rate


Rate = Annotated[float, AfterValidator(_check_rate)]


class Rates(Value):
    """List price in USD per million tokens."""

    input: Rate
    output: Rate
    cache_read: Rate | None = None
    cache_write: Rate | None = None

    def cost(self, usage: Usage) -> float:
        """Millionths of a dollar. Cache reads and writes are part of `input_tokens` and are priced on their own."""
        read, write = usage.cache_read_tokens, usage.cache_write_tokens
        plain = max(0, usage.input_tokens - read - write)
        read_rate = self.input if self.cache_read is None else self.cache_read
        write_rate = self.input if self.cache_write is None else self.cache_write
        return plain * self.input + read * read_rate + write * write_rate + usage.output_tokens * self.output

    def worst_case(self, input_tokens: int, output_tokens: int) -> float:
        """Millionths of a dollar: the dearest input rate for all input, and every output token used."""
        return input_tokens * max(self.input, self.cache_write or 0, self.cache_read or 0) + output_tokens * self.output


class LongRates(Rates):
    """What a call costs as a whole when its input is longer than `tokens`."""

    tokens: int = Field(gt=0)


class Price(Rates):
    """`per_call` is USD for each call, whatever its size."""

    per_call: float = Field(default=0, ge=0, le=MAX_PER_CALL, allow_inf_nan=False)
    long: LongRates | None = None

    @property
    def free(self) -> bool:
        rates = (self.input, self.output, self.cache_read or 0, self.cache_write or 0, self.per_call)
        return not any(rates) and self.long is None

    @model_validator(mode="after")
    def _long_is_not_cheaper(self) -> Self:
        if self.long is not None and (self.long.input < self.input or self.long.output < self.output):
            raise ValueError("`long` must not be cheaper")
        return self


FREE = Price(input=0, output=0)


class Scope(StrEnum):
    """Whose money an account counts: a task's, a caller's of one day, or everybody's of one day."""

    TASK = "task"
    CALLER = "caller"
    DAY = "day"


def day_account(day: str, caller: str | None = None) -> str:
    """The ledger's name of a day (`2026-01-31`), or of what one caller spends on it."""
    return f"day:{day}" if caller is None else f"day:{day}:{caller}"


def scope_of(account: str) -> Scope:
    """A task's account is named as the task is, without a colon."""
    _, _, rest = account.partition(":")
    if not rest:
        return Scope.TASK
    return Scope.CALLER if ":" in rest else Scope.DAY


REPLY_BUDGET_USD = 0.20
"""Reading a task's replies is charged to an account of its own, so that a used-up budget can still be raised in words."""


def reply_account(task_id: str) -> str:
    """The ledger's name of what reading a task's replies costs."""
    return f"{task_id}-replies"


REFLECTION_TOKENS = 1_500
"""Of an answer: a few rules. What it might take at most must fit into the default of REFLECTION_BUDGET_USD."""


def reflection_account(reflection: str) -> str:
    """The ledger's name of what one reflection of an agent costs. Not its own, about whose unknown prices people are asked."""
    return f"{reflection}-budget"


def experiments_account(day: str) -> str:
    """The ledger's name of what the experiments of a day (`2026-01-31`) cost that began by themselves."""
    return f"experiments-{day}"


def kept_for_replies(account: str, cap: int, payer: str) -> int:
    """Of a day's cap, what `payer` may not use, in the cap's unit of millionths: a tenth, at most that of one task.

    So a day that is used up can be raised in words, too.
    """
    if scope_of(account) is Scope.TASK or payer.endswith("-replies"):
        return 0
    return min(cap // 10, micro_usd(REPLY_BUDGET_USD))


class DayCaps(Value):
    """Caps of every day; None for none."""

    day_usd: CapUsd | None = None
    caller_usd: CapUsd | None = None


class Spend(Value):
    """State of one account; `cap_usd` is None for a day without a cap.

    `overrun_usd` is what providers charged beyond what was set aside for their calls, since a person last spoke about
    the account: while there is some, nothing further is set aside.
    """

    cap_usd: float | None
    spent_usd: float = 0.0
    reserved_usd: float = 0.0
    overrun_usd: float = 0.0

    @property
    def free_usd(self) -> float:
        return math.inf if self.cap_usd is None else max(0.0, self.cap_usd - self.spent_usd - self.reserved_usd)


class DaySpend(Spend):
    """A day's account: everybody's, or one caller's. `ends_at` (Unix time) is when the next day opens."""

    day: str
    ends_at: float
    caller: str | None = None


def micro_usd(amount_usd: float) -> int:
    """Round up to whole millionths of a dollar: the ledger counts integers, so that no sum drifts."""
    if not 0 <= amount_usd <= MAX_USD:
        raise InvalidInput(f"amount must be between 0 and {MAX_USD:,.0f} USD, not {amount_usd!r}", field="budget_usd")
    return math.ceil(round(amount_usd * MICRO, 3))


def micro_charge(cost_usd: float) -> int:
    """What a call is charged, in whole millionths; more than is plausible counts as the most that is."""
    return micro_usd(cost_usd) if cost_usd <= MAX_USD else math.ceil(min(cost_usd, MAX_CHARGE_USD) * MICRO)


def cost_usd(price: Price, usage: Usage, calls: int = 1) -> float:
    """Cost of a finished call, or of the usage of several."""
    long = price.long
    rates = price if long is None or usage.input_tokens <= long.tokens * calls else long
    return rates.cost(usage) / MICRO + price.per_call * calls


def worst_case_usd(price: Price, input_tokens: int, max_output_tokens: int) -> float:
    """Upper bound of a call's cost. `input_tokens` is a bound, too: below it the shorter rates may be the dearer ones."""
    worst = price.worst_case(input_tokens, max_output_tokens)
    if price.long is not None and input_tokens > price.long.tokens:
        worst = max(worst, price.long.worst_case(input_tokens, max_output_tokens))
    return worst / MICRO + price.per_call


def estimate_tokens(characters: int) -> int:
    """A high guess where nobody counted: one token for every two characters, and 64 for the frame."""
    return characters // 2 + 64


def find_price(prices: Mapping[str, Price], model: str) -> Price | None:
    """Price of `model`: exact name; local and free models cost 0; the maker's name where that is its price; else None."""
    name = model.split("?", 1)[0]
    if name in prices:
        return prices[name]
    if is_free(name):
        return FREE
    provider, _, rest = name.partition("/")
    return prices.get(rest.rsplit("/", 1)[-1]) if provider in LIST_PRICES else None


def is_free(name: str) -> bool:
    """Whether nobody is paid for this model: it runs here, is a recording, or OpenRouter gives it away."""
    local = name.startswith(("ollama/", "ollama_chat/", "offline/", "mailbox/", "replay/"))
    return local or (name.startswith("openrouter/") and name.endswith(":free"))
