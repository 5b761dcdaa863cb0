"""What a task does as spans by OpenTelemetry's conventions for generative AI: segments, turns, tools, calls, sandbox runs.

Names and attributes are those of version 0.1.0 of the conventions; what they do not name begins with `autonomy.`.
"""

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from opentelemetry.trace import Span, SpanKind

from core.findings import CheckResult, CheckStatus
from core.models import ModelRequest, ModelResponse
from core.ports import ModelClient, OnDelta, RunSegment, TaskStore
from core.sandboxes import RunResult, Toolchain
from core.types import AgentName, TaskStatus
from observability.sandbox_runs import RunWatch
from observability.spans import Attributes, Spans, mark_failed

IN_PROCESS = frozenset({"offline", "replay"})
"""The providers whose models run in this process."""
_PROVIDERS = {"gemini": "gcp.gemini", "vertex_ai": "gcp.vertex_ai", "bedrock": "aws.bedrock", "mistral": "mistral_ai"}
"""Names of the conventions that are not those of LiteLLM."""


class OtelTracing:
    """Tracing over spans, and what wiring lays around models, segments and sandboxes."""

    def __init__(
        self,
        spans: Spans,
        provider_of: Callable[[str], str | None],
        close: Callable[[], Awaitable[None]],
    ) -> None:
        """`provider_of` names the provider of a model; `close` sends what is left."""
        self._spans = spans
        self._provider_of = provider_of
        self._close = close
        self.run_watches: Sequence[RunWatch] = (trace_runs(spans),)

    def around_model(self, inner: ModelClient) -> ModelClient:
        return TracedModel(inner, self._spans, self._provider_of)

    def around_segments(self, run: RunSegment, tasks: TaskStore) -> RunSegment:
        return traced_segments(run, tasks, self._spans)

    async def close(self) -> None:
        await self._close()

    @contextmanager
    def turn(self, task_id: str, agent: AgentName, step: str, iteration: int) -> Iterator[None]:
        attributes: Attributes = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": agent.value,
            "autonomy.step": step,
            "autonomy.iteration": iteration,
        }
        with self._spans.span(task_id, f"invoke_agent {agent.value}", attributes):
            yield

    @contextmanager
    def tool(self, task_id: str, agent: AgentName, name: str) -> Iterator[Callable[[Iterable[CheckResult]], None]]:
        attributes: Attributes = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": name,
            "gen_ai.agent.name": agent.value,
        }
        with self._spans.span(task_id, f"execute_tool {name}", attributes) as span:
            yield lambda results: _tell_results(span, results)


def _tell_results(span: Span, results: Iterable[CheckResult]) -> None:
    """A check that finds faults has done its work, so that the span has not failed."""
    names: dict[CheckStatus, list[str]] = {}
    for result in results:
        names.setdefault(result.status, []).append(result.name)
    for status, found in names.items():
        span.set_attribute(f"autonomy.checks.{status.value.replace(' ', '_')}", found)


def traced_segments(run: RunSegment, tasks: TaskStore, spans: Spans) -> RunSegment:
    """`run` with each segment as a span, at the top of what is done meanwhile."""

    async def run_traced(task_id: str, segment: int) -> None:
        workflow = (await tasks.get(task_id)).request.workflow
        attributes: Attributes = {
            "gen_ai.operation.name": "invoke_workflow",
            "gen_ai.agent.name": workflow,
            "autonomy.segment": segment,
        }
        with spans.span(task_id, f"invoke_workflow {workflow}", attributes) as span:
            await run(task_id, segment)
            status = (await tasks.get(task_id)).status
            span.set_attribute("autonomy.task.status", status.value)
            if status is TaskStatus.FAILED:
                mark_failed(span, "task_failed")

    return run_traced


class TracedModel:
    """ModelClient around another; a call is a span with its tokens, and never with what was asked or answered."""

    def __init__(self, inner: ModelClient, spans: Spans, provider_of: Callable[[str], str | None]) -> None:
        self._inner = inner
        self._spans = spans
        self._provider_of = provider_of

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """Raises what the inner client raises."""
        provider = self._provider_of(request.model) or "_OTHER"
        kind = SpanKind.INTERNAL if provider in IN_PROCESS else SpanKind.CLIENT
        attributes = _asked(request, _PROVIDERS.get(provider, provider))
        with self._spans.span(request.task_id, f"chat {request.model}", attributes, kind=kind) as span:
            response = await self._inner.complete(request, _FirstDelta(span, on_delta))
            span.set_attributes(_answered(response))
            return response

    async def close(self) -> None:
        await self._inner.close()


class _FirstDelta:
    """Notes when an answer begins to arrive."""

    def __init__(self, span: Span, on_delta: OnDelta | None) -> None:
        self._span, self._on_delta = span, on_delta
        self._asked_at: float | None = time.monotonic()

    def __call__(self, text: str) -> None:
        if self._asked_at is not None:
            seconds, self._asked_at = time.monotonic() - self._asked_at, None
            self._span.set_attributes({"gen_ai.request.stream": True, "gen_ai.response.time_to_first_chunk": seconds})
        if self._on_delta is not None:
            self._on_delta(text)


def _asked(request: ModelRequest, provider: str) -> Attributes:
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": request.model,
        "gen_ai.request.max_tokens": request.max_output_tokens,
        "gen_ai.output.type": "json" if request.answer_format == "json" else "text",
        "gen_ai.prompt.name": request.prompt_name,
        "gen_ai.prompt.version": request.prompt_hash,
        "gen_ai.agent.name": request.agent.value,
        "autonomy.iteration": request.iteration,
    }


def _answered(response: ModelResponse) -> Attributes:
    usage = response.usage
    cached = {
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read_tokens,
        "gen_ai.usage.cache_write.input_tokens": usage.cache_write_tokens,
    }
    return {
        "gen_ai.response.model": response.model,
        "gen_ai.response.finish_reasons": [response.finish_reason],
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "autonomy.cost_usd": response.cost_usd,
        **{name: tokens for name, tokens in cached.items() if tokens},
    }


def trace_runs(spans: Spans) -> RunWatch:
    """Every command in a sandbox as a span, by the conventions for command lines; its arguments are left out."""

    @contextmanager
    def watch(task_id: str, toolchain: Toolchain, program: str) -> Iterator[Callable[[RunResult], None]]:
        attributes: Attributes = {"process.executable.name": program, "autonomy.sandbox.toolchain": toolchain}
        with spans.span(task_id, f"sandbox run {program}", attributes, kind=SpanKind.CLIENT) as span:
            yield lambda result: _tell_run(span, result)

    return watch


def _tell_run(span: Span, result: RunResult) -> None:
    span.set_attributes(
        {
            "process.exit.code": result.exit_code,
            "autonomy.sandbox.outcome": result.reason.value,
            "autonomy.sandbox.seconds": result.seconds,
            "autonomy.sandbox.peak_bytes": result.peak_bytes,
        }
    )
    if not result.ok:
        mark_failed(span, result.reason.value)
