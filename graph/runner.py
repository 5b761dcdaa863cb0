"""Runs segments: a thread of a workflow until it ends or asks. Questions are turned into interrupts of the task."""

import asyncio
import hashlib
import json
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from langchain_core.runnables import RunnableConfig
from langgraph.errors import GraphDrained, GraphRecursionError
from langgraph.runtime import RunControl
from langgraph.types import Command, StateSnapshot
from langgraph.types import Interrupt as Asked

from core.errors import AutonomyError, Conflict, Damaged, KilledAgain, NoRoom, SandboxError
from core.events import Notice
from core.tasks import Decision, Interrupt, InterruptFilter, InterruptKind, Task
from core.types import JsonObject, TaskStatus
from graph.context import GraphContext
from graph.forking import Forks
from graph.leases import Lease, is_refusal
from graph.saver import CorruptCheckpoint
from graph.state import AgentState
from graph.threads import Compiled, Threads, thread_config
from graph.trouble import passes

log = logging.getLogger(__name__)
RECURSION_LIMIT = 400
ATTEMPTS = 3
RETRY_S = 0.5
MAX_CLAIMS = 5
"""Runs of a thread that may be killed one after the other without a new checkpoint; the next one asks a person."""
INFRASTRUCTURE = (OSError, sqlite3.Error, SandboxError)


@dataclass(frozen=True)
class Entry:
    """What a segment begins with: the first state, an answer, or None to go on from the last checkpoint."""

    value: AgentState | Command[str] | None


