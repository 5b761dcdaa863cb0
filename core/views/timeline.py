"""Who did what when: bars of agents, checks, waits and effects, from the events of a task."""

from collections.abc import Iterable

from core.events import (
    AgentFinished,
    AgentStarted,
    CheckFinished,
    InterruptDecided,
    InterruptOpened,
    LlmEnd,
    LlmStart,
    Published,
    Routed,
    StoredEvent,
    TaskUpsert,
)
from core.findings import CheckStatus
from core.task_views import MAX_SPANS, TaskTimeline
from core.tasks import Action, Task
from core.views.bars import SUMMARY, Bar, Kind, Status
from core.views.retries import Retries

TYPES = (
    "task.upsert", "agent.started", "agent.finished", "llm_start", "llm_end", "test", "routed", "interrupt.opened",
    "interrupt.decided", "published",
)  # fmt: skip
"""The events that `timeline` is made of."""
CHECK_STATUS: dict[CheckStatus, Status] = {
    CheckStatus.PASSED: "done",
    CheckStatus.FAILED: "failed",
    CheckStatus.NOT_EXECUTED: "not_executed",
}
CUT_OFF = "cut off before its end"


def timeline(task: Task, events: Iterable[StoredEvent], now: float) -> TaskTimeline:
    """From all events of the task that are of `TYPES`, oldest first; `now` is Unix time."""
    drawing = _Drawing()
    for stored in events:
        drawing.add(stored)
    if task.status.final:
        drawing.end_all(task.updated_at, f"the task was {task.status.value}")
    bars = sorted(drawing.bars, key=lambda bar: (bar.started_at, bar.first_seq))
    left_out = max(0, len(bars) - MAX_SPANS)
    shown = {bar.span_id for bar in bars[left_out:]}
    seen = {bar.lane for bar in bars}
    return TaskTimeline(
        now=now,
        spans=tuple(bar.span() for bar in bars[left_out:]),
        retries=tuple(each for each in drawing.retries.made if {each.from_span, each.to_span} <= shown),
        future=() if task.status.final else tuple(agent for agent in task.pipeline if agent not in seen),
        left_out=left_out,
    )


class _Drawing:
    """The bars so far. At most one step of an agent is under way: a second beginning means that the first was cut off."""

    def __init__(self) -> None:
        self.bars: list[Bar] = []
        self.retries = Retries()
        self._steps: dict[str, Bar] = {}
        self._waits: dict[str, Bar] = {}
        self._calls: dict[str, Bar] = {}
        self._iteration = 0
        self._alive_at = 0.0

    def add(self, stored: StoredEvent) -> None:
        event = stored.event
        match event:
            case AgentStarted():
                if event.agent in self._steps:
                    self._cut_off()
                self._iteration = event.iteration
                self._steps[event.agent] = self._begin(stored, event.agent, "agent", event.step)
                self.retries.began(self._steps[event.agent])
            case AgentFinished():
                status: Status = "done" if event.success else "failed"
                self._end(self._steps.pop(event.agent, None), stored, status, event.summary)
            case LlmStart() | LlmEnd():
                self._call(stored, event)
            case CheckFinished():
                self._check(stored, event)
            case InterruptOpened() | InterruptDecided():
                self._question(stored, event)
            case Published():
                self._end(self._begin(stored, "outside", "effect", event.kind), stored, "done", event.reference)
            case Routed():
                self.retries.routed(event)
            case TaskUpsert():
                if event.status.final:
                    self.end_all(stored.ts, event.error or f"the task was {event.status.value}")
            case _:
                pass
        if not isinstance(event, TaskUpsert) and not _is_cut_off(event):
            self._alive_at = stored.ts

    def end_all(self, ts: float, why: str) -> None:
        """Nothing more happens: what is under way ends, and what is asked stays without an answer."""
        for bar in self._steps.values():
            bar.end(ts, bar.last_seq, "failed", f"{CUT_OFF}: {why}")
        for bar in self._waits.values():
            bar.end(ts, bar.last_seq, "not_executed", f"never answered: {why}")
        self._steps, self._waits = {}, {}

    def _cut_off(self) -> None:
        """The run that the steps under way belong to has ended, at the latest sign of life before now."""
        for bar in self._steps.values():
            bar.end(self._alive_at, bar.last_seq, "failed", CUT_OFF)
        self._steps = {}

    def _begin(self, stored: StoredEvent, lane: str, kind: Kind, title: str) -> Bar:
        status: Status = "waiting" if kind == "wait" else "running"
        bar = Bar(lane, kind, title, self._iteration, stored.ts, stored.seq, stored.seq, status)
        self.bars.append(bar)
        return bar

    def _end(self, bar: Bar | None, stored: StoredEvent, status: Status, summary: str) -> None:
        if bar is not None:
            bar.end(stored.ts, stored.seq, status, summary)
            self.retries.ended(bar)

    def _call(self, stored: StoredEvent, event: LlmStart | LlmEnd) -> None:
        """A call belongs to the step that it began in, also when its end is told of later."""
        step = self._steps.get(event.agent)
        if isinstance(event, LlmStart):
            bar = step
            if bar is not None:
                self._calls[event.call_id] = bar
        else:
            bar = self._calls.get(event.call_id, step)
            if bar is not None:
                bar.calls += 1
                bar.tokens += event.usage.total
                bar.cost_usd += event.cost_usd
        if bar is not None:
            bar.last_seq = max(bar.last_seq, stored.seq)

    def _check(self, stored: StoredEvent, event: CheckFinished) -> None:
        self._iteration = event.iteration
        bar = self._begin(stored, "checks", "check", event.result.name)
        bar.started_at = stored.ts - event.result.seconds
        self._end(bar, stored, CHECK_STATUS[event.result.status], event.result.detail)

    def _question(self, stored: StoredEvent, event: InterruptOpened | InterruptDecided) -> None:
        if isinstance(event, InterruptOpened):
            self._cut_off()
            bar = self._begin(stored, "person", "wait", event.kind.value)
            bar.summary = event.prompt[:SUMMARY]
            self._waits[event.interrupt_id] = bar
            return
        by = event.by or event.via
        said = f"{event.action.value}{f' by {by}' if by else ''}{f': {event.message}' if event.message else ''}"
        self._end(self._waits.pop(event.interrupt_id, None), stored, "done", said)
        if event.action is Action.RETRY:
            self.retries.sent_on()
        else:
            self.retries.answered()


def _is_cut_off(event: object) -> bool:
    """The end of a call that was written when the service began again, for one that nobody knows the answer of."""
    return isinstance(event, LlmEnd) and not event.success and not event.seconds
