"""OpenTelemetry's SDK: where spans are collected and sent from. Imported only where somebody wants them."""

import asyncio
import logging
import sys
import threading
from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.http.trace_exporter import DEFAULT_ENDPOINT, OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Tracer

from observability.spans import WANTED_TRACE_ID

log = logging.getLogger(__name__)
FLUSH_S = 5.0
"""How long the end of the service may wait for the last spans to be taken."""
_CHATTY = ("opentelemetry.exporter.otlp.proto.http.trace_exporter", "opentelemetry.sdk._shared_internal")


class SpanExport:
    """Sends spans from a thread of its own, in batches. A collector that is away costs spans, and nobody waits for it.

    The provider is not made the process's global one: what libraries would say of themselves is not sent.
    """

    def __init__(self, to: Literal["otlp", "console"], endpoint: str | None, version: str) -> None:
        """`endpoint` is the whole address, None for the SDK's default. Everything else is as the SDK's variables say."""
        self._exporter = ConsoleSpanExporter(out=sys.stderr) if to == "console" else _otlp(endpoint)
        self._provider = TracerProvider(
            resource=_resource(version), id_generator=TaskTraceIds(), shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self.tracer: Tracer = self._provider.get_tracer("autonomy", version)

    async def close(self) -> None:
        """Send what is left, for at most FLUSH_S; what has not been taken by then is lost."""
        ending = threading.Thread(target=self._provider.shutdown, name="spans-shutdown", daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, FLUSH_S)
        if ending.is_alive():
            log.warning("the last spans were not taken within %.0f s and are lost", FLUSH_S)
            self._exporter.shutdown()


class OneSentence(SpanExporter):
    """An exporter around another that says once that spans are lost, and once that they are taken again."""

    def __init__(self, inner: SpanExporter, where: str) -> None:
        self._inner = inner
        self._where = where
        self._failing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._inner.export(spans)
        failing = result is not SpanExportResult.SUCCESS
        if failing and not self._failing:
            log.warning("the collector at %s takes no spans; they are lost until it does", self._where)
        if self._failing and not failing:
            log.info("the collector at %s takes spans again", self._where)
        self._failing = failing
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._inner.force_flush(timeout_millis)


def _otlp(endpoint: str | None) -> SpanExporter:
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return OneSentence(OTLPSpanExporter(endpoint), urlsplit(endpoint or DEFAULT_ENDPOINT).netloc)


class TaskTraceIds(RandomIdGenerator):
    """A span without a parent begins the trace of its task, or goes on with it."""

    def generate_trace_id(self) -> int:
        return WANTED_TRACE_ID.get() or super().generate_trace_id()


def _resource(version: str) -> Resource:
    ours = {"service.name": "autonomy", "service.version": version}
    return Resource.create({**ours, **OTELResourceDetector().detect().attributes})
