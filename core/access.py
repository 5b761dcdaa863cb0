"""Who does what: people and keys by name, and what each of them may do."""

from enum import StrEnum

from pydantic import Field

from core.budget import CapUsd
from core.types import Value


class Role(StrEnum):
    """Each may do what those before it may: look; submit, cancel and fork; answer questions; keys, models, settings."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(needed)


class Actor(Value):
    """Whose word it is: `via` is the channel (api, cli, dashboard, telegram, mcp, client, link, deadline, ...).

    `name` is that of the key or of the chat user, empty where one key serves everybody: such words count as one person's.
    `identity` tells people apart where a name can be changed; the name does when it is empty.
    """

    via: str = Field(max_length=64)
    name: str = Field(default="", max_length=64)
    identity: str = Field(default="", max_length=64)

    @property
    def person(self) -> str:
        return self.identity or self.name

    def __str__(self) -> str:
        return f"{self.via} ({self.name})" if self.name else self.via


NAME = r"^[A-Za-z0-9._@-]{1,64}$"


class KeyLimits(Value):
    """What a key may take; None for no limit of its own. `daily_budget_usd` takes the place of the usual one of callers."""

    requests_per_minute: int | None = Field(default=None, ge=1, le=100_000)
    active_tasks: int | None = Field(default=None, ge=1, le=500, description="tasks queued or running at once")
    daily_budget_usd: CapUsd | None = None


class KeyRequest(Value):
    """A key that is to be made. Names of keys that are in use are unique; they are what logs and votes show."""

    name: str = Field(pattern=NAME)
    role: Role
    limits: KeyLimits = KeyLimits()
    expires_days: float | None = Field(default=None, gt=0, le=3650)


class ApiKey(Value):
    """A key as it is stored: without the key, of which there is a hash only. Times are Unix time."""

    key_id: str
    name: str
    role: Role
    limits: KeyLimits = KeyLimits()
    created_at: float
    created_by: str = ""
    expires_at: float | None = None
    revoked_at: float | None = None

    def usable(self, now: float) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class Caller(Value):
    """Who makes a request. Without `key_id` it is whoever may use the service as a whole, by API_KEY or because none is set."""

    name: str = ""
    role: Role = Role.ADMIN
    key_id: str | None = None
    limits: KeyLimits = KeyLimits()


class AuditEntry(Value):
    """One thing that somebody did or tried. `target` names what it was done to, `status` is the answer's HTTP status."""

    position: int = 0
    ts: float
    name: str
    role: Role | None
    via: str
    action: str
    target: str = ""
    status: int
    request_id: str = ""
    client: str = ""


class AuditFilter(Value):
    """Newest first. `before` is the position to go on below."""

    name: str | None = None
    before: int | None = None
    limit: int = Field(default=100, ge=1, le=1000)
