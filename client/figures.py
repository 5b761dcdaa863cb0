"""Figures by day, agent, model, prompt or identity, settings, and whether the parts of the service work. Money is US dollars."""

from client.base import Json, Model
from client.events import Usage


class SeriesRow(Model):
    """Calls of one day (UTC), agent, model, prompt (`planner/plan@hash`) or identity (`planner@3`).

    `call_seconds` is the median of the successful ones.
    """

    key: str
    calls: int
    failures: int
    usage: Usage
    cost_usd: float
    call_seconds: float | None = None


class TaskRow(Model):
    """Tasks that ended on a day (UTC); `seconds` is the median from submission to end, without waits for people."""

    day: str
    completed: int
    failed: int
    cancelled: int
    cost_usd: float
    seconds: float | None = None


class Series(Model):
    """`group_by` says what `rows` are: day, agent, model, prompt or identity."""

    days: int
    group_by: str
    rows: tuple[SeriesRow, ...] = ()
    tasks: tuple[TaskRow, ...] = ()


class Setting(Model):
    """One setting as it is in effect; `source` is default, environment or file. A secret has no value, whatever it is."""

    name: str
    value: Json = None
    source: str
    secret: bool
    is_set: bool
    group: str
    description: str = ""


class PartCheck(Model):
    """What came of trying a part: ok, failed, or skipped where it is not set up; `fix` says what to do."""

    part: str
    status: str
    detail: str
    fix: str = ""
    seconds: float


class PartChecks(Model):
    parts: tuple[PartCheck, ...]
