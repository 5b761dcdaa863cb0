"""Words of tasks: what is asked of the service, what it asks back, and what it shows."""

import math
from enum import StrEnum
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from core.forecast import Forecast
from core.notifications import NOTIFICATION_TYPES
from core.types import AgentName, Json, TaskStatus, Value

MAX_TASK_DESCRIPTION_LENGTH = 4_000


class TaskWebhook(Value):
    """Where one task tells what happens to it, beside the service's own webhook; signed with the service's secret."""

    url: str = Field(min_length=1, max_length=2_000)
    events: frozenset[str] = NOTIFICATION_TYPES

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise ValueError("url must be an http:// or https:// address without a password")
        return url

    @field_validator("events")
    @classmethod
    def _known(cls, events: frozenset[str]) -> frozenset[str]:
        if unknown := sorted(events - NOTIFICATION_TYPES):
            raise ValueError(f"{unknown[0]!r} is not one of {', '.join(sorted(NOTIFICATION_TYPES))}")
        return events


class TaskRequest(Value):
    """A submission, already checked at the border. `options` belong to the workflow that is named."""

    task_description: str = Field(min_length=1, max_length=100_000)
    workflow: str = "build"
    max_iterations: int = Field(default=3, ge=1, le=20)
    use_sandbox: bool = True
    output_directory: str | None = None
    budget_usd: float = Field(default=0.50, ge=0, le=1_000_000, allow_inf_nan=False)
    options: dict[str, Json] = Field(default_factory=dict)
    webhook: TaskWebhook | None = None

    @field_validator("task_description")
    @classmethod
    def _readable(cls, text: str) -> str:
        if "\x00" in text:
            raise ValueError("task_description must not contain NUL bytes")
        if not text.strip():
            raise ValueError("task_description must not be empty or only whitespace")
        return text


class InterruptKind(StrEnum):
    APPROVAL = "approval"
    BUDGET = "budget"
    ESCALATION = "escalation"


class Action(StrEnum):
    """What a person decides. `changes` carries feedback, `raise_budget` the new cap, `retry` may carry a hint."""

    APPROVE = "approve"
    CHANGES = "changes"
    RAISE_BUDGET = "raise_budget"
    RETRY = "retry"
    ABORT = "abort"


ALLOWED_ACTIONS: dict[InterruptKind, tuple[Action, ...]] = {
    InterruptKind.APPROVAL: (Action.APPROVE, Action.CHANGES, Action.ABORT),
    InterruptKind.BUDGET: (Action.RAISE_BUDGET, Action.ABORT),
    InterruptKind.ESCALATION: (Action.RETRY, Action.CHANGES, Action.APPROVE, Action.ABORT),
}
"""At an escalation `approve` accepts the work as it is, with its open findings."""


class Decision(Value):
    """A person's answer. `budget_usd` is the new cap of the task (not the increase)."""

    action: Action
    message: str = ""
    budget_usd: float | None = Field(default=None, ge=0, le=1_000_000, allow_inf_nan=False)
    expected_digest: str | None = Field(
        default=None, description="digest of what was shown; a different one is refused"
    )

    @field_validator("message")
    @classmethod
    def _bounded(cls, text: str) -> str:
        if len(text) > MAX_TASK_DESCRIPTION_LENGTH:
            raise ValueError(f"message is longer than {MAX_TASK_DESCRIPTION_LENGTH} characters")
        return text

    @field_validator("budget_usd")
    @classmethod
    def _finite(cls, amount: float | None) -> float | None:
        if amount is not None and not math.isfinite(amount):
            raise ValueError("budget_usd must be a finite number")
        return amount


class Vote(Value):
    """One person's word on a question that needs several; `person` tells people apart, `name` is what is shown."""

    person: str
    name: str
    via: str
    action: Action
    ts: float


