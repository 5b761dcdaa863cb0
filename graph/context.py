"""What a run is given: ports, agents and the settings that nodes need."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from agents.context import AgentContext
from agents.registry import Agent
from core.events import Event
from core.ports import (
    Clock,
    CodeHost,
    EffectStore,
    Forecasts,
    InterruptStore,
    Ledger,
    LiveDemos,
    SandboxProvider,
    TaskStore,
    Workspace,
    WorkspaceProvider,
)
from core.publication import RequestDefaults
from core.questions import QuestionPolicy
from core.types import AgentName, Json

WriteOutput: TypeAlias = Callable[[str, str, Mapping[str, str]], Awaitable[str]]
"""Writes a task's files under a directory: (directory, task id, files) -> the path that holds them."""
Unasked: TypeAlias = Callable[[str], Awaitable[str]]
"""What of its cassette a replayed task (by its id) did not ask for, in a sentence; empty when that is nothing."""


@dataclass(frozen=True)
class GraphContext:
    """Given to every node by LangGraph as `runtime.context`. `ci` is the code host whose CI applications get."""

    agents: Mapping[AgentName, Agent]
    thinking: AgentContext
    tasks: TaskStore
    interrupts: InterruptStore
    questions: QuestionPolicy
    requests: RequestDefaults
    workspaces: WorkspaceProvider
    sandbox: SandboxProvider
    code_host: CodeHost
    ci: str
    demos: LiveDemos
    effects: EffectStore
    ledger: Ledger
    forecasts: Forecasts
    clock: Clock
    write_output: WriteOutput
    unasked: Unasked

    async def workspace(self, task_id: str) -> Workspace:
        return await self.workspaces.open(task_id)

    async def summarize(self, task_id: str, *events: Event, **parts: Json) -> None:
        """Append events and put digests of the round (`plan`, `qa`, `review`) into what the task shows."""
        task = await self.tasks.get(task_id)
        await self.tasks.update(task_id, events, summary={**task.summary, **parts})

    async def emit(self, task_id: str, *events: Event, **changes: object) -> None:
        """Append events and change the task's row in one transaction."""
        await self.tasks.update(task_id, events, **changes)
