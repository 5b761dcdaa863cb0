"""Ports of what is kept: tasks, questions, events, money, effects, keys, identities, calls."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from core.access import Actor, ApiKey, AuditEntry, AuditFilter, KeyRequest
from core.agent_views import MemoryDiff, MemoryDiffFilter
from core.analytics import GroupBy, SeriesRow
from core.budget import DaySpend, Spend
from core.effects import Effect, EffectKey
from core.episodes import Episode, EpisodeFilter
from core.events import Event, EventFilter, EventPage, StoredEvent
from core.frames import Frame
from core.identity import Identity
from core.models import (
    AgentMetrics,
    CallFigures,
    CallTotals,
    Interaction,
    InteractionFilter,
    InteractionPage,
    InteractionSearch,
    TaskUsage,
)
from core.task_views import CallView
from core.tasks import Decision, Interrupt, InterruptFilter, Task, TaskFilter
from core.types import AgentName, JsonObject


class IdentityStore(Protocol):
    """Raises Refused in every method when the store cannot be reached, with how to mend it."""

    async def load(self, agent: AgentName) -> Identity:
        """The current identity; the shipped one, saved as version 1, on first use.

        Raises Damaged or Refused with a field `version` when the current version cannot be read; earlier ones still can.
        """

    async def save(self, identity: Identity, expected_version: int) -> Identity:
        """Store as version `expected_version + 1`. Raises Conflict when another save came first, InvalidInput.

        `saved_at` is the store's; `cause`, `why` and `by` are for the caller to say. A current version that cannot be read is
        no hindrance.
        """

    async def versions(self, agent: AgentName) -> Sequence[Identity]:
        """The versions that are kept (the last 10), newest first, without those that cannot be read."""

    async def count_use(self, agent: AgentName, rules: Sequence[str], success: bool, task_id: str) -> None:
        """Move the counters of those `rules` that the agent holds, once for each task; makes no new version."""

    async def adopt(self, versions: Sequence[Identity]) -> bool:
        """Take the history of one agent (newest first) from another store, as it is, with the counters of the newest.

        Only where no version but the shipped one is there: False, and nothing is changed, otherwise. Raises InvalidInput.
        """


class EpisodeLog(Protocol):
    """How the work of each agent went in each finished task."""

    async def record(self, *episodes: Episode) -> None:
        """An episode of the same task and agent that is there already stays as it is."""

    async def list(self, query: EpisodeFilter) -> Sequence[Episode]:
        """Newest first. Raises InvalidInput when the cursor names none."""

    async def reflected(self, agent: AgentName, task_ids: Sequence[str], diff_id: str) -> None:
        """These episodes have been reflected on, in the memory diff of that id."""


class MemoryDiffLog(Protocol):
    """What changed identities, or tried to; append-only."""

    async def record(self, diff: MemoryDiff) -> None:
        """Append; a `diff_id` that is there already does nothing."""

    async def list(self, query: MemoryDiffFilter) -> Sequence[MemoryDiff]:
        """Newest first. Raises InvalidInput when the cursor names none."""


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


class CallHistory(Protocol):
    """Looking back at logged calls. Nobody who records one waits for who looks."""

    async def page(self, query: InteractionSearch) -> InteractionPage:
        """What is wanted, newest first, found in a bounded part of the log: with `text` a page may be short, or empty."""

    async def get(self, interaction_id: str) -> Interaction:
        """Raises NotFound."""

    async def series(self, group_by: GroupBy, since: float) -> Sequence[SeriesRow]:
        """Calls from `since` (Unix time) on, a row for each group that has any, in order of the keys.

        `call_seconds` is the median of the successful calls.
        """

    async def figures(self, task_id: str) -> Sequence[CallFigures]:
        """Of every call of a task, oldest first."""

    async def previews(self, task_id: str, *, before: str | None, limit: int) -> Sequence[CallView]:
        """Of a task, newest first, with the beginning of the last user message and of the answer.

        Raises InvalidInput when the cursor `before` names no interaction.
        """


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
    """Tasks. Every write appends its events in the same transaction."""

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


class InterruptStore(Protocol):
    """Questions to people, beside the tasks that ask. Every write appends its events in the same transaction."""

    async def open(self, interrupt: Interrupt) -> Interrupt:
        """Insert the question and set the task waiting; the same id again returns the stored one."""

    async def decide(
        self, interrupt_id: str, decision: Decision, actor: Actor, *, idempotency_key: str | None = None
    ) -> Interrupt:
        """Compare-and-set pending to decided, or add the actor's vote while more are needed.

        Raises NotFound, Conflict (already answered: names the winner; digest differs; this person has voted).
        """

    async def list(self, query: InterruptFilter) -> Sequence[Interrupt]:
        """Oldest first unless asked otherwise. Raises InvalidInput when the cursor names no question."""

    async def due(self, limit: int) -> Sequence[Interrupt]:
        """Pending questions whose `due_at` has come, the most overdue first, without payloads."""

    async def remind(self, question: Interrupt, due_at: float | None) -> bool:
        """Tell of a question again, as it was seen; False when it was answered or told of meanwhile."""


class KeyRing(Protocol):
    """API keys: who may use the service, and as what. Keys are stored as hashes."""

    def identify(self, secret: str) -> ApiKey | None:
        """The usable key that this is, found in constant time; None when there is none."""

    def in_use(self) -> bool:
        """Whether there is a usable key."""

    def named(self, name: str) -> ApiKey | None:
        """The usable key of this name."""

    async def create(self, wanted: KeyRequest, by: str) -> tuple[ApiKey, str]:
        """A new key, and its secret, which is shown this once. Raises Conflict when the name is taken or no admin is there."""

    async def revoke(self, key_id: str) -> ApiKey:
        """From now on it opens nothing. Raises NotFound, Conflict for the last admin while other keys are in use."""

    async def list(self) -> Sequence[ApiKey]:
        """Oldest first, revoked ones too."""


class AuditLog(Protocol):
    """Who did what; append-only."""

    async def record(self, entry: AuditEntry) -> None: ...

    async def list(self, query: AuditFilter) -> Sequence[AuditEntry]: ...


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
