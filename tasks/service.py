"""TaskService: the one implementation of core.ports.TaskCommands and ReplyReading."""

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.access import Actor
from core.budget import MAX_USD, Scope, scope_of
from core.errors import Conflict, InvalidInput, NotFound
from core.events import Notice
from core.ports import Clock, Engine, Forecasts, InterruptStore, Ledger, TaskStore
from core.questions import allowed_actions, answered
from core.tasks import Action, Decision, Interrupt, InterruptFilter, Task, TaskFilter, TaskRequest
from core.types import Json, TaskStatus
from graph.workflow import Workflow
from tasks.admission import Admission
from tasks.limits import Limits, check_request
from tasks.replies import ReplyReader, asked_account

log = logging.getLogger(__name__)
PAGE = 500


@dataclass(frozen=True)
class Services:
    """What TaskService works with."""

    tasks: TaskStore
    interrupts: InterruptStore
    engine: Engine
    ledger: Ledger
    admission: Admission
    replies: ReplyReader
    forecasts: Forecasts
    clock: Clock


class TaskService:
    """Submit, answer and cancel tasks; everything else happens in their runs."""

    def __init__(self, services: Services, workflows: Mapping[str, Workflow], limits: Limits) -> None:
        self._services = services
        self._workflows = workflows
        self._limits = limits

    async def submit(self, request: TaskRequest, *, idempotency_key: str | None = None, caller: str = "local") -> Task:
        """Store the task and enqueue its first segment; a known key gives its task, however full the queue is.

        Raises InvalidInput, TooLarge, TooManyTasks, NoRoom, Refused, Conflict.
        """
        check_request(request, self._workflows, self._limits)
        now = self._services.clock.now()
        task = Task(
            task_id=secrets.token_hex(8),
            request=request,
            status=TaskStatus.QUEUED,
            caller=caller,
            forecast=await self._services.forecasts.of(request.workflow),
            graph_version=self._workflows[request.workflow].version,
            created_at=now,
            updated_at=now,
            budget_usd=request.budget_usd,
        )
        return await self._services.admission.admit(task, idempotency_key=idempotency_key)

    async def get(self, task_id: str) -> Task:
        return await self._services.tasks.get(task_id)

    async def list(self, query: TaskFilter) -> Sequence[Task]:
        return await self._services.tasks.list(query)

    async def interrupts(self, query: InterruptFilter) -> Sequence[Interrupt]:
        return await self._services.interrupts.list(query)

    async def reply(self, task_id: str, message: str, actor: Actor, *, interrupt_id: str | None = None) -> Interrupt:
        """Read free text as a decision and take it. Raises InvalidInput with a question when the text is unclear."""
        question, decision = await self._read(task_id, message, interrupt_id)
        return await self.decide(task_id, question.interrupt_id, decision, actor)

    async def read_reply(self, task_id: str, interrupt_id: str, message: str) -> Decision:
        """What a reply in these words would decide, with the digest of what it was read about. Raises as `reply` does."""
        question, decision = await self._read(task_id, message, interrupt_id)
        await self._check_decision(question, decision)
        return decision.model_copy(update={"expected_digest": question.digest})

    async def _read(self, task_id: str, message: str, interrupt_id: str | None) -> tuple[Interrupt, Decision]:
        """The question that is answered, and what the words decide; nothing is decided yet."""
        if not message.strip():
            raise InvalidInput("message must not be empty", field="message")
        question = await self._question(task_id, interrupt_id)
        if question.status != "pending":
            raise answered(question)
        task = await self._services.tasks.get(task_id)
        return question, await self._services.replies.read(task, question, message, allowed_actions(question))

    async def _question(self, task_id: str, interrupt_id: str | None) -> Interrupt:
        """The question that is named, else the one that is open. Raises NotFound, Conflict when nothing is asked."""
        known = await self._services.interrupts.list(InterruptFilter(task_ids=(task_id,)))
        wanted = [entry for entry in known if entry.interrupt_id == interrupt_id]
        if interrupt_id is None:
            wanted = [entry for entry in known if entry.status == "pending"]
        if wanted:
            return wanted[0]
        task = await self._services.tasks.get(task_id)
        if interrupt_id is None:
            raise Conflict(f"task {task_id} is {task.status} and asks nothing")
        raise NotFound(f"task {task_id} has no interrupt {interrupt_id}", field="interrupt_id")

    async def decide(
        self, task_id: str, interrupt_id: str, decision: Decision, actor: Actor, *, idempotency_key: str | None = None
    ) -> Interrupt:
        """Take a decision: one wins, every other gets Conflict with who won. Enqueues the next segment.

        While a question needs the word of more people it is returned as it is, still pending.

        A repetition of the winning call enqueues nothing once the answer has been taken: then the task no longer waits,
        or waits for another one. A segment that finds nothing to do could end while that one is given, and leave it.
        """
        question = await self._question(task_id, interrupt_id)
        if question.status == "pending":
            await self._check_decision(question, decision)
        decided = await self._services.interrupts.decide(interrupt_id, decision, actor, idempotency_key=idempotency_key)
        if decided.status == "pending":
            return decided
        task = await self._services.tasks.get(task_id)
        if task.status is TaskStatus.WAITING and not await self._asks(task_id):
            await self._services.engine.submit(task_id, task.segment + 1, again=True)
        return decided

    async def _asks(self, task_id: str) -> bool:
        query = InterruptFilter(task_ids=(task_id,), status="pending", payload=False)
        return bool(await self._services.interrupts.list(query))

    async def _check_decision(self, question: Interrupt, decision: Decision) -> None:
        allowed = allowed_actions(question)
        if decision.action not in allowed:
            names = ", ".join(action.value for action in allowed)
            raise InvalidInput(
                f"action {decision.action.value!r} does not answer this question; allowed: {names}", field="action"
            )
        if decision.action is Action.CHANGES and not decision.message.strip():
            raise InvalidInput("message must say what to change", field="message")
        if decision.action is Action.RAISE_BUDGET:
            await self._check_cap(question, decision.budget_usd)

    async def _check_cap(self, question: Interrupt, cap_usd: float | None) -> None:
        account = asked_account(question)
        present = (await self._services.ledger.spend(account)).cap_usd or 0.0
        if cap_usd is None or cap_usd <= present:
            whose = "" if scope_of(account) is Scope.TASK else " of that day"
            raise InvalidInput(
                f"budget_usd must be the new cap{whose}, above the present one of {present:.2f} USD and at most "
                f"{MAX_USD:,.0f} USD",
                field="budget_usd",
                limit=MAX_USD,
            )

    async def cancel(self, task_id: str, actor: Actor) -> Task:
        """End a task; its checkpoint and files stay. Raises Conflict when it has ended already."""
        task = await self._services.tasks.get(task_id)
        if task.status.final:
            raise Conflict(f"task {task_id} is already {task.status}")
        note = Notice(text=f"cancelled via {actor}")
        await self._services.tasks.update(task_id, (note,), status=TaskStatus.CANCELLED, current_agent=None)
        await self._services.engine.cancel(task_id)
        return await self._services.tasks.get(task_id)

    def workflows(self) -> Sequence[dict[str, Json]]:
        """What can be submitted: name, version, title, JSON Schema of the options."""
        return [workflow.describe() for workflow in self._workflows.values()]

    async def charge_leftovers(self) -> None:
        """Before a start: what a dead process had set aside for calls may have been billed, so it is charged in full."""
        await self._services.ledger.release_all()

    async def at_work(self) -> Sequence[Task]:
        """Before a start: the tasks that must go on by themselves."""
        found: list[Task] = []
        query = TaskFilter(at_work=True, limit=PAGE)
        while page := await self._services.tasks.list(query):
            found += page
            query = query.model_copy(update={"before": page[-1].task_id})
        return found

    async def recover(self, tasks: Sequence[Task]) -> None:
        """After a start: see to it that each of `tasks` has a segment that will run, whatever the engine knows of it.

        A crash may have kept it from being enqueued, and a failing machine may have ended it in any way.
        """
        for task in tasks:
            if task.status is TaskStatus.WAITING:  # and answered
                await self._services.engine.submit(task.task_id, task.segment + 1, again=True)
            else:
                await self._services.admission.enqueue(task, again=True)
