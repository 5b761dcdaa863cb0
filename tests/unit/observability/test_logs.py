"""A log line: what it names, in both formats, and what it never holds."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from core.log_context import REQUEST_ID, TASK_ID
from observability.logs import QUIET, LogFormat, json_formatter, start_logging, with_task_in_log
from observability.spans import trace_id_of
from tests.unit.observability.recording import Recording

KEY = 'canary"with a quote'
log = logging.getLogger("tests.of.logs")


@pytest.fixture
def levels() -> Iterator[None]:
    """Afterwards the levels are as they were: other tests count what is logged."""
    before = {logger: logger.level for logger in map(logging.getLogger, (None, "uvicorn.access", *QUIET))}
    yield
    for logger, level in before.items():
        logger.setLevel(level)


@pytest.fixture(params=["text", "json"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, levels: None) -> Iterator[io.StringIO]:
    """What is logged in a format, with the root logger and uvicorn's as they are in a new process."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    yield from _logging(request.param)


def _logging(log_format: LogFormat) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    start_logging(logging.StreamHandler(stream), "INFO", log_format, secrets=(KEY, "canary", "abc"))
    yield stream


def as_json(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


async def test_a_line_names_the_task_and_the_request_that_it_is_about(written: io.StringIO) -> None:
    async def segment(task_id: str, number: int) -> None:
        await asyncio.sleep(0)
        log.warning("segment %d", number)

    await asyncio.gather(*(with_task_in_log(segment)(f"task{number}", number) for number in range(3)))
    log.warning("outside")
    text = written.getvalue().splitlines()
    for number in range(3):
        (line,) = (line for line in text if f"segment {number}" in line)
        assert f"task{number}" in line
    assert "task0" not in text[-1]
    assert TASK_ID.get() == ""


@pytest.mark.parametrize("written", ["json"], indirect=True)
def test_a_json_line_has_the_time_in_utc_the_level_the_logger_and_the_ids(written: io.StringIO) -> None:
    tokens = TASK_ID.set("t1"), REQUEST_ID.set("r1")
    recording = Recording()
    with recording.spans.span("t1", "turn", {}):
        log.warning("one %s", "ü")
    TASK_ID.reset(tokens[0])
    REQUEST_ID.reset(tokens[1])
    log.error("two\nlines")
    first, second = as_json(written)
    stamp = datetime.fromisoformat(str(first.pop("timestamp")))
    assert stamp.utcoffset() == datetime.now(UTC).utcoffset()
    context = recording.only().context
    assert context is not None
    assert first == {
        "level": "WARNING",
        "logger": "tests.of.logs",
        "message": "one ü",
        "task_id": "t1",
        "request_id": "r1",
        "trace_id": f"{trace_id_of('t1'):032x}",
        "span_id": f"{context.span_id:016x}",
    }
    assert {name: second[name] for name in second if name != "timestamp"} == {
        "level": "ERROR",
        "logger": "tests.of.logs",
        "message": "two\nlines",
        "task_id": None,
        "request_id": None,
    }


def test_text_that_is_no_unicode_makes_a_line_all_the_same() -> None:
    """Made and not logged, because what is logged in a test is sent between the processes that run tests."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(json_formatter())
    record = logging.makeLogRecord({"msg": "half of a character: \ud800", "levelname": "ERROR", "name": "a"})
    assert json.loads(handler.format(record))["message"] == "half of a character: \ud800"


@pytest.mark.parametrize("written", ["json"], indirect=True)
def test_an_exception_stands_in_its_line(written: io.StringIO) -> None:
    try:
        raise ValueError("what went wrong")
    except ValueError:
        log.exception("failed")
    (line,) = as_json(written)
    assert str(line["exception"]).startswith("Traceback")
    assert str(line["exception"]).endswith("ValueError: what went wrong")


def test_no_key_is_written_wherever_in_the_record_it_stands(written: io.StringIO) -> None:
    log.warning("the key is %s", KEY)
    log.warning("%r of %s, not abc", {"Authorization": f"Bearer {KEY}"}, "canary")
    try:
        raise ValueError(f"refused: {KEY}")
    except ValueError:
        log.exception("failed with canary")
    text = written.getvalue()
    assert "canary" not in text
    assert text.count("[redacted]") >= 5
    assert "abc" in text, "three letters are no secret"


def test_uvicorns_own_lines_become_json_as_well(monkeypatch: pytest.MonkeyPatch, levels: None) -> None:
    access = logging.getLogger("uvicorn.access")
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(access, "handlers", [logging.StreamHandler(sys.stderr)])
    monkeypatch.setattr(access, "propagate", False)
    access.setLevel(logging.INFO)
    (stream,) = _logging("json")
    access.info('%s - "%s"', "127.0.0.1", "GET /health")
    assert json.loads(stream.getvalue())["message"] == '127.0.0.1 - "GET /health"'
