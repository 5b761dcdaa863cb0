"""The ports: all that thinking code knows of the outside. At most seven methods each; types from core."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from core.budget import DaySpend, Spend
from core.effects import Effect, EffectKey
from core.events import Event, EventFilter, EventPage, StoredEvent
from core.findings import CheckResult
from core.forecast import Forecast, Rest
from core.frames import Frame
from core.history import CheckpointView, ForkRequest
from core.identity import Identity
from core.models import AgentMetrics, CallTotals, Interaction, InteractionFilter, ModelRequest, ModelResponse, TaskUsage
from core.notifications import Notification
from core.sandboxes import Demo, Limits, Probe, RunResult, Toolchain
from core.tasks import Decision, Interrupt, InterruptFilter, Task, TaskFilter, TaskRequest
from core.types import AgentName, JsonObject
from core.workspaces import Change, Committed, Diff, PullRequest, PullRequestDraft

OnDelta = Callable[[str], None]


class Clock(Protocol):
    def now(self) -> float:
        """Unix time in seconds."""


class ModelClient(Protocol):
    """One model, or a wrapper around one. Every wrapper has this same signature."""

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """Answer one request. Raises ModelError (or ModelTransientError), BudgetExceeded, Diverged."""

    async def close(self) -> None: ...


class IdentityStore(Protocol):
    async def load(self, agent: AgentName) -> Identity:
        """The current identity; the shipped one, saved as version 1, on first use."""

    async def save(self, identity: Identity, expected_version: int) -> Identity:
        """Store as version `expected_version + 1`. Raises Conflict when another save came first."""

    async def versions(self, agent: AgentName) -> Sequence[Identity]:
        """The versions that are kept (the last 10), newest first."""

    async def count_use(self, agent: AgentName, rules: Sequence[str], success: bool) -> None:
        """Move the counters of `rules`; makes no new version."""


class InteractionLog(Protocol):
    async def record(self, interaction: Interaction) -> None: ...

    async def list(self, query: InteractionFilter) -> Sequence[Interaction]:
        """Newest first."""

    async def find(self, task_id: str, prompt_hash: str) -> Interaction | None:
        """The newest successful call of this task with this very prompt, if there is one."""

    async def metrics(self) -> Sequence[AgentMetrics]: ...

    async def totals(self) -> Sequence[CallTotals]:
        """Sums over the whole log, kept with every call, so that asking costs the same however long the log is."""

    async def usage(self, task_ids: Sequence[str]) -> Sequence[TaskUsage]:
        """What these tasks took."""


class Ledger(Protocol):
    """Accounts of tasks, of days, and of callers' days. No schedule of calls can take `spent + reserved` over a cap."""

    async def open(self, account: str, cap_usd: float, caller: str = "local") -> None:
        """Create the account of a task of `caller`; does nothing if it is there."""

    async def set_cap(self, account: str, cap_usd: float) -> None:
        """A person's word: the new cap, and that calls may go on. A day's cap is only ever raised."""

    async def reserve(
        self, account: str, reservation_id: str, amount_usd: float, *, guess: str | None = None
    ) -> tuple[str, ...]:
        """Set the worst case aside in the task's account and in both of the day, atomically; which accounts those are.

        With `guess` the price of that model is one: a person has to speak before anything is set aside for it.
        Raises BudgetExceeded when it does not fit.
        """

    async def settle(self, account: str, reservation_id: str, cost_usd: float) -> float:
        """Turn a reservation into what was really spent (0 releases it); a second settlement does nothing.

        Returns what the cost is above the amount that was set aside, in USD. If it is, the task's account is closed.
        """

    async def spend(self, account: str) -> Spend: ...

    async def today(self) -> Sequence[DaySpend]:
        """The day's account, then its callers', those who have spent most first."""

    async def release_all(self) -> None:
        """Charge every open reservation of every account in full: a crash left it, and its call may have been billed."""


class EventLog(Protocol):
    """Append-only log; the only source of what people see."""

    async def append(self, task_id: str, *events: Event) -> Sequence[StoredEvent]: ...

    async def read(self, *, task_id: str | None = None, after: int = 0, limit: int = 500) -> Sequence[StoredEvent]:
        """Events with a position above `after`, oldest first."""

    async def search(self, query: EventFilter) -> EventPage:
        """A page of what is wanted, found in a bounded part of the log."""

    def publish(self, task_id: str, event: Event) -> None:
        """Show a live-only event (a delta) to subscribers; never stored, never blocks."""

    def follow(self, *, task_id: str | None = None, after: int | None = None) -> AsyncIterator[Sequence[Frame]]:
        """Every event above `after` (from now when None), without gap or repetition, then live ones as they come.

        In batches of what is there, as it goes over a wire; a reader that leaves has nothing to close.
        """

    def subscribe(self, *, task_id: str | None = None, after: int | None = None) -> AsyncIterator[StoredEvent]:
        """The events of `follow`, one by one."""


