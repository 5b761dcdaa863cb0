"""Money around one model call: the worst case is set aside before it, what it really cost is settled after it."""

import asyncio
import time
import uuid
from collections import Counter
from contextlib import suppress
from typing import Literal

from core.budget import Price, cost_usd, estimate_tokens, worst_case_usd
from core.errors import BudgetExceeded, ModelError, NotFound
from core.models import ModelRequest, ModelResponse
from core.ports import Ledger, ModelClient, OnDelta
from core.types import Usage
from llm.finish import finish
from llm.prices import PriceBook

UnknownPrice = Literal["ask", "deny", "upper_bound"]


class MeteredClient:
    """ModelClient around another that pays for every call from the request's account (the task's own by default).

    A call that does not fit only because calls beside it hold reservations waits for them, at most `room_wait_s`.
    A call that failed before it began to answer costs nothing; one that broke off or was cancelled is charged for its
    input and for what had arrived. Lives on one event loop.
    """

    def __init__(
        self,
        inner: ModelClient,
        ledger: Ledger,
        prices: PriceBook,
        *,
        unknown_price: UnknownPrice = "ask",
        room_wait_s: float = 900.0,
    ) -> None:
        self._inner = inner
        self._ledger = ledger
        self._prices = prices
        self._unknown_price = unknown_price
        self._room_wait_s = room_wait_s
        self._under_way: Counter[str] = Counter()
        self._room: dict[str, asyncio.Event] = {}
        self._asked: dict[tuple[str, str], float] = {}

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """Raises BudgetExceeded before anything is spent; ModelError when the price is unknown and that is denied."""
        account = request.account or request.task_id
        price = await self._price(request, account)
        reservation_id = uuid.uuid4().hex
        await self._reserve(account, reservation_id, _worst_case(price, request))
        received = _Received(on_delta)
        cost = 0.0
        try:
            response = await self._inner.complete(request, received)
            cost = cost_usd(price, response.usage)
            return response.model_copy(update={"cost_usd": cost})
        except asyncio.CancelledError:
            cost = cost_usd(price, received.usage(request))
            raise
        except ModelError:
            cost = cost_usd(price, received.usage(request)) if received.characters else 0.0
            raise
        finally:
            await finish(self._settle(account, reservation_id, cost))

    async def close(self) -> None:
        await self._inner.close()

    async def _price(self, request: ModelRequest, account: str) -> Price:
        price = await self._prices.find(request.model)
        if price is not None:
            return price
        if self._unknown_price == "deny":
            raise ModelError(
                f"the price of {request.model} is unknown and UNKNOWN_PRICE=deny; give it one in MODEL_PRICING",
                model=request.model,
                setting="UNKNOWN_PRICE",
            )
        bound = self._prices.dearest()
        # Only the task's own account can be raised by an answer; others are bounded by their small caps.
        if self._unknown_price == "ask" and account == request.task_id:
            await self._ask_once(request, account, bound)
        return bound

    async def _ask_once(self, request: ModelRequest, account: str, bound: Price) -> None:
        """Raise the question; once the cap was raised after it, the model is used at the dearest known price."""
        spend = await self._ledger.spend(account)
        asked_at_cap = self._asked.setdefault((account, request.model), spend.cap_usd)
        if spend.cap_usd > asked_at_cap:
            return
        needed = _worst_case(bound, request)
        raise BudgetExceeded(
            f"the price of {request.model} is unknown; at the dearest price known its next call may cost up to "
            f"${needed:.4f}. Raise the budget to go on at that price, or set the price in MODEL_PRICING",
            unknown_price=True,
            model=request.model,
            cap_usd=spend.cap_usd,
            spent_usd=spend.spent_usd,
            reserved_usd=spend.reserved_usd,
            needed_usd=needed,
        )

    async def _reserve(self, account: str, reservation_id: str, amount_usd: float) -> None:
        deadline = time.monotonic() + self._room_wait_s
        while True:
            room = self._room.setdefault(account, asyncio.Event())
            try:
                await self._ledger.reserve(account, reservation_id, amount_usd)
            except BudgetExceeded as error:
                if not self._may_fit_later(account, error) or not await _happens(room, deadline):
                    raise
            except asyncio.CancelledError:
                # The ledger may have granted it all the same, and nobody else would ever give it back.
                await finish(self._give_back(account, reservation_id))
                raise
            else:
                self._under_way[account] += 1
                return

    def _may_fit_later(self, account: str, error: BudgetExceeded) -> bool:
        """Whether it would fit if the calls under way cost nothing; leftovers of a dead process are not waited for."""
        cap, spent, needed = (error.fields.get(name) for name in ("cap_usd", "spent_usd", "needed_usd"))
        if not (isinstance(cap, float) and isinstance(spent, float) and isinstance(needed, float)):
            return False
        return self._under_way[account] > 0 and spent + needed <= cap

    async def _give_back(self, account: str, reservation_id: str) -> None:
        with suppress(NotFound):
            await self._ledger.settle(account, reservation_id, 0)

    async def _settle(self, account: str, reservation_id: str, cost: float) -> None:
        try:
            await self._ledger.settle(account, reservation_id, cost)
        finally:
            self._under_way[account] -= 1
            if not self._under_way[account]:
                del self._under_way[account]
            room = self._room.pop(account, None)
            if room is not None:
                room.set()


class _Received:
    """Counts what has arrived on its way to the caller."""

    def __init__(self, on_delta: OnDelta | None) -> None:
        self._on_delta = on_delta
        self.characters = 0

    def __call__(self, text: str) -> None:
        self.characters += len(text)
        if self._on_delta is not None:
            self._on_delta(text)

    def usage(self, request: ModelRequest) -> Usage:
        """Stated upper bound of what a broken-off call is billed for."""
        output = min(estimate_tokens(self.characters), request.max_output_tokens) if self.characters else 0
        return Usage(input_tokens=_input_tokens(request), output_tokens=output)


def _account(request: ModelRequest) -> str:
    return request.account or request.task_id


def _input_tokens(request: ModelRequest) -> int:
    return estimate_tokens(sum(len(message.content) for message in request.messages))


def _worst_case(price: Price, request: ModelRequest) -> float:
    return worst_case_usd(price, _input_tokens(request), request.max_output_tokens)


async def _happens(event: asyncio.Event, deadline: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), deadline - time.monotonic())
    except TimeoutError:
        return False
    return True
