"""Turns to send."""

import asyncio
import time

import pytest

from core.errors import DeliveryFailed
from telegram_bot import pace
from telegram_bot.pace import GROUP, PRIVATE, Pace, Rate, Urgency, rate_of


async def test_a_burst_goes_at_once_and_the_rest_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(pace.asyncio, "sleep", sleep)
    turns = Pace(Rate(per_s=50, burst=3), monotonic=lambda: now[0])
    times = []
    for _ in range(8):
        await turns.turn()
        times.append(now[0])
    assert times[2] == 0.0
    assert times[7] >= 5 / 50


async def test_messages_go_before_progress_and_in_their_order() -> None:
    held = [True]
    turns = Pace(Rate(per_s=100, burst=1), monotonic=lambda: 0.0 if held else time.monotonic())
    await turns.turn()
    went: list[str] = []

    async def go(name: str, urgency: Urgency) -> None:
        await turns.turn(urgency)
        went.append(name)

    waiting = [asyncio.create_task(go("p1", Urgency.PROGRESS)), asyncio.create_task(go("p2", Urgency.PROGRESS))]
    await asyncio.sleep(0)
    waiting += [asyncio.create_task(go(name, Urgency.MESSAGE)) for name in ("m1", "m2", "m3")]
    await asyncio.sleep(0)
    held.clear()  # all of them wait: from now on time passes
    async with asyncio.timeout(60):
        await asyncio.gather(*waiting)
    assert went == ["m1", "m2", "m3", "p1", "p2"]


async def test_a_waiter_that_gives_up_holds_nobody_up() -> None:
    turns = Pace(Rate(per_s=100, burst=1))
    await turns.turn()
    first = asyncio.create_task(turns.turn())
    second = asyncio.create_task(turns.turn())
    await asyncio.sleep(0)
    first.cancel()
    async with asyncio.timeout(60):
        await second


async def test_nothing_goes_while_telegram_asks_to_wait() -> None:
    now = [0.0]
    turns = Pace(Rate(per_s=1000, burst=10), monotonic=lambda: now[0])
    turns.pause(5)
    waiting = asyncio.create_task(turns.turn())
    done, _ = await asyncio.wait([waiting], timeout=0.02)
    assert not done
    waiting.cancel()
    await asyncio.wait([waiting])
    now[0] = 6.0
    async with asyncio.timeout(60):
        await turns.turn()


async def test_a_long_pause_and_too_many_waiters_are_said_instead_of_waited_for() -> None:
    turns = Pace(Rate(per_s=1, burst=1))
    turns.pause(3600)
    with pytest.raises(DeliveryFailed) as failed:
        await turns.turn()
    assert 3590 < float(str(failed.value.fields["retry_after_s"])) <= 3600
    crowded = Pace(Rate(per_s=0.001, burst=1))
    await crowded.turn()
    waiting = [asyncio.create_task(crowded.turn()) for _ in range(pace.MAX_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(DeliveryFailed, match="too many"):
        await crowded.turn()
    for each in waiting:
        each.cancel()
    await asyncio.wait(waiting)


@pytest.mark.parametrize(("rate", "most"), [(PRIVATE, 63), (GROUP, 20)])
def test_the_rates_are_within_what_telegram_allows_in_a_minute(rate: Rate, most: int) -> None:
    assert rate.burst + 60 * rate.per_s <= most


def test_groups_have_negative_ids() -> None:
    assert (rate_of(7), rate_of(-100)) == (PRIVATE, GROUP)
