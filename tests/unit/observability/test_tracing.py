"""What spans say, by the conventions: names, kinds, attributes and their types; and what they never say."""

from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from core.errors import SandboxError
from core.findings import CheckResult, CheckStatus
from core.models import ModelResponse
from core.sandboxes import RunReason, RunResult
from core.types import AgentName, Usage
from llm.providers import provider_of
from observability.sandbox_runs import WatchedSandboxProvider
from observability.tracing import OtelTracing, TracedModel, trace_runs, traced_segments
from tests.unit.llm.scripted import ScriptedClient, a_request
from tests.unit.memory.stores import a_task, sqlite_stores
from tests.unit.observability.recording import Recording
from tests.unit.tools.canned import CannedProvider, ran


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


async def nothing_to_close() -> None:
    """Nothing is open."""


def tracing(recording: Recording) -> OtelTracing:
    return OtelTracing(recording.spans, provider_of, nothing_to_close)


class Answering:
    """A model that gives one response, whole."""

    def __init__(self, response: ModelResponse) -> None:
        self._response = response

    async def complete(self, request: object, on_delta: object = None) -> ModelResponse:
        return self._response

    async def close(self) -> None: ...


async def test_a_call_says_which_model_was_asked_and_what_it_took() -> None:
    usage = Usage(input_tokens=100, output_tokens=20, cache_read_tokens=60)
    response = ModelResponse(text="canary", model="claude-x-1", finish_reason="length", usage=usage, cost_usd=0.25)
    recording = Recording()
    await TracedModel(Answering(response), recording.spans, provider_of).complete(a_request(model="claude-x"))
    span = recording.only()
    assert (span.name, span.kind) == ("chat claude-x", SpanKind.CLIENT)
    said = attributes(span)
    assert said["gen_ai.operation.name"] == "chat"
    assert said["gen_ai.provider.name"] == "anthropic"
    assert said["gen_ai.conversation.id"] == "t1"
    assert (said["gen_ai.request.model"], said["gen_ai.response.model"]) == ("claude-x", "claude-x-1")
    assert said["gen_ai.response.finish_reasons"] == ("length",)
    assert (said["gen_ai.usage.input_tokens"], said["gen_ai.usage.output_tokens"]) == (100, 20)
    assert said["gen_ai.usage.cache_read.input_tokens"] == 60
    assert "gen_ai.usage.cache_write.input_tokens" not in said, "nothing was written"
    assert said["autonomy.cost_usd"] == 0.25
    assert "gen_ai.request.stream" not in said, "nothing came in pieces"
    assert "canary" not in span.to_json()


async def test_a_call_that_streams_says_when_its_answer_began_and_passes_every_piece_on() -> None:
    recording, pieces = Recording(), list[str]()
    model = TracedModel(ScriptedClient("one two", pieces=2, pause_s=0.01), recording.spans, provider_of)
    await model.complete(a_request(), pieces.append)
    assert "".join(pieces) == "one two"
    said = attributes(recording.only())
    assert said["gen_ai.request.stream"] is True
    assert said["gen_ai.response.time_to_first_chunk"] > 0


@pytest.mark.parametrize(
    ("model", "provider", "kind"),
    [
        ("offline/scaffold", "offline", SpanKind.INTERNAL),
        ("mailbox/./mail", "mailbox", SpanKind.CLIENT),
        ("gemini/flash", "gcp.gemini", SpanKind.CLIENT),
        ("groq/llama", "groq", SpanKind.CLIENT),
        ("nobody-knows", "_OTHER", SpanKind.CLIENT),
    ],
)
async def test_the_provider_has_the_name_that_the_conventions_give_it(
    model: str, provider: str, kind: SpanKind
) -> None:
    recording = Recording()
    await TracedModel(ScriptedClient(), recording.spans, provider_of).complete(a_request(model=model))
    span = recording.only()
    assert (attributes(span)["gen_ai.provider.name"], span.kind) == (provider, kind)