class Runner:
    """One compiled graph per workflow, one lock per task. Knows nothing of queues."""

    def __init__(
        self,
        threads: Threads,
        context: GraphContext,
        *,
        replaced: Callable[[str], None],
        keep_past: bool = True,
    ) -> None:
        """Without `keep_past` a thread that has ended keeps its last checkpoint only.

        `replaced` is called with what happened when another process has taken a task over. It must end this process,
        because whatever it would still say of its runs is no longer true.
        """
        self._threads = threads
        self._forks = Forks(threads, context.workspaces)
        self._leases = threads.checkpoints.leases
        self._replaced = replaced
        self._context = context
        self._keep_past = keep_past
        self._locks: dict[str, asyncio.Lock] = {}
        self._begun: set[str] = set()
        self._controls: set[RunControl] = set()
        self._draining = False

    def drain(self) -> None:
        """Let every run stop at the end of its present superstep; it goes on from there at the next start."""
        self._draining = True
        for control in self._controls:
            control.request_drain()

    async def run_segment(self, task_id: str, segment: int) -> None:
        """Run until the thread ends or asks. Troubles that pass are raised, for the engine to try again until they have."""
        async with self._locks.setdefault(task_id, asyncio.Lock()):
            task = await self._context.tasks.get(task_id)
            if task.status.final:
                return
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    await self._run(task, segment)
                    return
                except (GraphDrained, NoRoom):
                    raise
                except INFRASTRUCTURE as error:
                    if is_refusal(error):
                        self._replaced(f"task {task_id}: {error}")
                        raise
                    if passes(error):
                        raise
                    log.warning("task %s: attempt %d of %d failed: %s", task_id, attempt, ATTEMPTS, error)
                    if attempt == ATTEMPTS:
                        await self._fail(task_id, f"the machine failed the task {ATTEMPTS} times: {error}")
                    await asyncio.sleep(RETRY_S * attempt)
                except Conflict as error:
                    await self._conflict(task_id, error)
                    return
                except AutonomyError as error:
                    await self._fail(task_id, str(error))
                    return
                except GraphRecursionError:
                    await self._fail(task_id, f"the workflow took more than {RECURSION_LIMIT} steps")
                    return
                except Exception:  # the one broad catch: a bug ends its task, loudly, and not the service
                    log.exception("task %s failed by a bug", task_id)
                    await self._fail(task_id, "internal error; the service's log has the details")
                    return

    async def _run(self, task: Task, segment: int) -> None:
        self._threads.flow_of(task)
        lease = await self._leases.claim(task.task_id)
        try:
            while True:
                try:
                    return await self._go_on(task, segment, lease)
                except CorruptCheckpoint as error:
                    await self._go_back(task, error)
        finally:
            await self._leases.release(lease)

    async def _go_back(self, task: Task, corrupt: CorruptCheckpoint) -> None:
        """Leave out a checkpoint that cannot be read, so that the run goes on from the one before it.

        What ran since then runs again, with its model calls and effects as they were recorded. Raises Damaged when
        there is none before it.
        """
        log.error("task %s: %s", task.task_id, corrupt)
        saver = self._threads.checkpoints.saver
        await saver.aset_aside(corrupt)
        text = f"checkpoint {corrupt.checkpoint_id} could not be read and was set aside"
        if not await saver.ahas(task.task_id):
            raise Damaged(f"{text}; there is none before it to go on from")
        await self._context.emit(task.task_id, Notice(level="warning", text=f"{text}; going on from the one before it"))

    async def _go_on(self, task: Task, segment: int, lease: Lease) -> None:
        graph = self._threads.graph_of(task)
        config = thread_config(task.task_id, __pregel_strict_resume=True, **lease.configurable)
        config["recursion_limit"] = RECURSION_LIMIT
        if task.forked_from is not None:
            await self._forks.begin(task, task.forked_from, lease, config)
        if lease.claims > MAX_CLAIMS:
            await self._block(graph, config, task, lease)
        entry = await self._entry(graph, config, task)
        if entry is not None:
            await self._context.emit(task.task_id, *self._greeting(task), status=TaskStatus.RUNNING, segment=segment)
            await self._invoke(graph, entry, config)
        await self._conclude(await graph.aget_state(config), task)

    def _greeting(self, task: Task) -> tuple[Notice, ...]:
        """Says that a task goes on which another process had left running."""
        left = task.status is TaskStatus.RUNNING and task.task_id not in self._begun
        self._begun.add(task.task_id)
        return (Notice(text="the service was started again; going on from the last checkpoint"),) if left else ()

    async def _block(self, graph: Compiled, config: RunnableConfig, task: Task, lease: Lease) -> None:
        """Ask a person about nodes during which the process was killed again and again, instead of running them once more.

        Raises KilledAgain where it was killed while it asked, or while it took the answer.
        """
        snapshot = await graph.aget_state(config)
        message = f"the service was killed {lease.claims - 1} times in a row while this ran"
        names = [pending.name for pending in snapshot.tasks if not pending.interrupts]
        flow, asked = self._threads.flow_of(task), _asked(snapshot)
        if flow.asks in names or (not names and asked is not None and await self._decision(task, asked) is not None):
            raise KilledAgain(f"{', '.join(names) or 'the answer to the last question'}: {message}")
        if not names:
            return
        log.error("task %s: %s: %s", task.task_id, ", ".join(names), message)
        blocked = {
            name: {"kind": "killed", "message": message, "step": snapshot.values.get("step", "")} for name in names
        }
        await graph.aupdate_state(config, {"blocked": blocked}, as_node=flow.gate)

    async def _invoke(self, graph: Compiled, entry: Entry, config: RunnableConfig) -> None:
        control = RunControl()
        self._controls.add(control)
        if self._draining:
            control.request_drain()
        try:
            await graph.ainvoke(entry.value, config, context=self._context, durability="sync", control=control)
        finally:
            self._controls.discard(control)

    async def _entry(self, graph: Compiled, config: RunnableConfig, task: Task) -> Entry | None:
        """What to invoke with, or None when the question that is open has not been answered."""
        snapshot = await graph.aget_state(config)
        if not snapshot.values:
            return Entry(_first_state(task))
        asked = _asked(snapshot)
        if asked is None:
            return Entry(None)
        decision = await self._decision(task, asked)
        return None if decision is None else Entry(Command(resume={asked.id: decision.model_dump(mode="json")}))

    async def _decision(self, task: Task, asked: Asked) -> Decision | None:
        questions = await self._context.interrupts.list(InterruptFilter(task_ids=(task.task_id,), payload=False))
        known = {entry.interrupt_id: entry.decision for entry in questions}
        return known.get(_interrupt_id(task.task_id, asked))

    async def _conclude(self, snapshot: StateSnapshot, task: Task) -> None:
        asked = _asked(snapshot)
        if asked is not None:
            await self._context.interrupts.open(self._question(task, asked))
            return
        await self._tell_unasked(task.task_id)
        outcome, reason = snapshot.values.get("outcome", ""), snapshot.values.get("reason", "")
        if outcome == "completed":
            await self._context.emit(task.task_id, status=TaskStatus.COMPLETED, current_agent=None)
        elif outcome == "aborted":
            await self._context.emit(task.task_id, status=TaskStatus.CANCELLED, error=reason, current_agent=None)
        else:
            await self._fail(task.task_id, reason or "the workflow ended without a result")
        if not self._keep_past:
            await self._threads.checkpoints.saver.aprune([task.task_id])

    async def _tell_unasked(self, task_id: str) -> None:
        """Says what a replay left of its cassette; one that diverged says where instead."""
        text = await self._context.unasked(task_id)
        if text:
            await self._context.emit(task_id, Notice(level="warning", text=text))

    def _question(self, task: Task, asked: Asked) -> Interrupt:
        shown: JsonObject = dict(asked.value)
        kind, prompt = InterruptKind(str(shown.pop("kind"))), str(shown.pop("prompt"))
        payload = shown.get("payload")
        assert isinstance(payload, dict), "every question is posed with a payload"
        canonical = json.dumps([kind.value, prompt, payload], sort_keys=True, separators=(",", ":"))
        question = Interrupt(
            interrupt_id=_interrupt_id(task.task_id, asked),
            task_id=task.task_id,
            kind=kind,
            prompt=prompt,
            payload=payload,
            digest=hashlib.sha256(canonical.encode()).hexdigest(),
            created_at=self._context.clock.now(),
        )
        return self._context.questions.applied(question)

    async def _conflict(self, task_id: str, error: Conflict) -> None:
        """A task that was cancelled while its run was ending stays cancelled; any other conflict ends the task."""
        if not (await self._context.tasks.get(task_id)).status.final:
            await self._fail(task_id, str(error))

    async def _fail(self, task_id: str, reason: str) -> None:
        notice = Notice(level="error", text=reason)
        await self._context.emit(task_id, notice, status=TaskStatus.FAILED, error=reason, current_agent=None)


def _first_state(task: Task) -> AgentState:
    request = task.request
    return {
        "task_id": task.task_id,
        "graph_version": task.graph_version,
        "sentence": request.task_description,
        "max_iterations": request.max_iterations,
        "use_sandbox": request.use_sandbox,
        "output_directory": request.output_directory,
        "iteration": 0,
        "rounds": 0,
        "history": [],
        "step": "build",
    }


def _asked(snapshot: StateSnapshot) -> Asked | None:
    return next((interrupt for pending in snapshot.tasks for interrupt in pending.interrupts), None)


def _interrupt_id(task_id: str, asked: Asked) -> str:
    return f"{task_id}-{asked.id[:12]}"
