"""What the API is given."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from core.ports import (
    CodeHost,
    EventLog,
    IdentityStore,
    InteractionLog,
    Ledger,
    SandboxProvider,
    TaskCommands,
    WorkspaceProvider,
)
from core.types import AgentName, Json, JsonObject


@dataclass(frozen=True)
class ApiDefaults:
    """What a submission gets where it says nothing, and the limit of the sentence (characters)."""

    max_iterations: int
    budget_usd: float
    output_directory: str | None
    max_description: int


@dataclass(frozen=True)
class ApiServices:
    """Ports and plain values. `config` is the effective configuration, redacted; `archive` packs files as tar.gz.

    Whoever ends the server sets `closing` first, so that streams of events end instead of being waited for. Every
    `keep_alive_s` a stream says that it is there.
    """

    commands: TaskCommands
    workflows: Sequence[dict[str, Json]]
    events: EventLog
    interactions: InteractionLog
    identities: IdentityStore
    ledger: Ledger
    workspaces: WorkspaceProvider
    code_host: CodeHost
    sandbox: SandboxProvider
    models: Mapping[AgentName, str]
    defaults: ApiDefaults
    config: JsonObject
    archive: Callable[[Mapping[str, str]], bytes]
    started_at: float
    api_key: str | None = None
    cors_origins: tuple[str, ...] = ()
    keep_alive_s: float = 15.0
    closing: asyncio.Event = field(default_factory=asyncio.Event)
