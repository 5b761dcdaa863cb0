"""The tools. Each is a method whose parameters and answer are what hosts are told of it; they hold no state."""

from typing import Annotated, Literal

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from client import AsyncAutonomyClient, Interrupt, Task, TaskStatus
from mcp_server.shapes import (
    Answered,
    ChangedFile,
    DiffReport,
    FileLine,
    FileList,
    FileText,
    QuestionList,
    TaskList,
    TaskReport,
    line_of,
    question_of,
    report_of,
)
from mcp_server.watching import watch

TaskId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="the task's id")]
InterruptId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,128}$", description="the question's id")]
Digest = Annotated[
    str,
    Field(pattern=r"^[0-9a-f]{64}$", description="`digest` of the question as get_task or list_questions showed it"),
]
Commit = Annotated[str | None, Field(pattern=r"^[0-9a-f]{40}$", description="a commit of the task's workspace")]
Limit = Annotated[int, Field(ge=1, le=50)]
ActionName = Literal["approve", "changes", "raise_budget", "retry", "abort"]
MAX_PIECE = 200_000
CHANGED = "what is asked differs from what you were shown; look at it again before you answer"


class Tools:
    """Over one client of the service."""

    def __init__(self, client: AsyncAutonomyClient) -> None:
        self._client = client

    async def submit_task(
        self,
        task_description: Annotated[
            str, Field(min_length=1, max_length=100_000, description="one or a few English sentences: what to build")
        ],
        budget_usd: Annotated[
            float | None, Field(gt=0, le=1_000_000, description="cap in US dollars; the service's own when left out")
        ] = None,
        max_iterations: Annotated[int | None, Field(ge=1, le=20, description="rounds of repair before it asks")] = None,
        use_sandbox: Annotated[
            bool, Field(description="false runs no generated code, and its checks read `not executed`")
        ] = True,
        idempotency_key: Annotated[
            str | None, Field(min_length=1, max_length=200, description="the same key with the same words is one task")
        ] = None,
    ) -> TaskReport:
        """Submit a task: nine agents build, test and review an application, then ask for an approval before publishing.

        Costs money up to the budget. Comes back at once; follow it with wait_for_task.
        """
        task = await self._client.submit(
            task_description,
            budget_usd=budget_usd,
            max_iterations=max_iterations,
            use_sandbox=use_sandbox,
            idempotency_key=idempotency_key,
        )
        return await self._report(task)

    async def get_task(self, task_id: TaskId) -> TaskReport:
        """A task as it is now; with its question, if it asks one, and everything that is shown with it."""
        return await self._report(await self._client.task(task_id))

    async def list_tasks(
        self,
        status: Annotated[TaskStatus | None, Field(description="only those with this status")] = None,
        before: Annotated[str | None, Field(description="`next` of the page above")] = None,
        limit: Limit = 20,
    ) -> TaskList:
        """Tasks, the newest first."""
        items: list[Task] = []
        async for task in self._client.tasks(status=status, before=before, page_size=limit):
            items.append(task)
            if len(items) == limit:
                break
        return TaskList(
            items=[line_of(task) for task in items], next=items[-1].task_id if len(items) == limit else None
        )

    async def wait_for_task(
        self,
        task_id: TaskId,
        ctx: Context,
        timeout_s: Annotated[float, Field(ge=0, le=600, description="seconds to wait at most")] = 50,
    ) -> TaskReport:
        """Wait until a task asks something or has ended, telling its progress; the task as it then is.

        After `timeout_s` it comes back with `at_rest` false: call it again.
        """

        async def tell(number: int, sentence: str) -> None:
            await ctx.report_progress(number, None, sentence)

        return await self._report(await watch(self._client, task_id, timeout_s, tell))

    async def list_questions(self, limit: Limit = 20) -> QuestionList:
        """Questions of all tasks that wait for an answer, the oldest first, with everything that is shown with them."""
        items: list[Interrupt] = []
        async for asked in self._client.interrupts(status="pending", page_size=limit + 1):
            items.append(asked)
            if len(items) > limit:
                break
        return QuestionList(items=[question_of(asked) for asked in items[:limit]], more=len(items) > limit)

    async def decide(
        self,
        task_id: TaskId,
        interrupt_id: InterruptId,
        action: Annotated[ActionName, Field(description="one of the question's `actions`")],
        expected_digest: Digest,
        message: Annotated[str, Field(max_length=4_000, description="what to change, or a hint")] = "",
        budget_usd: Annotated[
            float | None, Field(gt=0, le=1_000_000, description="with raise_budget: the new cap in all")
        ] = None,
    ) -> Answered:
        """Decide a question. Approving publishes the work, so the person whose work it is must have seen the question.

        Refused if the question is not the one that `expected_digest` stands for.
        """
        decided = await self._client.decide(
            task_id,
            interrupt_id,
            action,
            message=message,
            budget_usd=budget_usd,
            expected_digest=expected_digest,
        )
        return _answered(decided)

    async def reply_to_task(
        self,
        task_id: TaskId,
        interrupt_id: InterruptId,
        message: Annotated[str, Field(min_length=1, max_length=4_000, description="the person's own words")],
        expected_digest: Digest,
    ) -> Answered:
        """Answer a question in a person's own words, which a model of the service reads as one of its actions.

        May approve, as decide does, and is refused for the same reason. If the words are unclear the error asks back.
        """
        asked = await self._client.interrupt(task_id, interrupt_id)
        if asked.digest != expected_digest:
            raise ToolError(CHANGED)
        return _answered(await self._client.reply(task_id, message, interrupt_id=interrupt_id))

    async def cancel_task(self, task_id: TaskId) -> TaskReport:
        """End a task for good; its files and history stay."""
        return await self._report(await self._client.cancel(task_id))

    async def list_artifacts(self, task_id: TaskId) -> FileList:
        """The files that a task has made so far."""
        files = await self._client.artifacts(task_id)
        lines = [FileLine(path=path, characters=len(text)) for path, text in sorted(files.items())]
        return FileList(task_id=task_id, files=lines)

    async def read_artifact(
        self,
        task_id: TaskId,
        path: Annotated[str, Field(min_length=1, max_length=400, description="as list_artifacts has it")],
        offset: Annotated[int, Field(ge=0, description="character to begin at")] = 0,
        limit: Annotated[int, Field(ge=1, le=MAX_PIECE, description="characters at most")] = 50_000,
    ) -> FileText:
        """The text of one file."""
        text = await self._client.artifact(task_id, path)
        end = offset + limit
        return FileText(
            path=path,
            text=text[offset:end],
            offset=offset,
            characters=len(text),
            next_offset=end if end < len(text) else None,
        )

    async def get_diff(
        self,
        task_id: TaskId,
        base: Commit = None,
        head: Commit = None,
        limit: Annotated[int, Field(ge=1, le=MAX_PIECE, description="characters of the patch at most")] = 50_000,
    ) -> DiffReport:
        """What changed in a task's files from the commit `base` (nothing when left out) to `head` (the latest)."""
        diff = await self._client.diff(task_id, base=base, head=head)
        files = [
            ChangedFile(path=each.path, status=each.status, additions=each.additions, deletions=each.deletions)
            for each in diff.files
        ]
        return DiffReport(files=files, patch=diff.patch[:limit], truncated=diff.truncated or len(diff.patch) > limit)

    async def _report(self, task: Task) -> TaskReport:
        asked = await self._client.interrupt(task.task_id, task.interrupt_id) if task.interrupt_id else None
        return report_of(task, asked)


def _answered(decided: Interrupt) -> Answered:
    return Answered(
        task_id=decided.task_id,
        interrupt_id=decided.interrupt_id,
        action=decided.decision.action.value if decided.decision else decided.status,
        message=decided.decision.message if decided.decision else "",
        decided_via=decided.decided_via,
    )
