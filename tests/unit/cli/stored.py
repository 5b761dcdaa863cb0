"""Events as the log gives them."""

from client.events import Event, StoredEvent

START = 1_800_000_000.0


def log_of(*events: Event) -> list[StoredEvent]:
    """One event per second, from position 1."""
    return [
        StoredEvent(position=number, seq=number, task_id="t1", ts=START + number - 1, event=event)
        for number, event in enumerate(events, start=1)
    ]
