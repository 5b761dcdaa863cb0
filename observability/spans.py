"""Spans through OpenTelemetry's API, one trace per task. Knows nothing of where they go; content never gets into them."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, get_current_span, use_span
from opentelemetry.util.types import AttributeValue

WANTED_TRACE_ID: ContextVar[int] = ContextVar("autonomy_wanted_trace_id", default=0)
"""The trace that a span without a parent is to begin or go on with; read by the generator of ids."""
Attributes = Mapping[str, AttributeValue]


def trace_id_of(task_id: str) -> int:
    """The one trace of a task, before and after every pause and restart: the first 16 bytes of the SHA-256 of its id."""
    return int.from_bytes(hashlib.sha256(task_id.encode()).digest()[:16]) or 1


def error_type(error: BaseException) -> str:
    """The class of an error by its full name; its message may hold what models or people wrote and is never shown."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def mark_failed(span: Span, kind: str) -> None:
    span.set_status(StatusCode.ERROR)
    span.set_attribute("error.type", kind)


class Spans:
    """Makes spans of tasks. `pauses` are exceptions that end a run in order, so that another one goes on with it."""

    def __init__(self, tracer: Tracer, *, pauses: tuple[type[BaseException], ...] = ()) -> None:
        self._tracer = tracer
        self._pauses = pauses

    @contextmanager
    def span(
        self, task_id: str, name: str, attributes: Attributes, *, kind: SpanKind = SpanKind.INTERNAL
    ) -> Iterator[Span]:
        """A span of the task's trace: a child of the current span of this trace, or one without a parent.

        An exception marks it as failed and goes on; being cancelled is no failure.
        """
        span = self._start(task_id, name, {"gen_ai.conversation.id": task_id, **attributes}, kind)
        with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                yield span
            except Exception as error:
                if not isinstance(error, self._pauses):
                    mark_failed(span, error_type(error))
                raise

    def _start(self, task_id: str, name: str, attributes: Attributes, kind: SpanKind) -> Span:
        trace_id = trace_id_of(task_id)
        inside = get_current_span().get_span_context().trace_id == trace_id
        token = WANTED_TRACE_ID.set(trace_id)
        try:
            return self._tracer.start_span(name, None if inside else Context(), kind, attributes)
        finally:
            WANTED_TRACE_ID.reset(token)
