"""Bars of a timeline while it is being made: they begin, grow and end."""

from dataclasses import dataclass
from typing import Literal

from core.task_views import Span

Kind = Literal["agent", "check", "wait", "effect"]
Status = Literal["running", "done", "failed", "waiting", "not_executed"]
SUMMARY = 300
"""Characters of a summary."""


@dataclass
class Bar:
    """A span that may still change. Times are Unix, `seq` the task's own numbers of events."""

    lane: str
    kind: Kind
    title: str
    iteration: int
    started_at: float
    first_seq: int
    last_seq: int
    status: Status
    summary: str = ""
    ended_at: float | None = None
    cost_usd: float = 0.0
    tokens: int = 0
    calls: int = 0

    @property
    def span_id(self) -> str:
        return f"{self.lane}-{self.first_seq}"

    def end(self, ts: float, seq: int, status: Status, summary: str) -> None:
        self.ended_at, self.status, self.summary = max(ts, self.started_at), status, summary[:SUMMARY]
        self.last_seq = max(self.last_seq, seq)

    def span(self) -> Span:
        return Span(
            span_id=self.span_id,
            lane=self.lane,
            kind=self.kind,
            title=self.title,
            iteration=self.iteration,
            started_at=self.started_at,
            ended_at=self.ended_at,
            status=self.status,
            summary=self.summary,
            cost_usd=self.cost_usd,
            tokens=self.tokens,
            calls=self.calls,
            first_seq=self.first_seq,
            last_seq=self.last_seq,
        )
