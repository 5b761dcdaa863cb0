"""The contract of the Engine port, over every adapter of it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from core.errors import Refused
from core.ports import Engine, RunSegment
from engine.dbos_engine import DbosEngine, RetryPolicy
from engine.direct import DirectEngine
from tests.contracts.segments import Recorder, until, until_idle
from tests.stopwatch import stopwatch

FAST_RETRY = RetryPolicy(first_delay_s=0.01, max_delay_s=0.02)
SLOW_POLL_S = 60.0
"""Longer than any test waits, so that whatever begins does so because the engine was told of it."""
Start = Callable[..., Awaitable[Engine]]


def dbos_engine(folder: Path, max_concurrent: int) -> Engine:
    return DbosEngine(
        folder / "engine.db", max_concurrent=max_concurrent, poll_interval_s=SLOW_POLL_S, retry=FAST_RETRY
    )


def direct_engine(folder: Path, max_concurrent: int) -> Engine:
    return DirectEngine(max_concurrent=max_concurrent, retry=FAST_RETRY)


ADAPTERS = [dbos_engine, direct_engine]
durable = pytest.mark.parametrize("start", [dbos_engine], indirect=True)
"""Of engines whose runs outlive the process."""


@pytest.fixture(params=ADAPTERS)
async def start(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Start]:
    engines: list[Engine] = []

    async def start_engine(run_segment: RunSegment, *, max_concurrent: int = 5) -> Engine:
        engine: Engine = request.param(tmp_path, max_concurrent)
        await engine.start(run_segment)
        engines.append(engine)
        return engine

    yield start_engine
    for engine in engines:
        await engine.stop(0.0)


async def test_a_submitted_segment_runs_once_with_its_arguments(start: Start) -> None:
    segments = Recorder()
    engine = await start(segments)
    await engine.submit("task-a", 2)
    await until(lambda: bool(segments.ended))
    await until_idle(engine)
    assert segments.ended == [("task-a", 2)]


async def test_the_same_segment_submitted_again_runs_once_also_after_it_has_ended(start: Start) -> None:
    segments = Recorder()
    engine = await start(segments)
    await asyncio.gather(*(engine.submit("task-a", 0) for _ in range(5)))
    await until(lambda: bool(segments.ended))
    await engine.submit("task-a", 0)
    await engine.submit("task-a", 1)
    await until(lambda: len(segments.ended) == 2)
    await until_idle(engine)
    assert segments.begun == [("task-a", 0), ("task-a", 1)]


async def test_segments_begin_in_the_order_of_submission(start: Start) -> None:
    segments = Recorder()
    engine = await start(segments, max_concurrent=1)
    expected = [(f"task-{number}", 0) for number in (3, 1, 4, 0, 2)]
    for task_id, segment in expected:
        await engine.submit(task_id, segment)
    await until(lambda: len(segments.ended) == 5)
    assert segments.begun == expected


async def test_no_more_segments_run_at_once_than_the_limit(start: Start) -> None:
    segments = Recorder(gated=True)
    engine = await start(segments, max_concurrent=2)
    for number in range(6):
        await engine.submit(f"task-{number}", 0)
    await until(lambda: segments.running == 2)
    await asyncio.sleep(0.3)
    assert await engine.load() == (2, 4)
    segments.gate.set()
    await until(lambda: len(segments.ended) == 6)
    await until_idle(engine)
    assert segments.most_at_once == 2


async def test_a_segment_begins_well_within_a_third_of_a_second(start: Start) -> None:
    segments = Recorder()
    engine = await start(segments)
    waits = []
    for number in range(5):
        with stopwatch() as spent:
            await engine.submit("task-a", number)
            await until(partial(segments.has_begun, number))
            waits.append(spent())
    assert sorted(waits)[2] < 0.3


async def test_of_those_that_wait_the_lowest_priority_begins_first_then_the_first_that_came(start: Start) -> None:
    segments = Recorder(gated=True)
    engine = await start(segments, max_concurrent=1)
    await engine.submit("first", 0, priority=9)
    await until(lambda: segments.running == 1)
    submitted = [("c", 0, 3), ("a", 0, 1), ("d", 0, 3), ("b", 0, 1), ("first", 1, 0)]
    for task_id, segment, priority in submitted:
        await engine.submit(task_id, segment, priority=priority)
    segments.gate.set()
    await until(lambda: len(segments.ended) == 6)
    assert segments.begun == [("first", 0), ("first", 1), ("a", 0), ("b", 0), ("c", 0), ("d", 0)]


async def test_places_that_become_free_are_taken_and_never_more_than_there_are(start: Start) -> None:
    segments = Recorder()
    most = 0

    async def brief(task_id: str, segment: int) -> None:
        nonlocal most
        most = max(most, segments.running + 1)
        await segments(task_id, segment)
        await asyncio.sleep(0)

    engine = await start(brief, max_concurrent=3)
    submits = [engine.submit(f"task-{number}", 0, priority=number % 4) for number in range(60)]
    cancels = [engine.cancel(f"task-{number}") for number in range(0, 60, 7)]
    await asyncio.gather(*submits, *cancels)
    await until_idle(engine)
    assert most <= 3
    assert len(segments.begun) == len(set(segments.begun)) >= 51
    assert {f"task-{number}" for number in range(60) if number % 7} <= {task_id for task_id, _ in segments.ended}


async def test_a_segment_that_ended_runs_again_when_that_is_asked_for_and_not_while_it_runs(start: Start) -> None:
    segments = Recorder()
    engine = await start(segments)
    await engine.submit("task-a", 0)
    await until_idle(engine)
    await engine.submit("task-a", 0)
    await until_idle(engine)
    assert len(segments.begun) == 1
    segments.gate.clear()
    await engine.submit("task-a", 0, again=True)
    await until(lambda: segments.running == 1)
    await engine.submit("task-a", 0, again=True)
    segments.gate.set()
    await until_idle(engine)
    assert len(segments.begun) == 2


async def test_a_cancelled_queued_segment_never_begins(start: Start) -> None:
    segments = Recorder(gated=True)
    engine = await start(segments, max_concurrent=1)
    await engine.submit("task-a", 0)
    await engine.submit("task-b", 0)
    await engine.submit("task-c", 0)
    await until(lambda: segments.running == 1)
    await engine.cancel("task-b")
    assert await engine.load() == (1, 1)
    segments.gate.set()
    await until(lambda: len(segments.ended) == 2)
    await until_idle(engine)
    assert segments.begun == [("task-a", 0), ("task-c", 0)]


async def test_cancel_ends_the_running_segment_at_once_and_frees_its_place(start: Start) -> None:
    segments = Recorder(gated=True)
    engine = await start(segments, max_concurrent=1)
    await engine.submit("task-a", 0)
    await engine.submit("task-ab", 0)
    await until(lambda: segments.running == 1)
    with stopwatch() as spent:
        await engine.cancel("task-a")
        assert spent() < 0.5
    assert segments.cancelled == [("task-a", 0)]
    await until(lambda: segments.begun == [("task-a", 0), ("task-ab", 0)])


@durable
async def test_a_cancelled_segment_stays_cancelled_over_a_restart_and_a_repeated_submit(start: Start) -> None:
    segments = Recorder(gated=True)
    engine = await start(segments)
    await engine.submit("task-a", 0)
    await until(lambda: segments.running == 1)
    await engine.cancel("task-a")
    await engine.stop(0.0)
    again = Recorder()
    engine = await start(again)
    await engine.submit("task-a", 0)
    await engine.submit("task-b", 0)
    await until(lambda: ("task-b", 0) in again.ended)
    await until_idle(engine)
    assert again.begun == [("task-b", 0)]


async def test_cancel_of_an_unknown_or_finished_task_does_nothing(start: Start) -> None:
    segments = Recorder()
    engine = await start(segments)
    await engine.cancel("task-x")
    await engine.submit("task-a", 0)
    await until_idle(engine)
    await engine.cancel("task-a")
    assert segments.ended == [("task-a", 0)]


async def test_a_segment_may_cancel_its_own_task(start: Start) -> None:
    outcome: list[str] = []

    async def cancel_myself(task_id: str, segment: int) -> None:
        try:
            await engine.cancel(task_id)
            await asyncio.sleep(5.0)
        except asyncio.CancelledError:
            outcome.append("cancelled")
            raise

    engine = await start(cancel_myself)
    await engine.submit("task-a", 0)
    await until(lambda: outcome == ["cancelled"])
    await until_idle(engine)


async def test_a_segment_may_submit_the_next_one(start: Start) -> None:
    begun: list[int] = []

    async def chain(task_id: str, segment: int) -> None:
        begun.append(segment)
        if segment < 3:
            await engine.submit(task_id, segment + 1)

    engine = await start(chain)
    await engine.submit("task-a", 0)
    await until(lambda: len(begun) == 4)
    await until_idle(engine)
    assert begun == [0, 1, 2, 3]


async def test_an_infrastructure_error_is_tried_again(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    segments = Recorder(errors=[OSError("disk"), asyncio.CancelledError()])
    engine = await start(segments)
    await engine.submit("task-a", 0)
    await until(lambda: bool(segments.ended))
    await until_idle(engine)
    assert len(segments.begun) == 3
    assert "task-a:0 failed 1 times, next try" in caplog.text


async def test_errors_that_last_are_tried_again_without_end_in_the_same_place_and_told_once(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    segments = Recorder(errors=[OSError(f"disk {number}") for number in range(50)])
    engine = await start(segments, max_concurrent=1)
    await engine.submit("task-a", 0)
    await engine.submit("task-b", 0)
    await until(lambda: len(segments.ended) == 2)
    await until_idle(engine)
    assert segments.begun == [("task-a", 0)] * 51 + [("task-b", 0)]
    told = [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]
    assert len(told) == 1
    assert told[0].exc_info is not None


@durable
async def test_a_segment_between_two_tries_does_not_hold_up_the_end_and_is_tried_again_at_the_next_start(
    start: Start,
) -> None:
    segments = Recorder(errors=[OSError("disk")] * 10_000)
    engine = await start(segments)
    await engine.submit("task-a", 0)
    await until(lambda: len(segments.begun) > 2)
    await engine.stop(30.0)
    again = Recorder()
    await start(again)
    await until(lambda: again.ended == [("task-a", 0)])


async def test_stop_lets_a_segment_finish_within_the_grace_and_it_does_not_run_again(start: Start) -> None:
    segments = Recorder(gated=True)
    engine = await start(segments)
    await engine.submit("task-a", 0)
    await until(lambda: segments.running == 1)
    asyncio.get_running_loop().call_later(0.2, segments.gate.set)
    await engine.stop(60.0)
    assert segments.ended == [("task-a", 0)]
    again = Recorder()
    engine = await start(again)
    await asyncio.sleep(0.3)
    assert again.begun == []
    assert await engine.load() == (0, 0)


@durable
async def test_a_segment_cut_off_by_stop_runs_again_at_the_next_start_and_queued_ones_follow(start: Start) -> None:
    segments = Recorder(gated=True)
    engine = await start(segments, max_concurrent=1)
    await engine.submit("task-a", 0)
    await engine.submit("task-b", 0)
    await until(lambda: segments.running == 1)
    with stopwatch() as spent:
        await engine.stop(0.1)
        assert spent() < 3.0
    assert segments.cancelled == [("task-a", 0)]
    again = Recorder()
    await start(again, max_concurrent=1)
    await until(lambda: len(again.ended) == 2)
    assert again.begun == [("task-a", 0), ("task-b", 0)]


async def test_nothing_is_claimed_while_stopping(start: Start) -> None:
    segments = Recorder(gated=True)
    engine = await start(segments, max_concurrent=1)
    await engine.submit("task-a", 0)
    await engine.submit("task-b", 0)
    await until(lambda: segments.running == 1)
    asyncio.get_running_loop().call_later(0.2, segments.gate.set)
    await engine.stop(60.0)
    assert segments.begun == [("task-a", 0)]


@durable
async def test_a_segment_that_raises_while_stopping_has_not_finished(start: Start) -> None:
    segments = Recorder(gated=True, errors=[RuntimeError("drained")])
    engine = await start(segments)
    await engine.submit("task-a", 0)
    await until(lambda: segments.running == 1)
    asyncio.get_running_loop().call_later(0.1, segments.gate.set)
    await engine.stop(60.0)
    assert len(segments.begun) == 1
    again = Recorder()
    await start(again)
    await until(lambda: again.ended == [("task-a", 0)])


@durable
async def test_a_stopped_engine_leaves_no_thread_and_refuses_work(start: Start) -> None:
    before = set(threading.enumerate())
    engine = await start(Recorder())
    await engine.submit("task-a", 0)
    await until_idle(engine)
    await engine.stop(1.0)
    await engine.stop(1.0)
    left = [thread.name for thread in set(threading.enumerate()) - before if not thread.name.startswith("asyncio_")]
    assert left == []
    assert await asyncio.to_thread(lambda: "the loop's own threads work") == "the loop's own threads work"
    with pytest.raises(Refused):
        await engine.submit("task-b", 0)
