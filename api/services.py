"""What the API is given."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from api.claims import Links
from api.gate import Gate
from core.analytics import PartChecks, SettingView, TaskRow
from core.forecast import Outcome
from core.model_setup import ModelChecks, ModelSetup
from core.ports import (
    AuditLog,
    CallHistory,
    CodeHost,
    EffectStore,
    EpisodeLog,
    EventLog,
    ExperimentCommands,
    IdentityCommands,
    IdentityStore,
    InteractionLog,
    KeyRing,
    Ledger,
    LiveDemos,
    MemoryDiffLog,
    Moving,
    ReplyReading,
    RequestNews,
    Room,
    SandboxProvider,
    TaskCommands,
    TaskHistory,
    WorkspaceProvider,
)
from core.task_views import NodeKind
from core.types import AgentName, Json, JsonObject, TaskStatus


@dataclass(frozen=True)
class ApiDefaults:
    """What a submission gets where it says nothing, and the limit of the sentence (characters)."""

    max_iterations: int
    budget_usd: float
    output_directory: str | None
    max_description: int


@dataclass(frozen=True)
class ApiServices:
    """Ports and plain values. `config` is the effective configuration, redacted; `archive` packs files as tar.gz;
    `describe_chat` says how the chat is doing, None without one; `outcomes` are completed tasks beside their forecasts;
    `node_kinds` says by workflow what its nodes are that are neither agents nor questions; `task_days` are the rows of
    days that follow each other; `settings` are all of them with where they come from; `check_parts` tries every part.

    `scratch` is a folder for files that do not outlive a request.

    `scrape` gives the figures for Prometheus, as (body, media type), in the format that an Accept header asks for.

    Whoever ends the server sets `closing` first, so that streams of events end instead of being waited for. Every
    `keep_alive_s` a stream says that it is there.
    """

    commands: TaskCommands
    history: TaskHistory
    outcomes: Callable[[], Awaitable[Sequence[Outcome]]]
    count_tasks: Callable[[], Awaitable[Mapping[TaskStatus, int]]]
    workflows: Sequence[dict[str, Json]]
    node_kinds: Mapping[str, Mapping[str, NodeKind]]
    events: EventLog
    effects: EffectStore
    interactions: InteractionLog
    calls: CallHistory
    task_days: Callable[[Sequence[str]], Awaitable[Sequence[TaskRow]]]
    identities: IdentityStore
    identity_commands: IdentityCommands
    experiments: ExperimentCommands
    memory_diffs: MemoryDiffLog
    episodes: EpisodeLog
    moving: Moving
    scratch: Path
    reading: ReplyReading
    ledger: Ledger
    workspaces: WorkspaceProvider
    code_host: CodeHost
    demos: LiveDemos
    sandbox: SandboxProvider
    room: Room
    models: Mapping[AgentName, str]
    describe_models: Callable[[], Awaitable[ModelSetup]]
    check_models: Callable[[], Awaitable[ModelChecks]]
    check_parts: Callable[[], Awaitable[PartChecks]]
    defaults: ApiDefaults
    config: JsonObject
    settings: Sequence[SettingView]
    describe_chat: Callable[[], str | None]
    archive: Callable[[Mapping[str, str]], bytes]
    scrape: Callable[[str], Awaitable[tuple[bytes, str]]]
    started_at: float
    gate: Gate
    links: Links | None
    hook_secrets: Mapping[str, str | None]
    request_news: RequestNews | None
    keys: KeyRing
    audit: AuditLog
    cors_origins: tuple[str, ...] = ()
    keep_alive_s: float = 15.0
    closing: asyncio.Event = field(default_factory=asyncio.Event)
