"""Drives one task in an arm to its end, answers what it asks, and says what came of it."""

import asyncio
import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import AutonomyError, BudgetExceeded, Conflict
from core.events import Routed, StoredEvent
from core.tasks import Action, Decision, Interrupt, InterruptFilter, InterruptKind, Task, TaskRequest
from core.types import TaskStatus
from evals.arms import ACTOR, Arm, Turn, Work
from evals.datasets import EvalTask

LOOK_S = 0.1
LIMIT_S = 3600.0


@dataclass(frozen=True)
class Driven:
    """How a task ended: `completed`, `escalated`, `budget` or `failed`; `reason` is why, in words.

    `files` are the tree at the end; `work` is what an agent did that was tried alone, `trouble` what kept it from it.
    """

    task_id: str
    end: str
    reason: str
    events: Sequence[StoredEvent]
    files: dict[str, str]
    seconds: float
    work: Work | None = None
    trouble: AutonomyError | None = None


async def drive(
    arm: Arm, task: EvalTask, *, budget_usd: float, first_round_only: bool = False, reviewed: bool = False
) -> Driven:
    """Do the task. With `first_round_only` nothing is repaired, and nothing is published.

    `reviewed`: code_reviewer looks at the work of an agent that is tried alone, too.
    """
    began = time.monotonic()
    if task.tier < 3:
        return await _alone(arm, task, budget_usd, began, reviewed=reviewed)
    rounds = 1 if first_round_only else task.max_iterations
    request = TaskRequest(task_description=task.sentence, max_iterations=rounds, budget_usd=budget_usd)
    submitted = await arm.commands.submit(request)
    try:
        ended, asked = await _until_final(arm, submitted.task_id, approve=not first_round_only)
    except BaseException:
        await asyncio.shield(_give_up(arm, submitted.task_id))
        raise
    events = await arm.events_of(ended.task_id)
    end, reason = _end(ended, asked)
    workspace = await arm.workspaces.open(ended.task_id)
    files = dict(await workspace.read())
    return Driven(ended.task_id, end, reason, events, files, time.monotonic() - began)


async def _alone(arm: Arm, task: EvalTask, budget_usd: float, began: float, *, reviewed: bool) -> Driven:
    task_id = uuid.uuid4().hex[:16]
    await arm.ledger.open(task_id, budget_usd)
    assert task.agent is not None, "the dataset says who works"
    try:
        work = await arm.one_turn(Turn(task_id, task.agent, task.sentence, task.edits, task.findings, reviewed))
    except AutonomyError as error:
        end = "budget" if isinstance(error, BudgetExceeded) else "failed"
        events, seconds = await arm.events_of(task_id), time.monotonic() - began
        return Driven(task_id, end, str(error), events, {}, seconds, trouble=error)
    end = "completed" if work.report.passed else "failed"
    said = "; ".join(finding.message for finding in work.report.findings[:3])
    events = await arm.events_of(task_id)
    return Driven(task_id, end, said, events, dict(work.files), time.monotonic() - began, work)


async def _until_final(arm: Arm, task_id: str, *, approve: bool) -> tuple[Task, Interrupt | None]:
    """The task once it has ended, and the last question that was answered by ending it."""
    last: Interrupt | None = None
    async with asyncio.timeout(LIMIT_S):
        while True:
            task = await arm.commands.get(task_id)
            if task.status.final:
                return task, last
            if task.status is TaskStatus.WAITING:
                for asked in await arm.commands.interrupts(InterruptFilter(task_ids=(task_id,), status="pending")):
                    last = await _answer(arm, asked, approve=approve) or last
            await asyncio.sleep(LOOK_S)


async def _answer(arm: Arm, asked: Interrupt, *, approve: bool) -> Interrupt | None:
    """An approval is given where it is wanted; everything else is the end. Returns the question that was."""
    agreed = approve and asked.kind is InterruptKind.APPROVAL
    action = Action.APPROVE if agreed else Action.ABORT
    try:
        await arm.commands.decide(asked.task_id, asked.interrupt_id, Decision(action=action), ACTOR)
    except Conflict:
        return None
    return None if agreed else asked


def _end(task: Task, asked: Interrupt | None) -> tuple[str, str]:
    if asked is not None and asked.kind is not InterruptKind.APPROVAL:
        why = "budget" if asked.kind is InterruptKind.BUDGET else "escalated"
        return why, f"{asked.prompt}\n{json.dumps(asked.payload, ensure_ascii=False)}"
    if task.status is TaskStatus.COMPLETED or asked is not None:  # an approval that was not wanted is as good as one
        return "completed", ""
    return "failed", task.error or f"the task is {task.status}"


async def _give_up(arm: Arm, task_id: str) -> None:
    try:
        await arm.commands.cancel(task_id, ACTOR)
    except AutonomyError:
        return


def first_routed(events: Sequence[StoredEvent]) -> Routed | None:
    """What came back after the first round; None when nothing did."""
    return next((stored.event for stored in events if isinstance(stored.event, Routed)), None)
