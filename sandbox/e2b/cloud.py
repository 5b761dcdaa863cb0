"""E2B's control plane: makes machines, finds, prolongs and kills them. Every machine carries whose it is."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from e2b import AsyncSandbox, SandboxQuery, SandboxState
from e2b.connection_config import ApiParams

from core.errors import InvalidInput
from sandbox.e2b.calls import Caller, quietly

INSTALLATION = "autonomy_installation"
SERVICE = "autonomy_service"
TASK = "autonomy_task"
PURPOSE = "autonomy_purpose"
_PAGES = 50


@dataclass(frozen=True)
class Account:
    """How E2B is reached. `api_url` and `sandbox_url` are for tests; without them the SDK makes both of `domain`."""

    api_key: str = field(repr=False)
    domain: str = "e2b.app"
    api_url: str = ""
    sandbox_url: str = ""
    request_timeout_s: float = 30.0
    retries: int = 3

    def options(self) -> ApiParams:
        """Everything that the SDK would look for in the environment otherwise."""
        options: ApiParams = {
            "api_key": self.api_key,
            "domain": self.domain,
            "debug": False,
            "api_url": self.api_url or f"https://api.{self.domain}",
            "request_timeout": self.request_timeout_s,
            "retries": self.retries,
            "http_version": "2",
        }
        if self.sandbox_url:
            options["sandbox_url"] = self.sandbox_url
        return options


@dataclass(frozen=True)
class Found:
    """A machine that runs. `started_at` is Unix time."""

    machine_id: str
    metadata: Mapping[str, str]
    started_at: float


class Cloud:
    """The machines of one installation; `service` names this run of it. Machines have no internet, always."""

    def __init__(self, account: Account, caller: Caller, *, template: str, installation: str, service: str) -> None:
        if not installation:
            raise InvalidInput("an installation needs a name: without one its machines are not told from others'")
        self._options = account.options()
        self._template = template
        self.caller = caller
        self.installation = installation
        self.service = service

    async def create(self, task_id: str, purpose: str, life_s: int) -> AsyncSandbox:
        """A new machine. The same call again, after a lost answer, gives the same machine."""
        key = uuid.uuid4().hex
        metadata = {INSTALLATION: self.installation, SERVICE: self.service, TASK: task_id, PURPOSE: purpose}
        return await self.caller.again(
            "make a machine",
            lambda: AsyncSandbox.create(
                template=self._template,
                timeout=life_s,
                metadata=metadata,
                envs={},
                allow_internet_access=False,
                lifecycle={"on_timeout": "kill"},
                idempotency_key=key,
                **self._options,
            ),
        )

    async def connect(self, machine_id: str, life_s: int) -> AsyncSandbox:
        return await self.caller.again(
            "find the machine of an earlier start",
            lambda: AsyncSandbox.connect(machine_id, timeout=life_s, **self._options),
        )

    async def extend(self, machine_id: str, life_s: int) -> None:
        """From now on it lives for `life_s`."""
        await self.caller.again(
            "prolong the life of a machine", lambda: AsyncSandbox.set_timeout(machine_id, life_s, **self._options)
        )

    async def kill(self, machine_id: str) -> None:
        """One that is gone is fine."""
        await self.caller.again("end a machine", lambda: AsyncSandbox.kill(machine_id, **self._options))

    async def try_kill(self, machine_id: str) -> None:
        """For when nothing can be done about a failure: the machine ends when its time is over."""
        await quietly(self.kill(machine_id))

    async def list(self) -> list[Found]:
        """The running machines of this installation, of whichever service; never anybody else's."""
        query = SandboxQuery(metadata={INSTALLATION: self.installation}, state=[SandboxState.RUNNING])
        pages = AsyncSandbox.list(query=query, **self._options)
        found: list[Found] = []
        for _ in range(_PAGES):
            if not pages.has_next:
                break
            for info in await self.caller.once("list the machines", pages.next_items()):
                if info.metadata.get(INSTALLATION) == self.installation:
                    found.append(Found(info.sandbox_id, info.metadata, info.started_at.timestamp()))
        return found
