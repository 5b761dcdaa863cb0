"""Somebody else's account pays: both caps hold, and what is settled is settled in both."""

from pathlib import Path

import pytest

from core.errors import BudgetExceeded
from evals.paying import PaidBy
from tests.unit.memory.stores import sqlite_stores

ACCOUNT = "experiments"


async def test_what_is_spent_is_spent_in_both_accounts(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path / "own") as own, sqlite_stores(tmp_path / "service") as service:
        await service.ledger.open(ACCOUNT, 1.0)
        paying = PaidBy(own.ledger, service.ledger, ACCOUNT)
        await paying.open("task", 0.5)
        await paying.reserve("task", "call", 0.4)
        assert (await service.ledger.spend(ACCOUNT)).reserved_usd == 0.4
        await paying.settle("task", "call", 0.1)
        for spend in (await paying.spend("task"), await service.ledger.spend(ACCOUNT)):
            assert (spend.spent_usd, spend.reserved_usd) == (0.1, 0.0)


async def test_the_payers_cap_refuses_in_the_tasks_name_and_leaves_nothing_set_aside(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path / "own") as own, sqlite_stores(tmp_path / "service") as service:
        await service.ledger.open(ACCOUNT, 0.3)
        paying = PaidBy(own.ledger, service.ledger, ACCOUNT)
        await paying.open("task", 0.5)
        with pytest.raises(BudgetExceeded) as refused:
            await paying.reserve("task", "call", 0.4)
        assert refused.value.fields["account"] == "task"
        assert (await paying.spend("task")).reserved_usd == 0.0
        assert (await service.ledger.spend(ACCOUNT)).reserved_usd == 0.0


async def test_the_tasks_own_cap_refuses_before_the_payer_is_asked(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path / "own") as own, sqlite_stores(tmp_path / "service") as service:
        await service.ledger.open(ACCOUNT, 10.0)
        paying = PaidBy(own.ledger, service.ledger, ACCOUNT)
        await paying.open("task", 0.1)
        with pytest.raises(BudgetExceeded):
            await paying.reserve("task", "call", 0.4)
        assert (await service.ledger.spend(ACCOUNT)).reserved_usd == 0.0
