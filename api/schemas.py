"""Bodies of the API."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from core.access import ApiKey, AuditEntry
from core.agent_views import ExperimentView, MemoryDiff
from core.budget import CapUsd, DaySpend
from core.episodes import Record
from core.errors import InvalidInput
from core.events import STORED_TYPES, EventFilter
from core.forecast import Accuracy, Forecast
from core.models import AgentMetrics, Interaction
from core.sandboxes import Probe
from core.tasks import (
    MAX_TASK_DESCRIPTION_LENGTH,
    AgentStats,
    ForkOrigin,
    Interrupt,
    Task,
    TaskRequest,
    TaskWebhook,
    TimelineEntry,
)
from core.types import AgentName, Json, TaskStatus, Value

MAX_POSITION = (1 << 63) - 1
EXAMPLE_SENTENCE = "Build a REST API for a todo list with user auth and JWT"


class TaskSubmission(Value):
    """What `POST /tasks` takes. What is left out has the service's defaults."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"task_description": EXAMPLE_SENTENCE, "budget_usd": 0.5}]},
    )

    task_description: str = Field(min_length=1, max_length=100_000, description="one or a few English sentences")
    workflow: str = Field(default="build", max_length=64)
    max_iterations: int | None = Field(default=None, ge=1, le=20)
    use_sandbox: bool = Field(default=True, description="false runs no generated code: its checks read `not executed`")
    output_directory: str | None = Field(
        default=None, max_length=4096, description="absolute; files go to `{dir}/{task_id}/`"
    )
    budget_usd: CapUsd | None = None
    options: dict[str, Json] = Field(default_factory=dict, description="of the workflow; see `GET /workflows`")
    webhook: TaskWebhook | None = Field(default=None, strict=False, description="this task's own; see docs/webhooks.md")


class Reply(Value):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, json_schema_extra={"examples": [{"message": "ship it"}]}
    )

    message: str = Field(min_length=1, max_length=MAX_TASK_DESCRIPTION_LENGTH)
    interrupt_id: str | None = Field(default=None, max_length=128)


class TaskView(Value):
    """A task as people see it. `artifacts` are the files by path, `timeline` what happened when."""

    task_id: str
    task_description: str
    workflow: str
    status: TaskStatus
    caller: str
    current_agent: AgentName | None
    pipeline: tuple[AgentName, ...]
    iteration: int
    max_iterations: int
    use_sandbox: bool
    artifacts: dict[str, str] | None = None
    agent_stats: dict[AgentName, AgentStats] | None = None
    agent_timeline: tuple[TimelineEntry, ...] | None = None
    summary: dict[str, Json] | None = None
    pr_url: str | None
    demo_url: str | None
    needs_human_input: bool
    human_input_prompt: str | None
    interrupt_id: str | None
    budget_usd: float
    total_cost_usd: float
    total_tokens: int
    forecast: Forecast | None = Field(default=None, description="what it was expected to take when it came in")
    output_path: str | None
    error: str | None
    forked_from: ForkOrigin | None = None
    created_at: float
    updated_at: float


class ListedInterrupt(Interrupt):
    """A question in a list: with its `payload` only when that is asked for."""

    payload: dict[str, Json] = Field(default_factory=dict, description="only with `include=payload`")


class TaskPage(Value):
    """`next` is the `before` of the following page, None at the end."""

    items: tuple[TaskView, ...]
    next: str | None = None


class EventQuery(Value):
    """Which page of events is asked for."""

    after: int = Field(default=0, ge=0, le=MAX_POSITION, description="only events behind this position")
    before: int | None = Field(default=None, ge=0, le=MAX_POSITION, description="only events before this position")
    type: str = Field(default="", max_length=400, description=f"comma separated: {', '.join(STORED_TYPES)}")
    agent: AgentName | None = Field(default=None, description="only events of this agent")
    q: str = Field(default="", max_length=200, description="only events whose JSON has this text in it")
    order: Literal["oldest", "newest"] = Field(default="oldest", description="which come first")
    limit: int = Field(default=200, ge=1, le=500)


class LogPage(Value):
    items: tuple[Interaction, ...]
    next: str | None = None


class AgentSummary(Value):
    agent: AgentName
    model: str
    identity_version: int
    rules: int
    trials: int
    weak: int
    record: Record
    metrics: AgentMetrics


class BudgetOfToday(Value):
    """What this day has cost, and the callers who have spent most of it. A cap of None is none."""

    day: DaySpend
    callers: tuple[DaySpend, ...] = ()


class ForecastRecord(Value):
    """How the forecasts of the newest 200 completed tasks came true."""

    usd: Accuracy
    tokens: Accuracy


class Stats(Value):
    tasks: dict[TaskStatus, int]
    agents: tuple[AgentMetrics, ...]
    total_cost_usd: float
    budget: BudgetOfToday
    forecasts: ForecastRecord


