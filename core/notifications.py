"""What people and systems outside are told of a task."""

from core.types import JsonObject, Value


class Notification(Value):
    """`id` is the same in every repetition. `text` is a sentence for people, `data` the same for programs.

    `type`: task.completed, task.failed, task.cancelled, interrupt.opened, interrupt.decided, published, notice.
    """

    id: str
    type: str
    task_id: str
    ts: float
    text: str
    data: JsonObject
