"""A collector of spans as a process of its own: takes OTLP over HTTP, decodes it with the official classes, and writes it down.

`python -m tests.e2e.collector FILE` prints its port and appends a line per request to FILE: a JSON array of its spans.
`--answer 503` takes nothing; `--delay SECONDS` answers late.
"""

import argparse
import gzip
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span, Status

from config import PROJECT

Attributes = dict[str, Any]


@dataclass(frozen=True)
class Received:
    """A span as it came over the wire; ids in hexadecimal, times in nanoseconds, `parent` empty at the top."""

    trace: str
    id: str
    parent: str
    name: str
    kind: str
    start: int
    end: int
    status: str
    said: str
    attributes: Attributes
    resource: Attributes = field(default_factory=dict)
    events: int = 0

    @property
    def operation(self) -> str:
        return str(self.attributes.get("gen_ai.operation.name", ""))


@dataclass(frozen=True)
class Collector:
    """A running one: where it is, and what it has got until now."""

    url: str
    file: Path

    def spans(self) -> list[Received]:
        """Those of the requests that are written down whole; the collector may be writing the next one."""
        lines = self.file.read_text().splitlines(keepends=True) if self.file.exists() else []
        return [Received(**span) for line in lines if line.endswith("\n") for span in json.loads(line)]

    def wait_for(self, enough: Callable[[list[Received]], bool], seconds: float = 180) -> list[Received]:
        """The spans once there are `enough`."""
        until = time.monotonic() + seconds
        while not enough(spans := self.spans()):
            assert time.monotonic() < until, [span.name for span in spans]
            time.sleep(0.1)
        return spans


@contextmanager
def running_collector(folder: Path, *options: str) -> Iterator[Collector]:
    """A collector on a free port of this machine, until the block ends."""
    file = folder / "spans.jsonl"
    command = [sys.executable, "-m", "tests.e2e.collector", str(file), *options]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Collector(f"http://127.0.0.1:{int(process.stdout.readline())}", file)
        finally:
            process.kill()


def decode(body: bytes) -> Iterator[Received]:
    """Every span of an export request."""
    for group in ExportTraceServiceRequest.FromString(body).resource_spans:
        for scope in group.scope_spans:
            for span in scope.spans:
                yield _received(span, group)


def _received(span: Span, group: ResourceSpans) -> Received:
    return Received(
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        name=span.name,
        kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        start=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        status=Status.StatusCode.Name(span.status.code).removeprefix("STATUS_CODE_"),
        said=span.status.message,
        attributes={each.key: _value(each.value) for each in span.attributes},
        resource={each.key: _value(each.value) for each in group.resource.attributes},
        events=len(span.events),
    )


def _value(value: AnyValue) -> Any:
    which = value.WhichOneof("value")
    if which == "array_value":
        return [_value(each) for each in value.array_value.values]
    return None if which is None else getattr(value, which)


def _serve(file: Path, answer: int, delay_s: float) -> None:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            known = self.path == "/v1/traces" and self.headers["Content-Type"] == "application/x-protobuf"
            if known and answer == 200:
                with lock, file.open("a") as log:
                    log.write(json.dumps([span.__dict__ for span in decode(body)]) + "\n")
            time.sleep(delay_s)
            self.send_response(answer if known else 404)
            self.send_header("Content-Type", "application/x-protobuf")
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--answer", type=int, default=200)
    parser.add_argument("--delay", type=float, default=0.0)
    given = parser.parse_args()
    _serve(given.file, given.answer, given.delay)
