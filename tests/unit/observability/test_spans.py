"""How spans hang together: one trace per task, children of what they happen in, marked by how they end."""

import asyncio
import hashlib

import pytest
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanContext, StatusCode

from core.errors import ModelError
from observability.spans import trace_id_of
from tests.unit.observability.recording import Recording


class Paused(Exception):
    """Ends a run in order."""


def context_of(span: object) -> SpanContext:
    context = getattr(span, "context", None)
    assert isinstance(context, SpanContext)
    return context


def test_the_trace_of_a_task_follows_from_its_id() -> None:
    digest = hashlib.sha256(b"3f9c2a7be1d04c55").hexdigest()
    assert f"{trace_id_of('3f9c2a7be1d04c55'):032x}" == digest[:32]


def test_spans_of_a_task_are_one_trace_in_every_life_of_the_process() -> None:
    before, after = Recording(), Recording()
    for recording in (before, after):
        with recording.spans.span("t1", "segment", {}), recording.spans.span("t1", "turn", {}):
            pass
    spans = [*before.finished().values(), *after.finished().values()]
    assert {context_of(span).trace_id for span in spans} == {trace_id_of("t1")}
    assert len({context_of(span).span_id for span in spans}) == 4
    for recording in (before, after):
        found = recording.finished()
        assert found["segment"].parent is None
        assert found["turn"].parent == context_of(found["segment"])


def test_what_is_done_for_another_task_is_not_put_into_this_ones_trace() -> None:
    recording = Recording()
    with recording.spans.span("t1", "ours", {}), recording.spans.span("t2", "theirs", {}):
        pass
    theirs = recording.finished()["theirs"]
    assert theirs.parent is None
    assert context_of(theirs).trace_id == trace_id_of("t2")


async def test_parallel_work_hangs_under_what_began_it() -> None:
    recording = Recording()

    async def turn(name: str) -> None:
        with recording.spans.span("t1", name, {}):
            await asyncio.sleep(0)
            with recording.spans.span("t1", f"call of {name}", {}):
                await asyncio.sleep(0)

    with recording.spans.span("t1", "segment", {}):
        async with asyncio.TaskGroup() as group:
            for name in ("backend", "frontend"):
                group.create_task(turn(name))
    found = recording.finished()
    for name in ("backend", "frontend"):
        assert found[name].parent == context_of(found["segment"])
        assert found[f"call of {name}"].parent == context_of(found[name])


@pytest.mark.parametrize("rate", [0.0, 0.5, 1.0])
def test_a_sampler_decides_alike_for_everything_of_a_task(rate: float) -> None:
    tasks = [f"task {number}" for number in range(40)]
    kept = []
    for _ in range(2):  # two lives of the process
        recording = Recording(sampler=ParentBased(TraceIdRatioBased(rate)))
        for task in tasks:
            with (
                recording.spans.span(task, f"segment of {task}", {}),
                recording.spans.span(task, f"turn of {task}", {}),
            ):
                pass
        kept.append(set(recording.finished()))
    assert kept[0] == kept[1]
    whole = {task for task in tasks if f"segment of {task}" in kept[0]}
    assert kept[0] == {f"{what} of {task}" for task in whole for what in ("segment", "turn")}
    assert (rate == 0.0) is (not whole)
    assert (rate == 1.0) is (len(whole) == len(tasks))


def test_an_error_is_named_by_its_class_and_its_words_stay_here() -> None:
    recording = Recording()
    with pytest.raises(ModelError), recording.spans.span("t1", "call", {}):
        raise ModelError("the answer was: canary")
    span = recording.only()
    assert span.status.status_code is StatusCode.ERROR
    assert dict(span.attributes or {})["error.type"] == "core.errors.ModelError"
    assert span.events == ()
    assert "canary" not in span.to_json()


@pytest.mark.parametrize("error", [asyncio.CancelledError, Paused])
def test_what_ends_in_order_has_not_failed(error: type[BaseException]) -> None:
    recording = Recording(pauses=(Paused,))
    with pytest.raises(error), recording.spans.span("t1", "segment", {}):
        raise error
    span = recording.only()
    assert span.status.status_code is StatusCode.UNSET
    assert "error.type" not in dict(span.attributes or {})
