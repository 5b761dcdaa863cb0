"""The process's log: text for people or a JSON object per line; either names the task and the request a line is about."""

import importlib
import logging
from collections.abc import Collection
from typing import Literal

from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

from core.log_context import REQUEST_ID, TASK_ID
from core.ports import RunSegment
from core.redaction import Redactor

LogFormat = Literal["text", "json"]
_TEXT = "%(asctime)s %(levelname)s %(name)s:%(about)s %(message)s"
_JSON = ("timestamp", "levelname", "name", "message", "task_id", "request_id")
_JSON_NAMES = {"levelname": "level", "name": "logger", "exc_info": "exception", "stack_info": "stack"}
QUIET = ("httpx", "httpcore", "uvicorn.error", "dbos", "LiteLLM")
"""LiteLLM writes what it says below a warning to stdout, where a command's JSON stands."""
_UVICORN = ("uvicorn", "uvicorn.error", "uvicorn.access")


def start_logging(handler: logging.Handler, level: str, log_format: LogFormat, secrets: Collection[str] = ()) -> None:
    """Send the log to `handler`, without what libraries say of every request and start, and without `secrets`."""
    handler.addFilter(_add_context)
    handler.setFormatter(_Redacting(json_formatter() if log_format == "json" else _Text(_TEXT), secrets))
    logging.basicConfig(level=level, handlers=[handler])
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    if log_format == "json":
        _take_over_uvicorn()


def with_task_in_log(run: RunSegment) -> RunSegment:
    """`run`, with the task's id in everything that is logged meanwhile."""

    async def run_about(task_id: str, segment: int) -> None:
        token = TASK_ID.set(task_id)
        try:
            await run(task_id, segment)
        finally:
            TASK_ID.reset(token)

    return run_about


def _add_context(record: logging.LogRecord) -> bool:
    record.task_id, record.request_id = TASK_ID.get() or None, REQUEST_ID.get() or None
    span = get_current_span().get_span_context()
    if span.is_valid:
        record.trace_id, record.span_id = format_trace_id(span.trace_id), format_span_id(span.span_id)
    return True


def json_formatter() -> logging.Formatter:
    """Loaded for those who want it, so that the service's start stays small."""
    library = importlib.import_module("pythonjsonlogger.json")
    made: logging.Formatter = library.JsonFormatter(_JSON, timestamp=True, rename_fields=_JSON_NAMES)
    return made


def _take_over_uvicorn() -> None:
    """Under `uvicorn main:app` its lines come from handlers of its own; they become records like all others."""
    for name in _UVICORN:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


class _Text(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # the name is logging's
        ids = {"task": getattr(record, "task_id", None), "request": getattr(record, "request_id", None)}
        named = ", ".join(f"{what} {value}" for what, value in ids.items() if value)
        record.about = f" [{named}]" if named else ""
        return super().formatMessage(record)


class _Redacting(logging.Formatter):
    """A formatter around another that leaves no secret in a line, whatever a library logs at whatever level."""

    def __init__(self, inner: logging.Formatter, secrets: Collection[str]) -> None:
        super().__init__()
        self._inner = inner
        self._redactor = Redactor(secrets)

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.text(self._inner.format(record))
