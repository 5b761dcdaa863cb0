"""Everything that happens to a task, as one tagged union. The log of these is what every screen reads."""

from typing import Annotated, Literal, get_args

from pydantic import Field, TypeAdapter

from core.findings import CheckResult, Coverage, Finding, ReviewScores
from core.loops import Loop
from core.tasks import Action, ForkOrigin, InterruptKind
from core.types import AgentName, Json, TaskStatus, Usage, Value


class TaskUpsert(Value):
    """The task's row changed: its status and what is shown at the top of every view."""

    type: Literal["task.upsert"] = "task.upsert"
    status: TaskStatus
    current_agent: AgentName | None = None
    iteration: int = 0
    total_cost_usd: float = 0.0
    error: str | None = None
    pr_url: str | None = None
    output_path: str | None = None


class AgentStarted(Value):
    type: Literal["agent.started"] = "agent.started"
    agent: AgentName
    step: str
    iteration: int = 0


class AgentFinished(Value):
    type: Literal["agent.finished"] = "agent.finished"
    agent: AgentName
    step: str
    iteration: int = 0
    success: bool = True
    summary: str = ""
    files: tuple[str, ...] = ()


class LlmStart(Value):
    type: Literal["llm_start"] = "llm_start"
    agent: AgentName
    model: str
    prompt_name: str
    call_id: str


class LlmEnd(Value):
    type: Literal["llm_end"] = "llm_end"
    agent: AgentName
    model: str
    prompt_name: str
    call_id: str
    usage: Usage = Usage()
    cost_usd: float = 0.0
    seconds: float = 0.0
    success: bool = True
    error: str = ""


class LlmDelta(Value):
    """A piece of an answer while it is being written; live only, never stored."""

    type: Literal["llm_delta"] = "llm_delta"
    agent: AgentName
    call_id: str
    text: str


class Artifact(Value):
    """An agent's files were committed to the workspace."""

    type: Literal["artifact"] = "artifact"
    agent: AgentName
    commit: str
    paths: tuple[str, ...]
    refused: dict[str, str] = Field(default_factory=dict)


class CheckFinished(Value):
    type: Literal["test"] = "test"
    iteration: int
    result: CheckResult


class CoverageMeasured(Value):
    type: Literal["coverage"] = "coverage"
    iteration: int
    coverage: Coverage


class ReviewFinished(Value):
    type: Literal["review"] = "review"
    iteration: int
    scores: ReviewScores
    findings: tuple[Finding, ...] = ()
    summary: str = ""


class Routed(Value):
    """Findings went back to their owners, or to a person: `reason` says why, `loops` what repeats."""

    type: Literal["routed"] = "routed"
    iteration: int
    to: tuple[AgentName, ...]
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    loops: tuple[Loop, ...] = ()


class AgentAsked(Value):
    """In the middle of its turn an agent asked another one; `asked` is the name as it wrote it."""

    type: Literal["agent.asked"] = "agent.asked"
    question_id: str
    agent: AgentName
    asked: str
    step: str
    iteration: int
    question: str


class AgentAnswered(Value):
    """The answer that the asking agent (`agent`) got, or why its question was `refused`.

    `wanted` is what the one that was asked says has to change in the contract; `call_ids` are the calls that the answer took.
    """

    type: Literal["agent.answered"] = "agent.answered"
    question_id: str
    agent: AgentName
    asked: str
    iteration: int
    answer: str = ""
    refused: str = ""
    wanted: str = ""
    call_ids: tuple[str, ...] = ()


class ContractAmended(Value):
    """The planner changed plan and contract, or says under `refused` why not.

    `wanted_by` are agents, none where a person asked; `changes` are lines with `+` or `-` in front.
    """

    type: Literal["contract.amended"] = "contract.amended"
    iteration: int
    wanted_by: tuple[AgentName, ...] = ()
    changes: tuple[str, ...] = ()
    refused: str = ""


