"""Outside effects: written down before they are begun and after they are done, so that a crash between repeats none."""

import hashlib
from enum import StrEnum

from pydantic import Field

from core.types import JsonObject, Value


class EffectKey(Value):
    """What makes an effect the one it is, whoever runs its node and however often.

    `kind` says what is done (`branch`, `pull_request`, `commit:...`, `webhook:...`); `iteration` is the round, or the
    sequence number of the event for what tells of events.
    """

    task_id: str
    node: str
    iteration: int = Field(ge=0)
    kind: str

    @property
    def id(self) -> str:
        """Short, the same for the same key always: what the outside is given to know a repetition by."""
        text = "\n".join((self.task_id, self.node, str(self.iteration), self.kind))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


class EffectStatus(StrEnum):
    INTENDED = "intended"
    DONE = "done"
    GIVEN_UP = "given_up"


class Effect(Value):
    """One row of the effects table. `intent` is what is to be done, `result` what came of it (None until it is done).

    `attempts` counts how often it was begun. `due_at` (Unix time) is when a delivery is tried next.
    """

    key: EffectKey
    status: EffectStatus
    intent: JsonObject
    result: JsonObject | None = None
    attempts: int = 0
    error: str = ""
    begun_at: float
    ended_at: float | None = None
    due_at: float | None = None