class TaskStore(Protocol):
    """Tasks and their questions. Every write appends its events in the same transaction."""

    async def create(self, task: Task, *, idempotency_key: str | None = None) -> Task:
        """Insert, and give the task its turn; with a key that was used before, return the task of that time.

        A caller has one turn in each round, behind its tasks of before. Raises Conflict if the request differs.
        """

    async def submitted(self, task: Task, idempotency_key: str) -> Task | None:
        """The task that this key was used for, None when it is new. Raises Conflict if what is asked differs."""

    async def get(self, task_id: str) -> Task:
        """Raises NotFound."""

    async def list(self, query: TaskFilter) -> Sequence[Task]:
        """Newest first."""

    async def update(self, task_id: str, events: Sequence[Event] = (), **changes: object) -> None:
        """Change fields of the row and append `events` (and a task.upsert when what is shown changed).

        A final status stays: changing it raises Conflict.
        """

    async def open_interrupt(self, interrupt: Interrupt) -> Interrupt:
        """Insert the question and set the task waiting; the same id again returns the stored one."""

    async def decide(
        self, interrupt_id: str, decision: Decision, via: str, *, idempotency_key: str | None = None
    ) -> Interrupt:
        """Compare-and-set pending to decided. Raises NotFound, Conflict (already answered: names the winner; digest differs)."""

    async def interrupts(self, query: InterruptFilter) -> Sequence[Interrupt]:
        """Oldest first unless asked otherwise. Raises InvalidInput when the cursor names no question."""


class EffectStore(Protocol):
    """The effects table, beside the tasks and their events. A delivery is an effect that waits for its turn."""

    async def begin(self, key: EffectKey, intent: JsonObject) -> Effect:
        """Write down that it is begun, or return what is written of it: then it was begun before, or is done.

        Raises Conflict when it was begun with another intent.
        """

    async def finish(
        self, key: EffectKey, result: JsonObject, events: Sequence[Event] = (), **changes: object
    ) -> Effect:
        """Mark it done, append `events` and change fields of the task, in one transaction; the second time does nothing."""

    async def list(self, task_id: str) -> Sequence[Effect]:
        """Oldest first."""

    async def position(self, channel: str) -> int:
        """How far the log has been read for a channel; a channel that is new begins at the end of the log."""

    async def feed(self, channel: str, position: int, deliveries: Sequence[tuple[EffectKey, JsonObject]]) -> None:
        """Add deliveries that are not there yet, and move the channel's position, in one transaction."""

    async def due(self, channel: str, limit: int) -> Sequence[Effect]:
        """Deliveries whose turn has come: of each task the oldest that is neither done nor given up, if it is due."""

    async def postpone(self, key: EffectKey, error: str, due_at: float | None) -> Effect:
        """A delivery failed: try it again at `due_at`, or give it up (None)."""


class Notifier(Protocol):
    """A way to tell people and systems outside. A repetition carries the same id."""

    async def send(self, notification: Notification) -> None:
        """Raises DeliveryFailed."""

    async def close(self) -> None: ...


class Workspace(Protocol):
    """The files of one task in a git repository of its own. Runs nothing; hooks are off."""

    async def head(self) -> str: ...

    async def files(self, ref: str | None = None) -> Mapping[str, str]:
        """Path to blob id of every file at `ref` (head when None)."""

    async def read(self, paths: Sequence[str] | None = None, ref: str | None = None) -> Mapping[str, str]:
        """Text of the named files (all when None); unknown paths are left out."""

    async def commit(self, change: Change, *, branch: str | None = None) -> Committed:
        """Write one commit on head. Files that the path guard refuses are left out and named with the reason.

        With `branch` head stays where it is: the commit (parent: head) is kept under that name, replacing what was there.
        """

    async def diff(self, base: str | None, head: str | None = None, *, max_bytes: int = 200_000) -> Diff:
        """Changes from `base` (the empty tree when None) to `head`."""

    async def tree(self, ref: str | None = None) -> str:
        """Tree id at `ref`: equal content has equal ids."""

    async def revert(self, ref: str, change: Change) -> Committed:
        """Make a new commit on head whose tree is that of `ref`."""


class WorkspaceProvider(Protocol):
    async def open(self, task_id: str) -> Workspace:
        """The task's workspace, made when it is not there."""

    async def copy(self, source_id: str, target_id: str, head: str | None) -> Workspace:
        """Make the workspace of `target_id` from another one, its newest version `head` (nothing when None).

        Appears whole or not at all; one that is there already is returned as it is. Raises NotFound.
        """

    def path(self, task_id: str) -> Path: ...


