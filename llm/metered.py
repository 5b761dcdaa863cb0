"""Money around one model call: the worst case is set aside before it, what it really cost is settled after it."""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from core.budget import Price, cost_usd, estimate_tokens, worst_case_usd
from core.computing import compute
from core.errors import AutonomyError, BudgetExceeded, ModelError, ModelTransientError, NotFound
from core.models import ModelRequest, ModelResponse
from core.ports import Ledger, ModelClient, OnDelta
from core.types import Usage
from llm.finish import finish
from llm.prices import PriceBook
from llm.spending import tell_cost
from llm.tokens import input_bound

UnknownPrice = Literal["ask", "deny", "upper_bound"]
OnOverrun = Callable[[ModelRequest, float, float], Awaitable[None]]
"""Told of a call, of what was set aside for it and of what it cost (USD)."""
LOOK_S = 60.0
"""Who waits for room looks again this often: a new day may have begun."""


async def _tell_nobody(request: ModelRequest, reserved_usd: float, cost_usd: float) -> None: ...


class MeteredClient:
    """ModelClient around another that pays for every call from the request's account (the task's own by default).

    A call that does not fit only because calls beside it hold reservations waits for them, at most `room_wait_s`.
    A call that its provider refused costs nothing; one that broke off, was lost on the way or was cancelled is charged
    for its input and for what had arrived. `on_overrun` is told of a call that cost more than was set aside. Lives on
    one event loop.
    """

    def __init__(
        self,
        inner: ModelClient,
        ledger: Ledger,
        prices: PriceBook,
        *,
        unknown_price: UnknownPrice = "ask",
        on_overrun: OnOverrun = _tell_nobody,
        room_wait_s: float = 900.0,
    ) -> None:
        self._inner = inner
        self._ledger = ledger
        self._prices = prices
        self._unknown_price = unknown_price
        self._on_overrun = on_overrun
        self._room = _Room(room_wait_s)

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """Raises BudgetExceeded before anything is spent; ModelError when the price is unknown and that is denied."""
        price = await self._prices.find(request.model)
        if price is None:
            return await self._pay(request, on_delta, self._unknown(request), guess=self._asks(request))
        if price.free:
            return await self._inner.complete(request, on_delta)
        return await self._pay(request, on_delta, price, guess=None)

    async def close(self) -> None:
        await self._inner.close()

    def _unknown(self, request: ModelRequest) -> Price:
        if self._unknown_price == "deny":
            raise ModelError(
                f"the price of {request.model} is unknown and UNKNOWN_PRICE=deny; give it one in MODEL_PRICING",
                model=request.model,
                setting="UNKNOWN_PRICE",
            )
        return self._prices.dearest()

    def _asks(self, request: ModelRequest) -> str | None:
        """The model that a person is to be asked about. Only a task's own account is asked for; others have small caps."""
        asked = self._unknown_price == "ask" and _account(request) == request.task_id
        return request.model if asked else None

    async def _pay(
        self, request: ModelRequest, on_delta: OnDelta | None, price: Price, *, guess: str | None
    ) -> ModelResponse:
        input_tokens = await compute(input_bound, request)
        worst = worst_case_usd(price, input_tokens, request.max_output_tokens)
        reservation = await self._reserve(_account(request), worst, guess)
        received = _Received(on_delta)
        cost = 0.0
        try:
            response = await self._inner.complete(request, received)
            cost = cost_usd(price, _charged(request, response, input_tokens))
            return response.model_copy(update={"cost_usd": cost})
        except BaseException as error:
            if received.characters or _may_be_billed(error):
                cost = cost_usd(price, received.usage(request, input_tokens))
            raise
        finally:
            tell_cost(cost)
            await finish(self._settle(request, reservation, cost))

    async def _reserve(self, account: str, amount_usd: float, guess: str | None) -> "_Reservation":
        name, deadline = uuid.uuid4().hex, self._room.deadline()
        while True:
            seen = self._room.settlements
            try:
                accounts = await self._ledger.reserve(account, name, amount_usd, guess=guess)
            except BudgetExceeded as error:
                if not await self._room.may_fit_now(error, seen, deadline):
                    raise
            except asyncio.CancelledError:
                # The ledger may have granted it all the same, and nobody else would ever give it back.
                await finish(self._give_back(account, name))
                raise
            else:
                self._room.enter(accounts)
                return _Reservation(name, amount_usd, accounts)

    async def _give_back(self, account: str, name: str) -> None:
        with suppress(NotFound):
            await self._ledger.settle(account, name, 0)

    async def _settle(self, request: ModelRequest, reservation: "_Reservation", cost: float) -> None:
        try:
            over = await self._ledger.settle(_account(request), reservation.name, cost)
        finally:
            self._room.leave(reservation.accounts)
        if over:
            await self._on_overrun(request, reservation.amount_usd, cost)


