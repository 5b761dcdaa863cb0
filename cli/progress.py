"""What has happened to a task, folded from its events. Every view of a task is drawn from this."""

from dataclasses import dataclass, field

from client.events import (
    AgentFinished,
    AgentStarted,
    Artifact,
    CheckFinished,
    CheckResult,
    Coverage,
    CoverageMeasured,
    InterruptDecided,
    InterruptOpened,
    LlmEnd,
    LlmStart,
    Published,
    ReviewFinished,
    ReviewScores,
    Routed,
    StoredEvent,
    TaskUpsert,
)
from client.models import TaskStatus

CHECKER = "qa_agent"
"""The agent whose step `checks` begins a new round of them."""


@dataclass
class AgentProgress:
    """`started` is the Unix time since when it is at work, None when it is not; `seconds` is what it has worked before."""

    status: str = "waiting"
    step: str = ""
    summary: str = ""
    files: set[str] = field(default_factory=set)
    cost_usd: float = 0.0
    calls: int = 0
    model: str = ""
    started: float | None = None
    seconds: float = 0.0

    def elapsed_s(self, now: float) -> float:
        return self.seconds + (max(0.0, now - self.started) if self.started is not None else 0.0)


@dataclass
class Progress:
    """The state of one task after the events that were applied."""

    status: TaskStatus = TaskStatus.QUEUED
    iteration: int = 0
    error: str | None = None
    started: float | None = None
    latest: float = 0.0
    agents: dict[str, AgentProgress] = field(default_factory=dict)
    checks: dict[str, CheckResult] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)
    review: ReviewScores | None = None
    question: InterruptOpened | None = None
    published: list[Published] = field(default_factory=list)
    routes: list[Routed] = field(default_factory=list)

    @property
    def cost_usd(self) -> float:
        return sum(agent.cost_usd for agent in self.agents.values())

    @property
    def tests_run(self) -> int:
        return sum(check.tests_run for check in self.checks.values())

    @property
    def tests_failed(self) -> int:
        return sum(check.tests_failed for check in self.checks.values())

    @property
    def files(self) -> int:
        return len(set().union(*(agent.files for agent in self.agents.values())))

    def elapsed_s(self, now: float) -> float:
        """Since the first event, until `now` or until the task ended."""
        return 0.0 if self.started is None else (self.latest if self.status.final else now) - self.started

    def apply(self, stored: StoredEvent) -> None:
        """Take in one event; events come in order and once."""
        self.started = stored.ts if self.started is None else self.started
        self.latest = stored.ts
        match stored.event:
            case TaskUpsert() as event:
                self.status, self.iteration, self.error = event.status, event.iteration, event.error
            case AgentStarted() as event:
                agent = self._agent(event.agent)
                agent.status, agent.step, agent.started = "running", event.step, stored.ts
                if event.agent == CHECKER and event.step == "checks":
                    self.checks, self.coverage = {}, Coverage()
            case AgentFinished() as event:
                agent = self._agent(event.agent)
                agent.seconds, agent.started = agent.elapsed_s(stored.ts), None
                agent.status, agent.summary = "done" if event.success else "failed", event.summary
            case LlmStart() as event:
                self._agent(event.agent).model = event.model
            case LlmEnd() as event:
                agent = self._agent(event.agent)
                agent.cost_usd, agent.calls = agent.cost_usd + event.cost_usd, agent.calls + 1
            case Artifact() as event:
                self._agent(event.agent).files.update(event.paths)
            case CheckFinished() as event:
                self.checks[event.result.name] = event.result
            case CoverageMeasured() as event:
                self.coverage = event.coverage
            case ReviewFinished() as event:
                self.review = event.scores
            case Routed() as event:
                self.routes.append(event)
            case InterruptOpened() as event:
                self.question = event
            case InterruptDecided():
                self.question = None
            case Published() as event:
                self.published.append(event)
            case _:
                pass

    def _agent(self, name: str) -> AgentProgress:
        return self.agents.setdefault(name, AgentProgress())
