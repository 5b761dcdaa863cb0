"""Tasks, their questions and their files, as the service tells of them. Times are Unix seconds, money is US dollars."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, Literal, TypeVar

from pydantic import Field

from client.base import Json, Model

T = TypeVar("T")


class TaskStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting_for_input"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to the task."""
        return self in (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED)


class InterruptKind(StrEnum):
    APPROVAL = "approval"
    BUDGET = "budget"
    ESCALATION = "escalation"


class Action(StrEnum):
    """What can be decided. `changes` needs a message, `raise_budget` the new cap."""

    APPROVE = "approve"
    CHANGES = "changes"
    RAISE_BUDGET = "raise_budget"
    RETRY = "retry"
    ABORT = "abort"


ACTIONS: Mapping[InterruptKind, tuple[Action, ...]] = {
    InterruptKind.APPROVAL: (Action.APPROVE, Action.CHANGES, Action.ABORT),
    InterruptKind.BUDGET: (Action.RAISE_BUDGET, Action.ABORT),
    InterruptKind.ESCALATION: (Action.RETRY, Action.CHANGES, Action.APPROVE, Action.ABORT),
}
"""What answers a question of each kind where its payload names no `actions`."""


class TaskWebhook(Model):
    """Where one task tells what happens to it; `events` names the types that are wanted, all when it is left out."""

    url: str
    events: tuple[str, ...] | None = None


class Decision(Model):
    """`budget_usd` is the new cap in all; `expected_digest` is that of what was shown."""

    action: Action
    message: str = ""
    budget_usd: float | None = None
    expected_digest: str | None = None


class Vote(Model):
    """One person's word on a question that needs several; `person` tells people apart, `name` is what is shown."""

    person: str
    name: str
    via: str
    action: Action
    ts: float


class Interrupt(Model):
    """A question. `payload` is what is shown with it, `digest` the SHA-256 of that.

    `needed` people have to approve, `votes` are those who have. People are told of it again, or it is answered with
    `default_action` at `deadline_at`, whichever comes first, at `due_at`.
    """

    interrupt_id: str
    task_id: str
    kind: InterruptKind
    prompt: str
    payload: dict[str, Json] = Field(default_factory=dict)
    digest: str
    created_at: float
    status: Literal["pending", "decided", "cancelled"] = "pending"
    decision: Decision | None = None
    decided_at: float | None = None
    decided_via: str | None = None
    decided_by: str = ""
    reminders: int = 0
    due_at: float | None = None
    needed: int = 1
    votes: tuple[Vote, ...] = ()
    deadline_at: float | None = None
    default_action: Action | None = None

    @property
    def actions(self) -> tuple[Action, ...]:
        """What answers it."""
        named = self.payload.get("actions")
        if not isinstance(named, list):
            return ACTIONS[self.kind]
        return tuple(action for action in Action if action.value in named)


class Range(Model):
    """A tenth of the tasks needed less than `low`, half of them less than `expected`, a tenth more than `high`."""

    low: float
    expected: float
    high: float


class Forecast(Model):
    """What a task is expected to cost and to take (tokens), from `tasks` others; `source` says which ones."""

    source: str
    tasks: int
    usd: Range
    tokens: Range
    unknown_prices: tuple[str, ...] = ()


class AgentStats(Model):
    """What one agent did in one task; `status` is pending, running, done, failed or skipped."""

    status: str = "pending"
    cost_usd: float = 0.0
    tokens: int = 0
    calls: int = 0
    files: int = 0


class TimelineEntry(Model):
    ts: float
    agent: str
    event: str
    summary: str = ""


class ForkOrigin(Model):
    """The checkpoint that a forked task goes on from, and what was to be different; `continues` on the same request."""

    task_id: str
    checkpoint_id: str
    feedback: str = ""
    continues: bool = False


class Task(Model):
    """A task. `artifacts` (text by path), `agent_stats`, `agent_timeline` and `summary` only where they were asked for."""

    task_id: str
    task_description: str
    workflow: str
    status: TaskStatus
    caller: str
    current_agent: str | None = None
    pipeline: tuple[str, ...] = ()
    iteration: int
    max_iterations: int
    use_sandbox: bool
    artifacts: dict[str, str] | None = None
    agent_stats: dict[str, AgentStats] | None = None
    agent_timeline: tuple[TimelineEntry, ...] | None = None
    summary: dict[str, Json] | None = None
    pr_url: str | None = None
    demo_url: str | None = None
    needs_human_input: bool = False
    human_input_prompt: str | None = None
    interrupt_id: str | None = None
    budget_usd: float
    total_cost_usd: float
    total_tokens: int = 0
    forecast: Forecast | None = None
    output_path: str | None = None
    error: str | None = None
    forked_from: ForkOrigin | None = None
    created_at: float
    updated_at: float

    @property
    def at_rest(self) -> bool:
        """Whether it has ended or asks something. One whose question was just answered goes on by itself."""
        return self.status.final or self.needs_human_input


class Page(Model, Generic[T]):
    """`next` is where the following page begins, None at the end."""

    items: tuple[T, ...]
    next: str | int | None = None


class Checkpoint(Model):
    """A point of a task's run: nodes whose results it holds (`wrote`), those that run from it, keys that `changed`.

    `spent_after_usd` is what has been spent since, which going on from here may cost again.
    """

    checkpoint_id: str
    number: int
    created_at: float
    wrote: tuple[str, ...]
    next: tuple[str, ...]
    iteration: int
    head: str | None = None
    files_changed: tuple[str, ...] = ()
    changed: dict[str, Json] = Field(default_factory=dict)
    spent_after_usd: float = 0.0


class Fork(Model):
    """The new task, and what to know before it goes on."""

    task: Task
    warning: str


class EffectKey(Model):
    task_id: str
    node: str
    iteration: int
    kind: str


class Effect(Model):
    """Something done outside; `status` is intended, done or given_up."""

    key: EffectKey
    status: str
    intent: dict[str, Json]
    result: dict[str, Json] | None = None
    attempts: int = 0
    error: str = ""
    begun_at: float
    ended_at: float | None = None
    due_at: float | None = None


class FileChange(Model):
    """`status` is added, modified or deleted."""

    path: str
    status: str
    additions: int = 0
    deletions: int = 0


class Diff(Model):
    """`patch` is a unified diff, cut where `truncated`."""

    files: tuple[FileChange, ...] = ()
    patch: str = ""
    truncated: bool = False


class PullRequest(Model):
    """What was published for a task; `state` is open, closed or merged."""

    key: str = ""
    number: int
    url: str
    branch: str
    base: str
    commit: str
    tree: str = ""
    title: str
    body: str
    state: str = "open"
    diff_stat: str = ""
    clone_url: str = ""
