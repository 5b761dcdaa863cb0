"""The ledger under random schedules: parallel calls, crashes, late and repeated settlements, changing caps."""

import asyncio
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.budget import MICRO
from core.errors import BudgetExceeded, NotFound
from memory.database import Database
from memory.ledger import SqliteLedger

CAP = 1_000
"""In millionths of a dollar, so that reservations collide often."""


@dataclass(frozen=True)
class Call:
    """One model call: what it reserves, what share of that it costs (percent), how it ends, when it goes on."""

    amount: int
    share: int
    ends: str
    turns: int


CALLS = st.lists(
    st.builds(
        Call,
        amount=st.integers(0, 700),
        share=st.integers(0, 100),
        ends=st.sampled_from(["settles", "settles", "released", "crashes", "settles twice", "settles late"]),
        turns=st.integers(0, 3),
    ),
    min_size=1,
    max_size=14,
)


@dataclass
class Run:
    ledger: SqliteLedger
    highest: int = 0
    charged: int = 0

    async def look(self) -> None:
        spend = await self.ledger.spend("t")
        self.highest = max(self.highest, round((spend.spent_usd + spend.reserved_usd) * MICRO))

    async def call(self, number: int, call: Call) -> None:
        """Run one call; `charged` grows by what it must cost in the end."""
        name = f"r{number}"
        for _ in range(call.turns):
            await asyncio.sleep(0)
        try:
            await self.ledger.reserve("t", name, call.amount / MICRO)
        except BudgetExceeded:
            return
        await self.look()
        cost = 0 if call.ends == "released" else call.amount * call.share // 100
        if call.ends in ("crashes", "settles late"):
            self.charged += call.amount
            return
        self.charged += cost
        await self.ledger.settle("t", name, cost / MICRO)
        if call.ends == "settles twice":
            await self.ledger.settle("t", name, call.amount / MICRO)
        await self.look()


async def schedule(folder: Path, calls: list[Call]) -> None:
    database = await Database.open(folder / "autonomy.db")
    run = Run(SqliteLedger(database))
    await run.ledger.open("t", CAP / MICRO)
    await asyncio.gather(*(run.call(number, call) for number, call in enumerate(calls)))
    await run.ledger.release_all()
    await database.close()
    database = await Database.open(folder / "autonomy.db")
    run.ledger = SqliteLedger(database)
    for number, call in enumerate(calls):
        if call.ends == "settles late":
            with suppress(NotFound):  # it had not fitted
                await run.ledger.settle("t", f"r{number}", 0.0)
    await run.look()
    spend = await run.ledger.spend("t")
    await database.close()
    assert run.highest <= CAP
    assert spend.reserved_usd == 0
    assert round(spend.spent_usd * MICRO) == run.charged


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(calls=CALLS)
def test_no_schedule_takes_an_account_over_its_cap_or_loses_a_millionth(calls: list[Call]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(schedule(Path(folder), calls))
