"""What people look at of one task. Times are Unix, money is US dollars."""

from pydantic import Field

from client.base import Json, Model
from client.events import CheckResult, Coverage, Finding, ReviewScores, Usage


class Span(Model):
    """One bar of the timeline; `kind` is agent, check, wait or effect. `ended_at` is None while it goes on."""

    span_id: str
    lane: str
    kind: str
    title: str
    iteration: int
    started_at: float
    ended_at: float | None = None
    status: str
    summary: str = ""
    cost_usd: float = 0.0
    tokens: int = 0
    calls: int = 0
    first_seq: int
    last_seq: int


class Retry(Model):
    """Findings went from what ended in `from_span` to an agent, whose next step is `to_span`."""

    from_span: str
    to_span: str
    iteration: int
    reason: str


class Timeline(Model):
    """`future` are agents that have not begun; `left_out` counts spans beyond the newest 500."""

    now: float
    spans: tuple[Span, ...] = ()
    retries: tuple[Retry, ...] = ()
    future: tuple[str, ...] = ()
    left_out: int = 0


class IterationTests(Model):
    """Everything that was checked in one round; `flaky` checks passed and failed on the same files."""

    iteration: int
    checks: tuple[CheckResult, ...]
    coverage: Coverage | None = None
    tests_run: int
    tests_failed: int
    seconds: float
    passed: bool
    flaky: tuple[str, ...] = ()


class Tests(Model):
    iterations: tuple[IterationTests, ...] = ()


class ReviewedFinding(Model):
    """`since` is the first round that had it."""

    finding: Finding
    resolved: bool
    since: int


class IterationReview(Model):
    iteration: int
    scores: ReviewScores
    summary: str = ""
    findings: tuple[ReviewedFinding, ...] = ()


class Reviews(Model):
    """`minimum_score` is what each score must reach."""

    minimum_score: float
    iterations: tuple[IterationReview, ...] = ()


class AgentBrief(Model):
    """What the plan asks of one agent, and the paths that are its own."""

    agent: str
    brief: str
    owns: tuple[str, ...] = ()
    takes_part: bool
    why: str = ""


class Plan(Model):
    """The contract (`openapi`), what the planner wrote beside it (`plan`), and the briefs."""

    title: str
    summary: str
    covered: tuple[str, ...] = ()
    not_covered: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    briefs: tuple[AgentBrief, ...] = ()
    openapi: dict[str, Json]
    plan: dict[str, Json]


class GraphNode(Model):
    """`kind` is agent, check, human, effect or step; `status` is done, running, waiting or next."""

    node_id: str
    name: str
    kind: str
    count: int = 1
    run: int | None = None
    iteration: int | None = None
    status: str
    seconds: float | None = None
    checkpoint_id: str | None = None


class GraphEdge(Model):
    """`back`: it leads back to where the run had been (a retry)."""

    source: str
    target: str
    count: int = 1
    back: bool = False


class Graph(Model):
    """Aggregated: a node for each name. Expanded: a node for each run."""

    mode: str
    nodes: tuple[GraphNode, ...] = ()
    edges: tuple[GraphEdge, ...] = ()
    left_out: int = 0


class CostShare(Model):
    """What one agent's calls to one model took in one round."""

    agent: str
    model: str
    iteration: int
    calls: int
    failures: int
    usage: Usage
    cost_usd: float
    seconds: float


class CostPoint(Model):
    """What had been spent after a call."""

    ts: float
    call_id: str
    agent: str
    spent_usd: float


class Costs(Model):
    """`retry_usd` is what rounds after the first took; `cached_tokens` were read from a provider's cache."""

    budget_usd: float
    spent_usd: float
    retry_usd: float
    input_tokens: int
    cached_tokens: int
    shares: tuple[CostShare, ...] = ()
    points: tuple[CostPoint, ...] = ()


class TreeFile(Model):
    """`status` is added, modified, deleted or unchanged."""

    path: str
    status: str
    agent: str | None = None
    additions: int = 0
    deletions: int = 0


class TreeVersion(Model):
    """The files as a round left them."""

    iteration: int
    commit: str
    ts: float
    title: str = ""


class Tree(Model):
    """The files at `ref` beside those at `base`, and the versions that can be asked for."""

    ref: str | None = None
    base: str | None = None
    versions: tuple[TreeVersion, ...] = ()
    files: tuple[TreeFile, ...] = ()


class CallPreview(Model):
    """A model call with the beginnings of its texts; `cut` says that there is more."""

    call_id: str
    ts: float = Field(description="when it ended")
    agent: str
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
