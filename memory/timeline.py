"""The timeline of a task, read from its events: one line per thing a person would want to be told."""

import json
import sqlite3

from core.events import (
    AgentAnswered,
    AgentAsked,
    AgentFinished,
    AgentStarted,
    Artifact,
    CheckFinished,
    ContractAmended,
    Event,
    InterruptDecided,
    InterruptOpened,
    Published,
    ReviewFinished,
    Routed,
)
from core.tasks import TimelineEntry
from core.types import AgentName
from memory.event_rows import stored_event

TIMELINE_LIMIT = 500
_SUMMARY_LIMIT = 300
_TYPES = (
    "agent.started",
    "agent.finished",
    "artifact",
    "test",
    "review",
    "routed",
    "agent.asked",
    "agent.answered",
    "contract.amended",
    "interrupt.opened",
    "interrupt.decided",
    "published",
)


def read_timeline(connection: sqlite3.Connection, task_id: str) -> tuple[TimelineEntry, ...]:
    """The last `TIMELINE_LIMIT` entries, oldest first."""
    rows = connection.execute(
        "SELECT * FROM events WHERE task_id = ? AND type IN (SELECT value FROM json_each(?)) ORDER BY seq DESC LIMIT ?",
        (task_id, json.dumps(_TYPES), TIMELINE_LIMIT),
    ).fetchall()
    entries = []
    for row in reversed(rows):
        stored = stored_event(row)
        told = _tell(stored.event)
        if told is not None:
            agent, summary = told
            entry = TimelineEntry(ts=stored.ts, agent=agent, event=stored.event.type, summary=summary[:_SUMMARY_LIMIT])
            entries.append(entry)
    return tuple(entries)


def _tell(event: Event) -> tuple[AgentName, str] | None:
    """Who it was and a sentence; None for events that are no entry of the timeline."""
    match event:
        case AgentStarted():
            return event.agent, event.step
        case AgentFinished():
            return event.agent, event.summary or f"{event.step} {'done' if event.success else 'failed'}"
        case Artifact():
            refused = f", {len(event.refused)} refused" if event.refused else ""
            return event.agent, f"{len(event.paths)} files in {event.commit[:12]}{refused}"
        case CheckFinished():
            return AgentName.QA, f"{event.result.name}: {event.result.status} {event.result.detail}".rstrip()
        case ReviewFinished():
            return AgentName.REVIEWER, event.summary or f"lowest score {event.scores.lowest:g}"
        case Routed():
            return AgentName.ORCHESTRATOR, event.reason or "sent to " + ", ".join(event.to)
        case AgentAsked():
            return event.agent, f"asks {event.asked}: {event.question}"
        case AgentAnswered():
            return (
                event.agent,
                f"{event.asked} was not asked: {event.refused}" if event.refused else f"{event.asked}: {event.answer}",
            )
        case ContractAmended():
            return AgentName.PLANNER, _amended(event)
        case InterruptOpened():
            return AgentName.ORCHESTRATOR, event.prompt
        case InterruptDecided():
            return AgentName.ORCHESTRATOR, f"{event.action} by {event.via}: {event.message}".rstrip(": ")
        case Published():
            return AgentName.GIT, f"{event.kind} {event.reference}"
        case _:
            return None


def _amended(event: ContractAmended) -> str:
    if event.refused:
        return f"the contract stays as it is: {event.refused}"
    lines = "1 line" if len(event.changes) == 1 else f"{len(event.changes)} lines"
    return f"{lines} of the contract changed for {', '.join(event.wanted_by) or 'a person'}"