class CodeHost(Protocol):
    """Where approved work is published. Look before create: every call may be a repetition after a crash."""

    async def publish(self, workspace: Workspace, ref: str, draft: PullRequestDraft) -> str:
        """Make the branch with exactly the tree of `ref` on it; return the commit. The same again changes nothing."""

    async def open_pull_request(self, draft: PullRequestDraft, commit: str) -> PullRequest:
        """Open the one request of `draft.key`, or return the one that is open."""

    async def find(self, key: str) -> PullRequest | None: ...

    async def probe(self) -> Probe: ...


class Sandbox(Protocol):
    """Where generated code runs. Files written and named outputs persist between runs; nothing else does."""

    async def write(self, files: Mapping[str, bytes | str]) -> None: ...

    async def read(self, paths: Sequence[str]) -> Mapping[str, bytes]: ...

    async def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        outputs: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> RunResult:
        """Run in a fresh box with /box as working folder; `outputs` are paths or globs brought back. Raises SandboxError."""

    async def serve(self, argv: Sequence[str], *, port: int, ttl_s: float = 3600.0) -> Demo:
        """Start a server that listens on 127.0.0.1:`port` inside, and show it on a loopback port of this machine."""

    async def close(self) -> None: ...


class SandboxProvider(Protocol):
    async def probe(self) -> Probe:
        """Whether generated code can be run here, found out by doing it once; cached."""

    async def open(self, task_id: str, toolchain: Toolchain, files: Mapping[str, bytes | str]) -> Sandbox:
        """Raises Refused, with how to fix it, when the probe fails."""

    async def close(self) -> None:
        """End everything that still runs."""


RunSegment = Callable[[str, int], Awaitable[None]]
"""Runs segment `n` of a task: (task_id, n). What it raises is an infrastructure error and is tried again."""


class Engine(Protocol):
    """Queues, claims, retries, limits and recovers runs; knows nothing of what they do."""

    async def start(self, run_segment: RunSegment) -> None:
        """Begin to work; runs that were under way when the process ended go on."""

    async def submit(self, task_id: str, segment: int, *, priority: int = 0, again: bool = False) -> None:
        """Enqueue once under the id `{task_id}:{segment}`; the same again does nothing, unless `again` asks for it:
        then a run that has ended, however it ended, runs once more.

        Of those that wait the one with the lowest `priority` begins first, then the one that came first.
        """

    async def cancel(self, task_id: str) -> None: ...

    async def load(self) -> tuple[int, int]:
        """(running, queued)."""

    async def stop(self, grace_s: float) -> None:
        """Claim nothing more, let the current supersteps finish for at most `grace_s`, then end."""


class Room(Protocol):
    """The disk under the data directory."""

    def check(self) -> None:
        """Raises NoRoom when too little is left for anything new to begin."""

    def free_bytes(self) -> int: ...


class Tracing(Protocol):
    """Shows the work of a task, as spans, to whoever watches from outside. Never fails for them and never waits."""

    def turn(self, task_id: str, agent: AgentName, step: str, iteration: int) -> AbstractContextManager[None]:
        """The block is an agent's turn."""

    def tool(
        self, task_id: str, agent: AgentName, name: str
    ) -> AbstractContextManager[Callable[[Iterable[CheckResult]], None]]:
        """The block runs a tool in the agent's name; what is given is to be told its results."""


class Forecasts(Protocol):
    """What tasks will take, from what finished ones have taken."""

    async def of(self, workflow: str) -> Forecast:
        """Of a task that has not begun."""

    async def rest(self, task: Task, spent_usd: float) -> Rest:
        """Of a task that has spent so much."""


class TaskCommands(Protocol):
    """What a user can do. API, CLI and chat drive this alike."""

    async def submit(
        self, request: TaskRequest, *, idempotency_key: str | None = None, caller: str = "local"
    ) -> Task: ...

    async def get(self, task_id: str) -> Task: ...

    async def list(self, query: TaskFilter) -> Sequence[Task]: ...

    async def reply(self, task_id: str, message: str, via: str, *, interrupt_id: str | None = None) -> Interrupt:
        """Free text, read by the orchestrator's model, then decided."""

    async def decide(
        self, task_id: str, interrupt_id: str, decision: Decision, via: str, *, idempotency_key: str | None = None
    ) -> Interrupt: ...

    async def cancel(self, task_id: str, via: str) -> Task: ...

    async def interrupts(self, query: InterruptFilter) -> Sequence[Interrupt]:
        """Oldest first unless asked otherwise. Raises InvalidInput when the cursor names no question."""


class TaskHistory(Protocol):
    """Looking back: a task's checkpoints, and new tasks that go on from one of them."""

    async def checkpoints(self, task_id: str) -> Sequence[CheckpointView]:
        """Oldest first. Raises NotFound."""

    async def fork(
        self, task_id: str, request: ForkRequest, *, idempotency_key: str | None = None, caller: str = "local"
    ) -> Task:
        """A new task that goes on from a checkpoint, on copies of thread and workspace. Raises NotFound, Conflict."""
