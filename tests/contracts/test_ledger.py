"""What every Ledger promises."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.budget import DayCaps, DaySpend, Spend, day_account, reply_account
from core.errors import BudgetExceeded, Conflict, InvalidInput, NotFound
from core.ports import Ledger
from tests.unit.memory.clock import HandClock
from tests.unit.memory.stores import sqlite_stores

NOON = 1_801_137_600.0
"""2027-01-28 12:00 UTC."""
TODAY, TOMORROW = "2027-01-28", "2027-01-29"
DAY_S = 86_400.0


@dataclass(frozen=True)
class Opened:
    ledger: Ledger
    clock: HandClock


Open = Callable[[Path, DayCaps], AbstractAsyncContextManager[Opened]]


@asynccontextmanager
async def sqlite(folder: Path, caps: DayCaps) -> AsyncIterator[Opened]:
    async with sqlite_stores(folder, caps=caps) as stores:
        stores.clock.time = NOON
        yield Opened(stores.ledger, stores.clock)


@pytest.fixture(params=[sqlite])
def adapter(request: pytest.FixtureRequest) -> Open:
    chosen: Open = request.param
    return chosen


@pytest.fixture
async def ledger(adapter: Open, tmp_path: Path) -> AsyncIterator[Ledger]:
    async with adapter(tmp_path, DayCaps()) as opened:
        await opened.ledger.open("t1", 1.0, "ada")
        yield opened.ledger


@pytest.fixture
async def capped(adapter: Open, tmp_path: Path) -> AsyncIterator[Opened]:
    """Two dollars a day, one and a half of them for each caller, a tenth of both kept for replies; tasks of ten dollars: two
    of ada, one of bob."""
    async with adapter(tmp_path, DayCaps(day_usd=2.0, caller_usd=1.5)) as opened:
        for task, caller in (("a1", "ada"), ("a2", "ada"), ("b1", "bob")):
            await opened.ledger.open(task, 10.0, caller)
        yield opened


async def refused(ledger: Ledger, task: str, amount_usd: float) -> dict[str, object]:
    """The figures of a reservation that is not granted."""
    with pytest.raises(BudgetExceeded) as caught:
        await ledger.reserve(task, "refused", amount_usd)
    return dict(caught.value.fields)


async def test_opening_an_account_again_leaves_it_as_it_is(ledger: Ledger) -> None:
    await ledger.reserve("t1", "r1", 0.25)
    await ledger.open("t1", 5.0)
    assert await ledger.spend("t1") == Spend(cap_usd=1.0, spent_usd=0.0, reserved_usd=0.25)


async def test_a_reservation_is_turned_into_what_was_spent(ledger: Ledger) -> None:
    await ledger.reserve("t1", "r1", 0.5)
    await ledger.settle("t1", "r1", 0.125)
    assert await ledger.spend("t1") == Spend(cap_usd=1.0, spent_usd=0.125, reserved_usd=0.0)


async def test_a_second_settlement_does_nothing(ledger: Ledger) -> None:
    await ledger.reserve("t1", "r1", 0.5)
    await ledger.settle("t1", "r1", 0.0)
    await ledger.settle("t1", "r1", 0.5)
    assert (await ledger.spend("t1")).spent_usd == 0.0


async def test_a_reservation_that_does_not_fit_is_refused_with_the_figures_and_changes_nothing(ledger: Ledger) -> None:
    await ledger.reserve("t1", "r1", 0.5)
    await ledger.settle("t1", "r1", 0.25)
    await ledger.reserve("t1", "r2", 0.5)
    with pytest.raises(BudgetExceeded) as caught:
        await ledger.reserve("t1", "r3", 0.26)
    figures = {"cap_usd": 1.0, "spent_usd": 0.25, "reserved_usd": 0.5, "needed_usd": 0.26}
    assert caught.value.fields == {"account": "t1", "scope": "task", "kept_usd": 0.0, **figures}
    await ledger.reserve("t1", "r4", 0.25)
    assert await ledger.spend("t1") == Spend(cap_usd=1.0, spent_usd=0.25, reserved_usd=0.75)


async def test_parallel_reservations_cannot_pass_the_cap_together(ledger: Ledger) -> None:
    tries = [ledger.reserve("t1", f"r{number}", 0.3) for number in range(20)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 3
    assert (await ledger.spend("t1")).reserved_usd == pytest.approx(0.9)


async def test_the_same_open_reservation_counts_once_and_a_settled_one_cannot_be_used_again(ledger: Ledger) -> None:
    await ledger.reserve("t1", "r1", 0.5)
    await ledger.reserve("t1", "r1", 0.5)
    assert (await ledger.spend("t1")).reserved_usd == 0.5
    await ledger.settle("t1", "r1", 0.1)
    with pytest.raises(Conflict):
        await ledger.reserve("t1", "r1", 0.5)


async def test_a_raised_cap_makes_room_and_a_lowered_one_takes_nothing_back(ledger: Ledger) -> None:
    await ledger.reserve("t1", "r1", 1.0)
    await ledger.set_cap("t1", 2.0)
    await ledger.reserve("t1", "r2", 1.0)
    await ledger.set_cap("t1", 0.5)
    assert await ledger.spend("t1") == Spend(cap_usd=0.5, spent_usd=0.0, reserved_usd=2.0)


async def test_what_a_provider_charged_beyond_the_reservation_is_recorded_and_closes_the_account(
    ledger: Ledger,
) -> None:
    await ledger.reserve("t1", "r1", 0.25)
    assert await ledger.settle("t1", "r1", 0.3) == pytest.approx(0.05)
    assert await ledger.spend("t1") == Spend(cap_usd=1.0, spent_usd=0.3, overrun_usd=0.05)
    assert (await refused(ledger, "t1", 0.000001))["overrun_usd"] == 0.05
    await ledger.set_cap("t1", 1.0)
    assert await ledger.spend("t1") == Spend(cap_usd=1.0, spent_usd=0.3)
    await ledger.reserve("t1", "r2", 0.7)


async def test_a_settlement_within_the_reservation_says_so(ledger: Ledger) -> None:
    await ledger.reserve("t1", "r1", 0.25)
    assert await ledger.settle("t1", "r1", 0.25) == 0
    assert await ledger.settle("t1", "r1", 0.3) == 0


async def test_even_a_charge_that_is_absurd_is_settled(ledger: Ledger) -> None:
    await ledger.reserve("t1", "r1", 0.25)
    await ledger.settle("t1", "r1", 1e300)
    spend = await ledger.spend("t1")
    assert (spend.spent_usd, spend.reserved_usd) == (1e9, 0)


async def test_a_free_call_fits_even_when_the_cap_is_reached_or_the_account_is_closed(ledger: Ledger) -> None:
    await ledger.reserve("t1", "r1", 1.0)
    await ledger.settle("t1", "r1", 1.5)
    await ledger.reserve("t1", "free", 0.0)
    await ledger.settle("t1", "free", 0.0)


async def test_a_guessed_price_needs_a_persons_word_once_for_each_model(ledger: Ledger) -> None:
    for _ in range(2):
        with pytest.raises(BudgetExceeded) as caught:
            await ledger.reserve("t1", "r1", 0.1, guess="new-model")
        assert (caught.value.fields["unknown_price"], caught.value.fields["model"]) == (True, "new-model")
    await ledger.set_cap("t1", 1.0)
    await ledger.reserve("t1", "r1", 0.1, guess="new-model")
    await ledger.reserve("t1", "r2", 0.1, guess="new-model")
    with pytest.raises(BudgetExceeded, match="newer-model"):
        await ledger.reserve("t1", "r3", 0.1, guess="newer-model")


async def test_a_reservation_counts_in_the_tasks_account_its_callers_day_and_the_day(capped: Opened) -> None:
    touched = await capped.ledger.reserve("a1", "r1", 0.5)
    assert touched == ("a1", day_account(TODAY, "ada"), day_account(TODAY))
    await capped.ledger.settle("a1", "r1", 0.2)
    await capped.ledger.reserve("b1", "r1", 0.3)
    midnight = NOON + DAY_S / 2
    assert list(await capped.ledger.today()) == [
        DaySpend(day=TODAY, ends_at=midnight, cap_usd=2.0, spent_usd=0.2, reserved_usd=0.3),
        DaySpend(day=TODAY, ends_at=midnight, caller="bob", cap_usd=1.5, reserved_usd=0.3),
        DaySpend(day=TODAY, ends_at=midnight, caller="ada", cap_usd=1.5, spent_usd=0.2),
    ]
    assert (await capped.ledger.spend("a1")).spent_usd == 0.2


async def test_a_day_on_which_nothing_happened_has_its_cap(capped: Opened) -> None:
    (day,) = await capped.ledger.today()
    assert (day.cap_usd, day.spent_usd, day.caller) == (2.0, 0.0, None)


async def test_tasks_of_one_caller_share_its_day_and_everybody_shares_the_day(capped: Opened) -> None:
    await capped.ledger.reserve("a1", "r1", 1.0)
    figures = await refused(capped.ledger, "a2", 0.6)
    assert (figures["scope"], figures["account"]) == ("caller", day_account(TODAY, "ada"))
    assert (figures["cap_usd"], figures["reserved_usd"]) == (1.5, 1.0)
    assert figures["ends_at"] == NOON + DAY_S / 2
    await capped.ledger.reserve("a2", "r1", 0.35)
    figures = await refused(capped.ledger, "b1", 0.6)
    assert (figures["scope"], figures["account"]) == ("day", day_account(TODAY))
    assert (await capped.ledger.spend("b1")).reserved_usd == 0, "what is refused changes no account"
    await capped.ledger.reserve("b1", "r1", 0.45)


async def test_the_tasks_own_cap_is_told_of_first(capped: Opened) -> None:
    assert (await refused(capped.ledger, "a1", 11.0))["scope"] == "task"


async def test_a_small_part_of_the_day_is_left_to_reading_replies(capped: Opened) -> None:
    await capped.ledger.open(reply_account("a1"), 0.2, "ada")
    await capped.ledger.reserve("a1", "r1", 1.35)
    figures = await refused(capped.ledger, "a1", 0.01)
    assert (figures["scope"], figures["kept_usd"]) == ("caller", 0.15)
    await capped.ledger.reserve(reply_account("a1"), "r1", 0.15)
    assert (await refused(capped.ledger, reply_account("a1"), 0.01))["scope"] == "caller", "and no more than that"


async def test_parallel_tasks_cannot_pass_the_cap_of_the_day_together(capped: Opened) -> None:
    tries = [capped.ledger.reserve(task, f"r{number}", 0.3) for number in range(8) for task in ("a1", "a2", "b1")]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    granted = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert len(granted) == 6
    day, *callers = await capped.ledger.today()
    assert day.reserved_usd == pytest.approx(1.8)
    assert sum(caller.reserved_usd for caller in callers) == pytest.approx(1.8)
    assert all(caller.reserved_usd <= 1.5 for caller in callers)


async def test_a_reservation_counts_for_the_day_on_which_it_was_made(capped: Opened) -> None:
    await capped.ledger.reserve("a1", "r1", 1.3)
    capped.clock.time += DAY_S
    await capped.ledger.reserve("a1", "r2", 1.3)
    await capped.ledger.settle("a1", "r1", 0.4)
    (day, *_) = await capped.ledger.today()
    assert (day.day, day.spent_usd, day.reserved_usd) == (TOMORROW, 0.0, 1.3)
    assert (await capped.ledger.spend(day_account(TODAY))) == Spend(cap_usd=2.0, spent_usd=0.4)
    again = await capped.ledger.reserve("a1", "r2", 1.3)
    assert day_account(TOMORROW) in again


async def test_a_raised_day_is_raised_for_that_day_alone_and_never_lowered(capped: Opened) -> None:
    await capped.ledger.reserve("a1", "r1", 1.3)
    await capped.ledger.set_cap(day_account(TODAY, "ada"), 3.0)
    await capped.ledger.set_cap(day_account(TODAY), 5.0)
    await capped.ledger.set_cap(day_account(TODAY), 4.0)
    await capped.ledger.reserve("a2", "r1", 1.5)
    assert [entry.cap_usd for entry in await capped.ledger.today()] == [5.0, 3.0]
    capped.clock.time += DAY_S
    await capped.ledger.reserve("a1", "r2", 0.1)
    assert [entry.cap_usd for entry in await capped.ledger.today()] == [2.0, 1.5]


async def test_without_caps_days_are_counted_all_the_same(ledger: Ledger) -> None:
    await ledger.reserve("t1", "r1", 0.9)
    day, caller = await ledger.today()
    assert (day.cap_usd, caller.cap_usd, day.reserved_usd, caller.caller) == (None, None, 0.9, "ada")
    assert day.free_usd == float("inf")


async def test_what_a_crash_left_is_charged_to_the_day_it_was_made_on(capped: Opened) -> None:
    await capped.ledger.reserve("a1", "r1", 1.0)
    capped.clock.time += DAY_S
    await capped.ledger.release_all()
    assert (await capped.ledger.spend(day_account(TODAY, "ada"))).spent_usd == 1.0
    assert (await capped.ledger.today())[0].spent_usd == 0.0


async def test_what_a_crash_left_is_charged_in_full_and_a_late_settlement_changes_nothing(ledger: Ledger) -> None:
    await ledger.reserve("t1", "r1", 0.25)
    await ledger.reserve("t1", "r2", 0.5)
    await ledger.settle("t1", "r1", 0.1)
    await ledger.release_all()
    await ledger.settle("t1", "r2", 0.0)
    assert (await ledger.spend("t1")) == Spend(cap_usd=1.0, spent_usd=0.6, reserved_usd=0.0)


async def test_accounts_are_apart(ledger: Ledger) -> None:
    await ledger.open("t2", 0.5)
    await ledger.reserve("t1", "r1", 1.0)
    await ledger.reserve("t2", "r1", 0.5)
    await ledger.settle("t1", "r1", 0.25)
    assert await ledger.spend("t1") == Spend(cap_usd=1.0, spent_usd=0.25)
    assert await ledger.spend("t2") == Spend(cap_usd=0.5, reserved_usd=0.5)


async def test_what_a_crash_left_is_charged_in_every_account(ledger: Ledger) -> None:
    await ledger.open("t2", 0.5)
    await ledger.open("t3", 0.5)
    await ledger.reserve("t1", "r1", 1.0)
    await ledger.reserve("t2", "r1", 0.5)
    await ledger.release_all()
    assert await ledger.spend("t1") == Spend(cap_usd=1.0, spent_usd=1.0)
    assert await ledger.spend("t2") == Spend(cap_usd=0.5, spent_usd=0.5)
    assert await ledger.spend("t3") == Spend(cap_usd=0.5)


async def test_many_small_amounts_add_up_exactly(ledger: Ledger) -> None:
    for number in range(100):
        await ledger.reserve("t1", f"r{number}", 0.001)
        await ledger.settle("t1", f"r{number}", 0.0001)
    assert (await ledger.spend("t1")).spent_usd == 0.01


@pytest.mark.parametrize("amount", [-0.01, float("nan"), float("inf"), 1e308])
async def test_amounts_that_are_no_money_are_refused(ledger: Ledger, amount: float) -> None:
    with pytest.raises(InvalidInput):
        await ledger.reserve("t1", "r1", amount)
    with pytest.raises(InvalidInput):
        await ledger.open("t3", amount)


async def test_an_unknown_account_or_reservation_is_not_found(ledger: Ledger) -> None:
    for call in (ledger.spend("no"), ledger.reserve("no", "r", 0.0), ledger.set_cap("no", 1.0)):
        with pytest.raises(NotFound):
            await call
    with pytest.raises(NotFound):
        await ledger.settle("t1", "never made", 0.0)
