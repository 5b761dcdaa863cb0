"""What every Ledger promises."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.budget import Spend
from core.errors import BudgetExceeded, Conflict, InvalidInput, NotFound
from core.ports import Ledger
from tests.unit.memory.stores import sqlite_stores


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[Ledger]:
    async with sqlite_stores(folder) as stores:
        yield stores.ledger


@pytest.fixture(params=[sqlite])
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    async with request.param(tmp_path) as opened:
        await opened.open("t1", 1.0)
        yield opened


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
    assert caught.value.fields == {"cap_usd": 1.0, "spent_usd": 0.25, "reserved_usd": 0.5, "needed_usd": 0.26}
    await ledger.reserve("t1", "r4", 0.25)
    assert await ledger.spend("t1") == Spend(cap_usd=1.0, spent_usd=0.25, reserved_usd=0.75)


async def test_parallel_reservations_cannot_pass_the_cap_together(ledger: Ledger) -> None:
    tries = [ledger.reserve("t1", f"r{number}", 0.3) for number in range(20)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 3
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


async def test_a_provider_that_charged_more_than_was_reserved_is_recorded_truly_and_stops_the_next_call(
    ledger: Ledger,
) -> None:
    await ledger.reserve("t1", "r1", 0.9)
    await ledger.settle("t1", "r1", 1.5)
    assert (await ledger.spend("t1")).spent_usd == 1.5
    with pytest.raises(BudgetExceeded):
        await ledger.reserve("t1", "r2", 0.000001)


async def test_a_free_call_fits_even_when_the_cap_is_reached(ledger: Ledger) -> None:
    await ledger.reserve("t1", "r1", 1.0)
    await ledger.settle("t1", "r1", 1.5)
    await ledger.reserve("t1", "free", 0.0)
    await ledger.settle("t1", "free", 0.0)


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
