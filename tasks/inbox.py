"""Questions that wait: they are told of again, and where a deadline is set, answered by default when it has come."""

import asyncio
import logging
import sqlite3

from core.errors import AutonomyError, Conflict
from core.ports import Clock, InterruptStore, TaskCommands
from core.questions import DEADLINE, QuestionPolicy
from core.tasks import Decision, Interrupt

log = logging.getLogger(__name__)
AT_ONCE = 200
POLL_S = 5.0


class Inbox:
    """Looks at what is due, from time to time. What it does not get done is due the next time again."""

    def __init__(
        self,
        interrupts: InterruptStore,
        commands: TaskCommands,
        policy: QuestionPolicy,
        clock: Clock,
        *,
        poll_s: float = POLL_S,
    ) -> None:
        self._interrupts = interrupts
        self._commands = commands
        self._policy = policy
        self._clock = clock
        self._poll_s = poll_s

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self.look()
            except (AutonomyError, OSError, sqlite3.Error) as error:
                log.warning("questions that wait could not be looked at: %s", error)
            await asyncio.sleep(self._poll_s)

    async def look(self) -> None:
        """Deal with what is due now, the most overdue first."""
        for question in await self._interrupts.due(AT_ONCE):
            await self._deal(question)

    async def _deal(self, question: Interrupt) -> None:
        now = self._clock.now()
        if question.deadline_at is not None and now >= question.deadline_at:
            await self._answer(question)
        else:
            await self._interrupts.remind(question, self._policy.due_at(question, now))

    async def _answer(self, question: Interrupt) -> None:
        assert question.default_action is not None, "a question with a deadline has a default"
        decision = Decision(action=question.default_action, message="nobody answered before the deadline")
        try:
            await self._commands.decide(question.task_id, question.interrupt_id, decision, DEADLINE)
        except Conflict as error:
            log.info("task %s: %s", question.task_id, error)
