"""Somebody else's account pays for what is spent here."""

from collections.abc import Sequence

from core.budget import DaySpend, Scope, Spend
from core.errors import BudgetExceeded
from core.ports import Ledger


class PaidBy:
    """Ledger around the trial's own: everything is set aside and settled in `account` of `payer`, too.

    Both caps hold. When the payer's does not suffice, the trial's task is refused as by its own.
    """

    def __init__(self, own: Ledger, payer: Ledger, account: str) -> None:
        self._own = own
        self._payer = payer
        self._account = account

    async def open(self, account: str, cap_usd: float, caller: str = "local") -> None:
        await self._own.open(account, cap_usd, caller)

    async def set_cap(self, account: str, cap_usd: float) -> None:
        await self._own.set_cap(account, cap_usd)

    async def reserve(
        self, account: str, reservation_id: str, amount_usd: float, *, guess: str | None = None
    ) -> tuple[str, ...]:
        held = await self._own.reserve(account, reservation_id, amount_usd, guess=guess)
        try:
            await self._payer.reserve(self._account, reservation_id, amount_usd)
        except BudgetExceeded as error:  # told as the task's own: here nobody else's account is known
            await self._own.settle(account, reservation_id, 0)
            raise BudgetExceeded(
                str(error), **{**error.fields, "account": account, "scope": Scope.TASK.value}
            ) from error
        except BaseException:
            await self._own.settle(account, reservation_id, 0)
            raise
        return held

    async def settle(self, account: str, reservation_id: str, cost_usd: float) -> float:
        over = await self._own.settle(account, reservation_id, cost_usd)
        await self._payer.settle(self._account, reservation_id, cost_usd)
        return over

    async def spend(self, account: str) -> Spend:
        return await self._own.spend(account)

    async def today(self) -> Sequence[DaySpend]:
        return await self._own.today()

    async def release_all(self) -> None:
        await self._own.release_all()
