"""One task in an application of this process, from its submission to its end."""

import asyncio

from core.access import Actor
from core.events import StoredEvent
from core.tasks import Action, Decision, InterruptFilter, InterruptKind, Task, TaskRequest
from wiring import Application

LIMIT_S = 1_800.0
LOOK_S = 0.1


async def build(application: Application, request: TaskRequest, *, via: str, retries: int = 0) -> Task:
    """Submit, and answer what is asked; the task once it is final. Raises TimeoutError.

    What is to be approved is approved. An escalation is answered by another try, `retries` times; any other question ends it.
    """
    task = await application.commands.submit(request)
    async with asyncio.timeout(LIMIT_S):
        while not task.status.final:
            await asyncio.sleep(LOOK_S)
            task = await application.commands.get(task.task_id)
            query = InterruptFilter(task_ids=(task.task_id,), status="pending")
            for asked in await application.commands.interrupts(query):
                again = asked.kind is InterruptKind.ESCALATION and retries > 0
                retries -= again
                approved = asked.kind is InterruptKind.APPROVAL
                action = Action.APPROVE if approved else Action.RETRY if again else Action.ABORT
                decision = Decision(action=action)
                await application.commands.decide(task.task_id, asked.interrupt_id, decision, Actor(via=via))
    return task


async def events_of(application: Application, task_id: str) -> list[StoredEvent]:
    """Everything that was written down of a task."""
    found: list[StoredEvent] = []
    while page := await application.api.events.read(task_id=task_id, after=found[-1].position if found else 0):
        found += page
    return found
