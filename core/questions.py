"""Rules of questions: how many people they need, when they are told of again, and what happens when nobody answers."""

from typing import Literal

from pydantic import Field

from core.access import Actor
from core.errors import Conflict
from core.tasks import ALLOWED_ACTIONS, Action, Interrupt
from core.types import Json, Value

DEADLINE = Actor(via="deadline")
"""Whose word it is when nobody has spoken in time."""
LAST_CALL = 0.9
"""Of the time until a deadline; then a question is told of again, whenever that was done before."""
MOST_REMINDERS = 10


class QuestionPolicy(Value):
    """`quorum` people have to approve. Reminders come `remind_s` after a question, then after twice as long each time.

    None for no reminder, and for no deadline: then a question waits for ever. The default action is `abort` where it is
    none of the question's.
    """

    quorum: int = Field(default=1, ge=1, le=2)
    remind_s: float | None = Field(default=24 * 3600.0, gt=0)
    deadline_s: float | None = Field(default=None, gt=0)
    default_action: Literal["abort", "approve"] = "abort"

    def applied(self, question: Interrupt) -> Interrupt:
        """The question as it is asked under these rules."""
        deadline_at = None if self.deadline_s is None else question.created_at + self.deadline_s
        wanted = Action(self.default_action)
        default = wanted if wanted in allowed_actions(question) else Action.ABORT
        asked = question.model_copy(
            update={
                "needed": self.quorum if Action.APPROVE in allowed_actions(question) else 1,
                "deadline_at": deadline_at,
                "default_action": None if deadline_at is None else default,
            }
        )
        return asked.model_copy(update={"due_at": self.due_at(asked, question.created_at)})

    def due_at(self, question: Interrupt, now: float) -> float | None:
        """When the question is told of again, or its deadline, whichever comes first; None when neither will be."""
        begun, deadline_at = question.created_at, question.deadline_at
        moments = []
        if self.remind_s is not None:
            moments = [begun + self.remind_s * (2 ** (number + 1) - 1) for number in range(MOST_REMINDERS)]
        if deadline_at is not None:
            last_call = begun + (deadline_at - begun) * LAST_CALL
            moments = [*(moment for moment in moments if moment < last_call), last_call, deadline_at]
        return min((moment for moment in moments if moment > now), default=deadline_at)


def allowed_actions(question: Interrupt) -> tuple[Action, ...]:
    """What can be answered: what the question names, else what its kind has."""
    named = question.payload.get("actions")
    if isinstance(named, list):
        return tuple(action for action in Action if action.value in named)
    return ALLOWED_ACTIONS[question.kind]


def answered(question: Interrupt) -> Conflict:
    """The answer came too late; says who was first."""
    action = question.decision.action.value if question.decision else question.status
    who = f"{question.decided_via} ({question.decided_by})" if question.decided_by else question.decided_via
    won: dict[str, Json] = {"via": question.decided_via, "by": question.decided_by}
    return Conflict(
        f"this question was already answered with {action!r} via {who}",
        winner={**won, "decided_at": question.decided_at, "action": action},
        interrupt_id=question.interrupt_id,
    )
