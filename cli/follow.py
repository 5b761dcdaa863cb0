"""Watches a task to its end, and has its questions answered: by a person, by --yes, or by nobody."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass

from cli.client import Client
from cli.errors import ExitCode
from cli.progress import Progress
from cli.screens import Screen
from cli.typing_in import read_line
from cli.words import describe_end, describe_question
from client.errors import ServiceError
from client.events import InterruptOpened, StoredEvent
from client.models import Action, InterruptKind, TaskStatus

EXPLAINED = frozenset({402, 409, 422, 502, 503})
"""The answer was not taken and the sentence says why; where the question is still open it is asked again."""

WORDS = {
    InterruptKind.APPROVAL: "ship it",
    InterruptKind.BUDGET: "give it another dollar",
    InterruptKind.ESCALATION: "try again",
}


@dataclass(frozen=True)
class Answering:
    """`approve`: approval questions are answered with yes. `reply_command`: how to answer later, `{}` for the words."""

    approve: bool
    reply_command: str

    def command(self, kind: InterruptKind) -> str:
        """A command that answers a question of this kind."""
        return self.reply_command.format(WORDS[kind])


class Follower:
    """Follows one task on one screen."""

    def __init__(self, client: Client, task_id: str, screen: Screen, answering: Answering) -> None:
        self._client = client
        self._task_id = task_id
        self._screen = screen
        self._answering = answering
        self._progress = Progress()
        self._position = 0
        self._coming: asyncio.Task[StoredEvent] | None = None

    async def catch_up(self) -> Progress:
        """Take in what has happened so far without showing it."""
        async for stored in self._client.stored_events(self._task_id):
            self._take(stored)
        return self._progress

    async def run(self) -> ExitCode:
        """Show what happens until the task ends, or waits for somebody who is not here. Raises ServiceError."""
        events = self._client.events(self._task_id, after=self._position)
        try:
            while not self._progress.status.final:
                if await self._is_asked() and not await self._answer(events):
                    return await self._leave()
                await self._take_next(events)
            return await self._finish()
        finally:
            self._screen.pause()
            if self._coming is not None:
                self._coming.cancel()

    def _take(self, stored: StoredEvent) -> None:
        self._progress.apply(stored)
        self._position = stored.position

    def _next(self, events: AsyncIterator[StoredEvent]) -> asyncio.Task[StoredEvent]:
        """The one wait for the next event; it outlives a question that is asked meanwhile."""
        if self._coming is None:
            self._coming = asyncio.ensure_future(_advance(events))
        return self._coming

    async def _take_next(self, events: AsyncIterator[StoredEvent]) -> None:
        stored = await self._next(events)
        self._coming = None
        self._take(stored)
        self._screen.show(stored, self._progress)

    async def _is_asked(self) -> bool:
        """Whether the newest question of the log is open; while catching up its answer may come later in the log."""
        question = self._progress.question
        if question is None:
            return False
        task = await self._client.task(self._task_id)
        return task.interrupt_id == question.interrupt_id

    async def _answer(self, events: AsyncIterator[StoredEvent]) -> bool:
        """Have the question answered; False when nobody is here to do it."""
        question = self._progress.question
        assert question is not None, "asked only about an open question"
        self._screen.pause()
        if self._answering.approve and question.kind is InterruptKind.APPROVAL:
            self._screen.say([*describe_question(question), "approved by --yes"])
            deciding = self._client.decide(
                self._task_id, question.interrupt_id, Action.APPROVE, expected_digest=question.digest
            )
            await self._explained(deciding)
            return True
        self._screen.say(describe_question(question))
        return self._screen.interactive and await self._ask(question, events)

    async def _ask(self, question: InterruptOpened, events: AsyncIterator[StoredEvent]) -> bool:
        """Ask until the question is answered, here or anywhere else; False at the end of the input."""
        typed: asyncio.Task[str | None] | None = None
        try:
            while await self._is_asked():
                # Kept over events: what is typed while one comes in must not be lost.
                typed = typed or asyncio.ensure_future(read_line("your answer> "))
                await asyncio.wait({typed, self._next(events)}, return_when=asyncio.FIRST_COMPLETED)
                if not typed.done():
                    await self._take_next(events)
                    continue
                line, typed = typed.result(), None
                if line is None:
                    return False
                if line.strip():
                    await self._explained(self._client.reply(self._task_id, line, interrupt_id=question.interrupt_id))
            if typed is not None:
                self._screen.say(["", "the task has moved on"])
            return True
        finally:
            if typed is not None:
                typed.cancel()

    async def _explained(self, answering: Awaitable[object]) -> None:
        """Say why an answer was not taken, instead of ending the command."""
        try:
            await answering
        except ServiceError as problem:
            if problem.status not in EXPLAINED:
                raise
            self._screen.say([str(problem)])

    async def _leave(self) -> ExitCode:
        question = self._progress.question
        assert question is not None, "left only at an open question"
        task = await self._client.task(self._task_id)
        lines = [f"task {self._task_id} waits for an answer: {self._answering.command(question.kind)}"]
        if self._client.inside and task.demo_url:
            lines.append("the live demo ends with this command; a service that stays keeps it: ./autonomy serve")
        self._screen.finish(task.model_dump(mode="json"), lines)
        return ExitCode.WAITING

    async def _finish(self) -> ExitCode:
        task = await self._client.task(self._task_id)
        published = await self._client.pull_request(self._task_id)
        self._screen.finish(task.model_dump(mode="json"), describe_end(task, self._progress, published))
        return ExitCode.COMPLETED if task.status is TaskStatus.COMPLETED else ExitCode.FAILED


async def _advance(events: AsyncIterator[StoredEvent]) -> StoredEvent:
    """The next event of the log; pieces of answers are not in it, and not shown."""
    while True:
        stored = await anext(events)
        if stored.position:
            return stored
