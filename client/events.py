"""What happens to a task, one class for each type of event. A type that only a newer service knows is an UnknownEvent."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from client.base import Json, Model
from client.models import Action, ForkOrigin, InterruptKind, TaskStatus


class Usage(Model):
    """Tokens of one call of a model."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


class Finding(Model):
    """One thing that is wrong: what found it, where it is, and which agent owns it."""

    check: str
    severity: str = "high"
    message: str
    file: str | None = None
    line: int | None = None
    category: str = ""
    owner: str | None = None
    evidence: str = ""


class CheckResult(Model):
    """`status` is passed, failed or not executed."""

    name: str
    status: str
    detail: str = ""
    tests_run: int = 0
    tests_failed: int = 0
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0


class Coverage(Model):
    """Operations of the contract that were exercised, of those promised."""

    covered: tuple[str, ...] = ()
    promised: tuple[str, ...] = ()


class ReviewScores(Model):
    """0 to 10."""

    security: float
    performance: float
    quality: float


class Loop(Model):
    """What repeats, how often, in which rounds, and what was equal in them."""

    pattern: str
    says: str
    times: int
    iterations: tuple[int, ...]
    equal: dict[str, Json]


class TaskUpsert(Model):
    """The task's status, or what is shown at the top of every view, has changed."""

    type: Literal["task.upsert"] = "task.upsert"
    status: TaskStatus
    current_agent: str | None = None
    iteration: int = 0
    total_cost_usd: float = 0.0
    error: str | None = None
    pr_url: str | None = None
    output_path: str | None = None


class AgentStarted(Model):
    type: Literal["agent.started"] = "agent.started"
    agent: str
    step: str
    iteration: int = 0


class AgentFinished(Model):
    type: Literal["agent.finished"] = "agent.finished"
    agent: str
    step: str
    iteration: int = 0
    success: bool = True
    summary: str = ""
    files: tuple[str, ...] = ()


class LlmStart(Model):
    type: Literal["llm_start"] = "llm_start"
    agent: str
    model: str
    prompt_name: str
    call_id: str


class LlmEnd(Model):
    type: Literal["llm_end"] = "llm_end"
    agent: str
    model: str
    prompt_name: str
    call_id: str
    usage: Usage = Field(default_factory=Usage)
    cost_usd: float = 0.0
    seconds: float = 0.0
    success: bool = True
    error: str = ""


class LlmDelta(Model):
    """A piece of an answer while it is written: shown once, and never in the log."""

    type: Literal["llm_delta"] = "llm_delta"
    agent: str
    call_id: str
    text: str


class Artifact(Model):
    """An agent's files were committed; `refused` says why some were not."""

    type: Literal["artifact"] = "artifact"
    agent: str
    commit: str
    paths: tuple[str, ...]
    refused: dict[str, str] = Field(default_factory=dict)


class CheckFinished(Model):
    type: Literal["test"] = "test"
    iteration: int
    result: CheckResult


class CoverageMeasured(Model):
    type: Literal["coverage"] = "coverage"
    iteration: int
    coverage: Coverage


class ReviewFinished(Model):
    type: Literal["review"] = "review"
    iteration: int
    scores: ReviewScores
    findings: tuple[Finding, ...] = ()
    summary: str = ""


class Routed(Model):
    """Findings went back to their owners, or to a person."""

    type: Literal["routed"] = "routed"
    iteration: int
    to: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    loops: tuple[Loop, ...] = ()


class AgentAsked(Model):
    """In the middle of its turn an agent asked another one."""

    type: Literal["agent.asked"] = "agent.asked"
    question_id: str
    agent: str
    asked: str
    step: str
    iteration: int
    question: str


class AgentAnswered(Model):
    """The answer that the asking agent got, or why its question was refused; `wanted` is to change in the contract."""

    type: Literal["agent.answered"] = "agent.answered"
    question_id: str
    agent: str
    asked: str
    iteration: int
    answer: str = ""
    refused: str = ""
    wanted: str = ""
    call_ids: tuple[str, ...] = ()


class ContractAmended(Model):
    """The planner changed plan and contract, or refused to; without `wanted_by` a person asked for it."""

    type: Literal["contract.amended"] = "contract.amended"
    iteration: int
    wanted_by: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    refused: str = ""


class InterruptOpened(Model):
    """The task asks."""

    type: Literal["interrupt.opened"] = "interrupt.opened"
    interrupt_id: str
    kind: InterruptKind
    prompt: str
    payload: dict[str, Json]
    digest: str


class InterruptReminded(Model):
    """The question still waits; `number` counts its reminders from 1."""

    type: Literal["interrupt.reminded"] = "interrupt.reminded"
    interrupt_id: str
    kind: InterruptKind
    prompt: str
    number: int
    waiting_s: float


class InterruptVoted(Model):
    """One of several people that a question needs has spoken."""

    type: Literal["interrupt.voted"] = "interrupt.voted"
    interrupt_id: str
    kind: InterruptKind
    action: Action
    via: str
    by: str
    have: int
    needed: int


class InterruptDecided(Model):
    """`via` is the channel, `by` who it was where that is known."""

    type: Literal["interrupt.decided"] = "interrupt.decided"
    interrupt_id: str
    kind: InterruptKind
    action: Action
    message: str = ""
    via: str = ""
    by: str = ""


class BudgetAlert(Model):
    """The task has spent `share` (0 to 1) of its cap."""

    type: Literal["budget.alert"] = "budget.alert"
    share: float
    spent_usd: float
    cap_usd: float


class DemoStarted(Model):
    """The application at `commit` can be tried until `expires_at`."""

    type: Literal["demo.started"] = "demo.started"
    url: str
    expires_at: float
    commit: str


class DemoEnded(Model):
    type: Literal["demo.ended"] = "demo.ended"
    url: str
    reason: str


class Published(Model):
    """`kind` is branch, pull_request or output."""

    type: Literal["published"] = "published"
    kind: str
    reference: str
    commit: str = ""


class Forked(Model):
    """The task goes on from a checkpoint of another one."""

    type: Literal["forked"] = "forked"
    origin: ForkOrigin


class Notice(Model):
    """A sentence for people; `level` is info, warning or error."""

    type: Literal["notice"] = "notice"
    level: str = "info"
    text: str


class UnknownEvent(Model):
    """Of a type, or in a shape, that this version does not know; its fields are in `model_extra`."""

    type: str


KnownEvent: TypeAlias = Annotated[
    TaskUpsert | AgentStarted | AgentFinished | LlmStart | LlmEnd | LlmDelta | Artifact | CheckFinished
    | CoverageMeasured | ReviewFinished | Routed | AgentAsked | AgentAnswered | ContractAmended | InterruptOpened
    | InterruptReminded | InterruptVoted | InterruptDecided | BudgetAlert | DemoStarted | DemoEnded | Published | Forked | Notice,
    Field(discriminator="type"),
]  # fmt: skip
Event: TypeAlias = Annotated[KnownEvent | UnknownEvent, Field(union_mode="left_to_right")]


class StoredEvent(Model):
    """An event in the log. `position` grows over all tasks, `seq` counts the task's own from 1 without gaps."""

    position: int
    seq: int
    task_id: str
    ts: float
    event: Event

    @property
    def ends_task(self) -> bool:
        """Whether it says that its task has ended."""
        return isinstance(self.event, TaskUpsert) and self.event.status.final
