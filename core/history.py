"""Words of time travel: the checkpoints of a task, and what is asked when one of them is to be gone on from."""

from pydantic import Field, field_validator

from core.budget import CapUsd
from core.tasks import MAX_TASK_DESCRIPTION_LENGTH
from core.types import JsonObject, Value

FORKED = "fork"
"""What has written the checkpoint that a fork began with: nothing ran, it is a copy. Those before it are the other task's."""


class CheckpointView(Value):
    """A point in a task's run. `number` counts from 0; `wrote`: nodes whose results it holds; `next`: those that run from it.

    `changed` are the keys of the state that differ from the checkpoint before, with their new values (long texts cut).
    `spent_after_usd` is what the task's model calls have cost since then: what going on from here may cost again.
    """

    checkpoint_id: str
    number: int
    created_at: float
    wrote: tuple[str, ...]
    next: tuple[str, ...]
    iteration: int
    head: str | None
    files_changed: tuple[str, ...] = ()
    changed: JsonObject = Field(default_factory=dict)
    spent_after_usd: float = 0.0


class ForkRequest(Value):
    """Go on from `checkpoint_id` (the latest when None) as a new task; `feedback` is what is to be different this time.

    With `continue_request` what comes of it is published onto the pull request of the task, as one more commit.
    """

    checkpoint_id: str | None = Field(default=None, pattern=r"^[0-9a-f-]{36}$")
    feedback: str = ""
    budget_usd: CapUsd | None = None
    max_iterations: int | None = Field(default=None, ge=1, le=20)
    continue_request: bool = False

    @field_validator("feedback")
    @classmethod
    def _bounded(cls, text: str) -> str:
        if len(text) > MAX_TASK_DESCRIPTION_LENGTH:
            raise ValueError(f"feedback is longer than {MAX_TASK_DESCRIPTION_LENGTH} characters")
        if "\x00" in text:
            raise ValueError("feedback must not contain NUL bytes")
        return text
