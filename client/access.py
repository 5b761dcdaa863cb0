"""Keys, who they belong to, and who did what. Times are Unix seconds, money is US dollars."""

from pydantic import Field

from client.base import Model


class KeyLimits(Model):
    """What a key may take; None for no limit of its own."""

    requests_per_minute: int | None = None
    active_tasks: int | None = None
    daily_budget_usd: float | None = None


class ApiKey(Model):
    """A key as the service keeps it: without its secret. `role` is viewer, operator, approver or admin."""

    key_id: str
    name: str
    role: str
    limits: KeyLimits = Field(default_factory=KeyLimits)
    created_at: float
    created_by: str = ""
    expires_at: float | None = None
    revoked_at: float | None = None


class NewKey(Model):
    """`secret` is shown this once."""

    key: ApiKey
    secret: str


class Caller(Model):
    """Who makes requests with this client's key; without `key_id` whoever may use the service as a whole."""

    name: str = ""
    role: str
    key_id: str | None = None
    limits: KeyLimits = Field(default_factory=KeyLimits)


class AuditEntry(Model):
    """Something that somebody did or tried; `status` is the HTTP status of the answer."""

    position: int = 0
    ts: float
    name: str
    role: str | None
    via: str
    action: str
    target: str = ""
    status: int
    request_id: str = ""
    client: str = ""


class Demo(Model):
    """Where an application can be tried, and until when."""

    url: str
    expires_at: float
