"""Where spans go: named as ours, told once when they are lost, and never waited for."""

import logging
from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from observability.export import OneSentence, SpanExport
from observability.spans import Spans

OK, FAILED = SpanExportResult.SUCCESS, SpanExportResult.FAILURE


class Scripted(SpanExporter):
    def __init__(self, *results: SpanExportResult) -> None:
        self._results = list(results)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._results.pop(0)


def test_that_spans_are_lost_is_said_once_and_that_they_are_taken_again_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    results = [OK, FAILED, FAILED, FAILED, OK, OK, FAILED]
    exporter = OneSentence(Scripted(*results), "collector:4318")
    assert [exporter.export([]) for _ in results] == results
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO", "WARNING"]
    assert all("collector:4318" in record.message for record in caplog.records)


async def test_the_service_has_its_own_name_unless_it_is_given_another(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, resource in (("autonomy", ""), ("mine", "service.name=mine,deployment.environment.name=test")):
        monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", resource)
        export = SpanExport("console", None, "1.2.3")
        with Spans(export.tracer).span("t1", "turn", {}):
            pass
        await export.close()
        written = capfd.readouterr()
        assert written.out == "", "stdout belongs to the commands"
        assert f'"service.name": "{name}"' in written.err
        assert '"service.version": "1.2.3"' in written.err
        assert ('"deployment.environment.name": "test"' in written.err) is bool(resource)


async def test_closing_sends_what_is_left(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "3600000")
    export = SpanExport("console", None, "1.2.3")
    with Spans(export.tracer).span("t1", "the last one", {}):
        pass
    await export.close()
    assert "the last one" in capfd.readouterr().err
