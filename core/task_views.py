"""What people look at of one task: views that follow from its events, checkpoints, calls and workspace."""

from typing import Literal

from pydantic import Field

from core.findings import CheckResult, Coverage, Finding, ReviewScores
from core.types import AgentName, Json, Usage, Value

MAX_SPANS = 500
PREVIEW_CHARS = 2_000
NodeKind = Literal["agent", "check", "human", "effect", "step"]
NodeStatus = Literal["done", "running", "waiting", "next"]


class Span(Value):
    """One bar of the timeline: an agent's step, a check, a wait for a person, something published.

    `lane` is the agent, or `checks`, `person`, `outside`. Times are Unix; `ended_at` is None while it goes on. `first_seq`
    and `last_seq` are the task's own numbers of the events it was made of.
    """

    span_id: str
    lane: str
    kind: Literal["agent", "check", "wait", "effect"]
    title: str
    iteration: int
    started_at: float
    ended_at: float | None = None
    status: Literal["running", "done", "failed", "waiting", "not_executed"]
    summary: str = ""
    cost_usd: float = 0.0
    tokens: int = 0
    calls: int = 0
    first_seq: int
    last_seq: int


class Retry(Value):
    """Findings went from what ended in `from_span` to an agent, whose next step is `to_span`."""

    from_span: str
    to_span: str
    iteration: int
    reason: str


class TaskTimeline(Value):
    """`future` are agents of the plan that have not begun; `left_out` counts spans beyond the newest 500."""

    now: float
    spans: tuple[Span, ...] = ()
    retries: tuple[Retry, ...] = ()
    future: tuple[AgentName, ...] = ()
    left_out: int = 0


class IterationTests(Value):
    """Everything that was checked in one round. `flaky` are checks that passed and failed on one tree."""

    iteration: int
    checks: tuple[CheckResult, ...]
    coverage: Coverage | None = None
    tests_run: int
    tests_failed: int
    seconds: float
    passed: bool
    flaky: tuple[str, ...] = ()


class TaskTests(Value):
    """Oldest round first."""

    iterations: tuple[IterationTests, ...] = ()


class ReviewedFinding(Value):
    """`resolved`: a later review no longer has it. `since` is the first round that had it."""

    finding: Finding
    resolved: bool
    since: int


class IterationReview(Value):
    iteration: int
    scores: ReviewScores
    summary: str = ""
    findings: tuple[ReviewedFinding, ...] = ()


class TaskReviews(Value):
    """Oldest round first; `minimum_score` is what each score must reach."""

    minimum_score: float
    iterations: tuple[IterationReview, ...] = ()


class AgentBrief(Value):
    """What the plan asks of one agent, the paths that are its own, and why it takes part (or does not)."""

    agent: AgentName
    brief: str
    owns: tuple[str, ...] = ()
    takes_part: bool
    why: str = ""


class TaskPlan(Value):
    """The contract and the briefs. `openapi` is the document whole; `plan` what the planner wrote beside it."""

    title: str
    summary: str
    covered: tuple[str, ...] = ()
    not_covered: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    briefs: tuple[AgentBrief, ...] = ()
    openapi: dict[str, Json]
    plan: dict[str, Json]


class GraphNode(Value):
    """`count` is how often it ran; in the expanded graph each run is a node of its own (`run` counts from 1)."""

    node_id: str
    name: str
    kind: NodeKind
    count: int = 1
    run: int | None = None
    iteration: int | None = None
    status: NodeStatus
    seconds: float | None = None
    checkpoint_id: str | None = None


class GraphEdge(Value):
    """`back`: it goes to a node that had run before (a retry)."""

    source: str
    target: str
    count: int = 1
    back: bool = False


class TaskGraph(Value):
    """How the task ran. Aggregated: a node for each name, loops as cycles. Expanded: as it ran."""

    mode: Literal["aggregated", "expanded"]
    nodes: tuple[GraphNode, ...] = ()
    edges: tuple[GraphEdge, ...] = ()
    left_out: int = 0


class CostShare(Value):
    """What one agent's calls to one model took in one round. `cost_usd` of failed calls is in it."""

    agent: AgentName
    model: str
    iteration: int
    calls: int
    failures: int
    usage: Usage
    cost_usd: float
    seconds: float


class CostPoint(Value):
    """What had been spent at a moment, and the call it was spent on."""

    ts: float
    call_id: str
    agent: AgentName
    spent_usd: float


class TaskCosts(Value):
    """`retry_usd` is what rounds after the first took; `cached_tokens` were read from a provider's cache."""

    budget_usd: float
    spent_usd: float
    retry_usd: float
    input_tokens: int
    cached_tokens: int
    shares: tuple[CostShare, ...] = ()
    points: tuple[CostPoint, ...] = ()


class TreeFile(Value):
    """A file at `ref`; `status` and line counts compare it with `base`. `agent` wrote it last."""

    path: str
    status: Literal["added", "modified", "deleted", "unchanged"]
    agent: AgentName | None = None
    additions: int = 0
    deletions: int = 0


class TreeVersion(Value):
    """The files as a round left them."""

    iteration: int
    commit: str
    ts: float
    title: str = ""


class TaskTree(Value):
    """The files at `ref` beside those at `base` (nothing when None), and the versions that can be asked for."""

    ref: str | None
    base: str | None
    versions: tuple[TreeVersion, ...] = ()
    files: tuple[TreeFile, ...] = ()


class CallView(Value):
    """A model call without its texts: of both only the beginning (2,000 characters). `cut` says that there is more."""

    call_id: str
    ts: float = Field(description="when it ended, Unix time")
    agent: AgentName
    iteration: int
    model: str
    prompt_name: str
    prompt: str
    prompt_chars: int
    answer: str
    answer_chars: int
    cut: bool
    usage: Usage
    cost_usd: float
    seconds: float
    success: bool
    error: str = ""


class CallPage(Value):
    """Newest first; `next` is the `before` of the following page, None at the end."""

    items: tuple[CallView, ...]
    next: str | None = None
