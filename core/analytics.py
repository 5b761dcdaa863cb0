"""Figures over many tasks and calls, grouped."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from core.types import Json, Usage, Value

GroupBy = Literal["day", "agent", "model", "prompt", "identity"]


class SeriesRow(Value):
    """Calls of one group. Latencies are medians, in seconds.

    `key` is the day (UTC, `2026-11-27`), the agent, the model, the prompt (`planner/plan@` and the hash of its source) or the
    agent's identity (`planner@3`); calls that were logged without a version have none behind the `@`.
    """

    key: str
    calls: int
    failures: int
    usage: Usage
    cost_usd: float
    call_seconds: float | None = None


class TaskRow(Value):
    """Tasks that ended on one day (UTC). `seconds` is the median from submission to end, waits for people taken out."""

    day: str
    completed: int
    failed: int
    cancelled: int
    cost_usd: float
    seconds: float | None = None


class Series(Value):
    """Of the last `days` days, today being one of them. `group_by` says what `rows` are."""

    days: int
    group_by: GroupBy
    rows: tuple[SeriesRow, ...] = ()
    tasks: tuple[TaskRow, ...] = ()


def days_until(now: float, days: int) -> tuple[str, ...]:
    """The last `days` days (UTC) up to the one of `now`, oldest first."""
    today = datetime.fromtimestamp(now, UTC).date()
    return tuple((today - timedelta(days=ago)).isoformat() for ago in reversed(range(days)))


def begin_of(day: str) -> float:
    """Unix time at which a day (UTC) begins."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()


def day_of(moment: float) -> str:
    """The day (UTC) of a Unix time."""
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


def every_day(rows: Sequence[SeriesRow], days: Sequence[str]) -> tuple[SeriesRow, ...]:
    """A row for each of `days`: of those without calls one of zeros."""
    known = {row.key: row for row in rows}
    return tuple(known.get(day) or SeriesRow(key=day, calls=0, failures=0, usage=Usage(), cost_usd=0.0) for day in days)


def seconds_at_work(begun: float, ended: float, waits: Iterable[tuple[float, float]]) -> float:
    """From `begun` to `ended` without the times that lie in a wait; waits may overlap and reach beyond."""
    left, seen = ended - begun, begun
    for start, end in sorted(waits):
        start, end = max(start, seen), min(end, ended)
        if end > start:
            left -= end - start
            seen = end
    return max(0.0, left)


class SettingView(Value):
    """One effective setting. A secret's `value` is None whatever it is; `is_set` says whether there is one."""

    name: str
    value: Json
    source: Literal["default", "environment", "file"]
    secret: bool
    is_set: bool
    group: str
    description: str = ""


class PartCheck(Value):
    """One part of the service, tried for real. `skipped`: it is not set up here; `fix` says how, where something is wrong."""

    part: Literal["storage", "sandbox", "code_host", "telegram", "models", "e2b", "identities", "analytics"]
    status: Literal["ok", "failed", "skipped"]
    detail: str
    fix: str = ""
    seconds: float


class PartChecks(Value):
    parts: tuple[PartCheck, ...]
