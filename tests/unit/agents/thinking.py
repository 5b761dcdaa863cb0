"""Agents with real prompts and real stores, and a model that says what a test tells it to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agents.context import AgentContext, Brief
from agents.prompting import PromptLibrary
from config import PROJECT
from core.models import FinishReason, ModelRequest, ModelResponse
from core.ports import ModelClient, OnDelta
from core.types import AgentName
from observability.untraced import Untraced
from sandbox.refusing import RefusingProvider
from tests.plans import todo_plan
from tests.unit.memory.stores import sqlite_stores


@dataclass
class Sayings:
    """Answers in order; a text, or a text with why it ended. Every request is kept."""

    answers: list[str | tuple[str, FinishReason]]
    requests: list[ModelRequest] = field(default_factory=list)

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        answer = self.answers[len(self.requests)]
        self.requests.append(request)
        text, finish_reason = answer if isinstance(answer, tuple) else (answer, "stop")
        return ModelResponse(text=text, model=request.model, finish_reason=finish_reason)

    async def close(self) -> None:
        """Nothing is open."""


@asynccontextmanager
async def thinking(folder: Path, model: ModelClient, name: str = "some/model") -> AsyncIterator[AgentContext]:
    async with sqlite_stores(folder) as stores:
        yield AgentContext(
            model=model,
            identities=stores.identities,
            sandbox=RefusingProvider("this test runs nothing", "use another test"),
            events=stores.events,
            prompts=PromptLibrary(PROJECT / "prompts"),
            models=dict.fromkeys(AgentName, name),
            tracing=Untraced(),
        )


def brief(step: str, **changes: object) -> Brief:
    fields: dict[str, object] = {
        "task_id": "t1",
        "step": step,
        "sentence": "A todo list",
        "use_sandbox": False,
        "plan": todo_plan(),
        "contract": {"openapi": "3.1.0", "paths": {}},
    }
    return Brief(**(fields | changes))  # type: ignore[arg-type]  # the fields of a Brief by name
