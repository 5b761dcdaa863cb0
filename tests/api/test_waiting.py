"""Waiting for the first of several things."""

import asyncio

import pytest

from api.waiting import until_first


async def test_the_others_are_cancelled_and_have_ended_when_the_first_has() -> None:
    told: list[str] = []

    async def other() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            told.append("ended")

    before = asyncio.all_tasks()
    await until_first(other(), asyncio.sleep(0), other())
    assert told == ["ended", "ended"]
    assert asyncio.all_tasks() == before


async def test_it_ends_when_the_time_is_over() -> None:
    before = asyncio.all_tasks()
    await until_first(asyncio.Event().wait(), timeout_s=0.01)
    assert asyncio.all_tasks() == before


async def test_what_the_first_raised_is_raised() -> None:
    async def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await until_first(fail(), asyncio.Event().wait())


async def test_who_waits_can_be_cancelled_and_takes_the_others_with_it() -> None:
    before = asyncio.all_tasks()
    waiting = asyncio.create_task(until_first(asyncio.Event().wait(), asyncio.Event().wait()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert asyncio.all_tasks() == before
