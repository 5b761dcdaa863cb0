"""What evaluations drive: a whole application of its own for every arm, given as ports."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from core.access import Actor
from core.events import StoredEvent
from core.findings import Finding, QaReport
from core.ports import EventLog, IdentityStore, InteractionLog, Ledger, TaskCommands, WorkspaceProvider
from core.types import AgentName
from evals.datasets import Edit
from evals.hidden import RunHidden

ACTOR = Actor(via="eval")


@dataclass(frozen=True)
class ArmSpec:
    """What differs between applications: who makes which mistake, what is repeated whatever is said, and who the agents are.

    `with_rule` and `without_rule` are a rule of one agent. `account` pays for everything.
    """

    faults: tuple[tuple[AgentName, str], ...] = ()
    insist: tuple[Edit, ...] = ()
    with_rule: tuple[AgentName, str] | None = None
    without_rule: tuple[AgentName, str] | None = None
    account: str | None = None


@dataclass(frozen=True)
class Work:
    """What one agent wrote, what every check says of the whole with it, and what is wrong, with owners."""

    files: Mapping[str, str]
    report: QaReport
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Turn:
    """One agent works alone on what everybody else would have written, spoilt by `edits`. `reviewed`: code_reviewer reads it."""

    task_id: str
    agent: AgentName
    sentence: str
    edits: Collection[Edit] = ()
    findings: tuple[Finding, ...] = ()
    reviewed: bool = False


OneTurn = Callable[[Turn], Awaitable[Work]]


@dataclass(frozen=True)
class Arm:
    """`fingerprint` differs when models, their parameters, prompts, toolchains or the release do."""

    commands: TaskCommands
    events: EventLog
    interactions: InteractionLog
    identities: IdentityStore
    ledger: Ledger
    workspaces: WorkspaceProvider
    models: Mapping[AgentName, str]
    fingerprint: str
    run_hidden: RunHidden
    one_turn: OneTurn

    async def events_of(self, task_id: str) -> list[StoredEvent]:
        found: list[StoredEvent] = []
        while page := await self.events.read(task_id=task_id, after=found[-1].position if found else 0):
            found += page
        return found


OpenArm = Callable[[ArmSpec], AbstractAsyncContextManager[Arm]]
