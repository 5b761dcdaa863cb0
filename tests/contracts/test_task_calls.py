"""What every CallHistory promises of the calls of one task, without what is large about them."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.errors import InvalidInput
from core.models import Message
from core.ports import CallHistory, InteractionLog
from core.task_views import PREVIEW_CHARS
from core.types import Usage
from observability.call_history import SqliteCallHistory
from observability.interactions import SqliteInteractionLog
from tests.contracts.test_interaction_log import a_call


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[tuple[InteractionLog, CallHistory]]:
    log = await SqliteInteractionLog.open(folder / "interactions.db")
    calls = await SqliteCallHistory.open(folder / "interactions.db")
    try:
        yield log, calls
    finally:
        await calls.close()
        await log.close()


@pytest.fixture(params=[sqlite])
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[InteractionLog, CallHistory]]:
    async with request.param(tmp_path) as both:
        yield both


Opened = tuple[InteractionLog, CallHistory]


async def test_figures_are_those_of_the_task_in_the_order_of_its_calls(opened: Opened) -> None:
    log, calls = opened
    await log.record(a_call("c1"))
    await log.record(a_call("other", task_id="t2"))
    await log.record(a_call("c2", iteration=2, success=False, identity_version=7))
    first, second = await calls.figures("t1")
    assert (first.call_id, first.ended_at, first.cost_usd, first.seconds) == ("c1", 1_001.5, 0.25, 1.5)
    assert first.usage == Usage(input_tokens=100, output_tokens=20, cache_read_tokens=60, cache_write_tokens=30)
    assert (second.call_id, second.iteration, second.success, second.identity_version) == ("c2", 2, False, 7)
    assert first.identity_version == 0
    assert list(await calls.figures("unknown")) == []


async def test_a_preview_has_the_last_words_of_the_user_and_the_answer(opened: Opened) -> None:
    log, calls = opened
    said = (("system", "You plan."), ("user", "First."), ("assistant", "Well."), ("user", 'Sécond "ü" \x07'))
    messages = tuple(Message.model_validate({"role": role, "content": text}) for role, text in said)
    await log.record(a_call("c1", messages=messages, error="odd"))
    (call,) = await calls.previews("t1", before=None, limit=10)
    assert (call.prompt, call.prompt_chars) == ('Sécond "ü" \x07', 12)
    assert (call.answer, call.answer_chars, call.cut) == ("A plan", 6, False)
    assert (call.ts, call.prompt_name, call.success, call.error) == (1_001.5, "planner/plan", True, "odd")


async def test_long_texts_are_cut_and_say_so(opened: Opened) -> None:
    log, calls = opened
    long = "ß" * (PREVIEW_CHARS + 1)
    await log.record(a_call("c1", response=long))
    await log.record(a_call("c2", messages=(Message(role="user", content=long),)))
    await log.record(a_call("c3", response=long[:-1]))
    third, second, first = await calls.previews("t1", before=None, limit=10)
    assert (first.answer, first.answer_chars, first.cut) == (long[:-1], PREVIEW_CHARS + 1, True)
    assert (second.prompt, second.prompt_chars, second.cut) == (long[:-1], PREVIEW_CHARS + 1, True)
    assert (third.answer, third.cut) == (long[:-1], False)


async def test_a_call_without_words_of_a_user_has_an_empty_preview(opened: Opened) -> None:
    log, calls = opened
    await log.record(a_call("c1", messages=(Message(role="system", content="x"),)))
    (call,) = await calls.previews("t1", before=None, limit=10)
    assert (call.prompt, call.prompt_chars) == ("", 0)


async def test_previews_come_newest_first_in_pages(opened: Opened) -> None:
    log, calls = opened
    for number in range(5):
        await log.record(a_call(f"c{number}"))
        await log.record(a_call(f"o{number}", task_id="t2"))

    async def ids(before: str | None) -> list[str]:
        return [call.call_id for call in await calls.previews("t1", before=before, limit=2)]

    assert await ids(None) == ["c4", "c3"]
    assert await ids("c3") == ["c2", "c1"]
    assert await ids("c1") == ["c0"]
    with pytest.raises(InvalidInput, match="before"):
        await ids("nothing")


async def test_a_page_of_many_large_calls_is_there_at_once(opened: Opened) -> None:
    """Two hundred calls of 100 kB: cut in the store, and not carried through the process whole."""
    log, calls = opened
    large = (Message(role="user", content="line of a prompt\n" * 6_000),)
    for number in range(200):
        await log.record(a_call(f"c{number}", messages=large))
    started = time.process_time()
    found = await calls.previews("t1", before=None, limit=200)
    assert len(found) == 200
    assert sum(len(call.prompt) for call in found) == 200 * PREVIEW_CHARS
    assert time.process_time() - started < 2
