"""Spans that stay in memory, made as they are in the service."""

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Sampler

from observability.export import TaskTraceIds
from observability.spans import Spans


class Recording:
    """`spans` to make some with, and what came of them."""

    def __init__(self, *, sampler: Sampler = ALWAYS_ON, pauses: tuple[type[BaseException], ...] = ()) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(sampler=sampler, id_generator=TaskTraceIds(), shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.spans = Spans(self.provider.get_tracer("test"), pauses=pauses)

    def finished(self) -> dict[str, ReadableSpan]:
        """By name; a test makes no two of one name."""
        found = {span.name: span for span in self._exporter.get_finished_spans()}
        assert len(found) == len(self._exporter.get_finished_spans())
        return found

    def only(self) -> ReadableSpan:
        (span,) = self._exporter.get_finished_spans()
        return span