class Reading(Value):
    """A reply that is to be read, and not yet to be sent."""

    message: str = Field(min_length=1, max_length=MAX_TASK_DESCRIPTION_LENGTH)


class WorkflowView(Value):
    name: str
    version: str
    title: str
    options_schema: dict[str, Any]


class Health(Value):
    """`status` is `no_room` while the disk of the data directory is nearly full: nothing new is begun then.

    `config` (redacted), `models`, `sandbox`, `disk_free_mb` and `telegram` only for callers with the key. `telegram` is
    `ok`, or what is wrong with the chat; None where there is none.
    """

    status: Literal["ok", "no_room"] = "ok"
    version: str
    uptime_s: float | None = None
    offline: bool | None = None
    models: dict[AgentName, str] | None = None
    sandbox: dict[str, Json] | None = None
    disk_free_mb: int | None = None
    telegram: str | None = None
    config: dict[str, Json] | None = None


class ForkAnswer(Value):
    """The new task, and what to know about it."""

    task: TaskView
    warning: str


def view_task(
    task: Task, pending: Interrupt | None, include: frozenset[str], artifacts: dict[str, str] | None
) -> TaskView:
    """The task with the parts that were asked for."""
    return TaskView(
        task_id=task.task_id,
        task_description=task.request.task_description,
        workflow=task.request.workflow,
        status=task.status,
        caller=task.caller,
        current_agent=task.current_agent,
        pipeline=task.pipeline,
        iteration=task.iteration,
        max_iterations=task.request.max_iterations,
        use_sandbox=task.request.use_sandbox,
        artifacts=artifacts,
        agent_stats=task.agent_stats if "agent_stats" in include else None,
        agent_timeline=task.timeline if "timeline" in include else None,
        summary=task.summary if "summary" in include else None,
        pr_url=task.pr_url,
        demo_url=task.demo_url,
        needs_human_input=pending is not None,
        human_input_prompt=pending.prompt if pending else None,
        interrupt_id=pending.interrupt_id if pending else None,
        budget_usd=task.budget_usd,
        total_cost_usd=task.total_cost_usd,
        total_tokens=sum(stats.tokens for stats in task.agent_stats.values()),
        forecast=task.forecast,
        output_path=task.output_path,
        error=task.error,
        forked_from=task.forked_from,
        created_at=task.created_at,
        updated_at=task.updated_at,
    )


def request_of(
    submission: TaskSubmission, max_iterations: int, budget_usd: float, output_directory: str | None
) -> TaskRequest:
    """The submission with the service's defaults filled in."""
    return TaskRequest(
        task_description=submission.task_description,
        workflow=submission.workflow,
        max_iterations=submission.max_iterations or max_iterations,
        use_sandbox=submission.use_sandbox,
        output_directory=output_directory if submission.output_directory is None else submission.output_directory,
        budget_usd=budget_usd if submission.budget_usd is None else submission.budget_usd,
        options=submission.options,
        webhook=submission.webhook,
    )


def filter_of(query: EventQuery, task_id: str | None) -> EventFilter:
    """Raises InvalidInput when `type` names one that is never stored."""
    types = tuple(part.strip() for part in query.type.split(",") if part.strip())
    unknown = sorted(set(types) - set(STORED_TYPES))
    if unknown:
        raise InvalidInput(f"type: {unknown[0]!r} is not one of {', '.join(STORED_TYPES)}", field="type")
    return EventFilter(
        task_id=task_id,
        after=query.after,
        before=query.before,
        types=types,
        agent=query.agent,
        text=query.q,
        newest_first=query.order == "newest",
        limit=query.limit,
    )


def view_probe(probe: Probe) -> dict[str, Json]:
    return {
        "backend": probe.backend,
        "ok": probe.ok,
        "reason": probe.reason,
        "fix": probe.fix,
        "isolation": probe.isolation,
        "enforced": list(probe.enforced),
        "version": probe.version,
    }


class HookTaken(Value):
    """Whether the call had something to say about a task; the same delivery says it once."""

    taken: bool


class DemoView(Value):
    """`url` is an origin of its own; `expires_at` is Unix time."""

    url: str
    expires_at: float


class NewKey(Value):
    """`secret` is what goes into X-API-Key; it is shown this once and stored nowhere."""

    key: ApiKey
    secret: str


class ExperimentAnswer(ExperimentView):
    """`memory_diffs` is the path of the log that tells what came of it."""

    memory_diffs: str


class MemoryDiffPage(Value):
    """`next` is the `before` of the following page; None at the end."""

    items: tuple[MemoryDiff, ...]
    next: str | None = None


class AuditPage(Value):
    """`next` is the `before` of the following page; None at the end."""

    items: tuple[AuditEntry, ...]
    next: int | None
