"""Why the ledger sets nothing aside, in words and in figures."""

from core.budget import Scope, Spend, scope_of
from core.errors import BudgetExceeded
from core.types import JsonObject


def reached(account: str, spend: Spend, needed_usd: float, kept_usd: float, day: JsonObject) -> BudgetExceeded:
    """The amount does not fit under the cap of one of its accounts; `day`: when that opens again, if it counts a day."""
    scope = scope_of(account)
    whose = {Scope.TASK: "the task", Scope.CALLER: f"{account.rsplit(':', 1)[-1]} today", Scope.DAY: "today"}[scope]
    kept = f", ${kept_usd:.2f} kept for reading replies" if kept_usd else ""
    return BudgetExceeded(
        f"the next call may cost up to ${needed_usd:.4f}, but of ${spend.cap_usd or 0:,.2f} for {whose} "
        f"${max(0.0, spend.free_usd - kept_usd):.4f} is left (${spend.spent_usd:.4f} spent, ${spend.reserved_usd:.4f} set "
        f"aside for calls under way{kept})",
        **_figures(account, spend, needed_usd),
        kept_usd=kept_usd,
        **day,
    )


def overrun(account: str, spend: Spend, needed_usd: float) -> BudgetExceeded:
    """The account is closed."""
    return BudgetExceeded(
        f"providers charged ${spend.overrun_usd:.4f} more than was set aside as the most that their calls could cost, so "
        "no further call is made until you say so",
        **_figures(account, spend, needed_usd),
        overrun_usd=spend.overrun_usd,
    )


def unknown_price(account: str, spend: Spend, needed_usd: float, model: str) -> BudgetExceeded:
    """The price is a guess, and nobody has said yet that it will do."""
    return BudgetExceeded(
        f"the price of {model} is unknown; at the dearest price known its next call may cost up to ${needed_usd:.4f}. "
        "Say that it may go on at that price, or set the price in MODEL_PRICING",
        **_figures(account, spend, needed_usd),
        unknown_price=True,
        model=model,
    )


def _figures(account: str, spend: Spend, needed_usd: float) -> JsonObject:
    return {
        "account": account,
        "scope": scope_of(account).value,
        "cap_usd": spend.cap_usd,
        "spent_usd": spend.spent_usd,
        "reserved_usd": spend.reserved_usd,
        "needed_usd": needed_usd,
    }
