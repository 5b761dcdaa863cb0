"""An arm that is scripted: a task ends as the script says, with the events that it says."""

import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from core.errors import BudgetExceeded
from core.events import AgentFinished, Event, Routed, StoredEvent
from core.findings import CheckResult, CheckStatus, Finding, QaReport
from core.identity import Identity
from core.models import Interaction, Message
from core.tasks import Action, Interrupt, InterruptKind, Task, TaskRequest
from core.types import AgentName, TaskStatus
from evals.arms import Arm, ArmSpec, Turn, Work
from evals.datasets import EvalTask
from evals.identities import TrialIdentities


def _unused() -> None: ...


@dataclass
class Script:
    """`kind` is what the task asks at its end (None: it completes by itself); `findings` come back in the first round."""

    kind: InterruptKind | None = InterruptKind.APPROVAL
    findings: Sequence[Finding] = ()
    cost_usd: float = 0.0
    says: str = ""
    raises: Exception | None = None


Play = Callable[[ArmSpec, str], Script]


@dataclass
class Scripted:
    """Opens arms; `done` are the sentences of tasks that were begun, `opened` the specs."""

    play: Play = lambda spec, sentence: Script()
    identity: Identity = field(default_factory=lambda: Identity(agent=AgentName.BACKEND))
    done: list[str] = field(default_factory=list)
    opened: list[ArmSpec] = field(default_factory=list)
    budgets: list[float] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    holds: bool = True

    @asynccontextmanager
    async def open(self, spec: ArmSpec) -> AsyncIterator[Arm]:
        self.opened.append(spec)
        yield _arm(self, spec)


def _arm(scripted: Scripted, spec: ArmSpec) -> Arm:
    commands = _Commands(scripted, spec)
    identities = TrialIdentities(
        cast(Any, _Identities(scripted.identity)), with_rule=spec.with_rule, without_rule=spec.without_rule
    )

    async def run_hidden(task_id: str, files: object, check: str) -> CheckResult:
        status = CheckStatus.PASSED if scripted.holds else CheckStatus.FAILED
        return CheckResult(name="hidden", status=status, detail="" if scripted.holds else "it does not hold")

    whole = cast(Any, commands)
    return Arm(whole, whole, whole, identities, cast(Any, _Ledger()), whole, {}, "same", run_hidden, commands.take_turn)


class _Ledger:
    async def open(self, task_id: str, cap_usd: float) -> None:
        _unused()


class _Identities:
    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def load(self, agent: AgentName) -> Identity:
        return self._identity if agent is self._identity.agent else Identity(agent=agent)


class _Commands:
    """Commands, events, calls and workspaces of one arm."""

    def __init__(self, scripted: Scripted, spec: ArmSpec) -> None:
        self._scripted, self._spec = scripted, spec
        self._tasks: dict[str, tuple[Task, Script]] = {}
        self._numbers = itertools.count()

    async def submit(self, request: TaskRequest) -> Task:
        task_id = f"task-{next(self._numbers)}"
        self._scripted.done.append(request.task_description)
        self._scripted.budgets.append(request.budget_usd)
        script = self._scripted.play(self._spec, request.task_description)
        status = TaskStatus.WAITING if script.kind else TaskStatus.COMPLETED
        task = Task(task_id=task_id, request=request, status=status, graph_version="1", created_at=0, updated_at=0)
        self._tasks[task_id] = task, script
        return task

    async def take_turn(self, turn: Turn) -> Work:
        """What is said of a whole task is said of an agent that is tried alone, too."""
        self._scripted.turns.append(turn)
        submitted = await self.submit(TaskRequest(task_description=turn.sentence, budget_usd=0.5))
        script = self._tasks[submitted.task_id][1]
        self._tasks[turn.task_id] = submitted, script
        if script.kind is InterruptKind.BUDGET:
            raise BudgetExceeded(script.says)
        if script.raises:
            raise script.raises
        return Work({}, QaReport(), tuple(script.findings))

    async def get(self, task_id: str) -> Task:
        return self._tasks[task_id][0]

    async def interrupts(self, query: object) -> list[Interrupt]:
        return [
            Interrupt(
                interrupt_id="q",
                task_id=task_id,
                kind=script.kind,
                prompt=script.says,
                payload={},
                digest="",
                created_at=0,
            )
            for task_id, (task, script) in self._tasks.items()
            if script.kind and task.status is TaskStatus.WAITING and task_id in getattr(query, "task_ids", ())
        ]

    async def decide(self, task_id: str, interrupt_id: str, decision: Any, actor: object) -> None:
        task, script = self._tasks[task_id]
        status = TaskStatus.COMPLETED if decision.action is Action.APPROVE else TaskStatus.FAILED
        self._tasks[task_id] = task.model_copy(update={"status": status}), script

    async def cancel(self, task_id: str, actor: object) -> None:
        _unused()

    async def read(self, *, task_id: str, after: int = 0) -> list[StoredEvent]:
        script = self._tasks[task_id][1]
        events: list[Event] = [AgentFinished(agent=agent, step="build") for agent in AgentName]
        if script.findings:
            owners = tuple(dict.fromkeys(finding.owner for finding in script.findings if finding.owner))
            events.append(Routed(iteration=0, to=owners, findings=tuple(script.findings)))
        stored = [
            StoredEvent(position=place, seq=place, task_id=task_id, ts=0, event=event)
            for place, event in enumerate(events, 1)
        ]
        return [each for each in stored if each.position > after]

    async def list(self, query: Any) -> Sequence[Interaction]:
        if query.before:
            return []
        script = self._tasks[query.task_id][1]
        return [
            Interaction(
                interaction_id="i", ts=0, task_id=query.task_id, agent=AgentName.BACKEND, iteration=0, model="m", prompt_name="p",
                prompt_hash="h", messages=(Message(role="user", content="?"),), cost_usd=script.cost_usd,
            )
        ]  # fmt: skip

    async def open(self, task_id: str) -> "_Workspace":
        return _Workspace()


class _Workspace:
    async def read(self) -> dict[str, str]:
        return {"a.py": "1"}


def task(name: str, **values: object) -> EvalTask:
    step = {"call": "list", "of": "thing", "status": [200]}
    document = {
        "task_id": name, "tier": 3, "sentence": f"Build {name}", "agents": ["backend_agent"],
        "hidden": [{"name": "there", "steps": [step]}],
    }  # fmt: skip
    return EvalTask.model_validate(document | values)
