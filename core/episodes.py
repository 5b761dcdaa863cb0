"""What a finished task says of each agent that worked in it: read from the task's events, learned from afterwards."""

from collections.abc import Iterable

from pydantic import Field

from core.events import AgentFinished, AgentStarted, LlmEnd, Routed, StoredEvent
from core.findings import BLOCKING, Finding
from core.tasks import Task
from core.types import AgentName, TaskStatus, Value

MAX_FINDINGS = 20


class Episode(Value):
    """The work of one agent in one finished task.

    `rounds` counts the rounds of the whole task until its end (1: nothing went back to anybody). `findings` are those that
    came back to this agent, each once, in their order. `clean`: nothing that blocks came back to it. `interactions` are its
    model calls, oldest first. `reflected` is the id of the memory diff that it led to, empty until then.
    """

    task_id: str
    agent: AgentName
    ended_at: float
    sentence: str
    status: TaskStatus
    rounds: int = Field(ge=1)
    findings: tuple[Finding, ...] = ()
    interactions: tuple[str, ...] = ()
    reflected: str = ""

    @property
    def key(self) -> str:
        """What it is called by: task and agent."""
        return f"{self.task_id}/{self.agent}"

    @property
    def clean(self) -> bool:
        return not any(finding.severity in BLOCKING for finding in self.findings)

    @property
    def succeeded(self) -> bool:
        """Whether the rules that were told may count it as a success."""
        return self.status is TaskStatus.COMPLETED and self.clean


class Record(Value):
    """How an agent did in the last finished tasks it worked in. `first_pass`: those in which nothing that blocks came back.

    `rate` is the share of these, `low` and `high` Wilson's interval of 95 %, `rounds` the mean. None without any task.
    """

    tasks: int = 0
    first_pass: int = 0
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    rounds: float | None = None


class EpisodeFilter(Value):
    """`reflected` None: whether or not it was."""

    agent: AgentName | None = None
    task_id: str | None = None
    reflected: bool | None = None
    before: str | None = Field(default=None, description="cursor: the `key` of the episode to continue below")
    limit: int = Field(default=50, ge=1, le=500)


def episodes_of(task: Task, events: Iterable[StoredEvent]) -> tuple[Episode, ...]:
    """An episode for every agent that finished a turn in `task`, in the order of the agents. None while it is not final."""
    if not task.status.final:
        return ()
    worked: set[AgentName] = set()
    calls: dict[AgentName, list[str]] = {}
    findings: dict[AgentName, dict[str, Finding]] = {}
    last_round, ended_at = 0, task.updated_at
    for stored in events:
        event = stored.event
        match event:
            case AgentStarted():
                last_round = max(last_round, event.iteration)
            case AgentFinished():
                worked.add(event.agent)
            case LlmEnd(success=True):
                calls.setdefault(event.agent, []).append(event.call_id)
            case Routed():
                for finding in event.findings:
                    if finding.owner is not None:
                        findings.setdefault(finding.owner, {}).setdefault(finding.fingerprint, finding)
            case _:
                pass
    return tuple(
        Episode(
            task_id=task.task_id,
            agent=agent,
            ended_at=ended_at,
            sentence=task.request.task_description,
            status=task.status,
            rounds=last_round + 1,
            findings=tuple(findings.get(agent, {}).values())[:MAX_FINDINGS],
            interactions=tuple(dict.fromkeys(calls.get(agent, ()))),
        )
        for agent in AgentName
        if agent in worked
    )
