"""Ports of what the work is done with: models, files, sandboxes, code hosts, notifiers."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from core.findings import CheckResult
from core.learning import ExperimentResult
from core.models import ModelRequest, ModelResponse
from core.notifications import Notification
from core.publication import BaseBranch, Publication, PullRequest, PullRequestDraft, RequestComment
from core.sandboxes import Demo, Limits, Probe, RunResult, Toolchain
from core.types import AgentName, JsonObject
from core.workspaces import Change, Committed, Diff


class Clock(Protocol):
    def now(self) -> float:
        """Unix time in seconds."""


OnDelta = Callable[[str], None]


class ModelClient(Protocol):
    """One model, or a wrapper around one. Every wrapper has this same signature."""

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """Answer one request. Raises ModelError (or ModelTransientError), BudgetExceeded, Diverged."""

    async def close(self) -> None: ...


class Workspace(Protocol):
    """The files of one task in a git repository of its own. Runs nothing; hooks are off."""

    async def head(self) -> str: ...

    async def files(self, ref: str | None = None) -> Mapping[str, str]:
        """Path to blob id of every file at `ref` (head when None)."""

    async def read(self, paths: Sequence[str] | None = None, ref: str | None = None) -> Mapping[str, str]:
        """Text of the named files (all when None); unknown paths are left out."""

    async def commit(self, change: Change, *, branch: str | None = None) -> Committed:
        """Write one commit on head. Files that the path guard refuses are left out and named with the reason.

        With `branch` head stays where it is: the commit (parent: head) is kept under that name, replacing what was there.
        """

    async def diff(self, base: str | None, head: str | None = None, *, max_bytes: int = 200_000) -> Diff:
        """Changes from `base` (the empty tree when None) to `head`."""

    async def tree(self, ref: str | None = None) -> str:
        """Tree id at `ref`: equal content has equal ids."""

    async def revert(self, ref: str, change: Change) -> Committed:
        """Make a new commit on head whose tree is that of `ref`."""


class WorkspaceProvider(Protocol):
    async def open(self, task_id: str) -> Workspace:
        """The task's workspace, made when it is not there."""

    async def copy(self, source_id: str, target_id: str, head: str | None) -> Workspace:
        """Make the workspace of `target_id` from another one, its newest version `head` (nothing when None).

        Appears whole or not at all; one that is there already is returned as it is. Raises NotFound.
        """

    def path(self, task_id: str) -> Path: ...


class CodeHost(Protocol):
    """Where approved work is published. Look before create: every call may be a repetition after a crash.

    Every method raises CodeHostRefused when the host does not do it, after as many tries as can help.
    """

    async def base(self, name: str | None = None) -> BaseBranch:
        """The branch that requests go against, as it is now; the host's default branch when None."""

    async def publish(self, workspace: Workspace, ref: str, draft: PullRequestDraft) -> Publication:
        """Put the work of `draft` that leads to `ref` on its branch, as one commit on the newest base.

        The same again changes nothing. Refused with `conflict` when the base has moved under a file of the work.
        """

    async def open_pull_request(self, draft: PullRequestDraft, commit: str) -> PullRequest:
        """Open the one request of `draft.key`, or return the one that is there."""

    async def find(self, key: str) -> PullRequest | None: ...

    async def comments(self, key: str) -> Sequence[RequestComment]:
        """What people have said on the request, oldest first; empty when there is no request."""

    async def probe(self) -> Probe: ...

    async def close(self) -> None: ...


class Sandbox(Protocol):
    """Where generated code runs. Files written and named outputs persist between runs; nothing else does."""

    async def write(self, files: Mapping[str, bytes | str]) -> None: ...

    async def read(self, paths: Sequence[str]) -> Mapping[str, bytes]: ...

    async def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        outputs: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> RunResult:
        """Run in a fresh box with /box as working folder; `outputs` are paths or globs brought back. Raises SandboxError."""

    async def serve(self, argv: Sequence[str], *, port: int, ttl_s: float = 3600.0) -> Demo:
        """Start a server that listens on 127.0.0.1:`port` inside, and show it on a loopback port of this machine."""

    async def close(self) -> None: ...


class SandboxProvider(Protocol):
    async def probe(self) -> Probe:
        """Whether generated code can be run here, found out by doing it once; cached."""

    async def open(self, task_id: str, toolchain: Toolchain, files: Mapping[str, bytes | str]) -> Sandbox:
        """Raises Refused, with how to fix it, when the probe fails."""

    async def close(self) -> None:
        """End everything that still runs."""


class LiveDemos(Protocol):
    """Applications of tasks that people can try, each on an origin of its own. They end with the process."""

    async def start(self, task_id: str, ref: str | None = None, *, again: bool = False) -> Demo:
        """Serve version `ref` of the task's files (its head when None), afresh with `again`; or what runs already.

        Raises NotFound, Conflict when there is nothing to serve, Refused, SandboxError.
        """

    async def stop(self, task_id: str) -> None:
        """Raises NotFound when there is no demo."""

    def running(self, task_id: str) -> Demo | None: ...

    def keep_built(self, files: Mapping[str, str], built: Mapping[str, bytes]) -> None:
        """Remember what was built of this source, so that a demo of it need not build it again."""


class RuleExperiments(Protocol):
    async def run(
        self,
        agent: AgentName,
        rule: str,
        *,
        kinds: Collection[str] = (),
        leave_out: Collection[str] = (),
        account: str | None = None,
    ) -> ExperimentResult:
        """Replay held-out tasks with and without `rule`, apart from the service's own tasks, identities and counters.

        `kinds` are those of the findings (`kind_of`) that the rule was drawn from, `leave_out` the sentences. Model calls are
        paid from `account` of the ledger. Raises BudgetExceeded when it does not suffice, InvalidInput where no task of the
        sets is one of this agent.
        """


class Notifier(Protocol):
    """A way to tell people and systems outside. A repetition carries the same id."""

    async def send(self, notification: Notification) -> JsonObject:
        """What the outside knows the message by, to find it again; empty when nothing. Raises DeliveryFailed."""

    async def close(self) -> None: ...


class Room(Protocol):
    """The disk under the data directory."""

    def check(self) -> None:
        """Raises NoRoom when too little is left for anything new to begin."""

    def free_bytes(self) -> int: ...


class Tracing(Protocol):
    """Shows the work of a task, as spans, to whoever watches from outside. Never fails for them and never waits."""

    def turn(self, task_id: str, agent: AgentName, step: str, iteration: int) -> AbstractContextManager[None]:
        """The block is an agent's turn."""

    def tool(
        self, task_id: str, agent: AgentName, name: str
    ) -> AbstractContextManager[Callable[[Iterable[CheckResult]], None]]:
        """The block runs a tool in the agent's name; what is given is to be told its results."""
