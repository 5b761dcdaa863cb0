"""Ports of those who drive the work: the engine below, and above what a user can do."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import IO, Protocol

from core.access import Actor
from core.agent_views import ExperimentView, NewRule, Rollback, RuleChange
from core.finetuning import FinetuneRequest
from core.forecast import Forecast, Rest
from core.history import CheckpointView, ForkRequest
from core.identity import Identity
from core.moving import Existing, ImportReport
from core.tasks import Decision, Interrupt, InterruptFilter, Task, TaskFilter, TaskRequest
from core.types import AgentName

RunSegment = Callable[[str, int], Awaitable[None]]
"""Runs segment `n` of a task: (task_id, n). What it raises is an infrastructure error and is tried again."""


class Engine(Protocol):
    """Queues, claims, retries, limits and recovers runs; knows nothing of what they do."""

    async def start(self, run_segment: RunSegment) -> None:
        """Begin to work; runs that were under way when the process ended go on."""

    async def submit(self, task_id: str, segment: int, *, priority: int = 0, again: bool = False) -> None:
        """Enqueue once under the id `{task_id}:{segment}`; the same again does nothing, unless `again` asks for it:
        then a run that has ended, however it ended, runs once more.

        Of those that wait the one with the lowest `priority` begins first, then the one that came first.
        """

    async def cancel(self, task_id: str) -> None: ...

    async def load(self) -> tuple[int, int]:
        """(running, queued)."""

    async def stop(self, grace_s: float) -> None:
        """Claim nothing more, let the current supersteps finish for at most `grace_s`, then end."""


class Forecasts(Protocol):
    """What tasks will take, from what finished ones have taken."""

    async def of(self, workflow: str) -> Forecast:
        """Of a task that has not begun."""

    async def rest(self, task: Task, spent_usd: float) -> Rest:
        """Of a task that has spent so much."""


class TaskCommands(Protocol):
    """What a user can do. API, CLI and chat drive this alike."""

    async def submit(
        self, request: TaskRequest, *, idempotency_key: str | None = None, caller: str = "local"
    ) -> Task: ...

    async def get(self, task_id: str) -> Task: ...

    async def list(self, query: TaskFilter) -> Sequence[Task]: ...

    async def reply(self, task_id: str, message: str, actor: Actor, *, interrupt_id: str | None = None) -> Interrupt:
        """Free text, read by the orchestrator's model, then decided."""

    async def decide(
        self, task_id: str, interrupt_id: str, decision: Decision, actor: Actor, *, idempotency_key: str | None = None
    ) -> Interrupt:
        """The question as it is then: still pending while it needs the word of more people."""

    async def cancel(self, task_id: str, actor: Actor) -> Task: ...

    async def interrupts(self, query: InterruptFilter) -> Sequence[Interrupt]:
        """Oldest first unless asked otherwise. Raises InvalidInput when the cursor names no question."""


class ReplyReading(Protocol):
    """What a reply would decide, before anybody sends it."""

    async def read_reply(self, task_id: str, interrupt_id: str, message: str) -> Decision:
        """The decision in these words, which may be taken as it is; nothing is decided. Paid like a reply.

        Raises what `TaskCommands.reply` raises.
        """


class IdentityCommands(Protocol):
    """What a user can do with identities of agents. Each makes a new version, and tells the log of memory diffs."""

    async def roll_back(self, agent: AgentName, wanted: Rollback, actor: Actor) -> Identity:
        """Raises Conflict when another version than the expected one is current, NotFound for one that is not kept."""

    async def change_rule(self, agent: AgentName, rule_id: str, change: RuleChange, actor: Actor) -> Identity:
        """Raises Conflict when another version than the expected one is current, NotFound for an unknown rule."""

    async def add_rule(self, agent: AgentName, wanted: NewRule, actor: Actor) -> Identity:
        """Raises Conflict when it is there already or another version is current, InvalidInput (fields: `field`, `limit`)."""

    async def delete_rule(self, agent: AgentName, rule_id: str, expected_version: int, actor: Actor) -> Identity:
        """Raises Conflict when another version is current or the rule is pinned, NotFound for an unknown rule."""


class ExperimentCommands(Protocol):
    """Trying a rule because a person asks for it, and how that goes."""

    async def begin(self, agent: AgentName, rule_id: str, actor: Actor) -> ExperimentView:
        """Begin it, and do not wait for its end; the one under way where it is with this very rule.

        Raises NotFound for a rule that neither stands nor is on trial, Conflict (fields: `agent`, `rule_id`) while another one
        is tried, Refused where nothing can be tried.
        """

    def find(self, agent: AgentName, rule_id: str) -> ExperimentView:
        """The last one with this rule. Raises NotFound where none was begun since the service started."""


class Moving(Protocol):
    """What agents are and did, out of these stores and into them."""

    def archive(self) -> AsyncIterator[bytes]:
        """Everything as one archive, in pieces."""

    async def take(self, file: IO[bytes], existing: Existing, actor: Actor, *, dry_run: bool) -> ImportReport:
        """What became of an archive. Raises InvalidInput, Refused before anything is written; Conflict, NoRoom."""

    def examples(self, wanted: FinetuneRequest) -> AsyncIterator[bytes]:
        """Calls to learn from, as a zip file in pieces."""


class RequestNews(Protocol):
    """What a code host tells of pull requests."""

    def look_soon(self, key: str) -> None:
        """Something has happened on the request of this key."""


class TaskHistory(Protocol):
    """Looking back: a task's checkpoints, and new tasks that go on from one of them."""

    async def checkpoints(self, task_id: str) -> Sequence[CheckpointView]:
        """Oldest first. Raises NotFound."""

    async def fork(
        self, task_id: str, request: ForkRequest, *, idempotency_key: str | None = None, caller: str = "local"
    ) -> Task:
        """A new task that goes on from a checkpoint, on copies of thread and workspace. Raises NotFound, Conflict."""
