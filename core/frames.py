"""An event as it goes to those who follow the log: its bytes on the wire, made once for all of them."""

import json
from dataclasses import dataclass

from core.events import EVENT, StoredEvent

_DATA = b"\ndata: "


@dataclass(frozen=True, slots=True)
class Frame:
    """One server-sent event. A live-only one has position 0 and no id on the wire, so that nobody resumes at it."""

    position: int
    task_id: str
    wire: bytes

    @property
    def stored(self) -> StoredEvent:
        """The event itself, read from the wire each time."""
        return StoredEvent.model_validate_json(self.wire[self.wire.index(_DATA) + len(_DATA) :])


def frame(stored: StoredEvent) -> Frame:
    body = EVENT.dump_json(stored.event).decode()
    return frame_of_row(stored.position, stored.seq, stored.task_id, stored.ts, stored.event.type, body)


def frame_of_row(position: int, seq: int, task_id: str, ts: float, kind: str, body: str) -> Frame:
    """The frame of an event of the type `kind` whose JSON, on one line, is `body`: it is sent without being read."""
    document = (
        f'{{"position":{position},"seq":{seq},"task_id":{json.dumps(task_id)},"ts":{json.dumps(ts)},"event":{body}}}'
    )
    head = f"id: {position}\n" if position else ""
    return Frame(position, task_id, f"{head}event: {kind}\ndata: {document}\n\n".encode())
