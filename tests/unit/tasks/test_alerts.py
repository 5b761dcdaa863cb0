"""That most of a budget is spent is said once for each cap, also after a restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.events import BudgetAlert
from core.types import TaskStatus
from tasks.alerts import BudgetAlerts
from tests.unit.memory.stores import Stores, a_task, sqlite_stores


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    async with sqlite_stores(tmp_path) as opened:
        await opened.tasks.create(a_task())
        await opened.ledger.open("t1", 0.5)
        yield opened


@asynccontextmanager
async def watching(stores: Stores) -> AsyncIterator[None]:
    task = asyncio.create_task(BudgetAlerts(stores.events, stores.ledger, stores.effects).run())
    await asyncio.sleep(0)  # it has subscribed
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def alerts(stores: Stores, expected: int) -> list[BudgetAlert]:
    """Those that were said, once there are `expected` of them."""
    async with asyncio.timeout(60):
        while True:
            found = [each.event for each in await stores.events.read(task_id="t1")]
            said = [event for event in found if isinstance(event, BudgetAlert)]
            if len(said) >= expected:
                return said
            await asyncio.sleep(0.01)


async def spend(stores: Stores, *amounts_usd: float) -> None:
    for amount in amounts_usd:
        await stores.tasks.update("t1", total_cost_usd=amount)


async def test_it_is_said_once_when_four_fifths_are_spent(stores: Stores) -> None:
    async with watching(stores):
        await spend(stores, 0.1, 0.39, 0.4, 0.45, 0.49)
        (said,) = await alerts(stores, 1)
    assert (said.share, said.spent_usd, said.cap_usd) == (0.8, 0.4, 0.5)


async def test_a_new_cap_is_a_new_alert_and_a_restart_is_none(stores: Stores) -> None:
    async with watching(stores):
        await spend(stores, 0.4)
        await alerts(stores, 1)
    async with watching(stores):
        await spend(stores, 0.45)
        await stores.ledger.set_cap("t1", 1.0)
        await spend(stores, 0.79, 0.9)
        said = await alerts(stores, 2)
    assert [alert.cap_usd for alert in said] == [0.5, 1.0]


async def test_what_was_spent_while_nobody_looked_is_said_at_the_next_change(stores: Stores) -> None:
    await spend(stores, 0.45)
    async with watching(stores):
        await stores.tasks.update("t1", status=TaskStatus.RUNNING)
        (said,) = await alerts(stores, 1)
    assert said.spent_usd == 0.45


async def test_a_task_without_an_account_or_without_a_budget_has_none(stores: Stores) -> None:
    await stores.tasks.create(a_task("t2"))
    await stores.tasks.create(a_task("t3"))
    await stores.ledger.open("t3", 0.0)
    async with watching(stores):
        for task_id in ("t2", "t3"):
            await stores.tasks.update(task_id, total_cost_usd=5.0)
        await spend(stores, 0.45)
        await alerts(stores, 1)  # of t1, whose change came last
    told = await stores.events.read()
    assert {each.task_id for each in told if isinstance(each.event, BudgetAlert)} == {"t1"}
