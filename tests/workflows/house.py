"""A whole service in a temporary data directory, with a model that a test can interfere with."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from config import PROJECT, Settings
from core.access import Actor
from core.events import StoredEvent
from core.models import ModelRequest, ModelResponse
from core.ports import OnDelta
from core.tasks import Decision, Interrupt, InterruptFilter, Task, TaskRequest
from core.types import AgentName
from llm.offline.client import OfflineModel
from sandbox.known import KnownBoxes
from tests.workflows.known_boxes import folder_for
from tests.workflows.patience import PatientProvider
from wiring import Application, open_application
from wiring.adapters import make_sandbox

LIMIT_S = 400.0
TODO = "Build a REST API for a todo list with user auth and JWT"


@dataclass
class Call:
    """One call as the model saw it; `number` counts the calls of this agent and step from 1."""

    agent: AgentName
    step: str
    number: int
    request: ModelRequest


Interfere = Callable[[Call], str | None]
"""Returns another answer, or None to let the offline model answer; may raise what a model client raises."""


@dataclass
class InterferingModel:
    """The offline model, with a test between it and the service. Every call is kept."""

    interfere: Interfere = lambda call: None
    calls: list[Call] = field(default_factory=list)
    inner: OfflineModel = field(default_factory=OfflineModel)

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        found = re.search(r"^Step: (\w+)$", request.messages[-1].content, re.M)
        step = found[1] if found else ""
        number = 1 + sum(call.agent is request.agent and call.step == step for call in self.calls)
        call = Call(request.agent, step, number, request)
        self.calls.append(call)
        text = self.interfere(call)
        if text is not None:
            return ModelResponse(text=text, model=request.model)
        return await self.inner.complete(request, on_delta)

    async def close(self) -> None:
        await self.inner.close()

    def steps(self, agent: AgentName) -> list[str]:
        return [call.step for call in self.calls if call.agent is agent]


@dataclass(frozen=True)
class House:
    """The running service and what a test asks of it."""

    application: Application
    model: InterferingModel
    data: Path

    async def submit(self, sentence: str = TODO, **values: object) -> Task:
        return await self.application.commands.submit(
            TaskRequest.model_validate({"task_description": sentence, **values})
        )

    async def settled(self, task_id: str, *, segment: int = 0, limit_s: float = LIMIT_S) -> Task:
        """The task once it has ended, or asks in segment `segment` or a later one."""
        async with asyncio.timeout(limit_s):
            while True:
                task = await self.application.commands.get(task_id)
                if task.status.final or (task.status == "waiting_for_input" and task.segment >= segment):
                    return task
                await asyncio.sleep(0.05)

    async def question(self, task_id: str) -> Interrupt:
        pending = await self.application.commands.interrupts(InterruptFilter(task_ids=(task_id,), status="pending"))
        assert len(pending) == 1
        return pending[0]

    async def reply(self, task_id: str, text: str) -> Task:
        """Answer in words, and wait until the task has ended or asks again."""
        segment = (await self.application.commands.get(task_id)).segment
        await self.application.commands.reply(task_id, text, Actor(via="test"))
        return await self.settled(task_id, segment=segment + 1)

    async def decide(self, asked: Interrupt, action: str) -> None:
        """Answer by an action, without words that a model would have to read."""
        decision = Decision.model_validate({"action": action, "expected_digest": asked.digest})
        await self.application.commands.decide(asked.task_id, asked.interrupt_id, decision, Actor(via="test"))

    async def events(self, task_id: str) -> list[StoredEvent]:
        found: list[StoredEvent] = []
        while page := await self.application.api.events.read(task_id=task_id, after=found[-1].position if found else 0):
            found += page
        return found

    async def files(self, task_id: str) -> dict[str, str]:
        workspace = await self.application.api.workspaces.open(task_id)
        return dict(await workspace.read())


@asynccontextmanager
async def open_house(
    data: Path, interfere: Interfere = lambda call: None, *, prompts: Path = PROJECT / "prompts", **settings: object
) -> AsyncIterator[House]:
    """Start the service on `data`, without live demos unless they are asked for; skips where code cannot be isolated.

    What the sandbox has answered in this run of the suite, to whichever test, it is not asked again.
    """
    model = InterferingModel(interfere)
    given = Settings(_env_file=None, data_dir=data, **{"live_demo": False, **settings})  # type: ignore[arg-type]  # checked by Settings itself
    boxes = folder_for(data)
    sandbox = KnownBoxes(PatientProvider(make_sandbox(given)), boxes) if boxes else None
    async with open_application(given, offline=model, prompts=prompts, sandbox=sandbox) as application:
        probe = await application.api.sandbox.probe()
        if not probe.ok:
            pytest.skip(f"missing: {probe.reason}")
        yield House(application, model, data)