class InterruptOpened(Value):
    type: Literal["interrupt.opened"] = "interrupt.opened"
    interrupt_id: str
    kind: InterruptKind
    prompt: str
    payload: dict[str, Json]
    digest: str


class InterruptReminded(Value):
    """A question still waits; `number` counts its reminders from 1, `waiting_s` is since it was asked."""

    type: Literal["interrupt.reminded"] = "interrupt.reminded"
    interrupt_id: str
    kind: InterruptKind
    prompt: str
    number: int
    waiting_s: float


class InterruptVoted(Value):
    """One of several people that a question needs has spoken; `have` of `needed` agree on `action`."""

    type: Literal["interrupt.voted"] = "interrupt.voted"
    interrupt_id: str
    kind: InterruptKind
    action: Action
    via: str
    by: str
    have: int
    needed: int


class InterruptDecided(Value):
    """`via` is the channel, `by` the name of the key or person where it is known."""

    type: Literal["interrupt.decided"] = "interrupt.decided"
    interrupt_id: str
    kind: InterruptKind
    action: Action
    message: str = ""
    via: str = ""
    by: str = ""


class BudgetAlert(Value):
    """The task has spent `share` (0 to 1) of its cap; said once for each cap."""

    type: Literal["budget.alert"] = "budget.alert"
    share: float
    spent_usd: float
    cap_usd: float


class Published(Value):
    """An outside effect took place."""

    type: Literal["published"] = "published"
    kind: Literal["branch", "pull_request", "output"]
    reference: str
    commit: str = ""


class DemoStarted(Value):
    """The application at `commit` can be tried at `url` until `expires_at` (Unix time)."""

    type: Literal["demo.started"] = "demo.started"
    url: str
    expires_at: float
    commit: str


class DemoEnded(Value):
    type: Literal["demo.ended"] = "demo.ended"
    url: str
    reason: str


class Forked(Value):
    """The task goes on from a checkpoint of another one."""

    type: Literal["forked"] = "forked"
    origin: ForkOrigin


class Notice(Value):
    """A sentence for people that fits nowhere else (recovered after a restart, identity could not be read, ...)."""

    type: Literal["notice"] = "notice"
    level: Literal["info", "warning", "error"] = "info"
    text: str


Event = Annotated[
    TaskUpsert | AgentStarted | AgentFinished | LlmStart | LlmEnd | LlmDelta | Artifact | CheckFinished
    | CoverageMeasured | ReviewFinished | Routed | AgentAsked | AgentAnswered | ContractAmended | InterruptOpened
    | InterruptReminded | InterruptVoted | InterruptDecided | BudgetAlert | DemoStarted | DemoEnded | Published | Forked | Notice,
    Field(discriminator="type"),
]  # fmt: skip
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
STORED_TYPES: tuple[str, ...] = tuple(
    kind.model_fields["type"].default for kind in get_args(get_args(Event)[0]) if kind is not LlmDelta
)
"""The `type` of every event that can be in the log."""


class StoredEvent(Value):
    """An event in the log. `position` grows over all tasks (the SSE id), `seq` is the task's own, from 1 without gaps."""

    position: int
    seq: int
    task_id: str
    ts: float
    event: Event


class EventFilter(Value):
    """Which stored events are wanted. Oldest first, or the newest ones first with `newest_first`; both ends are exclusive.

    `agent` is the one that the event names as its own. `text` is looked for in the names and values of its JSON; ASCII
    letters match in either case.
    """

    task_id: str | None = None
    seq: int | None = Field(default=None, ge=1)
    after: int = Field(default=0, ge=0)
    before: int | None = Field(default=None, ge=0)
    types: tuple[str, ...] = ()
    agent: AgentName | None = None
    text: str = Field(default="", max_length=200)
    newest_first: bool = False
    limit: int = Field(default=200, ge=1, le=500)


class EventPage(Value):
    """A page of the log. `next` is the `after` of the following page, or its `before` when the newest come first.

    None at the end. A page may hold less than was asked for, or nothing, and yet have a `next`.
    """

    items: tuple[StoredEvent, ...]
    next: int | None = None
