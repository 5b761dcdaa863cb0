"""What an agent is given to work with, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agents.prompting import PromptLibrary
from core.findings import Finding
from core.loops import Loop
from core.plan import Plan
from core.ports import EventLog, IdentityStore, ModelClient, SandboxProvider, Tracing
from core.types import AgentName, JsonObject


@dataclass(frozen=True)
class AgentContext:
    """Ports and settings that every agent shares. `models` names the model of each agent."""

    model: ModelClient
    identities: IdentityStore
    sandbox: SandboxProvider
    events: EventLog
    prompts: PromptLibrary
    models: Mapping[AgentName, str]
    tracing: Tracing
    frontend_self_review: bool = False


@dataclass(frozen=True)
class Brief:
    """One piece of work: the step, and the task as it stands. `files` are the texts of the workspace.

    `by_agents`: the feedback is what agents, not a person, want changed.
    """

    task_id: str
    step: str
    sentence: str
    iteration: int = 0
    use_sandbox: bool = True
    plan: Plan | None = None
    contract: JsonObject | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    feedback: str = ""
    criteria: tuple[str, ...] = ()
    account: str | None = None
    max_output_tokens: int = 16_000
    by_agents: bool = False
    extra: JsonObject = field(default_factory=dict)


@dataclass(frozen=True)
class Amendment:
    """A change of plan or contract that `asked` says is needed, in answer to a question of `asker`."""

    asker: AgentName
    asked: AgentName
    wanted: str


@dataclass(frozen=True)
class AgentResult:
    """`data` is the decoded JSON of agents that decide; `findings` are what the agent could not get right by itself.

    `repeats` says why it gave up before its corrections were used up: it had begun to repeat itself. `objection` is what it
    says against what was found, where it leaves everything as it is. `amendments` are for the planner to decide.
    """

    agent: AgentName
    summary: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    deletes: tuple[str, ...] = ()
    data: JsonObject = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    repeats: Loop | None = None
    objection: str = ""
    amendments: tuple[Amendment, ...] = ()
    model: str = ""
    prompt: str = ""
    cost_usd: float = 0.0