async def test_a_turn_holds_its_tools_and_a_tool_what_runs_for_it() -> None:
    recording = Recording()
    seen = tracing(recording)
    provider = WatchedSandboxProvider(CannedProvider(ran(output="canary")), seen.run_watches)
    with seen.turn("t1", AgentName.QA, "checks", 2), seen.tool("t1", AgentName.QA, "linters") as tell:
        sandbox = await provider.open("t1", "python", {})
        await sandbox.run(["/usr/bin/python", "-m", "canary"])
        found = [("ruff", CheckStatus.PASSED), ("bandit", CheckStatus.FAILED), ("devops", CheckStatus.NOT_EXECUTED)]
        tell([CheckResult(name=name, status=status, detail="canary") for name, status in found])
    spans = recording.finished()
    turn, tool, run = (spans[name] for name in ("invoke_agent qa_agent", "execute_tool linters", "sandbox run python"))
    assert (turn.parent, tool.parent, run.parent) == (None, turn.context, tool.context)
    assert (turn.kind, tool.kind, run.kind) == (SpanKind.INTERNAL, SpanKind.INTERNAL, SpanKind.CLIENT)
    assert attributes(turn) == {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "qa_agent",
        "gen_ai.conversation.id": "t1",
        "autonomy.step": "checks",
        "autonomy.iteration": 2,
    }
    assert attributes(tool) == {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "linters",
        "gen_ai.agent.name": "qa_agent",
        "gen_ai.conversation.id": "t1",
        "autonomy.checks.passed": ("ruff",),
        "autonomy.checks.failed": ("bandit",),
        "autonomy.checks.not_executed": ("devops",),
    }
    assert tool.status.status_code is StatusCode.UNSET, "a check that finds something has done its work"
    assert attributes(run)["process.exit.code"] == 0
    assert "canary" not in "".join(span.to_json() for span in spans.values())


@pytest.mark.parametrize(
    ("result", "error"),
    [(ran(reason=RunReason.TIMEOUT, code=-9), "timeout"), (SandboxError("no box"), "core.errors.SandboxError")],
)
async def test_a_run_that_does_not_end_well_says_why_in_a_word(result: RunResult | SandboxError, error: str) -> None:
    def answer(_argv: object, _files: object) -> RunResult:
        if isinstance(result, SandboxError):
            raise result
        return result

    recording = Recording()
    provider = WatchedSandboxProvider(CannedProvider(answer), [trace_runs(recording.spans)])
    sandbox = await provider.open("t1", "node", {})
    try:
        await sandbox.run(["sh", "-c", "true"])
    except SandboxError:
        assert isinstance(result, SandboxError)
    span = recording.only()
    assert span.status.status_code is StatusCode.ERROR
    assert attributes(span)["error.type"] == error


@pytest.mark.parametrize(
    ("status", "code"),
    [("waiting_for_input", StatusCode.UNSET), ("completed", StatusCode.UNSET), ("failed", StatusCode.ERROR)],
)
async def test_a_segment_says_how_it_left_the_task(tmp_path: Any, status: str, code: StatusCode) -> None:
    recording = Recording()
    async with sqlite_stores(tmp_path) as stores:
        await stores.tasks.create(a_task())

        async def run(task_id: str, segment: int) -> None:
            await stores.tasks.update(task_id, status=status, segment=segment)

        await traced_segments(run, stores.tasks, recording.spans)("t1", 3)
    span = recording.only()
    assert (span.name, span.kind, span.status.status_code) == ("invoke_workflow build", SpanKind.INTERNAL, code)
    said = attributes(span)
    assert said["gen_ai.operation.name"] == "invoke_workflow"
    assert said["gen_ai.agent.name"] == "build"
    assert (said["autonomy.segment"], said["autonomy.task.status"]) == (3, status)
    assert said.get("error.type") == ("task_failed" if status == "failed" else None)