@dataclass(frozen=True)
class _Reservation:
    name: str
    amount_usd: float
    accounts: tuple[str, ...]


class _Room:
    """Who is under way in which account, and who waits for room in one."""

    def __init__(self, wait_s: float) -> None:
        self._wait_s = wait_s
        self._under_way: Counter[str] = Counter()
        self._freed: dict[str, asyncio.Event] = {}
        self.settlements = 0

    def deadline(self) -> float:
        return time.monotonic() + self._wait_s

    def enter(self, accounts: Sequence[str]) -> None:
        self._under_way.update(accounts)

    def leave(self, accounts: Sequence[str]) -> None:
        self.settlements += 1
        for account in accounts:
            self._under_way[account] -= 1
            if not self._under_way[account]:
                del self._under_way[account]
            freed = self._freed.pop(account, None)
            if freed is not None:
                freed.set()

    async def may_fit_now(self, refused: BudgetExceeded, seen: int, deadline: float) -> bool:
        """Wait until a refused call may fit after all; `seen` are the settlements that were counted before it was refused.

        Waits only if it would fit when the calls under way cost nothing: leftovers of a dead process are not waited for.
        """
        account = str(refused.fields.get("account"))
        waits_for_a_person = "overrun_usd" in refused.fields or "unknown_price" in refused.fields
        if waits_for_a_person or _usd(refused, "spent_usd", "kept_usd", "needed_usd") > _usd(refused, "cap_usd"):
            return False
        if self.settlements != seen:
            return time.monotonic() < deadline
        if not self._under_way[account]:
            return False
        freed = self._freed.setdefault(account, asyncio.Event())
        left_s = deadline - time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(min(left_s, LOOK_S)):
                await freed.wait()
        return time.monotonic() < deadline


def _may_be_billed(error: BaseException) -> bool:
    """Whether the provider may have taken the request: it was given up, or the answer was lost without the provider's word."""
    lost = isinstance(error, ModelTransientError) and "provider_status" not in error.fields
    return lost or not isinstance(error, AutonomyError)


def _charged(request: ModelRequest, response: ModelResponse, input_tokens: int) -> Usage:
    """The usage as the provider reported it. Where it reported none, the client's high guess is no charge above the bound."""
    usage = response.usage
    if usage.output_tokens != estimate_tokens(len(response.text)):
        return usage
    most = {
        "input_tokens": min(usage.input_tokens, input_tokens),
        "output_tokens": min(usage.output_tokens, request.max_output_tokens),
    }
    return usage.model_copy(update=most)


def _usd(refused: BudgetExceeded, *names: str) -> float:
    return sum(float(str(refused.fields.get(name) or 0)) for name in names)


class _Received:
    """Counts what has arrived on its way to the caller."""

    def __init__(self, on_delta: OnDelta | None) -> None:
        self._on_delta = on_delta
        self.characters = 0

    def __call__(self, text: str) -> None:
        self.characters += len(text)
        if self._on_delta is not None:
            self._on_delta(text)

    def usage(self, request: ModelRequest, input_tokens: int) -> Usage:
        """Upper bound of what a broken-off call is billed for."""
        output = min(estimate_tokens(self.characters), request.max_output_tokens) if self.characters else 0
        return Usage(input_tokens=input_tokens, output_tokens=output)


def _account(request: ModelRequest) -> str:
    return request.account or request.task_id