class Interrupt(Value):
    """One pending or decided question. `payload` is what is shown; `digest` is the SHA-256 of its canonical JSON.

    `needed` different people have to say the same before an `approve` counts; `votes` are those who have. At
    `deadline_at` (Unix time; None is never) it is answered with `default_action`.
    """

    interrupt_id: str
    task_id: str
    kind: InterruptKind
    prompt: str
    payload: dict[str, Json]
    digest: str
    created_at: float
    status: Literal["pending", "decided", "cancelled"] = "pending"
    decision: Decision | None = None
    decided_at: float | None = None
    decided_via: str | None = Field(
        default=None, description="api, cli, client, dashboard, mcp, telegram, link, deadline, ..."
    )
    decided_by: str = Field(default="", description="the name of the key or person, where it is known")
    reminders: int = 0
    due_at: float | None = Field(default=None, description="when it is told of again, or its deadline")
    needed: int = Field(default=1, ge=1)
    votes: tuple[Vote, ...] = ()
    deadline_at: float | None = None
    default_action: Action | None = None


class InterruptFilter(Value):
    """Which questions, in which order, and with how much of each. `after` is the interrupt_id to go on behind.

    Without `payload` that of every question is left empty: it may be large, and a list rarely needs it.
    """

    task_ids: tuple[str, ...] | None = None
    status: Literal["pending", "decided", "cancelled"] | None = None
    kind: InterruptKind | None = None
    newest_first: bool = False
    after: str | None = None
    limit: int | None = Field(default=None, ge=1)
    payload: bool = True


class AgentStats(Value):
    """What one agent did in one task."""

    status: Literal["pending", "running", "done", "failed", "skipped"] = "pending"
    cost_usd: float = 0.0
    tokens: int = 0
    calls: int = 0
    files: int = 0


class TimelineEntry(Value):
    ts: float
    agent: AgentName
    event: str
    summary: str = ""


class ForkOrigin(Value):
    """The checkpoint that a forked task goes on from, and what was to be different.

    `continues`: it publishes onto the pull request of that task, as one more commit.
    """

    task_id: str
    checkpoint_id: str
    feedback: str = ""
    continues: bool = False


class Task(Value):
    """A task's row: what `GET /tasks/{id}` is made of (artifacts come from the workspace)."""

    task_id: str
    request: TaskRequest
    status: TaskStatus
    caller: str = Field(default="local", description="who submitted it; tasks of different callers take turns")
    turn: int = Field(
        default=0, ge=0, description="of the tasks that have not begun the one with the lowest goes first"
    )
    forked_from: ForkOrigin | None = None
    forecast: Forecast | None = Field(default=None, description="as it was when the task came in")
    graph_version: str
    created_at: float
    updated_at: float
    segment: int = 0
    current_agent: AgentName | None = None
    pipeline: tuple[AgentName, ...] = ()
    iteration: int = 0
    agent_stats: dict[AgentName, AgentStats] = Field(default_factory=dict)
    timeline: tuple[TimelineEntry, ...] = ()
    total_cost_usd: float = 0.0
    budget_usd: float = 0.50
    head: str | None = Field(default=None, description="commit in the task's workspace that the results are read from")
    summary: dict[str, Json] = Field(default_factory=dict, description="plan, QA and review digests of the last round")
    pr_url: str | None = None
    demo_url: str | None = None
    output_path: str | None = None
    error: str | None = None


class TaskFilter(Value):
    """`at_work`: only tasks that go on by themselves: queued, running, or waiting with an answer that was given.
    `has_demo`: only tasks that show the address of a live demo. `statuses`: tasks of any of these. `text`: only tasks
    with this in their sentence or their id, A to Z in either case.
    """

    status: TaskStatus | None = None
    statuses: tuple[TaskStatus, ...] = ()
    text: str = ""
    workflow: str | None = None
    caller: str | None = None
    at_work: bool = False
    has_demo: bool = False
    before: str | None = Field(default=None, description="cursor: the task_id to continue below")
    limit: int = Field(default=50, ge=1, le=500)
