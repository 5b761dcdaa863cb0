"""What people and systems outside are told of a task."""

from core.types import JsonObject, Value

NOTIFICATION_TYPES = frozenset(
    {
        "task.started",
        "task.completed",
        "task.failed",
        "task.cancelled",
        "interrupt.opened",
        "interrupt.reminded",
        "interrupt.voted",
        "interrupt.decided",
        "budget.alert",
        "published",
    }
)


class Notification(Value):
    """`type` is one of NOTIFICATION_TYPES. `id` is the same in every repetition; `text` is for people, `data` for programs."""

    id: str
    type: str
    task_id: str
    ts: float
    text: str
    data: JsonObject
