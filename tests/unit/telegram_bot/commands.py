"""TaskCommands over the real stores, without workflows: an answered task is at work again, and words are read by rules."""

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from core.access import Actor
from core.errors import Conflict, InvalidInput, NotFound
from core.questions import allowed_actions, answered
from core.tasks import Action, Decision, Interrupt, InterruptFilter, Task, TaskFilter, TaskRequest
from core.types import TaskStatus
from tests.unit.memory.stores import Stores


@dataclass(frozen=True)
class Taken:
    task_id: str
    interrupt_id: str
    decision: Decision
    actor: Actor


def read_by_rules(text: str) -> Decision:
    """`yes`, `no`, `change ...`; everything else is not clear."""
    word = text.split(maxsplit=1)[0].lower()
    meant = {"yes": Action.APPROVE, "no": Action.ABORT, "change": Action.CHANGES}.get(word)
    if meant is None:
        raise InvalidInput("the reply is not clear; it can mean: approve, changes, abort", field="message")
    return Decision(action=meant, message=text)


async def at_once() -> None: ...


@dataclass
class StoreCommands:
    """`taken` are the decisions that counted. `thinking` is awaited where a model would think about words."""

    stores: Stores
    taken: list[Taken] = field(default_factory=list)
    asked: int = 0
    thinking: Callable[[], Awaitable[None]] = at_once
    before_decide: Callable[[], Awaitable[None]] = at_once
    after_decide: Callable[[], Awaitable[None]] = at_once

    async def submit(self, request: TaskRequest, *, idempotency_key: str | None = None, caller: str = "local") -> Task:
        now = self.stores.clock.now()
        task = Task(
            task_id=secrets.token_hex(8),
            request=request,
            status=TaskStatus.QUEUED,
            caller=caller,
            graph_version="1",
            created_at=now,
            updated_at=now,
        )
        return await self.stores.tasks.create(task, idempotency_key=idempotency_key)

    async def get(self, task_id: str) -> Task:
        return await self.stores.tasks.get(task_id)

    async def list(self, query: TaskFilter) -> Sequence[Task]:
        return await self.stores.tasks.list(query)

    async def interrupts(self, query: InterruptFilter) -> Sequence[Interrupt]:
        return await self.stores.interrupts.list(query)

    async def reply(self, task_id: str, message: str, actor: Actor, *, interrupt_id: str | None = None) -> Interrupt:
        known = await self.stores.interrupts.list(InterruptFilter(task_ids=(task_id,)))
        question = next(each for each in known if interrupt_id in (None, each.interrupt_id))
        if question.status != "pending":
            raise answered(question)
        await self.thinking()
        return await self.decide(task_id, question.interrupt_id, read_by_rules(message), actor)

    async def decide(
        self, task_id: str, interrupt_id: str, decision: Decision, actor: Actor, *, idempotency_key: str | None = None
    ) -> Interrupt:
        self.asked += 1
        await self.before_decide()
        known = await self.stores.interrupts.list(InterruptFilter(task_ids=(task_id,)))
        question = next((each for each in known if each.interrupt_id == interrupt_id), None)
        if question is None:
            raise NotFound(f"task {task_id} has no interrupt {interrupt_id}")
        if question.status == "pending" and decision.action not in allowed_actions(question):
            raise InvalidInput(f"action {decision.action.value!r} does not answer this question")
        decided = await self.stores.interrupts.decide(interrupt_id, decision, actor, idempotency_key=idempotency_key)
        if question.status == "pending":
            self.taken.append(Taken(task_id, interrupt_id, decision, actor))
        await self.after_decide()
        if decided.status == "decided" and (await self.get(task_id)).status is TaskStatus.WAITING:
            await self.stores.tasks.update(task_id, status=TaskStatus.RUNNING)
        return decided

    async def cancel(self, task_id: str, actor: Actor) -> Task:
        task = await self.get(task_id)
        if task.status.final:
            raise Conflict(f"task {task_id} is already {task.status}")
        await self.stores.tasks.update(task_id, status=TaskStatus.CANCELLED, error=f"cancelled via {actor}")
        return await self.get(task_id)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Gate:
    """Holds whoever waits at it until it is opened."""

    opened: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0

    async def __call__(self) -> None:
        self.waiting += 1
        await self.opened.wait()
