"""Events of a task, written by hand."""

from core.events import (
    AgentFinished,
    AgentStarted,
    CheckFinished,
    Event,
    InterruptDecided,
    InterruptOpened,
    LlmEnd,
    LlmStart,
    StoredEvent,
    TaskUpsert,
)
from core.findings import CheckResult, CheckStatus, Finding
from core.tasks import Action, InterruptKind, Task, TaskRequest
from core.types import AgentName, TaskStatus, Usage

PLANNER, BACKEND, QA, REVIEWER = AgentName.PLANNER, AgentName.BACKEND, AgentName.QA, AgentName.REVIEWER


def log(*timed: tuple[float, Event]) -> list[StoredEvent]:
    """Events with the times at which they happened; numbered from 1."""
    return [
        StoredEvent(position=100 + seq, seq=seq, task_id="t1", ts=ts, event=event)
        for seq, (ts, event) in enumerate(timed, 1)
    ]


def a_task(status: TaskStatus = TaskStatus.RUNNING, **changes: object) -> Task:
    task = Task(
        task_id="t1",
        request=TaskRequest(task_description="todos"),
        status=status,
        graph_version="build/2",
        created_at=0.0,
        updated_at=1_000.0,
    )
    return task.model_copy(update=changes)


def began(agent: AgentName, step: str = "build", iteration: int = 0) -> AgentStarted:
    return AgentStarted(agent=agent, step=step, iteration=iteration)


def ended(agent: AgentName, step: str = "build", iteration: int = 0, success: bool = True) -> AgentFinished:
    return AgentFinished(agent=agent, step=step, iteration=iteration, success=success, summary=f"{step} is done")


def asked_model(agent: AgentName, call_id: str) -> LlmStart:
    return LlmStart(agent=agent, model="m", prompt_name="p", call_id=call_id)


def answered(agent: AgentName, call_id: str, cost_usd: float = 0.1) -> LlmEnd:
    usage = Usage(input_tokens=100, output_tokens=20)
    return LlmEnd(agent=agent, model="m", prompt_name="p", call_id=call_id, usage=usage, cost_usd=cost_usd, seconds=2.0)


def checked(name: str, status: CheckStatus, iteration: int = 0, **fields: object) -> CheckFinished:
    result = CheckResult.model_validate({"name": name, "status": status, "seconds": 2.0, **fields})
    return CheckFinished(iteration=iteration, result=result)


def a_finding(message: str = "no such route", owner: AgentName | None = BACKEND, check: str = "pytest") -> Finding:
    return Finding(check=check, message=message, owner=owner, file="backend/app.py")


def asked(interrupt_id: str, kind: InterruptKind = InterruptKind.APPROVAL) -> InterruptOpened:
    return InterruptOpened(interrupt_id=interrupt_id, kind=kind, prompt="Publish it?", payload={}, digest="d")


def decided(
    interrupt_id: str, action: Action = Action.APPROVE, kind: InterruptKind = InterruptKind.APPROVAL, message: str = ""
) -> InterruptDecided:
    return InterruptDecided(
        interrupt_id=interrupt_id, kind=kind, action=action, message=message, via="dashboard", by="ada"
    )


def turned(status: TaskStatus, error: str | None = None) -> TaskUpsert:
    return TaskUpsert(status=status, error=error)
