"""Tracing where nobody watches: nothing is shown, nothing is wrapped, and nothing of OpenTelemetry is loaded."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext

from core.findings import CheckResult
from core.ports import ModelClient, RunSegment, TaskStore
from core.types import AgentName
from observability.sandbox_runs import RunWatch


class Untraced:
    """Tracing that shows nothing."""

    run_watches: Sequence[RunWatch] = ()

    def turn(self, task_id: str, agent: AgentName, step: str, iteration: int) -> AbstractContextManager[None]:
        return nullcontext()

    def tool(
        self, task_id: str, agent: AgentName, name: str
    ) -> AbstractContextManager[Callable[[Iterable[CheckResult]], None]]:
        return nullcontext(_ignore)

    def around_model(self, inner: ModelClient) -> ModelClient:
        return inner

    def around_segments(self, run: RunSegment, tasks: TaskStore) -> RunSegment:
        return run

    async def close(self) -> None:
        """Nothing is open."""


def _ignore(results: Iterable[CheckResult]) -> None:
    """Nobody is told."""
