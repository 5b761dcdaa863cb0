"""Paid calls under random schedules: they wait for room, break off, are given up, and share the days of callers."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.budget import DayCaps, Price
from core.errors import BudgetExceeded, ModelError
from core.models import ModelRequest, ModelResponse
from core.ports import OnDelta
from core.types import Usage
from llm.metered import MeteredClient
from llm.prices import PriceBook
from tests.unit.llm.scripted import a_request
from tests.unit.memory.stores import sqlite_stores

BOOK = PriceBook(own={}, shipped={"m": Price(input=3, output=15)})
CAPS = DayCaps(day_usd=0.06, caller_usd=0.04)
TASK_CAP = 0.035
"""Each call sets a little more than 0.015 aside, so that two fit into a task, two into a caller's day, three into the day."""


class Moody:
    """A model whose request says what becomes of it: an answer, a failure before or after its first words."""

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        await asyncio.sleep(0.001)
        mood = request.messages[-1].content
        if mood != "fails at once" and on_delta is not None:
            on_delta("words " * 20)
            await asyncio.sleep(0.001)
        if mood.startswith("fails"):
            raise ModelError("it failed")
        return ModelResponse(text="done", model=request.model, usage=Usage(input_tokens=20, output_tokens=300))

    async def close(self) -> None: ...


MOODS = ("answers", "answers", "fails at once", "fails later", "is given up")


async def schedule(folder: Path, numbers: list[int]) -> None:
    async with sqlite_stores(folder, caps=CAPS) as stores:
        for task in range(4):
            await stores.ledger.open(f"t{task}", TASK_CAP, f"c{task % 3}")
        client = MeteredClient(Moody(), stores.ledger, BOOK)
        async with asyncio.timeout(60):
            await asyncio.gather(*(one(client, number) for number in numbers))
        day, *callers = await stores.ledger.today()
        tasks = [await stores.ledger.spend(f"t{task}") for task in range(4)]
        for spend in (day, *callers, *tasks):
            assert spend.cap_usd is not None
            assert spend.spent_usd <= spend.cap_usd
            assert (spend.reserved_usd, spend.overrun_usd) == (0, 0)
        assert not client._room._under_way


async def one(client: MeteredClient, number: int) -> None:
    number, task = divmod(number, 4)
    number, mood = divmod(number, len(MOODS))
    await asyncio.sleep((number % 5) / 1_000)
    call = asyncio.ensure_future(client.complete(a_request(MOODS[mood], model="m", task_id=f"t{task}")))
    if MOODS[mood] == "is given up":
        await asyncio.sleep((number % 7) / 2_000)
        call.cancel()
    (outcome,) = await asyncio.gather(call, return_exceptions=True)
    assert isinstance(outcome, ModelResponse | ModelError | BudgetExceeded | asyncio.CancelledError)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(numbers=st.lists(st.integers(0, 2**16), min_size=1, max_size=12))
def test_however_calls_wait_fail_and_are_given_up_no_cap_is_passed_and_nothing_stays_reserved(
    numbers: list[int],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(schedule(Path(folder), numbers))
