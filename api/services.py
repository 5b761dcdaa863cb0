"""What the API is given."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from core.forecast import Outcome
from core.model_setup import ModelChecks, ModelSetup
from core.ports import (
    CodeHost,
    EffectStore,
    EventLog,
    IdentityStore,
    InteractionLog,
    Ledger,
    Room,
    SandboxProvider,
    TaskCommands,
    TaskHistory,
    WorkspaceProvider,
)
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
    `outcomes` are completed tasks beside their forecasts.

    `scrape` gives the figures for Prometheus, as (body, media type), in the format that an Accept header asks for.

    Whoever ends the server sets `closing` first, so that streams of events end instead of being waited for. Every
    `keep_alive_s` a stream says that it is there.
    """

    commands: TaskCommands
    history: TaskHistory
    outcomes: Callable[[], Awaitable[Sequence[Outcome]]]
    count_tasks: Callable[[], Awaitable[Mapping[TaskStatus, int]]]
    workflows: Sequence[dict[str, Json]]
    events: EventLog
    effects: EffectStore
    interactions: InteractionLog
    identities: IdentityStore
    ledger: Ledger
    workspaces: WorkspaceProvider
    code_host: CodeHost
    sandbox: SandboxProvider
    room: Room
    models: Mapping[AgentName, str]
    describe_models: Callable[[], Awaitable[ModelSetup]]
    check_models: Callable[[], Awaitable[ModelChecks]]
    defaults: ApiDefaults
    config: JsonObject
    archive: Callable[[Mapping[str, str]], bytes]
    scrape: Callable[[str], Awaitable[tuple[bytes, str]]]
    started_at: float
    api_key: str | None = None
    cors_origins: tuple[str, ...] = ()
    keep_alive_s: float = 15.0
    closing: asyncio.Event = field(default_factory=asyncio.Event)
